import Foundation
import RoostTesting
import Testing

/// From an empty repository to a recovered server, on every supported PostgreSQL that the machine has.
@Suite struct MainFlowTests {
    @Test(arguments: TestHost.serverMajors)
    func `a cluster of each version is archived, backed up and brought back`(major: Int) throws {
        let settings = ["process-max=2"]
        try ScratchStanza.with(
            .init(major: major),
            options: .init(.zst, bundled: true),
            archiver: .roost,
            settings: settings
        ) { stanza in
            try stanza.run(.roost, "check")
            let full = try stanza.backup(.roost)
            try stanza.cluster.generateLoad()
            let differential = try stanza.backup(.roost, "diff")
            try stanza.cluster.generateLoad()
            try stanza.cluster.execute("create table after_backups as select 'still here' as text")
            let incremental = try stanza.backup(.roost, "incr")
            try stanza.cluster.generateLoad()
            try stanza.cluster.archiveCurrentSegment()

            let info = try stanza.info(.roost)
            #expect(info.statusCode == 0)
            #expect(info.labels == [full, differential, incremental])
            #expect(info.backups.map(\.type) == ["full", "diff", "incr"])
            #expect(info.backups.map(\.prior) == [nil, full, differential])
            #expect(info.backups.allSatisfy { !$0.hasErrors })
            try stanza.verify(.roost)

            let restored = try stanza.restore(.roost, into: "restored")
            #expect(!FileManager.default.fileExists(atPath: restored.dataDirectory + "/backup.manifest"))
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == stanza.cluster.rowChecksum())
            #expect(try restored.exists(table: "after_backups"))
            #expect(try restored.value("select count(*) from scratch_space") == "0", "unlogged tables are empty again")
            try restored.check()
        }
    }

    @Test(arguments: TestHost.cases([false, true], else: [true]))
    func `a backup taken under load is consistent`(checksums: Bool) throws {
        try ScratchStanza.with(.init(checksums: checksums), archiver: .roost) { stanza in
            let load = try stanza.cluster.startLoad(seconds: 120)
            try stanza.backup(.roost)
            try stanza.backup(.roost, "incr")
            load.send(SIGINT)
            _ = try load.wait()
            try stanza.cluster.archiveCurrentSegment()
            let restored = try stanza.restore(.roost, into: "restored")
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == stanza.cluster.rowChecksum())
            try restored.check()
        }
    }

    @Test func `an increment without a full backup becomes a full one`() throws {
        try ScratchStanza.with(archiver: .roost) { stanza in
            let label = try stanza.backup(.roost, "incr")
            #expect(label.hasSuffix("F"))
            #expect(try stanza.info(.roost).backups.map(\.type) == ["full"])
        }
    }

    @Test func `what PostgreSQL rebuilds is not in a backup`() throws {
        try ScratchStanza.with(archiver: .roost) { stanza in
            let data = stanza.cluster.dataDirectory
            try stanza.cluster.execute("create temp table vanishing as select 1", "select pg_sleep(0)")
            for name in ["base/pgsql_tmp", "pg_stat_tmp"] {
                try Command("/bin/mkdir", ["-p", "\(data)/\(name)"]).run().requireSuccess()
                try Command("/usr/bin/touch", ["\(data)/\(name)/leftover"]).run().requireSuccess()
            }
            let label = try stanza.backup(.roost)
            let backup = try DirectoryTree("\(stanza.repository)/backup/\(ScratchStanza.name)/\(label)/pg_data")
            let forbidden = ["postmaster", "pgsql_tmp", "leftover", "pg_internal.init", "pg_wal/0"]
            #expect(backup.entries.keys.filter { name in forbidden.contains { name.contains($0) } } == [])
            let unlogged = try stanza.cluster.value("select pg_relation_filepath('scratch_space')")
            #expect(backup.entries["\(unlogged).zst"] == nil)
            #expect(backup.entries["\(unlogged)_init.zst"] != nil)
        }
    }

    @Test func `a damaged page is reported with its place and the backup is marked`() throws {
        try ScratchStanza.with(archiver: .roost) { stanza in
            let file = try stanza.cluster.value("select pg_relation_filepath('large_values')")
            let toast = try stanza.cluster.value(
                "select pg_relation_filepath(reltoastrelid) from pg_class where relname = 'large_values'"
            )
            try stanza.cluster.stop()
            try damage("\(stanza.cluster.dataDirectory)/\(toast)", at: 3 * 8192 + 4000)
            try stanza.cluster.start()
            let result = try stanza.run(.roost, "--type=full", "backup")
            #expect(result.output.contains("invalid page checksum found in file"))
            #expect(result.output.contains("\(toast) at page 3"))
            #expect(!result.output.contains("\(file) at page"))
            #expect(try stanza.info(.roost).backups.map(\.hasErrors) == [true])
        }
    }

    @Test func `pg_checksums agrees with what a backup says of each page`() throws {
        try ScratchStanza.with(archiver: .roost) { stanza in
            let toast = try stanza.cluster.value(
                "select pg_relation_filepath(reltoastrelid) from pg_class where relname = 'large_values'")
            try stanza.cluster.stop()
            let file = "\(stanza.cluster.dataDirectory)/\(toast)"
            for page in [0, 5, 6, 7, 11] { try damage(file, at: page * 8192 + 3000) }
            let checksums = try stanza.cluster.program(
                "pg_checksums", ["--check", "-D", stanza.cluster.dataDirectory]
            ).run()
            #expect(checksums.standardOutput.contains("Bad checksums:  5"))
            let result = try stanza.run(.roost, "--no-online", "--checksum-page", "--type=full", "backup")
            #expect(result.output.contains("\(toast) at pages 0, 5-7, 11"))
        }
    }

    @Test func `archived segments come back as they were, and one that is missing is told by exit status 1`() throws {
        try ScratchStanza.with(archiver: .roost) { stanza in
            let segment = try stanza.cluster.value("select pg_walfile_name(pg_current_wal_lsn())")
            let original = "\(stanza.cluster.dataDirectory)/pg_wal/\(segment)"
            try stanza.cluster.archiveCurrentSegment()
            let target = stanza.scratch.path + "/fetched"
            try stanza.run(.roost, "archive-get", segment, target)
            #expect(try contents(target) == contents(original))
            try stanza.attempt(.roost, "archive-get", "000000010000000900000001", target).require(status: 1)
            try stanza.attempt(.roost, "archive-get", "00000009.history", target).require(status: 1)
        }
    }
}
