internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// What the backups and the WAL of one cluster generation let recovery reach.
///
/// Names and times of files are all it looks at: when the last transaction in the archive ended is known only to the WAL itself,
/// so that the end of what can be reached in time is a bound, the moment at which the last segment came into the archive.
struct RecoveryOutlook {
    private let repository: Repository
    private let lookup: TimelineLookup
    private let id: ArchiveID
    /// Where recovery looks for a segment: every generation of the same cluster.
    private let ids: [ArchiveID]
    /// Backups of the generation that were made online, by rising label.
    private let backups: [BackupEntry]
    /// Nil if the archive has none from the oldest position looked at.
    let segments: ArchivedSegments?

    /// - Parameter from: The oldest position whose WAL is of interest, since older segments are not listed; nil for that of
    ///   the oldest backup.
    init(
        _ repository: Repository, _ info: BackupInfo, _ lookup: TimelineLookup, historyID: UInt32, version: String,
        from start: WALSegmentName?
    ) throws(RoostError) {
        self.repository = repository
        self.lookup = lookup
        id = ArchiveID(version: version, historyID: historyID)
        backups = info.backups.filter { $0.historyID == historyID && $0.archiveStart != nil && $0.lsnStop != nil }
        let oldest = backups.compactMap(\.archiveStart).map(\.high).min() ?? 0
        let archive = try repository.loadArchiveInfo()
        let identity = archive.history[historyID] ?? archive.history.current
        ids = archive.history.generations.filter { $0.entry == identity }.map {
            ArchiveID(version: $0.entry.version, historyID: $0.id)
        }
        segments = try Self.load(repository, ids, from: start?.high ?? oldest, archive.cipherPass)
    }

    /// How far recovery from a position can go; nil if the archive has no WAL.
    ///
    /// - Parameter extra: Segments that the backup carries itself.
    func wal(
        from start: WALSegmentName, along history: TimelineHistory, extra: Set<WALSegmentName> = []
    ) throws(RoostError) -> RecoverableWAL? {
        guard let segments else { return nil }
        var wal = RecoverableWAL(segments, from: start, along: history, extra: extra)
        if let last = wal.last { wal.archived = try archived(last) }
        return wal
    }

    /// When a segment came into the archive, as its file tells.
    private func archived(_ segment: WALSegmentName) throws(RoostError) -> Int64? {
        for id in ids {
            let entries = try repository.storage.list("\(repository.paths.archive(id))/\(segment.directory)")
            let found = entries.first { entry in
                StoredSegment(fileName: entry.name).map { $0.segment == segment && !$0.isPartial } == true
            }
            if let found { return found.modified }
        }
        return nil
    }

    /// What can be reached on each timeline, oldest first.
    func windows() throws(RoostError) -> [RecoveryWindow] {
        guard let segments else { return [] }
        let own = backups.compactMap { $0.archiveStart?.timeline }
        let timelines = Set(own + (try lookup.timelines(in: id))).sorted()
        var windows: [RecoveryWindow] = []
        for timeline in timelines {
            let line = try history(of: timeline)
            let usable = backups.filter { entry in
                guard let start = entry.archiveStart, let lsn = entry.lsnStart else { return false }
                return line.contains(start.timeline, from: lsn, to: entry.lsnStop ?? lsn)
            }
            var window = RecoveryWindow(timeline, usable, segments, line)
            for place in window.spans.indices {
                window.spans[place].archived = try archived(window.spans[place].last)
            }
            if !window.spans.isEmpty { windows.append(window) }
        }
        return windows
    }

    /// A timeline whose history file is gone begins with itself.
    private func history(of timeline: TimelineID) throws(RoostError) -> TimelineHistory {
        do {
            return try lookup.history(of: timeline, in: id)
        } catch {
            guard error.code == .fileMissing else { throw error }
            return TimelineHistory(timeline: timeline)
        }
    }

    private static func load(
        _ repository: Repository, _ ids: [ArchiveID], from high: UInt32, _ passphrase: String?
    ) throws(RoostError) -> ArchivedSegments? {
        var segments: ArchivedSegments?
        for id in ids {
            let root = repository.paths.archive(id)
            for directory in try repository.storage.names(root) where ArchiveDirectory.isSegmentDirectory(directory) {
                guard let first = WALSegmentName("\(directory)00000000"), first.high >= high else { continue }
                for name in try repository.storage.names("\(root)/\(directory)") {
                    guard let stored = StoredSegment(fileName: name), !stored.isPartial else { continue }
                    if segments == nil {
                        let path = "\(root)/\(directory)/\(name)"
                        segments = ArchivedSegments(
                            segmentSize: try segmentSize(repository, path, stored.compression, passphrase))
                    }
                    segments?.add(stored.segment)
                }
            }
        }
        return segments
    }

    /// Reads as much of a segment as tells how large all are.
    private static func segmentSize(
        _ repository: Repository, _ path: String, _ compression: Compression, _ passphrase: String?
    ) throws(RoostError) -> UInt32 {
        let reader = try repository.storage.open(path, range: nil)
        let pipeline = Pipeline(
            try decryption(passphrase) + decompressing(compression), chunk: StreamPump.chunkSize)
        let chunk = Chunk(capacity: StreamPump.chunkSize)
        var header: [UInt8] = []
        var more = true
        while more, header.count < WALHeader.byteCount {
            chunk.removeAll()
            more = try reader.read(into: chunk)
            let sink = { (piece: RawSpan) throws(RoostError) in
                if header.count < WALHeader.byteCount { header += piece.array() }
            }
            if more {
                try pipeline.push(chunk.bytes, to: sink)
            } else {
                try pipeline.finish(chunk.bytes, to: sink)
            }
        }
        return try WALHeader(parsing: header.span.raw).segmentSize
    }
}

/// What recovery can reach on one timeline.
struct RecoveryWindow: Equatable, Sendable {
    /// A stretch without a gap.
    struct Span: Equatable, Sendable {
        /// The backup with whose end it begins.
        var backup: BackupLabel
        /// Seconds.
        var since: Int64
        var from: LSN
        var end: LSN
        /// The last segment before the end.
        var last: WALSegmentName
        /// When the last segment came into the archive; seconds.
        var archived: Int64?
    }

    var timeline: TimelineID
    var spans: [Span] = []

    /// - Parameter backups: Those on the way to the timeline, by rising label.
    init(
        _ timeline: TimelineID, _ backups: [BackupEntry], _ segments: ArchivedSegments, _ line: TimelineHistory
    ) {
        self.timeline = timeline
        for entry in backups.sorted(by: { $0.timestampStop < $1.timestampStop }) {
            guard let start = entry.archiveStart, let stop = entry.lsnStop else { continue }
            let wal = RecoverableWAL(segments, from: start, along: line)
            guard wal.end >= stop, let last = wal.last else { continue }  // its own WAL is not complete
            if let previous = spans.last, stop <= previous.end { continue }
            spans.append(
                Span(backup: entry.label, since: entry.timestampStop, from: stop, end: wal.end, last: last))
        }
    }

    /// One line for each stretch, without line feeds.
    var lines: [String] {
        spans.map { span in
            let archived = span.archived.map { ", archived at \(zoned($0))" } ?? ""
            return
                "timeline \(timeline.value): from \(zoned(span.since)) (end of backup \(span.backup)), LSN \(span.from), "
                + "to the WAL before LSN \(span.end)\(archived)"
        }
    }
}

/// `2026-11-22 14:15:14+00`, in the time zone of this machine.
func zoned(_ seconds: Int64) -> String {
    let time = LocalTime(seconds)
    return time.text + time.offsetText
}
