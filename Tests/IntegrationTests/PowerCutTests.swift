import Foundation
import RoostTesting
import Testing

/// A killed process loses nothing from the page cache; a machine whose power fails does.
///
/// Repository or target lie on an ext4 image, and before every durable step, and after exit 0, a copy of the image is what a power
/// cut would leave.
@Suite(.serialized)  // each run stops and copies a whole file system again and again
struct PowerCutTests {
    @Test func `an archived segment survives a power cut, and half of one is never there`() throws {
        try withImage { stanza, image in
            let segment = try pushableSegment(stanza)
            let path = "\(stanza.cluster.dataDirectory)/pg_wal/\(segment)"
            let running = try stanza.command(
                .roost,
                ["archive-push", path],
                environment: ["ROOST_FAULT": "durable:*:pause"]
            ).start()
            var cuts = 0
            while try running.waitUntilStopped() {
                cuts += 1
                try afterCut(image) { mounted in
                    let stored = try DirectoryTree(mounted + "/repo/archive").entries.keys.contains {
                        $0.contains(segment) && !$0.hasSuffix(".tmp")
                    }
                    if stored { try requireFetchable(stanza, mounted, segment, like: path) }
                }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            #expect(cuts >= 3, "the fault plan did not pause")
            try afterCut(image) { try requireFetchable(stanza, $0, segment, like: path) }
        }
    }

    @Test(arguments: [false, true])
    func `after a power cut every mark in the spool tells the truth`(dropping: Bool) throws {
        try withImage { stanza, image in
            let data = stanza.cluster.dataDirectory
            let segment = try pushableSegment(stanza)
            let path = "\(data)/pg_wal/\(segment)"
            let ready = "\(data)/pg_wal/archive_status/\(segment).ready"
            try Command("/usr/bin/touch", [ready]).run().requireSuccess()
            let spool = image.mountPoint + "/spool"
            let out = "\(spool)/archive/\(ScratchStanza.name)/out"
            try Command("/bin/mkdir", ["-p", out]).run().requireSuccess()
            let limit = dropping ? ["--archive-push-queue-max=0"] : []
            let options = ["--archive-async", "--spool-path=\(spool)"] + limit
            let worker = try stanza.command(
                .roost,
                options + ["archive-push:async", "\(data)/pg_wal"],
                environment: ["ROOST_FAULT": "durable,open:*:pause:\(image.mountPoint)"]
            ).start()
            func requireTruth(_ mounted: String, marked: Bool) throws {
                let mark = "\(mounted)/spool/archive/\(ScratchStanza.name)/out/\(segment).ok"
                guard marked || FileManager.default.fileExists(atPath: mark) else { return }
                if dropping {
                    let records = try DirectoryTree(mounted).entries.keys.filter {
                        $0.hasSuffix("\(segment)-\(segment)")
                    }
                    #expect(!records.isEmpty, "dropped without a record")
                } else {
                    try requireFetchable(stanza, mounted, segment, like: path)
                }
            }
            var cuts = 0
            while try worker.waitUntilStopped() {
                cuts += 1
                // Whoever looks into the spool now may tell PostgreSQL.
                let marked = FileManager.default.fileExists(atPath: "\(out)/\(segment).ok")
                try afterCut(image) { try requireTruth($0, marked: marked) }
                worker.send(SIGCONT)
            }
            try worker.wait().requireSuccess()
            #expect(cuts >= 5, "the fault plan did not pause")
            try afterCut(image) { try requireTruth($0, marked: true) }
        }
    }

    @Test func `without syncs these tests would fail`() throws {
        try withImage { stanza, image in
            let segment = try pushableSegment(stanza)
            let path = "\(stanza.cluster.dataDirectory)/pg_wal/\(segment)"
            let push = try stanza.command(
                .roost,
                ["archive-push", path],
                environment: ["ROOST_FAULT": "fsync,syncfs:*:skip"]
            )
            try push.run().requireSuccess()
            try afterCut(image) { mounted in
                let target = stanza.scratch.path + "/lost"
                let result = try stanza.attempt(.roost, "--repo1-path=\(mounted)/repo", "archive-get", segment, target)
                let whole = try result.succeeded && contents(target) == contents(path)
                #expect(!whole, "the image shows what no sync wrote: it proves nothing")
            }
        }
    }

    @Test(arguments: [false, true])
    func `a listed backup survives a power cut, and a cut in between leaves the former backup`(bundled: Bool) throws {
        try withImage(bundled: bundled) { stanza, image in
            try stanza.cluster.start()
            let first = try stanza.backup(.roost)
            let rows = try stanza.cluster.rowChecksum()
            try Command("/bin/sync", ["-f", image.mountPoint], as: .root).run().requireSuccess()
            let running = try stanza.command(
                .roost,
                ["--type=full", "backup"],
                environment: ["ROOST_FAULT": "durable:*:pause"]
            ).start()
            var cuts = 0
            while try running.waitUntilStopped() {
                cuts += 1
                // All of the first and every few of the hundreds of later ones, unless everything is wanted.
                if try TestHost.isFull || cuts < 10 || cuts % 5 == 0 || listsNewLabel(stanza, first) {
                    try afterCut(image) { mounted in
                        let info = try information(stanza, mounted)
                        #expect(info.labels.contains(first))
                        try requireVerified(stanza, mounted)
                    }
                }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            #expect(cuts >= 5, "the fault plan did not pause")
            try afterCut(image) { mounted in
                #expect(try information(stanza, mounted).labels.count == 2)
                try requireVerified(stanza, mounted)
                let target = try stanza.scratch.directory("restored", mode: 0o700)
                try stanza.run(.roost, "--repo1-path=\(mounted)/repo", "--pg1-path=\(target)", "restore")
                let restored = try stanza.restoredCluster(at: target)
                try restored.start()
                try restored.waitForRecoveryEnd()
                #expect(try restored.rowChecksum() == rows)
                try restored.check()
                try restored.stop(.immediate)
            }
        }
    }

    @Test func `a restore survives a power cut once pg_control is there, and is continued before that`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), options: .init(.zst), archiver: .roost) { stanza in
            try stanza.backup(.roost)
            try stanza.cluster.archiveCurrentSegment()
            let rows = try stanza.cluster.rowChecksum()
            try stanza.cluster.stop()
            let image = try FileSystemImage(megabytes: 160, in: stanza.scratch)
            let target = image.mountPoint + "/pg"
            try Command("/bin/mkdir", ["-m", "0700", target]).run().requireSuccess()
            try Command("/bin/sync", ["-f", image.mountPoint], as: .root).run().requireSuccess()

            let running = try stanza.command(
                .roost,
                ["--pg1-path=\(target)", "restore"],
                environment: ["ROOST_FAULT": "durable:*:pause"]
            ).start()
            var cuts = 0
            while try running.waitUntilStopped() {
                cuts += 1
                if TestHost.isFull || cuts < 4 || cuts % 10 == 0 || hasManifest(target) {
                    try afterCut(image) { mounted in
                        let found = mounted + "/pg"
                        if !FileManager.default.fileExists(atPath: found + "/global/pg_control") {
                            // Another lock directory: the paused run still holds its own.
                            let locks = try stanza.scratch.directory("lock-\(cuts)")
                            try stanza.run(
                                .roost,
                                "--pg1-path=\(found)",
                                "--lock-path=\(locks)",
                                "--delta",
                                "--force",
                                "restore"
                            )
                        }
                        try requireRows(stanza, found, rows)
                    }
                }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            #expect(cuts >= 5, "the fault plan did not pause")
            try afterCut(image) { try requireRows(stanza, $0 + "/pg", rows) }
        }
    }

