import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// Which files an increment copies (specification `backup`, section 6).
struct PriorMergeTests {
    private let log = CollectedLog()
    private static let name = "pg_data/base/5/1247"

    /// The prior is `20261122-141514F`, the new backup an incremental of it.
    private func manifests() throws -> (prior: Manifest, current: Manifest) {
        var prior = try manifest("20261122-141514F")
        var current = try manifest("20261122-141514F_20261122-151514I")
        prior.options.online = false
        current.options.online = false
        current.timestampCopyStart = 2000
        return (prior, current)
    }

    private func merge(
        _ prior: Manifest?, _ current: inout Manifest, start: BackupServer.Start? = nil
    ) throws -> [String] {
        let settings = BackupSettings(type: .incr, dataDirectory: "/data")
        let prior = prior.map { PriorBackup(type: .incr, manifest: $0) }
        let files = current.files
        return try PriorMerge(settings, prior, start, log).apply(to: &current).map { files.name(at: $0) }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var old: (size: UInt64, time: Int64)
        var new: (size: UInt64, time: Int64)
        var delta = false
        var copies: Bool
        var refers: Bool
        var becomesDelta = false
        var testDescription: String { "\(old) -> \(new), delta \(delta)" }
    }

    @Test(arguments: [
        Row(old: (8192, 900), new: (8192, 900), copies: false, refers: true),
        Row(old: (8192, 900), new: (8192, 901), copies: true, refers: true),
        Row(old: (8192, 900), new: (16384, 901), copies: true, refers: false),
        Row(old: (8192, 900), new: (8192, 900), delta: true, copies: true, refers: true),
        Row(old: (8192, 900), new: (16384, 950), delta: true, copies: true, refers: false),
        Row(old: (8192, 900), new: (0, 950), copies: true, refers: false),
        Row(old: (0, 900), new: (8192, 950), copies: true, refers: false),
        Row(old: (0, 900), new: (0, 950), copies: false, refers: true),
        Row(old: (0, 900), new: (0, 950), delta: true, copies: false, refers: true),
        // Each of these switches delta on.
        Row(old: (8192, 900), new: (8192, 899), copies: true, refers: true, becomesDelta: true),
        Row(old: (8192, 900), new: (16384, 900), copies: true, refers: false, becomesDelta: true),
    ])
    func `size and time decide, with delta the content`(row: Row) throws {
        var (prior, current) = try manifests()
        try prior.add(Self.name, size: row.old.size, timestamp: row.old.time) { file in
            file.repoSize = 77
            file.repoChecksum = .ofNothing
        }
        try current.add(Self.name, size: row.new.size, timestamp: row.new.time) { $0.checksum = nil }
        current.options.delta = row.delta
        #expect(try merge(prior, &current) == (row.copies ? [Self.name] : []))
        let file = try #require(current.file(Self.name))
        #expect(file.timestamp == row.new.time)
        #expect(current.options.delta == (row.delta || row.becomesDelta))
        if row.refers {
            #expect(current.holder(of: file) == prior.label)
            #expect(file.repoSize == 77)
            #expect(file.checksum == prior.file(Self.name)?.checksum)
            #expect(file.repoChecksum == .ofNothing)
        } else {
            #expect(file.reference == nil)
        }
    }

    @Test func `a full backup copies everything, with bundles all but empty files`() throws {
        var (_, current) = try manifests()
        try current.add("pg_data/a", size: 0)
        try current.add("pg_data/b", size: 1)
        #expect(try merge(nil, &current) == ["pg_data/a", "pg_data/b"])
        current.isBundled = true
        #expect(try merge(nil, &current) == ["pg_data/b"])
    }

