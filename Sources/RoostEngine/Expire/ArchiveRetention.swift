package import RoostFormat
package import RoostPostgres

/// Which WAL of one cluster generation is kept (specification `expire-verify-info-check`, section 1.6).
package enum ArchiveRetention: Equatable, Sendable {
    case keepAll
    case removeAll
    case keep(KeptWAL)

    /// - Parameters:
    ///   - retention: How many backups of the type keep the WAL behind them.
    ///   - before: WAL from here on is kept in any case.
    ///   - backups: All that remain, by rising label.
    package init(
        historyID: UInt32, isCurrent: Bool, retention: Int, type: RetentionSettings.ArchiveType,
        before: WALSegmentName? = nil, backups: [BackupEntry]
    ) {
        let counted = backups.reversed().filter { type.counts($0.type) }
        guard let newest = counted.first(where: { $0.historyID == historyID }) else {
            self = isCurrent ? before.map { .keep(KeptWAL(from: $0)) } ?? .keepAll : .removeAll
            return
        }
        let retained = counted.prefix(retention).last { $0.historyID == historyID } ?? newest
        let ofGeneration = backups.filter { $0.historyID == historyID }
        self = KeptWAL(behind: retained, among: ofGeneration, before: before).map { .keep($0) } ?? .keepAll
    }
}

extension RetentionSettings.ArchiveType {
    /// Whether a backup counts for the retention of WAL.
    package func counts(_ type: BackupType) -> Bool {
        switch self {
        case .full: type == .full
        case .diff: type != .incr
        case .incr: true
        }
    }
}

/// WAL that stays: all from one segment on, and ranges before it.
///
/// Names are compared with their timeline digits: WAL of lower timelines than ``start`` goes unless a range holds it, that of
/// higher ones stays.
package struct KeptWAL: Equatable, Sendable {
    package struct Range: Equatable, Sendable {
        /// Who needs it; nil where the administrator asked for it.
        package var label: BackupLabel?
        package var first: WALSegmentName
        package var last: WALSegmentName

        package init(label: BackupLabel?, first: WALSegmentName, last: WALSegmentName) {
            self.label = label
            self.first = first
            self.last = last
        }
    }

    package var start: WALSegmentName
    /// The backup that ``start`` belongs to; nil where the administrator named the segment.
    package var retainedBy: BackupLabel?
    /// What backups before ``start`` need, by rising label.
    package var ranges: [Range] = []

    package init(from start: WALSegmentName, retainedBy: BackupLabel? = nil, ranges: [Range] = []) {
        self.start = start
        self.retainedBy = retainedBy
        self.ranges = ranges
    }

    /// - Returns: Nil to keep everything: the retained backup was made offline, or the WAL of another makes no sense.
    init?(behind retained: BackupEntry, among backups: [BackupEntry], before: WALSegmentName?) {
        guard let start = retained.archiveStart else { return nil }
        self.init(from: start, retainedBy: retained.label)
        for entry in backups where entry.label != retained.label {
            guard let first = entry.archiveStart else { continue }  // offline
            guard let last = entry.archiveStop, first <= last else { return nil }
            if entry.label < retained.label {
                ranges.append(Range(label: entry.label, first: first, last: last))
            } else if first < start {
                // A newer backup on a lower timeline: the cluster went back to it. It keeps the WAL behind it too.
                ranges.append(Range(label: entry.label, first: first, last: Self.end(of: first.timeline)))
            }
        }
        if let before, before < start { ranges.append(Range(label: nil, first: before, last: start)) }
    }

    package func keeps(_ segment: WALSegmentName) -> Bool {
        segment >= start || ranges.contains { $0.first <= segment && segment <= $0.last }
    }

    /// Whether any segment between two, both included, is kept.
    func keepsAny(of segments: ClosedRange<WALSegmentName>) -> Bool {
        segments.upperBound >= start
            || ranges.contains { $0.first <= segments.upperBound && segments.lowerBound <= $0.last }
    }

    /// Whether anything in a directory of segments can be kept.
    func keeps(directory: String) -> Bool {
        directory >= start.directory
            || ranges.contains { $0.first.directory <= directory && directory <= $0.last.directory }
    }

    /// The lowest timeline whose history file may be needed; nil to leave history files alone.
    var lowestTimeline: TimelineID? {
        guard let retainedBy else { return nil }
        let newer = ranges.filter { range in range.label.map { $0 > retainedBy } ?? false }
        return newer.map(\.first.timeline).reduce(start.timeline, min)
    }

    private static func end(of timeline: TimelineID) -> WALSegmentName {
        WALSegmentName(timeline: timeline, high: .max, low: .max)
    }
}
