import Foundation
import RoostTesting
import Testing

/// The commands that `docs/admin.md` tells people to type, typed.
@Suite struct DocumentTests {
    /// The `bash` blocks of a section of the page.
    private func commands(under title: String) throws -> [String] {
        let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/admin.md")
        let sections = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n## ")
        let section = try #require(sections.first { $0.hasPrefix(title + "\n") })
        return section.components(separatedBy: "\n```bash\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    @Test func `REQ-25 the commands of the section on base backups work as they stand`() throws {
        let bed = try BaseBackupBed.shared()
        let blocks = try commands(under: "Base Backup")
        #expect(blocks.count == 4)
        try Place.with { place in
            let extracted = try place.scratch.directory("extracted")
            // The default directory, the date and the place of the link are the only things that differ here.
            let script = blocks.joined(separator: "\n").replacingOccurrences(of: "/tmp/", with: extracted + "/")
                .replacingOccurrences(of: "/pg/backup", with: place.destination)
                .replacingOccurrences(of: "20250713", with: try today)
            let function = "pg-basebackup() { command pg-basebackup --dst \(place.destination) \"$@\"; }\n"
            var command = try bed.command([], at: place)
            command.program = "/bin/bash"
            command.arguments = ["-o", "pipefail", "-euc", function + script]
            command.environment["PATH"] = "\(try Tool.directory):\(command.environment["PATH"] ?? "")"
            try command.run().requireSuccess()
            #expect(try FileManager.default.contentsOfDirectory(atPath: extracted).sorted() == ["aes", "data", "rc4"])
            for name in ["aes", "data", "rc4"] {
                try bed.cluster.program("pg_verifybackup", ["-q", "\(extracted)/\(name)"]).run().requireSuccess()
            }
        }
    }
}