    @Test func `a reference leads to the backup that holds the data`() throws {
        var (prior, current) = try manifests()
        let first = try label("20261122-141514F")
        prior.label = try label("20261122-141514F_20261122-145514D")
        prior.references = [first, prior.label]
        try prior.add("pg_data/a") { $0.reference = 0 }
        try prior.add("pg_data/b")
        try current.add("pg_data/a")
        try current.add("pg_data/b")
        try current.add("pg_data/c")
        #expect(try merge(prior, &current) == ["pg_data/c"])
        #expect(current.references == [first, prior.label, current.label])
        #expect(
            try ["a", "b", "c"].map { current.holder(of: try #require(current.file("pg_data/\($0)"))) }
                == [first, prior.label, current.label])
    }

    @Test func `place in a bundle and results of the page check are taken over`() throws {
        var (prior, current) = try manifests()
        try prior.add(Self.name) { file in
            file.bundle = .init(id: 3, offset: 4096)
            file.pageCheck = .invalid
        }
        prior.files.setPageErrors([PageRange(first: 0, last: 0)], at: 0)
        try current.add(Self.name) { $0.pageCheck = .valid }
        #expect(try merge(prior, &current).isEmpty)
        let file = try #require(current.file(Self.name))
        #expect(file.bundle == .init(id: 3, offset: 4096))
        #expect(file.pageCheck == .invalid)
        #expect(current.files.pageErrors(at: 0) == [PageRange(first: 0, last: 0)])
    }

    @Test(arguments: [(false, false, false), (true, true, false), (false, true, false), (true, false, true)])
    func `an empty file is referred to only where the prior has stored it`(
        priorBundled: Bool, bundled: Bool, copies: Bool
    ) throws {
        var (prior, current) = try manifests()
        (prior.isBundled, current.isBundled) = (priorBundled, bundled)
        try prior.add(Self.name, size: 0)
        try current.add(Self.name, size: 0)
        #expect(try merge(prior, &current) == (copies ? [Self.name] : []))
        let file = try #require(current.file(Self.name))
        #expect((file.reference == nil) == (priorBundled || bundled))
    }

    @Test func `a file from the future switches delta on, also in a full backup`() throws {
        for isFull in [true, false] {
            var (prior, current) = try manifests()
            try prior.add(Self.name, timestamp: 900)
            try current.add(Self.name, timestamp: 2001)
            _ = try merge(isFull ? nil : prior, &current)
            #expect(current.options.delta)
            #expect(log.contains("(2001) in the future (relative to copy start 2000), enabling delta checksum"))
        }
        var (_, current) = try manifests()
        try current.add(Self.name, timestamp: 2000)
        _ = try merge(nil, &current)
        #expect(!current.options.delta)
    }

    @Test func `a change between online and offline switches delta on`() throws {
        var (prior, current) = try manifests()
        prior.options.online = true
        try prior.add(Self.name)
        try current.add(Self.name)
        #expect(try merge(prior, &current) == [Self.name])
        #expect(current.options.delta)
        #expect(
            log.contains("the online option has changed since the 20261122-141514F backup, enabling delta checksum"))
    }

    @Test func `a new timeline switches delta on, and is told even if delta was wanted`() throws {
        for (timeline, delta) in [(2, false), (2, true), (1, false)] as [(UInt32, Bool)] {
            var (prior, current) = try manifests()
            prior.archiveStop = segment(4)
            try prior.add(Self.name)
            try current.add(Self.name)
            current.options.delta = delta
            let start = BackupServer.Start(lsn: LSN(1), segment: segment(9, timeline: timeline))
            _ = try merge(prior, &current, start: start)
            #expect(current.options.delta == (timeline == 2))
        }
        #expect(log.lines.count == 2)
        #expect(log.contains("a timeline switch has occurred since the 20261122-141514F backup"))
    }

    @Test func `the first strange file ends the tests, and it is named`() throws {
        var (prior, current) = try manifests()
        for name in ["pg_data/a", "pg_data/b"] {
            try prior.add(name, timestamp: 900)
            try current.add(name, timestamp: 800)
        }
        _ = try merge(prior, &current)
        #expect(
            log.lines == [
                "warn: file 'a' has timestamp earlier than prior backup (prior 900, current 800), "
                    + "enabling delta checksum"
            ])
    }

    @Test func `the size that counts is that at the listing of the prior`() throws {
        var (prior, current) = try manifests()
        try prior.add(Self.name, size: 8192) { $0.originalSize = 16384 }
        try current.add(Self.name, size: 8192)
        _ = try merge(prior, &current)
        #expect(log.contains("different size (prior 16384, current 8192), enabling delta checksum"))
    }

    @Test(arguments: [(BackupType.full, nil), (.diff, 0), (.incr, 2)] as [(BackupType, Int?)])
    func `the prior is the newest that serves`(type: BackupType, index: Int?) throws {
        let bed = try Bed()
        let texts = labels(["F1", "D2", "I3"])
        for text in texts {
            var made = try manifest(text)
            try made.add("pg_data/a")
            try bed.repository.saveFinal(made, passphrase: nil)
        }
        let listed = try info(try texts.map { try entry($0) })
        let prior = try PriorBackup.select(type, listed, ArchiveGaps([]), bed.repository, log)
        #expect(prior?.manifest.label.text == index.map { texts[$0] })
        #expect(log.lines == (index.map { ["info: last backup label = \(texts[$0]), version = 2.60.0"] } ?? []))
    }

    @Test func `backups of another generation of the cluster are no prior`() throws {
        let bed = try Bed()
        let old = try info([try entry(labels(["F1"])[0])], generations: 2)
        #expect(try PriorBackup.select(.incr, old, ArchiveGaps([]), bed.repository, log) == nil)
        #expect(try PriorBackup.select(.diff, old, ArchiveGaps([]), bed.repository, log) == nil)
        #expect(
            log.lines == [
                "warn: no prior backup exists, incr backup has been changed to full",
                "warn: no prior backup exists, diff backup has been changed to full",
            ])
    }
}
