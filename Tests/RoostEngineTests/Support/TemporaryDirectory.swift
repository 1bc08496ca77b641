import Glibc
import RoostSystem

/// A new directory that is removed with everything in it when its owner goes away.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        // Modes of files are compared in these tests: they must be what was asked for.
        CurrentProcess.setUmask(0)
        var template = Array("/tmp/roost-engine-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RoostError(.pathCreate, "no temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileSystem.removeTree(path) }
}

/// What there is below a directory: one line for each name, with kind, mode, time and content.
func image(of directory: String, ignoring: Set<String> = []) throws -> [String: String] {
    var lines: [String: String] = [:]
    var pending = [""]
    while let relative = pending.popLast() {
        for name in try FileSystem.list("\(directory)/\(relative)") {
            let child = relative.isEmpty ? name : "\(relative)/\(name)"
            if ignoring.contains(child) { continue }
            let path = "\(directory)/\(child)"
            guard let status = try FileStatus.of(path) else { continue }
            let mode = String(status.mode, radix: 8)
            switch status.kind {
            case .file:
                // Every restore writes this one anew: its time is its own.
                let time = name == "postgresql.auto.conf" ? 0 : status.modified
                lines[child] = "file \(mode) \(status.size) \(time) \(digest(try FileSystem.read(path)))"
            case .directory:
                lines[child] = "directory \(mode)"
                pending.append(child)
            case .symbolicLink: lines[child] = "link \(try FileSystem.linkDestination(path))"
            case .special: lines[child] = "special"
            }
        }
    }
    return lines
}

/// In what a directory differs from what was expected there; empty if in nothing.
func differences(_ found: [String: String], _ expected: [String: String]) -> [String] {
    Set(found.keys).union(expected.keys).sorted().compactMap { name in
        found[name] == expected[name]
            ? nil : "\(name): \(found[name] ?? "missing"), expected \(expected[name] ?? "nothing")"
    }
}

/// The SHA-1 of some bytes.
func digest(_ bytes: [UInt8]) -> SHA1 {
    let hasher = SHA1Hasher()
    hasher.update(bytes.span.raw)
    return hasher.finish()
}

/// Writes a file, with the directories above it.
func write(
    _ path: String, _ bytes: [UInt8], mode: UInt16 = 0o600, modified: Int64? = nil
) throws {
    try FileSystem.createDirectory(directoryPart(of: path), mode: 0o700)
    let file = try OwnedDescriptor.create(path, mode: mode)
    try file.write(bytes.span.raw)
    try file.close()
    try FileSystem.setMode(path, mode)
    if let modified { try FileSystem.setModified(path, modified) }
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

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
