import Foundation
import RoostTesting
import Testing

/// `pgbackrest info`, which is `roost info`, as the seed page describes it.
@Suite struct InfoTests {
    private struct Bed {
        let stanza: ScratchStanza
        let backups: [String]

        /// One stanza with backups, and one of another cluster without.
        static func with(_ body: (Bed) throws -> Void) throws {
            try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
                let backups = [try stanza.backup(.roost), try stanza.backup(.roost, "incr")]
                let other = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: stanza.scratch)
                try stanza.appendSection("empty", ["pg1-path=\(other.dataDirectory)"])
                try Command(
                    Tool.roost.path,
                    ["--config=\(stanza.configuration)", "--stanza=empty", "--no-online", "stanza-create"]
                ).run().requireSuccess()
                try body(Bed(stanza: stanza, backups: backups))
            }
        }

        /// What both names of the program say, which is the same.
        func info(_ arguments: String..., configuredBy options: [String]? = nil) throws -> String {
            let words = (options ?? ["--config=\(stanza.configuration)"]) + ["info"] + arguments
            let told = try [Tool.roost, .dropIn].map {
                try Command(try $0.path, words).run().requireSuccess().standardOutput
            }
            #expect(told[0] == told[1])
            return told[0]
        }

        /// The part of a stanza.
        func part(_ name: String) throws -> String {
            let parts = try info().components(separatedBy: "stanza: ")
            return try #require(parts.first { $0.hasPrefix(name + "\n") })
        }
    }

    @Test func `REQ-8 every stanza of the repository is listed with all that is known of its backups`() throws {
        try Bed.with { bed in
            #expect(try bed.part("empty").contains("    status: error (no valid backups)\n    cipher: none\n"))
            let lines = try bed.part("demo").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(Array(lines[1...3]) == ["status: ok", "cipher: none", "db (current)"])
            let segment = "0000000100000000000000[0-9A-F]{2}"
            let time = #"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00"#
            let size = #"\d+(?:\.\d+)?(?:B|KB|MB)"#
            let backup = [
                "timestamp start/stop: \(time) / \(time)", "wal start/stop: \(segment) / \(segment)",
                "database size: \(size), database backup size: \(size)",
                "repo1: backup set size: \(size), backup size: \(size)",
            ]
            let expected =
                ["wal archive min/max \\(15\\): \(segment)/\(segment)", "full backup: \(bed.backups[0])"] + backup
                + ["incr backup: \(bed.backups[1])"] + backup + ["backup reference total: 1 full"]
            for (line, pattern) in zip(lines.dropFirst(4), expected) {
                #expect(try line.wholeMatch(of: Regex(pattern)) != nil, "\(line)")
            }
            #expect(lines.count == 4 + expected.count, "\(lines)")
        }
    }

    /// Programs read it line by line.
    @Test func `REQ-8 for programs it is one line without an end, in both spellings`() throws {
        try Bed.with { bed in
            let text = try bed.info("--output=json")
            #expect(try bed.info("--output", "json") == text)
            #expect(text.hasPrefix("[{") && text.hasSuffix("}]") && !text.contains("\n"))
            let names = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
                .compactMap { $0["name"] as? String }
            #expect(names == ["demo", "empty"])
        }
    }

    @Test func `REQ-8 nothing that happens to a stanza is in the way of the list`() throws {
        try Bed.with { bed in
            let stanza = bed.stanza
            try stanza.run(.roost, "stop")
            #expect(try bed.part("demo").contains("    status: ok\n"))
            try stanza.run(.roost, "start")

            let running = try stanza.command(.roost, ["backup"], environment: ["ROOST_FAULT": "durable:*:pause"])
                .start()
            let status = #/\n    status: ok \(backup/expire running - \d+(\.\d+)?% complete\)\n/#
            var isTold = false
            while try running.waitUntilStopped() {
                if !isTold { isTold = try bed.part("demo").contains(status) }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            #expect(isTold)

            for name in ["archive.info", "archive.info.copy"] {
                try "damaged".write(
                    toFile: "\(stanza.repository)/archive/empty/\(name)", atomically: false, encoding: .utf8)
            }
            let damaged = try bed.part("empty")
            #expect(damaged.contains("status: error (other)") && damaged.contains("archive.info"), "\(damaged)")
            #expect(try bed.part("demo").contains("    status: ok\n"))
        }
    }

    @Test func `REQ-8 what is not there is no failure, what may not be read is one`() throws {
        try Bed.with { bed in
            let nowhere = [
                "--config-path=\(bed.stanza.scratch.path)/none",
                "--repo1-path=\(try bed.stanza.scratch.directory("nothing"))",
            ]
            #expect(try bed.info(configuredBy: nowhere) == "No stanzas exist in the repository.\n")
            #expect(try bed.info("--stanza=unknown").contains("    status: error (missing stanza path)\n"))
            guard TestHost.isRoot else { return }
            let refused = try Command(
                Tool.roost.path, ["--config=\(bed.stanza.configuration)", "info"], as: .named("daemon")
            ).run().require(status: 41)
            #expect(refused.output.contains("Permission denied"), "\(refused)")
        }
    }

    @Test func `REQ-8 a wrong passphrase is told in words`() throws {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1), options: .init(.lz4, encrypted: true), archiver: .roost
        ) { stanza in
            try stanza.backup(.roost)
            let wrong = ["PGBACKREST_REPO1_CIPHER_PASS": "another"]
            let told = try stanza.command(.roost, ["info"], environment: wrong).run().requireSuccess().output
            #expect(told.contains("status: error (other)") && told.contains("backup.info"), "\(told)")
            #expect(told.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A }, "\(told)")
        }
    }
}
