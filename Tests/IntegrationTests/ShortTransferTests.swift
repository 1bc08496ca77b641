import Foundation
import RoostTesting
import Testing

/// The kernel may move fewer bytes than it was asked to; here it always moves half.
@Suite struct ShortTransferTests {
    private static let short = ["ROOST_FAULT": "read,write:*:short"]

    private static let options = [
        RepositoryOptions(.zst, encrypted: true, blocks: true), RepositoryOptions(.none),
        RepositoryOptions(.gz, bundled: true), RepositoryOptions(.lz4), RepositoryOptions(.bz2),
    ]

    @Test(arguments: TestHost.isFull ? options : Array(options.prefix(1)))
    func `short reads and writes harm neither backup nor restore nor WAL`(options: RepositoryOptions) throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), options: options, archiver: .roost) { stanza in
            try stanza.cluster.execute(
                "alter system set archive_command = '\(try stanza.archiveCommand(.roost, environment: Self.short))'",
                "select pg_reload_conf()")
            for type in ["full", "incr"] {
                try stanza.cluster.generateLoad(transactions: 50)
                try stanza.run(.roost, "--type=\(type)", "backup", environment: Self.short)
            }
            let rows = try stanza.cluster.rowChecksum()
            try stanza.cluster.archiveCurrentSegment()
            try stanza.verify(.roost)
            try stanza.run(.roost, "verify", environment: Self.short)

            let first = try #require(try stanza.info(.roost).labels.first)
            let target = try stanza.scratch.directory("restored", mode: 0o700)
            let place = "--pg1-path=\(target)"
            try stanza.run(.roost, place, "--set=\(first)", "restore", environment: Self.short)
            try stanza.run(.roost, place, "--delta", "restore", environment: Self.short)
            let whole = try stanza.restore(.roost, into: "whole")
            let differences = try DirectoryTree(target).differences(
                from: DirectoryTree(whole.dataDirectory), allowing: DirectoryTree.isWrittenByRestore)
            #expect(differences == [])

            let restored = try stanza.restoredCluster(at: target)
            let fetch = try stanza.command(.roost, [place, "archive-get"])
            let words = ["ROOST_FAULT=read,write:*:short", fetch.program] + fetch.arguments + ["%f", "%p"]
            restored.set("restore_command", words.joined(separator: " "))
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == rows)
            try restored.stop(.immediate)
        }
    }
}
