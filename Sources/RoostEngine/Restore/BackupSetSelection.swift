internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Chooses the backup that a restore starts from (specification `restore`, section 3).
struct BackupSetSelection {
    private let settings: RestoreSettings
    private let lookup: TimelineLookup

    init(_ settings: RestoreSettings, _ lookup: TimelineLookup) {
        self.settings = settings
        self.lookup = lookup
    }

    /// - Throws: ``ErrorCode/backupSetInvalid`` if no backup serves.
    func select(from info: BackupInfo) throws(RoostError) -> BackupChoice {
        if let set = settings.set {
            guard let entry = info[set] else {
                throw RoostError(
                    .backupSetInvalid, "backup set \(set) is not valid",
                    hints: ["`info` lists the backups that there are"])
            }
            return BackupChoice(entry: entry, reason: "it was asked for")
        }
        guard let newest = info.backups.last, let oldest = info.backups.first else {
            throw RoostError(
                .backupSetInvalid, "no backup set found to restore", hints: ["has a backup been made with `backup`?"])
        }
        switch (settings.type, settings.target) {
        case (.time, let target?):
            let time = try RecoveryTime(target).seconds
            let candidates = info.backups.filter { $0.timestampStop < time }
            guard let choice = try onTimeline(candidates, info, "the newest that ended before \(zoned(time))") else {
                throw RoostError(
                    .backupSetInvalid, "unable to find backup set with stop time less than '\(target)'",
                    hints: ["the first moment that can be reached is \(LocalTime(oldest.timestampStop + 1).text)"])
            }
            return choice
        case (.lsn, let target?):
            guard let lsn = LSN(target) else {
                throw RoostError(.format, "target '\(target)' is not an LSN like 0/4000028")
            }
            return try select(lsn, info)
        default: break
        }
        guard newest.historyID >= info.history.currentID else {
            throw RoostError(
                .backupSetInvalid,
                "the latest backup set for restore '\(newest.label)' is from a prior version of PostgreSQL",
                hints: [
                    "was a backup performed after the stanza-upgrade?", "specify --set=\(newest.label) to restore it",
                ])
        }
        return BackupChoice(entry: newest, reason: "the newest")
    }

    private func select(_ lsn: LSN, _ info: BackupInfo) throws(RoostError) -> BackupChoice {
        var candidates: [BackupEntry] = []
        var offline: BackupEntry?
        // Positions of another generation of the cluster say nothing about this one's.
        for entry in info.backups.reversed() where entry.historyID == info.history.currentID {
            guard let stop = entry.lsnStop else {
                offline = entry
                break
            }
            if stop <= lsn { candidates.insert(entry, at: 0) }
        }
        let reason = "the newest that ended at or before LSN \(lsn)"
        if let choice = try onTimeline(candidates, info, reason) { return choice }
        if let offline {
            throw RoostError(
                .backupSetInvalid, "'\(offline.label)' is an offline backup without LSN: no set can be chosen by LSN",
                hints: ["choose one with --set"])
        }
        throw RoostError(
            .backupSetInvalid, "unable to find backup set with lsn less than or equal to '\(lsn)'",
            hints: ["the first LSN that can be reached is \(info.backups.first?.lsnStop.map { "\($0)" } ?? "unknown")"])
    }

    /// The newest candidate from which the wanted timeline can be reached.
    ///
    /// pgBackRest takes the newest of all and fails where that is on a branch that was left; any other choice is told.
    ///
    /// - Parameter candidates: By rising label.
    /// - Returns: The newest of all if none can, for the timeline check to say why; nil without candidates.
    private func onTimeline(
        _ candidates: [BackupEntry], _ info: BackupInfo, _ reason: String
    ) throws(RoostError) -> BackupChoice? {
        guard let newest = candidates.last else { return nil }
        for entry in candidates.reversed() {
            guard let start = entry.archiveStart, let lsn = entry.lsnStart,
                let version = info.history[entry.historyID]?.identity.version
            else { return BackupChoice(entry: entry, reason: reason) }
            let history = try lookup.history(
                to: settings.wantedTimeline(version: version), from: start.timeline,
                in: ArchiveID(version: version, historyID: entry.historyID))
            guard history.contains(start.timeline, from: lsn, to: entry.lsnStop ?? lsn) else { continue }
            var choice = BackupChoice(entry: entry, reason: reason)
            guard entry.label != newest.label else { return choice }
            choice.reason += " on the way to timeline \(history.timeline.value)"
            choice.warnings = [
                "backup set '\(newest.label)' is newer than '\(entry.label)' but not on the way to timeline "
                    + "\(history.timeline.value): --target-timeline=current recovers along its own"
            ]
            return choice
        }
        return BackupChoice(entry: newest, reason: reason)
    }
}
