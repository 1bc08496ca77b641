import Foundation
import RoostTesting
import Testing

/// A killed process loses nothing from the page cache; a machine whose power fails does.
///
/// Repository and spool lie on an ext4 image, and before every durable step, and after exit 0, a copy of the image is what a power
/// cut would leave.
@Suite(.serialized)  // each run stops and copies a whole file system again and again
struct PowerCutTests {
    @Test func `an archived segment survives a power cut, and half of one is never there`() throws {
        try ScratchStanza.withImage { stanza, image in
            let segment = try pushableSegment(stanza)
            let path = "\(stanza.cluster.dataDirectory)/pg_wal/\(segment)"
            let cuts = try stanza.pauseAtSteps(of: ["archive-push", path]) { _ in
                try image.afterCut { mounted in
                    let stored = try DirectoryTree(mounted + "/repo/archive").entries.keys.contains {
                        $0.contains(segment) && !$0.hasSuffix(".tmp")
                    }
                    if stored { try requireFetchable(stanza, mounted, segment, like: path) }
                }
            }
            #expect(cuts >= 3, "the fault plan did not pause")
            try image.afterCut { try requireFetchable(stanza, $0, segment, like: path) }
        }
    }

    @Test(arguments: [false, true])
    func `after a power cut every mark in the spool tells the truth`(dropping: Bool) throws {
        try ScratchStanza.withImage { stanza, image in
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
            let cuts = try stanza.pauseAtSteps(
                of: options + ["archive-push:async", "\(data)/pg_wal"],
                fault: "durable,open:*:pause:\(image.mountPoint)"
            ) { _ in
                // Whoever looks into the spool now may tell PostgreSQL.
                let marked = FileManager.default.fileExists(atPath: "\(out)/\(segment).ok")
                try image.afterCut { try requireTruth($0, marked: marked) }
            }
            #expect(cuts >= 5, "the fault plan did not pause")
            try image.afterCut { try requireTruth($0, marked: true) }
        }
    }

    @Test func `without syncs these tests would fail`() throws {
        try ScratchStanza.withImage { stanza, image in
            let segment = try pushableSegment(stanza)
            let path = "\(stanza.cluster.dataDirectory)/pg_wal/\(segment)"
            let push = try stanza.command(
                .roost,
                ["archive-push", path],
                environment: ["ROOST_FAULT": "fsync,syncfs:*:skip"]
            )
            try push.run().requireSuccess()
            try image.afterCut { mounted in
                let target = stanza.scratch.path + "/lost"
                let result = try stanza.attempt(.roost, "--repo1-path=\(mounted)/repo", "archive-get", segment, target)
                let whole = try result.succeeded && contents(target) == contents(path)
                #expect(!whole, "the image shows what no sync wrote: it proves nothing")
            }
        }
    }

    @Test(arguments: RepositoryForm.allCases)
    func `a listed backup survives a power cut, and a cut in between leaves the former backups`(form: RepositoryForm)
        throws
    {
        try ScratchStanza.withImage(form.options) { stanza, image in
            try stanza.cluster.start()
            var former = [try stanza.backup(.roost)]
            if form == .blocks {
                try stanza.cluster.generateLoad()
                former.append(try stanza.backup(.roost, "incr"))
                try stanza.cluster.generateLoad()
            }
            let rows = try stanza.cluster.rowChecksum()
            try image.sync()
            let type = form == .blocks ? "incr" : "full"
            let cuts = try stanza.pauseAtSteps(of: ["--type=\(type)", "backup"]) { cut in
                // All of the first and every few of the many later ones, unless everything is wanted.
                let isEarly = form == .blocks ? isSampled(cut) : cut < 10 || cut % 5 == 0
                guard try TestHost.isFull || isEarly || stanza.info(.roost).labels != former else { return }
                try image.afterCut { mounted in
                    #expect(try stanza.information(mounted).labels.starts(with: former))
                    try stanza.requireVerified(mounted)
                }
            }
            #expect(cuts >= 5, "the fault plan did not pause")
            try image.afterCut { mounted in
                let labels = try stanza.information(mounted).labels
                #expect(labels.dropLast() == former)
                try stanza.requireVerified(mounted)
                if form == .blocks {
                    let place = "\(mounted)/repo/backup/\(ScratchStanza.name)/\(labels.last ?? "")"
                    #expect(try !paths(below: place, endingIn: ".pgbi").isEmpty, "nothing is stored in blocks")
                }
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

    @Test(arguments: TestHost.isFull ? RepositoryForm.allCases : [.blocks])
    func `an expire survives a power cut: what is listed is whole, and the next expire finishes the work`(
        form: RepositoryForm
    ) throws {
        try ScratchStanza.withImage(form.options) { stanza, image in
            try stanza.cluster.start()
            for type in ["full", "incr", "full", "incr"] {
                try stanza.cluster.generateLoad()
                try stanza.backup(.roost, type)
            }
            let rows = try stanza.cluster.rowChecksum()
            try stanza.cluster.archiveCurrentSegment()
            try stanza.cluster.stop()
            try image.sync()
            let kept = try Array(stanza.info(.roost).labels.suffix(2))
            let expire = ["--repo1-retention-full=1", "expire"]
            // Names and contents of what the expires after the cuts leave.
            var ends: [DirectoryTree] = []
            let cuts = try stanza.pauseAtSteps(of: expire) { cut in
                // In a full run not each: removals of files are alike, and there are thousands of them.
                guard TestHost.isFull ? cut <= 40 || cut % 40 == 0 : isSampled(cut) else { return }
                try image.afterCut { mounted in
                    #expect(try stanza.information(mounted).labels.suffix(2) == kept)
                    try stanza.requireVerified(mounted)
                    let place = [
                        "--repo1-path=\(mounted)/repo", "--lock-path=\(try stanza.scratch.directory("lock-\(cut)"))",
                    ]
                    let target = try stanza.scratch.directory("restored", mode: 0o700)
                    try stanza.command(.roost, place + ["--pg1-path=\(target)", "restore"]).run().requireSuccess()
                    try remove(target)
                    try stanza.command(.roost, place + expire).run().requireSuccess()
                    try stanza.requireVerified(mounted)
                    ends.append(try DirectoryTree("\(mounted)/repo"))
                }
            }
            #expect(cuts >= 10, "the fault plan did not pause")
            let complete = try DirectoryTree(stanza.repository)
            for end in ends { #expect(end.differences(from: complete, times: false) == []) }
            // Removed files may come back, but not into the list.
            try image.afterCut { mounted in
                #expect(try stanza.information(mounted).labels == kept)
                try stanza.requireVerified(mounted)
                let target = try stanza.scratch.directory("restored", mode: 0o700)
                try stanza.run(.roost, "--repo1-path=\(mounted)/repo", "--pg1-path=\(target)", "restore")
                try stanza.requireRows(target, rows, repository: "\(mounted)/repo")
            }
        }
    }

    // MARK: Helpers

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
}
