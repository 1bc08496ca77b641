/// A generator with a seed, so that a failure comes back.
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

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// Inputs that bring codecs into their corners.
enum Sample: String, CaseIterable, Sendable {
    case empty, oneByte, line, zeros, noise, table

    var bytes: [UInt8] {
        switch self {
        case .empty: []
        case .oneByte: [0x52]
        case .line: Array("backups are only as good as the last restore\n".utf8)
        case .zeros: [UInt8](repeating: 0, count: 300_000)
        case .noise: Self.randomBytes
        case .table: Self.rows
        }
    }

    private static let randomBytes: [UInt8] = {
        var generator = SeededGenerator(seed: 1)
        return generator.bytes(270_001)
    }()

    /// Like a heap: text and numbers, some of it far repeats, more than one of every codec's blocks.
    private static let rows: [UInt8] = {
        var generator = SeededGenerator(seed: 2)
        var bytes: [UInt8] = []
        while bytes.count < 600_000 {
            bytes += Array("\(generator.next() % 100_000)|customer \(generator.next() % 500)|paid|".utf8)
            if generator.next() % 50 == 0 { bytes += generator.bytes(200) }
        }
        return bytes
    }()
}

func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
