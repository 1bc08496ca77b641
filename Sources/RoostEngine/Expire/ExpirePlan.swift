package import RoostFormat
package import RoostSystem

/// What retention decides of backups, before anything is removed.
package struct ExpirePlan: Equatable, Sendable {
    /// Backups that go together.
    package struct ExpiredSet: Equatable, Sendable {
        /// Newest first; the last one is the reason for the others.
        package var labels: [BackupLabel]
        package var cause: BackupFate
    }

    /// In the order of expiry.
    package private(set) var sets: [ExpiredSet] = []
    /// What becomes of each listed backup and why, by rising label.
    package private(set) var fates: [(label: BackupLabel, fate: BackupFate)] = []
    /// The numbers that hold in this run: a request for the oldest set, and retention by time, change them.
    package private(set) var settings: RetentionSettings
    /// The backup asked for is not listed.
    package private(set) var isRequestedMissing = false

    package static func == (left: ExpirePlan, right: ExpirePlan) -> Bool {
        left.sets == right.sets && left.settings == right.settings
            && left.isRequestedMissing == right.isRequestedMissing
            && left.fates.elementsEqual(right.fates, by: ==)
    }

    /// Decides by the list of backups alone (specification `expire-verify-info-check`, sections 1.3 and 1.4).
    ///
    /// - Parameter now: Seconds.
    /// - Throws: ``ErrorCode/backupSetInvalid`` if the backup asked for is the last full one of its cluster.
    package init(_ settings: RetentionSettings, _ info: BackupInfo, now: Int64) throws(RoostError) {
        self.settings = settings
        var remaining = info
        switch settings.request {
        case .set(let label): try expireRequested(label, &remaining)
        case .oldest:
            let fulls = info.backups.count { $0.type == .full }
            if let changed = settings.expiringOldest(of: fulls) { self.settings = changed }
            applyRetention(now, &remaining)
        case .retention: applyRetention(now, &remaining)
        }
        fates = info.backups.map { entry in
            let set = sets.first { $0.labels.contains(entry.label) }
            guard let set else { return (entry.label, keptFate(of: entry, in: info, now: now)) }
            let isFirst = set.labels.last == entry.label
            return (entry.label, isFirst ? set.cause : .needs(entry.prior ?? entry.label.full))
        }
    }

    /// Whether a backup goes.
    package func expires(_ label: BackupLabel) -> Bool { sets.contains { $0.labels.contains(label) } }

    private mutating func expireRequested(_ label: BackupLabel, _ info: inout BackupInfo) throws(RoostError) {
        guard let requested = info[label] else {
            isRequestedMissing = true
            return
        }
        let fulls = info.backups.filter { $0.type == .full }
        if fulls.last?.label == label,
            fulls.count == 1 || fulls[fulls.count - 2].historyID != requested.historyID
        {
            throw RoostError(
                .backupSetInvalid,
                "full backup \(label) cannot be expired until another full backup has been created on this repo")
        }
        expire(label, .requested, &info)
    }

    private mutating func applyRetention(_ now: Int64, _ info: inout BackupInfo) {
        let fulls = info.backups.filter { $0.type == .full }
        if let limit = settings.full {
            switch settings.fullType {
            case .count:
                let cause: BackupFate = settings.request == .oldest ? .oldest : .beyondFulls(limit)
                for entry in fulls.dropLast(limit) { expire(entry.label, cause, &info) }
            case .time:
                guard let keep = fulls.lastIndex(where: { $0.timestampStop < now - Int64(limit) * 86_400 }) else {
                    break
                }
                for entry in fulls[..<keep] {
                    expire(entry.label, .beyondTime(days: limit, oldest: fulls[keep].label), &info)
                }
                if settings.archiveType == .full, settings.archive == nil { settings.archive = fulls.count - keep }
            }
        }
        guard let limit = settings.diff else { return }
        let candidates = info.backups.filter { $0.type != .incr }
        for entry in candidates.dropLast(limit) where entry.type == .diff {
            expire(entry.label, .beyondDiffs(limit), &info)
        }
    }

    private mutating func expire(_ label: BackupLabel, _ cause: BackupFate, _ info: inout BackupInfo) {
        let set = info.dependants(of: label)
        for member in set { info.remove(member) }
        sets.append(ExpiredSet(labels: set, cause: cause))
    }

    private func keptFate(of entry: BackupEntry, in info: BackupInfo, now: Int64) -> BackupFate {
        if case .set = settings.request { return .notRequested }
        switch entry.type {
        case .incr: return .followsPrior(entry.prior ?? entry.label.full)
        case .diff: return settings.diff.map { .amongDiffs($0) } ?? .followsPrior(entry.prior ?? entry.label.full)
        case .full:
            guard let limit = settings.full else { return .fullsUnlimited }
            guard settings.fullType == .time else { return .amongFulls(limit) }
            let threshold = now - Int64(limit) * 86_400
            return entry.timestampStop < threshold ? .reachesBack(days: limit) : .withinTime(days: limit)
        }
    }
}
