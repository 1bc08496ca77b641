import RoostFormat
import RoostSystem

/// Files that other programs wrote, beside the tests.
enum Golden {
    static let manifests = [
        "2.45-lz4-full", "2.45-lz4-diff", "2.60-gz-full", "2.60-gz-incr", "2.60-block-full", "2.60-block-incr",
        "2.60-online-full", "2.60-partial",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try FileSystem.read("\(directoryPart(of: directoryPart(of: #filePath)))/Golden/\(name)")
    }

    static func manifest(_ name: String) throws -> Manifest { try Manifest(testing: try bytes("\(name).manifest")) }
}

extension Manifest {
    /// Parses a file in pieces of a size.
    init(testing bytes: [UInt8], piece: Int = 64 << 10) throws {
        let builder = ManifestBuilder(object: "backup.manifest")
        let parser = InfoFileParser(object: "backup.manifest", handler: builder)
        var position = 0
        while position < bytes.count {
            let end = min(position + piece, bytes.count)
            try parser.push(bytes.span.extracting(position..<end))
            position = end
        }
        try parser.finish()
        self = try builder.manifest(version: parser.version)
    }

    var rendered: [UInt8] {
        get throws {
            var bytes: [UInt8] = []
            try render { bytes += $0.array() }
            return bytes
        }
    }

    func file(_ name: String) throws -> ManifestFile {
        guard let index = files.index(of: name) else { throw RoostError(.fileMissing, "no file '\(name)'") }
        return files[index]
    }
}

/// Text of bytes, for readable failures.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Adds the checksum to the text of an info file, from the words of the specification rather than with our own writer.
func signed(_ text: String) -> [UInt8] {
    var hashed = "{"
    var section = ""
    var previous: String?
    for line in text.split(separator: "\n") {
        if line.hasPrefix("["), line.hasSuffix("]") {
            section = String(line.dropFirst().dropLast())
            continue
        }
        // The values of these tests begin with a character that no key of them has after a `=`.
        let split = line.indices.first { index in
            guard line[index] == "=", let next = line[index...].dropFirst().first else { return false }
            return "{[\"-0123456789tfn ".contains(next)
        }
        guard let split else { continue }
        if previous == section {
            hashed += ","
        } else {
            hashed += previous == nil ? "\"\(section)\":{" : "},\"\(section)\":{"
            previous = section
        }
        let key = line[..<split].replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        hashed += "\"\(key)\":\(line[line.index(after: split)...])"
    }
    let checksum = SHA1.hash((hashed + "}}").utf8.span.bytes)
    return Array("\(text)\n[backrest]\nbackrest-checksum=\"\(checksum)\"\n".utf8)
}

/// The code of the error that a body throws; nil if it throws none.
func code(of body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch let error as RoostError {
        return error.code
    } catch {
        return .unknown
    }
}

/// A reproducible source of random numbers (xorshift64*).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
