import Foundation
import RoostTesting
import Testing

/// A stanza whose cluster goes from one PostgreSQL to another by `pg_upgrade`.
///
/// From 16: a Debian server 15 was seen to mark every column with an option of its own, which another build refuses to load.
@Suite struct StanzaUpgradeTests {
    @Test(
        arguments: TestHost.cases(
            [RepositoryOptions(.zst, bundled: true), RepositoryOptions(.gz, encrypted: true)],
            else: [RepositoryOptions(.zst, bundled: true)]))
    func `a stanza follows its cluster, and both versions are restored from it`(options: RepositoryOptions) throws {
        try ScratchStanza.with(.init(major: 16), options: options, archiver: .dropIn) { old in
            let first = try old.backup(.roost)
            try old.cluster.generateLoad()
            try old.cluster.archiveCurrentSegment()
            let rows = try old.cluster.rowChecksum()
            try old.cluster.stop()

            let scratch = try ScratchDirectory()
            old.scratch.atEnd { try scratch.remove() }
            let cluster = try upgrade(old.cluster, in: scratch)
            let new = try ScratchStanza(cluster: cluster, in: scratch, options: options, repository: old.repository)
            try new.startCluster(archivingWith: .dropIn)
            // Nothing of the new cluster goes into the stanza of the old one.
            try new.attempt(.roost, "check").require(status: 28)
            try new.attempt(.roost, "backup").require(status: 51)
            #expect(try new.info(.roost).labels == [first])

            let outcome = try new.run(.roost, "stanza-upgrade")
            #expect(outcome.standardOutput.contains("make a full backup now"))
            #expect(try new.run(.dropIn, "stanza-upgrade").output.contains("is already up to date"))
            try new.run(.roost, "check")
            // An increment has nothing of its own cluster to build on, and becomes a full one.
            let second = try new.backup(.roost, "incr")
            #expect(second.hasSuffix("F"))
            try new.cluster.generateLoad()
            let third = try new.backup(.dropIn, "incr")
            #expect(try new.info(.roost).backups.last?.prior == second)
            try new.cluster.archiveCurrentSegment()
            try new.verify(.dropIn)

            let before = try old.restore(.roost, "--set=\(first)", into: "old")
            // pg_upgrade ran the old server with its own setting, which a hot standby must have too.
            before.set("max_connections", "100")
            try before.start()
            try before.waitForRecoveryEnd()
            #expect(try before.rowChecksum() == rows)
            try before.stop()
            try expectSound(try new.restore(.roost, "--set=\(third)", into: "new"), like: new.cluster)

            let text = try new.run(.dropIn, "info").standardOutput
            #expect(text.contains("db (prior)\n        wal archive min/max (16): "))
            #expect(text.contains("db (current)\n        wal archive min/max (17): "))
            // Releases before 2.54 do not know this PostgreSQL.
            if try stockVersion() >= "2.54" {
                try expectSameInformation(new)
                try new.verify(.stock)
                try expectSound(try new.restore(.stock, into: "by-stock"), like: new.cluster)
                #expect(try new.run(.stock, "stanza-upgrade").output.contains("is already up to date"))
            }

            try new.run(.roost, "--repo1-retention-full=1", "expire")
            #expect(try new.info(.roost).labels == [second, third])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(new.repository)/archive/demo").sorted().first
                    == "17-2")
        }
    }

    /// The cluster as PostgreSQL 17, not started.
    private func upgrade(_ cluster: ScratchCluster, in scratch: ScratchDirectory) throws -> ScratchCluster {
        let upgraded = try ScratchCluster.makeForeign(.init(major: 17), in: scratch, named: "pg17")
        try upgraded.program(
            "pg_upgrade",
            [
                "--old-bindir=\(try TestHost.serverPrograms(major: cluster.major))",
                "--new-bindir=\(try TestHost.serverPrograms(major: 17))", "--old-datadir=\(cluster.dataDirectory)",
                "--new-datadir=\(upgraded.dataDirectory)", "--username=postgres",
                "--socketdir=\(upgraded.socketDirectory)", "--no-sync",
            ]
        ).run().requireSuccess()
        return upgraded
    }
}
