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

    /// Two full backups with an increment each, and WAL.
    private func prepareExpire() throws -> Bed {
        let bed = try Bed.prepared()
        for type in [BackupType.full, .incr, .full, .incr] {
            try bed.put(
                "base/5/new", Fixture.page(UInt8(truncatingIfNeeded: bed.clock.now().seconds)),
                modified: bed.clock.now().seconds - 10)
            try bed.backup(type)
            bed.clock.advance(100)
        }
        var info = try bed.repository.loadBackupInfo()
        for (position, var entry) in info.backups.enumerated() {
            (entry.archiveStart, entry.archiveStop) = (segment(UInt32(position) * 3), segment(UInt32(position) * 3 + 1))
            info.add(entry)
        }
        try bed.repository.save(info)
        for number in 0...12 as ClosedRange<UInt32> {
            try bed.storage.write("archive/demo/15-1/0000000100000000/\(segment(number))-\(digest([1]))", [1])
        }
        return bed
    }

    @Test(arguments: FailureMode.allCases)
    func `an expire that failed leaves every listed backup whole, and the next one finishes the work`(
        mode: FailureMode
    ) throws {
        var settings = RetentionSettings()
        (settings.full, settings.archive, settings.history) = (1, 1, 0)
        let faults = try sweep(
            mode, prepare: prepareExpire, run: { try $0.expire(settings) },
            check: { bed, _ in
                try bed.expectListedBackupsAreWhole()
                let newest = try #require(try bed.listed().last)
                try bed.restore { $0.set = BackupLabel(newest) }
                try bed.expire(settings)
                let labels = ["20261122-141834F", "20261122-141834F_20261122-142014I"]
                #expect(try bed.listed() == labels)
                #expect(
                    try bed.storage.list("backup/demo").filter { $0.kind == .directory }.map(\.name)
                        == labels + ["backup.history"])
                #expect(
                    try bed.objects(below: "archive/demo/15-1").map { lastPart(of: $0).prefix(24) }
                        == (6...12).map { segment($0).description.prefix(24) })
                #expect(try bed.verify().backups.map(\.status) == [.valid, .valid])
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
