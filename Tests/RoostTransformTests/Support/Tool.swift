import Foundation

/// A program of another author that reads or writes the same format.
enum Tool {
    /// Runs a program on some bytes.
    ///
    /// - Returns: What it writes to its standard output.
    static func run(_ name: String, _ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        guard let path = path(name) else { throw Missing(name: name) }
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("roost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let source = directory.appendingPathComponent("in")
        let target = directory.appendingPathComponent("out")
        try Data(input).write(to: source)
        try Data().write(to: target)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: target)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(name: name, status: process.terminationStatus) }
        return try Array(Data(contentsOf: target))
    }

    /// Install it with `scripts/setup --test`.
    struct Missing: Error {
        var name: String
    }

    struct Failure: Error {
        var name: String
        var status: Int32
    }

    private static func path(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
