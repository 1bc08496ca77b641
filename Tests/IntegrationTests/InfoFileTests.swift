import Foundation
import RoostTesting
import Testing

/// Damaged, truncated, missing and foreign info files: the copy steps in, or the command ends without a change.
@Suite(.serialized)  // the cases share a stanza and its locks
struct InfoFileTests {
    private static let shared = Result {
        let scratch = try ScratchDirectory()
        let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.zst, encrypted: true))
        try stanza.begin(archivingWith: .roost)
        try stanza.backup(.roost)
        try cluster.archiveCurrentSegment()
        try cluster.stop()
        return stanza
    }

    enum Damage: String, CaseIterable, Sendable { case truncated, flipped, empty, missing }
    private static let files = ["backup/demo/backup.info", "archive/demo/archive.info"]

    @Test(arguments: files, Damage.allCases)
    func `a damaged info file is replaced by its copy`(file: String, damage: Damage) throws {
        try withRepository { stanza, repository in
            try apply(damage, to: "\(repository)/\(file)")
            let info = try RepositoryInfo(
                json: stanza.run(.roost, "--repo1-path=\(repository)", "info", "--output=json").standardOutput
            )
            #expect(info.statusCode == 0)
            #expect(info.labels == (try stanza.info(.roost).labels))
            let target = try stanza.scratch.directory("pg-\(UUID().uuidString)", mode: 0o700)
            try stanza.run(.roost, "--repo1-path=\(repository)", "--pg1-path=\(target)", "--type=none", "restore")
            try remove(target)
        }
    }

    @Test(arguments: files, Damage.allCases)
    func `when the copy is damaged too the commands that need it end with an error`(file: String, damage: Damage) throws
    {
        try withRepository { stanza, repository in
            try apply(damage, to: "\(repository)/\(file)")
            try apply(damage, to: "\(repository)/\(file).copy")
            let before = try DirectoryTree(repository)
            // An offline backup needs no archive.info, and neither has expire any use for it before there is something to remove.
            let wal = try #require(try names(in: stanza.cluster.dataDirectory + "/pg_wal").first { $0.count == 24 })
            let commands =
                file.hasPrefix("archive")
                ? [
                    ["archive-push", "\(stanza.cluster.dataDirectory)/pg_wal/\(wal)"],
                    ["stanza-create", "--no-online"],
                ]
                : [["--no-online", "--type=full", "backup"], ["expire"], ["stanza-create", "--no-online"]]
            for command in commands {
                let result = try stanza.command(.roost, ["--repo1-path=\(repository)"] + command).run()
                // Where both files of a kind are gone, stanza-create tells so in the same way.
                #expect(!result.succeeded, "\(result)")
            }
            #expect(try DirectoryTree(repository).differences(from: before) == [])
        }
    }

    @Test func `a wrong passphrase is told and changes nothing`() throws {
        try withRepository { stanza, repository in
            let before = try DirectoryTree(repository)
            let wrong = ["PGBACKREST_REPO1_CIPHER_PASS": "wrong"]
            try stanza.unconfigure("repo1-cipher-pass")
            defer { try? stanza.configure("repo1-cipher-pass=\(RepositoryOptions.passphrase)") }
            for command in [["--no-online", "--type=full", "backup"], ["expire"], ["--no-online", "stanza-create"]] {
                let result = try stanza.command(
                    .roost,
                    ["--repo1-path=\(repository)"] + command,
                    environment: wrong
                ).run()
                #expect(!result.succeeded)
                #expect(!result.output.contains(RepositoryOptions.passphrase))
            }
            let info = try stanza.attempt(
                .roost,
                "--repo1-path=\(repository)",
                "info",
                environment: wrong
            )
            #expect(info.output.contains("error"))
            let target = try stanza.scratch.directory("pg-\(UUID().uuidString)", mode: 0o700)
            let restore = try stanza.attempt(
                .roost,
                "--repo1-path=\(repository)",
                "--pg1-path=\(target)",
                "restore",
                environment: wrong
            )
            #expect(restore.status == 75, "\(restore)")
            #expect(try names(in: target) == [])
            #expect(try DirectoryTree(repository).differences(from: before) == [])
        }
    }

    @Test func `no output and no log holds the passphrase`() throws {
        try withRepository { stanza, repository in
            let result = try stanza.attempt(
                .roost,
                "--repo1-path=\(repository)",
                "--log-level-console=trace",
                "--no-online",
                "--type=full",
                "backup"
            )
            #expect(!result.output.contains(RepositoryOptions.passphrase))
            let logs = try DirectoryTree(stanza.scratch.path + "/log")
            for (name, entry) in logs.entries {
                guard case .file(_, _, _, let content) = entry else { continue }
                #expect(!String(decoding: content, as: UTF8.self).contains(RepositoryOptions.passphrase), "\(name)")
            }
            try stanza.attempt(.roost, "--repo1-cipher-pass=x", "info").require(status: 31)
        }
    }

    private func withRepository(_ body: (ScratchStanza, String) throws -> Void) throws {
        let stanza = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            try copy(stanza.repository, to: scratch.path + "/repo")
            try body(stanza, scratch.path + "/repo")
        }
    }

    private func apply(_ damage: Damage, to path: String) throws {
        let size = try contents(path).count
        switch damage {
        case .truncated: try Command("/usr/bin/truncate", ["-s", "\(size / 2)", path]).run().requireSuccess()
        case .flipped: try RoostTesting.damage(path, at: size / 2)
        case .empty: try Command("/usr/bin/truncate", ["-s", "0", path]).run().requireSuccess()
        case .missing: try remove(path)
        }
    }
}
