internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Whether recovery from a chosen backup can end where it should: facts in, a refusal or warnings out.
///
/// A target is refused only if the archive as it is now proves that it cannot be reached. What may still come (the segment that
/// the server is writing, WAL from another `restore_command`) and what only the WAL itself knows (when the last transaction
/// ended, which transaction has which number) makes a warning.
struct TargetCheck {
    let settings: RestoreSettings
    let version: PostgresVersion
    let backup: BackupEntry
    /// The other backups, of the same cluster generation.
    let backups: [BackupEntry]
    /// The way that recovery goes.
    let history: TimelineHistory
    /// What the archive holds of it; nil if it has no WAL.
    let wal: RecoverableWAL?
    let segmentSize: UInt64
    /// Seconds.
    let now: Int64

    /// How far a clock of another machine may be off before its time proves something; seconds.
    private static let clockTolerance: Int64 = 300
    /// Between the outermost time zones: how far the server may read a time without zone from how this machine does.
    private static let zoneSpread: Int64 = 26 * 3600

    private var hasOwnCommand: Bool {
        settings.recoveryOptions.keys.contains { $0.replacing("-", with: "_") == "restore_command" }
    }

    private var hasTarget: Bool { [.immediate, .lsn, .name, .xid, .time].contains(settings.type) }

    /// - Returns: What should be known before the restore begins.
    /// - Throws: ``ErrorCode/backupSetInvalid`` for a target that cannot be reached.
    func run() throws(RoostError) -> [String] {
        guard settings.type != .none, settings.type != .preserve, !hasOwnCommand else { return [] }
        var warnings: [String] = []
        if let stop = backup.lsnStop, (wal?.end ?? LSN(0)) < stop {
            let problem =
                "the archive lacks WAL that backup '\(backup.label)' needs to become consistent at \(stop): it has "
                + (wal?.last == nil
                    ? "none from \(wal?.first.description ?? "its start") on" : "no more than up to \(end)")
            guard !hasTarget else { throw refusal(problem) }
            return ["\(problem); the server will not start unless it comes"]
        }
        switch settings.type {
        case .lsn: if let target = settings.target.flatMap({ LSN($0) }) { try check(target, &warnings) }
        case .time:
            // A time that cannot be read was refused already where a set had to be chosen by it.
            if let target = settings.target.flatMap({ try? RecoveryTime($0) }) { try check(target, &warnings) }
        default: break
        }
        if let wal, let missing = wal.missing, warnings.isEmpty, !endsBefore(wal.end) {
            warnings.append(
                "the archive lacks WAL segment \(missing): recovery ends before \(wal.end), \(wal.behindGap) later segment(s) "
                    + "cannot be replayed")
        }
        return warnings
    }

    private var end: LSN { wal?.end ?? LSN(0) }

    /// Whether recovery is known to end at its target before a position.
    private func endsBefore(_ position: LSN) -> Bool {
        switch settings.type {
        case .immediate: true
        case .lsn: settings.target.flatMap { LSN($0) }.map { $0 < position } ?? false
        default: false
        }
    }

    private func check(_ target: LSN, _ warnings: inout [String]) throws(RoostError) {
        // The record that ends a backup begins shortly before the position at which the backup says that it ended.
        if let stop = backup.lsnStop, stop.value > 8192, target.value < stop.value - 8192 {
            throw refusal(
                "target LSN \(target) lies before the end of backup '\(backup.label)' at \(stop), up to where recovery must go"
            )
        }
        guard let wal, target >= wal.end else { return }
        guard version.insistsOnRecoveryTarget else {
            warnings.append("target LSN \(target) lies behind the WAL in the archive: recovery ends before \(wal.end)")
            return
        }
        if let missing = wal.missing {
            throw refusal(
                "target LSN \(target) lies behind WAL segment \(missing), which the archive lacks: recovery ends before "
                    + "\(wal.end)")
        }
        guard target.value - wal.end.value < segmentSize else {
            throw refusal("target LSN \(target) lies behind the end of the archived WAL at \(wal.end)")
        }
        warnings.append(
            "target LSN \(target) lies behind the end of the archived WAL at \(wal.end): unless the next segment is archived "
                + "before the server asks for it, recovery fails")
    }

    private func check(_ target: RecoveryTime, _ warnings: inout [String]) throws(RoostError) {
        if settings.set != nil, target.seconds < backup.timestampStop {
            warnings.append(
                "target time \(zoned(target.seconds)) lies before the end of backup '\(backup.label)' at "
                    + "\(zoned(backup.timestampStop)): if a transaction ended between the two, recovery fails")
        }
        guard version.insistsOnRecoveryTarget else { return }
        let spread = target.hasZone ? 0 : Self.zoneSpread
        if let wal, let missing = wal.missing, let later = backups.first(where: { liesBehindGap($0, wal) }),
            target.seconds > later.timestampStop + spread
        {
            throw refusal(
                "target time \(zoned(target.seconds)) lies behind WAL segment \(missing), which the archive lacks: backup "
                    + "'\(later.label)' began behind it and ended at \(zoned(later.timestampStop))")
        }
        let clockIsRight = !backups.contains { $0.timestampStop > now }
        if target.seconds > now + Self.clockTolerance + spread, clockIsRight {
            throw refusal("target time \(zoned(target.seconds)) lies in the future: it is \(zoned(now))")
        }
        if let archived = wal?.archived, target.seconds > archived {
            warnings.append(
                "the last WAL that can be replayed was archived at \(zoned(archived)): unless it holds a transaction that ended "
                    + "after \(zoned(target.seconds)), recovery fails because it does not reach its target")
        }
    }

    /// Whether a backup of the same line of timelines began behind the gap.
    private func liesBehindGap(_ entry: BackupEntry, _ wal: RecoverableWAL) -> Bool {
        guard let start = entry.archiveStart, let lsn = entry.lsnStart else { return false }
        return lsn >= wal.end && history.contains(start.timeline, lsn)
    }

    private func refusal(_ message: String) -> RoostError { RoostError(.backupSetInvalid, message) }
}
