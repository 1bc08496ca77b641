import RoostSystem

/// Files beside the tests: `Fixtures/README.md` says where they come from.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.read("\(directory)/\(name)")
    }

    static func hexadecimal(_ name: String) throws -> [UInt8] {
        let digits = try bytes(name).filter { $0 != UInt8(ascii: "\n") }
        return try stride(from: 0, to: digits.count, by: 2).map { position in
            let pair = String(decoding: digits[position..<position + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { throw RoostError(.format, "'\(name)' holds '\(pair)'") }
            return byte
        }
    }

    private static let directory = #filePath.dropLast("/Fixtures.swift".count) + "/Fixtures"
}

/// A generator whose sequence a seed fixes, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// The error that a closure throws, nil if it returns.
func failure(_ body: () throws -> Void) -> RoostError? {
    do {
        try body()
        return nil
    } catch {
        return RoostError.wrapping(error)
    }
}