    // MARK: Helpers

    /// Runs a body with a stanza whose repository is on an image; the server is stopped.
    private func withImage(bundled: Bool = false, _ body: (ScratchStanza, FileSystemImage) throws -> Void) throws {
        try ScratchDirectory.with { scratch in
            let image = try FileSystemImage(megabytes: 96, in: scratch)
            let repository = image.mountPoint + "/repo"
            try Command("/bin/mkdir", ["-m", "0750", repository]).run().requireSuccess()
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(
                cluster: cluster,
                in: scratch,
                options: .init(.zst, bundled: bundled),
                repository: repository
            )
            try stanza.setArchiver(.roost)
            try stanza.run(.roost, "--no-online", "stanza-create")
            try Command("/bin/sync", ["-f", image.mountPoint], as: .root).run().requireSuccess()
            try body(stanza, image)
        }
    }

    /// Runs a body with the file system as a power cut would leave it now.
    private func afterCut(_ image: FileSystemImage, _ body: (String) throws -> Void) throws {
        let copy = try image.afterPowerCut()
        let result = Result { try body(copy.mountPoint) }
        try copy.discard()
        try result.get()
    }

    private func pushableSegment(_ stanza: ScratchStanza) throws -> String {
        let segment = try names(in: stanza.cluster.dataDirectory + "/pg_wal").first { $0.count == 24 }
        return try #require(segment)
    }

    private func requireFetchable(_ stanza: ScratchStanza, _ mounted: String, _ segment: String, like path: String)
        throws
    {
        let target = stanza.scratch.path + "/fetched"
        try stanza.run(.roost, "--repo1-path=\(mounted)/repo", "archive-get", segment, target)
        guard try contents(target) == contents(path) else {
            throw TestFailure("\(segment) is damaged after a power cut")
        }
    }

    private func information(_ stanza: ScratchStanza, _ mounted: String) throws -> RepositoryInfo {
        try RepositoryInfo(
            json: stanza.run(.roost, "--repo1-path=\(mounted)/repo", "info", "--output=json").standardOutput
        )
    }

    private func listsNewLabel(_ stanza: ScratchStanza, _ first: String) throws -> Bool {
        try stanza.info(.roost).labels != [first]
    }

    private func requireVerified(_ stanza: ScratchStanza, _ mounted: String) throws {
        let result = try stanza.run(
            .roost,
            "--repo1-path=\(mounted)/repo",
            "--output=text",
            "--verbose",
            "verify"
        )
        guard result.standardOutput.contains("status: ok") else { throw TestFailure("after a power cut: \(result)") }
    }

    private func hasManifest(_ target: String) -> Bool {
        FileManager.default.fileExists(atPath: target + "/global/pg_control.pgbackrest.tmp")
    }

    private func requireRows(_ stanza: ScratchStanza, _ directory: String, _ rows: [String]) throws {
        let restored = try stanza.restoredCluster(at: directory)
        // The settings name the directory by its path on the file system that lost its power.
        let fetch = try stanza.command(.roost, ["--pg1-path=\(directory)", "archive-get"])
        restored.set("restore_command", ([fetch.program] + fetch.arguments + ["%f", "%p"]).joined(separator: " "))
        try restored.start()
        try restored.waitForRecoveryEnd()
        let found = try restored.rowChecksum()
        try restored.stop(.immediate)
        guard found == rows else { throw TestFailure("expected \(rows), found \(found)") }
    }
}
