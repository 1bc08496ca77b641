import Glibc
import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Every command that changes a repository, with each of its changes failing in turn.
struct FaultSweepTests {
    @Test(arguments: FailureMode.allCases, [nil, "secret"])
    func `a stanza can be created whatever went wrong before`(mode: FailureMode, cipherPass: String?) throws {
        let cluster = try Fixture.controlFile()
        func create(_ bed: Bed) throws -> StanzaCreate.Outcome {
            try StanzaCreate.run(repository: bed.repository, cluster: cluster, context: bed.context)
        }
        let faults = try sweep(
            mode, prepare: { try Bed(cipherPass: cipherPass) }, run: { _ = try create($0) },
            check: { bed, _ in
                _ = try create(bed)
                #expect(try create(bed) == .alreadyValid)
                #expect(try bed.repository.loadArchiveInfo().history.current == Fixture.identity())
                try bed.expectCopiesAgree()
            })
        #expect(faults == 12)
    }

    @Test(arguments: FailureMode.allCases, ["000000010000000000000004", "00000002.history"])
    func `a push that failed leaves nothing half, and can be done again`(mode: FailureMode, name: String) throws {
        let content = try Fixture.segment(fill: 3)
        let target = "/tmp/roost-sweep-\(CurrentProcess.id)-\(mode)-\(name)"
        defer { _ = try? FileSystem.removeFile(target) }
        let faults = try sweep(
            mode, prepare: { try Bed.prepared() }, run: { try $0.push(name, content) { $0.compression = .lz4 } },
            check: { bed, failed in
                func got() throws -> Bool {
                    try ArchiveGet.run(
                        name, destination: target, cluster: Fixture.identity(), repository: bed.repository,
                        context: bed.context)
                }
                // What failed at a sync is there, and not acknowledged.
                if try !got() { #expect(failed) }
                try bed.push(name, content) { $0.compression = .lz4 }
                #expect(try got())
                #expect(try FileSystem.read(target) == content)
            })
        #expect(faults == (name.hasSuffix(".history") ? 3 : 5))
    }

    @Test(arguments: FailureMode.allCases, [false, true])
    func `a backup that failed is not listed, and the next one succeeds`(mode: FailureMode, isBundled: Bool) throws {
        func backup(_ bed: Bed, _ type: BackupType = .full) throws {
            try bed.backup(type) {
                $0.bundling = isBundled ? .init() : nil
                $0.jobRetries = mode == .once ? 1 : 0
            }
        }
        let faults = try sweep(
            mode,
            prepare: {
                let bed = try Bed.prepared()
                try backup(bed)
                bed.clock.advance(100)
                return bed
            },
            run: { try backup($0) },
            check: { bed, failed in
                try bed.expectListedBackupsAreWhole()
                let listed = try bed.listed()
                #expect(listed.first == "20261122-141514F")
                if !failed { #expect(listed == ["20261122-141514F", "20261122-141654F"]) }
                bed.clock.advance(100)
                try bed.put("base/5/new", Fixture.page(8), modified: bed.clock.now().seconds - 10)
                try backup(bed, .incr)
                try bed.expectListedBackupsAreWhole()
                #expect(try bed.verify().isOK)
                try bed.restore()
                #expect(try FileSystem.read("\(bed.target)/base/5/new") == Fixture.page(8))
                bed.clock.advance(100)
                try backup(bed)
                try bed.expire(RetentionSettings())
                #expect(try bed.listed().count == bed.storage.list("backup/demo").count { $0.kind == .directory } - 1)
            })
        #expect(faults > 20)
    }

    @Test func `whichever call takes long, several workers make and restore the same`() throws {
        for position in 1...1000 {
            let bed = try Bed.prepared()
            try bed.putBlocks("base/5/1000", Array(0..<40))
            try bed.putBlocks("base/5/1001", [1, 2, 3])
            bed.storage.clear()
            bed.storage.at(position, .call { usleep(5000) })
            try bed.blockBackup(.full) { $0.workers = 3 }
            try bed.restore { $0.workers = 3 }
            let wasReached = bed.storage.hasFired
            bed.storage.clear()
            try bed.expectListedBackupsAreWhole()
            #expect(
                try differences(
                    image(of: bed.target), image(of: bed.data, ignoring: ["pg_notify/0000", "postmaster.opts"])) == [],
                "call \(position) was held up")
            guard wasReached else { return #expect(position > 50) }
        }
    }

    @Test(arguments: FailureMode.allCases, [nil, "secret"])
    func `an increment in blocks that failed is not listed, harms none before it, and the next one succeeds`(
        mode: FailureMode, cipherPass: String?
    ) throws {
        func increase(_ bed: Bed, _ round: UInt8, _ type: BackupType = .incr) throws {
            try bed.putBlocks("base/5/1000", Array(0..<round) + [100 + round] + Array(round..<20))
            try bed.putBlocks("base/5/1001", [round, 2, 3])
            try bed.blockBackup(type) { $0.jobRetries = mode == .once ? 1 : 0 }
        }
        let faults = try sweep(
            mode,
            prepare: {
                let bed = try Bed.prepared(cipherPass: cipherPass)
                try increase(bed, 1, .full)
                try increase(bed, 2)
                return bed
            },
            run: { try increase($0, 3) },
            check: { bed, failed in
                try bed.expectListedBackupsAreWhole()
                let former = ["20261122-141514F", "20261122-141514F_20261122-141654I"]
                let listed = try bed.listed()
                #expect(listed.starts(with: former) && listed.count <= 3)
                if !failed { #expect(listed.count == 3) }
                bed.clock.advance(100)
                try increase(bed, 4)
                #expect(try bed.verify().isOK)
                let last = try #require(BackupLabel(try bed.listed().last ?? ""))
                let expected = try image(of: bed.data, ignoring: ["pg_notify/0000", "postmaster.opts"])
                #expect(try bed.differences(last, to: bed.target, expected) == [])
                let large = try #require(try bed.map("pg_data/base/5/1000", in: last))
                #expect(large.superBlocks.contains { $0.reference == 0 }, "nothing is taken from the full backup")
            })
        #expect(faults > 15)
    }

    /// Two sets of backups, and WAL.
    ///
    /// - Parameter blocks: Whether files are stored in blocks, each increment's over those of all before.
    private func prepareExpire(blocks: Bool) throws -> Bed {
        let bed = try Bed.prepared()
        let set = blocks ? [BackupType.full, .incr, .incr] : [.full, .incr]
        for type in set + set {
            let fill = UInt8(truncatingIfNeeded: bed.clock.now().seconds)
            try bed.put("base/5/new", Fixture.page(fill), modified: bed.clock.now().seconds - 10)
            if blocks {
                try bed.putBlocks("base/5/1000", Array(0..<19) + [fill])
                try bed.putBlocks("base/5/1001", [1, 2, fill])
                try bed.blockBackup(type)
            } else {
                try bed.backup(type)
                bed.clock.advance(100)
            }
        }
        var info = try bed.repository.loadBackupInfo()
        for (position, var entry) in info.backups.enumerated() {
            (entry.archiveStart, entry.archiveStop) = (segment(UInt32(position) * 3), segment(UInt32(position) * 3 + 1))
            info.add(entry)
        }
        try bed.repository.save(info)
        for number in 0...18 as ClosedRange<UInt32> {
            try bed.storage.write("archive/demo/15-1/0000000100000000/\(segment(number))-\(digest([1]))", [1])
        }
        return bed
    }

    @Test(arguments: FailureMode.allCases, [false, true])
    func `an expire that failed leaves every listed backup whole, and the next one finishes the work`(
        mode: FailureMode, blocks: Bool
    ) throws {
        var settings = RetentionSettings()
        (settings.full, settings.archive, settings.history) = (1, 1, 0)
        let labels =
            blocks
            ? ["20261122-142014F", "20261122-142014F_20261122-142154I", "20261122-142014F_20261122-142334I"]
            : ["20261122-141834F", "20261122-141834F_20261122-142014I"]
        let faults = try sweep(
            mode, prepare: { try prepareExpire(blocks: blocks) }, run: { try $0.expire(settings) },
            check: { bed, _ in
                try bed.expectListedBackupsAreWhole()
                let newest = try #require(try bed.listed().last)
                #expect(newest == labels.last)
                try bed.restore { $0.set = BackupLabel(newest) }
                let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]
                #expect(differences(try image(of: bed.target), try image(of: bed.data, ignoring: ignored)) == [])
                try bed.expire(settings)
                #expect(try bed.listed() == labels)
                try bed.expectCopiesAgree()
                #expect(
                    try bed.storage.list("backup/demo").filter { $0.kind == .directory }.map(\.name)
                        == labels + ["backup.history"])
                #expect(
                    try bed.objects(below: "archive/demo/15-1").map { lastPart(of: $0).prefix(24) }
                        == (UInt32(labels.count) * 3...18).map { segment($0).description.prefix(24) })
                #expect(try bed.verify().backups.map(\.status) == labels.map { _ in .valid })
            })
        #expect(faults > 15)
    }

    @Test func `without faults a restore reads nothing but what it needs, and changes nothing`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        bed.storage.clear()
        try bed.restore()
        #expect(bed.storage.changes.isEmpty)
    }

    @Test func `a restore with its n-th read failing succeeds by trying again, or says so and can be mended`() throws {
        for position in 1...40 {
            let bed = try Bed.prepared()
            try bed.backup { $0.bundling = position % 2 == 0 ? .init() : nil }
            bed.storage.clear()
            bed.storage.at(position, of: [.open, .read], .fail(RoostError(.fileRead, "the disk of the test failed")))
            let error = failure { try bed.restore() }
            bed.storage.clear()
            if error != nil, try FileStatus.of(bed.target) != nil {
                #expect(try FileStatus.of("\(bed.target)/global/pg_control") == nil)
                try bed.restore { $0.delta = true }
            } else if error != nil {
                try bed.restore()
            }
            #expect(
                differences(
                    try image(of: bed.target), try image(of: bed.data, ignoring: ["pg_notify/0000", "postmaster.opts"]))
                    == [])
        }
    }
}
