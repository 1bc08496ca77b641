import Foundation
import RoostTesting
import Testing

/// What a power cut leaves of a data directory that is being restored: nothing that starts, or all of it.
@Suite(.serialized)  // each run stops and copies a whole file system again and again
struct PowerCutRestoreTests {
    @Test func `a restore survives a power cut once pg_control is there, and is continued before that`() throws {
        try withImage(RepositoryOptions(.zst)) { stanza, image, target in
            try stanza.backup(.roost)
            let rows = try finishCluster(stanza)
            try image.sync()
            let cuts = try stanza.pauseAtSteps(of: ["--pg1-path=\(target)", "restore"]) { cut in
                guard TestHost.isFull || cut < 4 || cut % 10 == 0 || isAtLastStep(target) else { return }
                try image.afterCut { mounted in
                    let found = mounted + "/pg"
                    if !hasControl(found) { try continueRestore(stanza, found, cut) }
                    try stanza.requireRows(found, rows)
                }
            }
            #expect(cuts >= 5, "the fault plan did not pause")
            try image.afterCut { try stanza.requireRows($0 + "/pg", rows) }
        }
    }

    @Test func `a delta restore of blocks over another backup is the old one, continued, or complete after a cut`()
        throws
    {
        try withImage(RepositoryOptions(.zst, blocks: true)) { stanza, image, target in
            let first = try stanza.backup(.roost)
            for _ in 1...2 {
                try stanza.cluster.generateLoad()
                try stanza.backup(.roost, "incr")
            }
            let rows = try finishCluster(stanza)
            try stanza.run(.roost, "--pg1-path=\(target)", "--set=\(first)", "restore")
            let tables = try paths(below: target, endingIn: "_fsm").map { "\(target)/\($0.dropLast(4))" }
            try Command("/usr/bin/truncate", ["-s", "+8192", tables[0]]).run().requireSuccess()
            try Command("/usr/bin/truncate", ["-s", "100", tables[1]]).run().requireSuccess()
            try Command("/bin/rm", [tables[2]]).run().requireSuccess()
            try Command("/usr/bin/touch", [target + "/base/1/not-of-the-backup"]).run().requireSuccess()
            let before = try DirectoryTree(target)
            try image.sync()

            var (old, half) = (0, 0)
            let cuts = try stanza.pauseAtSteps(of: ["--pg1-path=\(target)", "--delta", "restore"]) { cut in
                let isRenamed = half > 0 && hasControl(target)
                guard isSampled(cut, base: 4) || isRenamed else { return }
                try image.afterCut { mounted in
                    let found = mounted + "/pg"
                    let isOld = try hasControl(found) && DirectoryTree(found).differences(from: before) == []
                    if isOld { old += 1 }
                    if !hasControl(found) { half += 1 }
                    // With pg_control a server starts: then all must be there.
                    if isOld || !hasControl(found) { try continueRestore(stanza, found, cut) }
                    try stanza.requireRows(found, rows)
                }
            }
            #expect(cuts >= 5 && old >= 1 && half >= 2, "\(cuts) cuts, \(old) before, \(half) amidst")
            try image.afterCut { try stanza.requireRows($0 + "/pg", rows) }
        }
    }

    // MARK: Helpers

    /// Runs a body with a started stanza, and a directory on an image to restore to.
    private func withImage(
        _ options: RepositoryOptions, _ body: (ScratchStanza, FileSystemImage, String) throws -> Void
    ) throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), options: options, archiver: .roost) { stanza in
            let image = try FileSystemImage(megabytes: 160, in: stanza.scratch)
            let target = image.mountPoint + "/pg"
            try Command("/bin/mkdir", ["-m", "0700", target]).run().requireSuccess()
            try body(stanza, image, target)
        }
    }

    /// Stops the server with all WAL archived.
    ///
    /// - Returns: Its rows.
    private func finishCluster(_ stanza: ScratchStanza) throws -> [String] {
        try stanza.cluster.archiveCurrentSegment()
        let rows = try stanza.cluster.rowChecksum()
        try stanza.cluster.stop()
        return rows
    }

    private func continueRestore(_ stanza: ScratchStanza, _ directory: String, _ number: Int) throws {
        // Another lock directory: the paused run still holds its own.
        let locks = try stanza.scratch.directory("lock-\(number)")
        try stanza.run(
            .roost, "--pg1-path=\(directory)", "--lock-path=\(locks)", "--delta", "--force", "restore")
    }

    private func hasControl(_ directory: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/global/pg_control")
    }

    /// Whether only `pg_control` is missing, be it under its final name.
    private func isAtLastStep(_ target: String) -> Bool {
        FileManager.default.fileExists(atPath: target + "/global/pg_control.pgbackrest.tmp")
    }
}
