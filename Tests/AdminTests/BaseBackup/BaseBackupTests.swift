import Foundation
import RoostTesting
import Testing

@Suite struct BaseBackupTests {
    private static let time = #"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]"#

    @Test func `REQ-23 a default run prints the lines of the page, in their order, on standard error`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let result = try bed.run(at: place).requireSuccess()
            let name = "backup_pg-meta_\(try today).tar.lz4"
            let directory = NSRegularExpression.escapedPattern(for: place.destination)
            let lock = NSRegularExpression.escapedPattern(for: place.lock)
            let rule = String(repeating: "=", count: 64)
            let expected = [
                "T\\[INFO\\] \(rule)",
                "T\\[INFO\\] \\[INIT\\] pg-basebackup begin, checking parameters",
                "T\\[DEBUG\\] \\[INIT\\] filename  \\(-f\\)    :   \(name)",
                "T\\[DEBUG\\] \\[INIT\\] src       \\(-s\\)    :   postgres:///",
                "T\\[DEBUG\\] \\[INIT\\] dst       \\(-d\\)    :   \(directory)",
                "T\\[INFO\\] \\[LOCK\\] lock acquired success on \(lock), pid=\\d+",
                "T\\[INFO\\] \\[BKUP\\] backup begin, from postgres:/// to \(directory)/\(name)",
                "pg_basebackup: initiating base backup, waiting for checkpoint to complete",
                "pg_basebackup: checkpoint completed",
                "pg_basebackup: write-ahead log start point: [0-9A-F]+/[0-9A-F]+ on timeline 1",
                "pg_basebackup: write-ahead log end point: [0-9A-F]+/[0-9A-F]+",
                "pg_basebackup: syncing data to disk ...",
                "pg_basebackup: base backup completed",
                "T\\[INFO\\] \\[BKUP\\] backup complete!",
                "T\\[INFO\\] \\[DONE\\] backup procedure complete!",
                "T\\[INFO\\] \(rule)",
            ].map { $0.replacingOccurrences(of: "T\\[", with: Self.time + "\\[") }
            let lines = result.standardError.split(separator: "\n").map(String.init)
            try #require(lines.count == expected.count, "\(result)")
            for (line, pattern) in zip(lines, expected) {
                #expect(line.range(of: "^\(pattern)$", options: .regularExpression) != nil, "\(line) for \(pattern)")
            }
            #expect(result.standardOutput == "")
            #expect(try place.files == [name])
        }
    }

    @Test func `REQ-25 what the commands of the page extract verifies, starts and has the rows of the source`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try bed.run("-f", "one.tar.lz4", at: place).requireSuccess()
            let data = try place.extract("one.tar.lz4")
            for name in ["backup_label", "backup_manifest", "PG_VERSION", "global/pg_control"] {
                #expect(FileManager.default.fileExists(atPath: "\(data)/\(name)"), "\(name)")
            }
            let wal = try FileManager.default.contentsOfDirectory(atPath: data + "/pg_wal")
            #expect(wal.contains { $0.count == 24 })
            try bed.cluster.program("pg_verifybackup", ["-q", data]).run().requireSuccess()
            let restored = try ScratchCluster(major: bed.cluster.major, dataDirectory: data, in: place.scratch)
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == bed.cluster.rowChecksum())
            try restored.stop(.immediate)
        }
    }

    @Test func `REQ-11 nothing but the server is needed, which may be a standby`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try bed.run("-f", "one.tar.lz4", at: place).requireSuccess()
            let data = try place.extract("one.tar.lz4")
            try place.shell("touch \(data)/standby.signal").requireSuccess()
            let standby = try ScratchCluster(major: bed.cluster.major, dataDirectory: data, in: place.scratch)
            standby.set("primary_conninfo", "host=\(bed.cluster.socketDirectory) user=postgres")
            standby.set("cluster_name", "pg-standby")
            try standby.start()
            try bed.run("-f", "two.tar.lz4", at: place, environment: ["PGHOST": standby.socketDirectory])
                .requireSuccess()
            try standby.stop(.immediate)
            let again = try place.extract("two.tar.lz4", into: "again")
            try bed.cluster.program("pg_verifybackup", ["-q", again]).run().requireSuccess()
        }
    }

    @Test func `REQ-25 of PostgreSQL 17 too`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try BaseBackupBed(major: 17, in: scratch)
            let place = try Place(in: scratch)
            try bed.run("-f", "one.tar.lz4", at: place).requireSuccess()
            let data = try place.extract("one.tar.lz4")
            try bed.cluster.program("pg_verifybackup", ["-q", data]).run().requireSuccess()
        }
    }

    @Test func `REQ-25 user tablespaces are refused by name before the server is asked for a checkpoint`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try BaseBackupBed(in: scratch)
            let place = try Place(in: scratch)
            let fast = try scratch.directory("fast", mode: 0o700)
            try bed.cluster.execute("create tablespace \"on ssd\" location '\(fast)'")
            let result = try bed.run(at: place).require(status: 9)
            #expect(result.standardError.contains("[ERROR] [INIT] the cluster has tablespaces"))
            #expect(result.standardError.contains(": on ssd;"))
            #expect(result.standardError.hasSuffix("[ERROR] [BKUP] backup failed!\n"))
            #expect(!result.standardError.contains("initiating base backup"))
            #expect(try place.files == [])
            #expect(!FileManager.default.fileExists(atPath: place.lock))
        }
    }

    @Test func `REQ-16 REQ-18 the name is made of tag and date, and a tag of anybody is safe in it`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try bed.run("-t", "../a b/c", at: place).requireSuccess()
            #expect(try place.files == ["backup_.._a_b_c_\(try today).tar.lz4"])
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path(try place.files[0]))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            // Nobody knows the name of the cluster: an address or the name of the host takes its place.
            let nowhere = ["PGHOST": place.destination]
            let result = try bed.run("--dry-run", at: place, environment: nowhere).requireSuccess()
            let pattern = #"filename  \(-f\)    :   backup_[A-Za-z0-9._-]+_\d{8}\.tar\.lz4"#
            #expect(result.standardError.range(of: pattern, options: .regularExpression) != nil, "\(result)")
        }
    }

    @Test func `REQ-17 after a success older base backups are removed, and nothing else`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            try place.file("backup_young_20200101.tar.lz4", minutesAgo: 1199)
            try place.file("one_time.tar.lz4", minutesAgo: 5000)
            let result = try bed.run(at: place).requireSuccess()
            #expect(
                result.standardError.contains("[INFO] [RMBK] remove \(place.path("backup_old_20200101.tar.lz4"))\n"))
            let name = "backup_pg-meta_\(try today).tar.lz4"
            #expect(try place.files == [name, "backup_young_20200101.tar.lz4", "one_time.tar.lz4"].sorted())
            try bed.run("-r", "0", "-t", "x", at: place).requireSuccess()
            #expect(try place.files.contains("backup_x_\(try today).tar.lz4"))
            #expect(try !place.files.contains("backup_young_20200101.tar.lz4"))
        }
    }

    @Test func `REQ-17 a file that cannot be removed is told, and the backup is kept`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            let result = try bed.run(
                "-f", "new.tar.lz4", at: place, environment: ["ROOST_FAULT": "unlink:1:EACCES:backup_old"]
            ).require(status: 10)
            #expect(result.standardError.hasSuffix("[ERROR] [RMBK] remove local obsolete backup failed!\n"))
            #expect(try place.files == ["backup_old_20200101.tar.lz4", "new.tar.lz4"])
            try place.requireWhole("new.tar.lz4")
        }
    }

    @Test func `REQ-20 the upload program gets file and tag, before anything is removed`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            let hook = try place.scratch.file(
                "hook", "#!/bin/sh\necho \"$@\" > \(place.scratch.path)/backup/told; ls \(place.destination)\n",
                mode: 0o755)
            let result = try bed.run(
                "-u", "-t", "a", "-f", "new.lz4", at: place, environment: ["PG_BASEBACKUP_UPLOAD": hook]
            ).requireSuccess()
            #expect(try place.content("told") == "\(place.path("new.lz4")) a\n")
            #expect(result.standardOutput.contains("backup_old_20200101.tar.lz4"))
            #expect(try place.files == ["new.lz4", "told"])
        }
    }

    @Test(arguments: [true, false])
    func `REQ-20 without an upload everything is kept`(hasHook: Bool) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            let hook = try place.scratch.file("hook", "#!/bin/sh\nexit 7\n", mode: 0o755)
            let result = try bed.run(
                "--upload", "-f", "new.lz4", at: place, environment: hasHook ? ["PG_BASEBACKUP_UPLOAD": hook] : [:]
            ).require(status: 11)
            let reason = hasHook ? "hook ended with exit status 7" : "[WARN] [UPLOAD] nothing was uploaded"
            #expect(result.standardError.contains(reason))
            #expect(try place.files == ["backup_old_20200101.tar.lz4", "new.lz4"])
            try place.requireWhole("new.lz4")
        }
    }
}
