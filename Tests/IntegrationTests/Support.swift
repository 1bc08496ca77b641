import Foundation
import RoostTesting

/// Writes a text into an existing file.
func replace(_ path: String, with text: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    try TestHost.giveToAccount(path)
}

func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

func remove(_ path: String) throws {
    try Command("/bin/rm", ["-rf", path], as: .root).run().requireSuccess()
}

/// Copies a directory with owners, modes and times.
func copy(_ source: String, to target: String) throws {
    try Command("/bin/cp", ["-a", source, target], as: .root).run().requireSuccess()
}

extension ScratchStanza {
    var backupDirectory: String { "\(repository)/backup/\(Self.name)" }
    var archiveDirectory: String { "\(repository)/archive/\(Self.name)" }

    /// Restores and starts, and expects the rows of the source cluster.
    func requireRecoverable(into name: String, expecting rows: [String]? = nil) throws {
        let expected = try rows ?? cluster.rowChecksum()
        let restored = try restore(.roost, into: name)
        try restored.start()
        try restored.waitForRecoveryEnd()
        let found = try restored.rowChecksum()
        guard found == expected else { throw TestFailure("expected \(expected), found \(found) in \(name)") }
        try restored.stop(.immediate)
        try remove(restored.dataDirectory)
    }

    /// A change to a text file of the repository, signed as if the tool had written it.
    func forge(_ path: String, _ change: (String) -> String) throws {
        let lines = change(try String(contentsOfFile: path, encoding: .utf8)).split(separator: "\n")
            .filter { !$0.hasPrefix("backrest-checksum=") }.map(String.init)
        var signed = "{"
        var section = ""
        var begun: String?
        for line in lines {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                continue
            }
            guard let equals = line.firstIndex(of: "=") else { throw TestFailure("no key in \(line)") }
            if begun != section { signed += "\(begun == nil ? "" : "},")\"\(section)\":{" } else { signed += "," }
            begun = section
            signed += "\"\(line[..<equals])\":\(line[line.index(after: equals)...])"
        }
        signed += "}}"
        let text = try scratch.file("to-sign", signed)
        let digest = try Command("/usr/bin/sha1sum", [text]).run().requireSuccess().standardOutput.prefix(40)
        var body = lines.joined(separator: "\n").replacingOccurrences(of: "\n[", with: "\n\n[")
        if body.hasSuffix("[backrest]") { body.removeLast("[backrest]".count + 2) }
        try replace(path, with: body + "\n\n[backrest]\nbackrest-checksum=\"\(digest)\"\n")
    }
}
