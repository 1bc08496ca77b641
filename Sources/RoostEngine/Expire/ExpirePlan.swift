package import RoostFormat
package import RoostPostgres

/// What retention decides, before anything is removed.
package struct ExpirePlan: Equatable, Sendable {
    /// Sets of backups to expire together, each newest first, in the order of expiry.
    package var sets: [[BackupLabel]] = []
    /// Backups of the archive type that keep the WAL behind them; nil to keep all WAL.
    package var archiveRetention: Int?

    /// Decides by the list of backups alone (specification `expire-verify-info-check`, section 1.3).
    ///
    /// - Parameter now: Seconds.
    package init(_ settings: RetentionSettings, _ info: BackupInfo, now: Int64) {
        var info = info
        archiveRetention = settings.archive
        let fulls = info.backups.filter { $0.type == .full }
        if let limit = settings.full {
            switch settings.fullType {
            case .count:
                for entry in fulls.dropLast(limit) { expire(entry.label, &info) }
            case .time:
                let threshold = now - Int64(limit) * 86_400
                let keep = fulls.lastIndex { $0.timestampStop < threshold }
                if let keep {
                    for entry in fulls[..<keep] { expire(entry.label, &info) }
                    if settings.archiveType == .full, archiveRetention == nil { archiveRetention = fulls.count - keep }
                }
            }
        }
        guard let limit = settings.diff else { return }
        let candidates = info.backups.filter { $0.type != .incr }
        for entry in candidates.dropLast(limit) where entry.type == .diff { expire(entry.label, &info) }
    }

    private mutating func expire(_ label: BackupLabel, _ info: inout BackupInfo) {
        let set = info.dependants(of: label)
        for member in set { info.remove(member) }
        sets.append(set)
    }
}

/// Which WAL of one cluster generation is kept (specification section 1.6).
package enum ArchiveRetention: Equatable, Sendable {
    case keepAll
    case removeAll
    /// Everything from `start` on, and the ranges that older backups need to become consistent.
    case keep(from: WALSegmentName, retainedBy: BackupLabel, ranges: [ClosedRange<WALSegmentName>])

    /// - Parameters:
    ///   - retention: How many backups of the type keep the WAL behind them.
    ///   - backups: All that remain, by rising label.
    package init(
        historyID: UInt32, isCurrent: Bool, retention: Int, type: RetentionSettings.ArchiveType, backups: [BackupEntry]
    ) {
        let counted = backups.reversed().filter { entry in
            switch type {
            case .full: entry.type == .full
            case .diff: entry.type != .incr
            case .incr: true
            }
        }
        let ofGeneration = counted.filter { $0.historyID == historyID }
        guard let newest = ofGeneration.first else {
            self = isCurrent ? .keepAll : .removeAll
            return
        }
        let retained = counted.prefix(retention).last { $0.historyID == historyID } ?? newest
        guard let start = retained.archiveStart else {
            self = .keepAll
            return
        }
        let older = backups.filter { $0.historyID == historyID && $0.label < retained.label }
        var ranges: [ClosedRange<WALSegmentName>] = []
        for entry in older {
            guard let first = entry.archiveStart else { continue }  // offline
            guard let last = entry.archiveStop, first <= last else {
                self = .keepAll  // an entry that makes no sense is no reason to remove anything
                return
            }
            ranges.append(first...last)
        }
        self = .keep(from: start, retainedBy: retained.label, ranges: ranges)
    }

    /// Whether a segment is kept.
    ///
    /// Names are compared with their timeline digits: WAL of lower timelines goes unless a backup needs it, that of
    /// higher ones stays.
    package func keeps(_ segment: WALSegmentName) -> Bool {
        switch self {
        case .keepAll: true
        case .removeAll: false
        case .keep(let start, _, let ranges): segment >= start || ranges.contains { $0.contains(segment) }
        }
    }
}
