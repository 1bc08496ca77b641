import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Giving up WAL when the queue is full: nothing is lost in silence (specification `archive`, sections 7 and 8).
struct QueueDropTests {
    private static let (one, two, three) = (
        "000000010000000000000001", "000000010000000000000002", "000000010000000000000003"
    )

    @Test func `a queue over its limit is given up, recorded, and a history file is kept`() throws {
        let bed = try SpoolBed()
        bed.queueLimit = 2 << 20
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.push(Self.one)
        #expect(try bed.gaps().isEmpty)
        try bed.finish(Self.three)
        try bed.finish("00000002.history", [1])
        try bed.push(Self.three)
        #expect(try bed.gaps() == ["\(Self.three)-\(Self.three)"], "what was archived before is not lost")
        #expect(try bed.archived() == [Self.one, Self.two, "00000002.history"])
        let text = "dropped WAL file '\(Self.three)' because archive queue exceeded 2MB"
        #expect(try String(decoding: FileSystem.read("\(bed.out)/\(Self.three).ok"), as: UTF8.self) == "0\n\(text)")
        #expect(bed.log.contains("warn: \(text)"))
    }

    @Test func `while the repository is away the gap is kept, and recorded when it is back`() throws {
        let bed = try SpoolBed()
        bed.queueLimit = 1 << 20
        try FileSystem.move(bed.repositoryPath, to: bed.repositoryPath + ".away")
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.finish("00000002.history", [1])
        try bed.push(Self.one)
        try bed.push(Self.two, works: false)
        for name in [Self.one, Self.two, "00000002.history"] { try bed.acknowledge(name) }
        #expect(try bed.pending.gaps(of: Fixture.identity()).map(\.count) == [2])
        try FileSystem.move(bed.repositoryPath + ".away", to: bed.repositoryPath)
        try bed.finish(Self.three)
        try bed.push(Self.three)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.two)"])
        #expect(try ArchiveGaps.load(bed.repository).all[0].archiveID.description == "15-1")
        #expect(try bed.pending.gaps(of: Fixture.identity()).isEmpty)
        #expect(try bed.archived() == [Self.three, "00000002.history"])
    }

    @Test func `nothing is acknowledged that could not be recorded anywhere`() throws {
        let bed = try SpoolBed()
        bed.queueLimit = 1 << 20
        try FileSystem.move(bed.repositoryPath, to: bed.repositoryPath + ".away")
        for name in [Self.one, Self.two] { try bed.finish(name) }
        // A file where the directory of the record would be.
        for place in bed.pendingPlaces() { try write(place, []) }
        #expect(failure { try bed.push(Self.one) } != nil)
        #expect(try !FileSystem.list(bed.out).contains { $0.hasSuffix(".ok") })
    }

    @Test func `a segment that an administrator skipped is recorded as lost`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one, Fixture.segment(fill: 1, version: "16"))
        #expect(failure { try bed.push(Self.one) }?.code == .archiveMismatch)
        try FileSystem.move("\(bed.out)/\(Self.one).error", to: "\(bed.out)/\(Self.one).ok")
        try bed.push(Self.one, works: false)
        #expect(
            bed.log.contains(
                "warn: WAL segment '\(Self.one)' was not pushed due to error [44] and was manually skipped"))
        try bed.acknowledge(Self.one)
        try bed.finish(Self.two)
        try bed.push(Self.two)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.one)"])
    }

    @Test func `without a spool a full queue is recorded too`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        let settings = ArchivePushSettings(
            walPath: "\(bed.walDirectory)/\(Self.one)", cluster: try Fixture.identity(), compression: .none, level: 0)
        func drop(_ limit: UInt64) throws -> Bool {
            try ArchivePush.dropIfQueueExceeds(limit, settings, repository: bed.repository, context: bed.bed.context)
        }
        #expect(try !drop(2 << 20))
        try FileSystem.move(bed.repositoryPath, to: bed.repositoryPath + ".away")
        #expect(try drop(1 << 20))
        try FileSystem.move(bed.repositoryPath + ".away", to: bed.repositoryPath)
        #expect(try bed.gaps().isEmpty)
        var next = settings
        next.walPath = "\(bed.walDirectory)/\(Self.two)"
        try ArchivePush.run(next, repository: bed.repository, context: bed.bed.context)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.one)"])
        #expect(try bed.archived() == [Self.two])
    }

    // MARK: Where it waits

    private func syncSettings(_ bed: SpoolBed, _ name: String, isKnown: Bool = true) throws -> ArchivePushSettings {
        ArchivePushSettings(
            walPath: "\(bed.walDirectory)/\(name)", cluster: isKnown ? try Fixture.identity() : nil, compression: .none,
            level: 0)
    }

    @Test func `what one mode keeps for the repository the other brings there`() throws {
        let bed = try SpoolBed()
        bed.queueLimit = 1 << 20
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.withoutRepository { try bed.push(Self.one) }
        for name in [Self.one, Self.two] { try bed.acknowledge(name) }
        try bed.finish(Self.three)
        try ArchivePush.run(syncSettings(bed, Self.three), repository: bed.repository, context: bed.bed.context)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.two)"])
        let four = "000000010000000000000004"
        try bed.finish(four)
        try bed.withoutRepository {
            // Without pg1-path the segments say of which cluster they are.
            let settings = try syncSettings(bed, four, isKnown: false)
            #expect(
                try ArchivePush.dropIfQueueExceeds(
                    1 << 20, settings, repository: bed.repository, context: bed.bed.context))
        }
        try bed.acknowledge(four)
        try bed.push(Self.three)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.two)", "\(four)-\(four)"])
        #expect(try bed.pending.gaps(of: Fixture.identity()).isEmpty)
    }

    @Test func `while the disk beside the cluster is full the repository holds the record`() throws {
        let bed = try SpoolBed()
        bed.queueLimit = 1 << 20
        for name in [Self.one, Self.two] { try bed.finish(name) }
        for place in bed.pendingPlaces() { try write(place, []) }
        try bed.push(Self.one)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.two)"])
        #expect(try FileSystem.list(bed.out) == ["\(Self.one).ok", "\(Self.two).ok"])
    }

    @Test(arguments: [0, 1])
    func `one disk that is not full is enough`(full: Int) throws {
        let bed = try SpoolBed()
        bed.queueLimit = 1 << 20
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try write(bed.pendingPlaces()[full], [])
        try bed.withoutRepository { try bed.push(Self.one) }
        try FileSystem.removeFile(bed.pendingPlaces()[full])
        for name in [Self.one, Self.two] { try bed.acknowledge(name) }
        try bed.finish(Self.three)
        try bed.push(Self.three)
        #expect(try bed.gaps() == ["\(Self.one)-\(Self.two)"])
    }

    @Test func `what another cluster has left waits for a repository of its own`() throws {
        let bed = try SpoolBed()
        let other = try Fixture.identity("16")
        let history = "\(bed.bed.directory.path)/00000002.history"
        try write(history, [1])
        let gaps = ArchiveGap.runs(
            [segment(7)], archiveID: ArchiveID(version: "16", historyID: 0), segmentSize: 1 << 20, time: 1, reason: "x")
        try bed.pending.add(gaps, files: [history], of: other, bed.log)
        try bed.finish(Self.one)
        try bed.push(Self.one)
        #expect(try bed.gaps().isEmpty)
        #expect(try bed.archived() == [Self.one])
        #expect(try bed.pending.gaps(of: other) == gaps)
    }

    @Test func `a history file that was kept replaces no other`() throws {
        let bed = try SpoolBed()
        let kept = "\(bed.bed.directory.path)/00000002.history"
        try write(kept, [1])
        try bed.pending.add([], files: [kept], of: Fixture.identity(), bed.log)
        let stored = "archive/demo/15-1/00000002.history"
        try bed.repository.storage.write(stored, [2])
        try bed.finish(Self.one)
        try bed.push(Self.one)
        #expect(try bed.repository.storage.read(stored) == [2])
        let warning = "WAL file '00000002.history' exists in the repo1 archive with other content than the one kept"
        let count = bed.pendingPlaces().count
        #expect(bed.log.lines.count { $0.contains(warning) } == count)
        let identity = try Fixture.identity()
        let place = "\(bed.pendingPlaces()[0])/\(identity.systemID)-\(identity.version)/keep"
        #expect(try FileSystem.read("\(place)/00000002.history.conflict") == [1])
        try bed.finish(Self.two)
        try bed.push(Self.two)
        #expect(bed.log.lines.count { $0.contains(warning) } == count, "told once")
    }

    @Test func `a backup knows what was lost while the repository was away, though nothing was pushed since`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        try bed.push(Self.one)
        try bed.acknowledge(Self.one)
        try bed.bed.backup()
        // A backup of a running server would have noted where it began.
        var info = try bed.repository.loadBackupInfo()
        var entry = info.backups[0]
        (entry.archiveStart, entry.archiveStop) = (segment(1), segment(1))
        info.remove(entry.label)
        info.add(entry)
        try bed.repository.save(info)
        bed.bed.clock.advance(100)
        #expect(try bed.bed.backup(.incr).entry.type == .incr)
        bed.queueLimit = 1 << 20
        for name in [Self.two, Self.three] { try bed.finish(name) }
        try bed.withoutRepository { try bed.push(Self.two) }
        bed.bed.clock.advance(100)
        #expect(try bed.bed.backup(.diff).entry.type == .full)
        #expect(bed.log.contains("diff backup has been changed to full"))
        #expect(try bed.gaps() == ["\(Self.two)-\(Self.three)"])
    }

    @Test func `segments that are gone do not fill the queue`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try FileSystem.removeFile("\(bed.walDirectory)/\(Self.one)")
        let list = ReadyList(walDirectory: bed.walDirectory)
        #expect(try !list.exceeds(1 << 20, list.names()))
        try bed.finish(Self.three)
        #expect(try list.exceeds(1 << 20, list.names()))
    }
}
