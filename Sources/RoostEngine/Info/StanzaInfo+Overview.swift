internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension StanzaInfo {
    /// Where the user stands, in a few lines: the last backup, what can be restored, what is wrong, what to do next.
    ///
    /// - Parameter now: Seconds.
    package func overview(now: Int64) -> String {
        var lines = ["\(name): \(statusText)"]
        if case .other(let message) = status { lines += message.split(separator: "\n").map { "    \($0)" } }
        if let last {
            let age = Self.age(now - last.timestampStop)
            lines.append("    last backup: \(last.type.rawValue) \(last.label), \(age) ago")
            lines.append("    can be restored to: \(reach)")
            if last.hasError == true { lines.append("    wrong: page errors were found by the last backup") }
        }
        if let next = nextStep(now) { lines.append("    next: roost --stanza=\(name) \(next)") }
        return lines.map { "\($0)\n" }.joined()
    }

    private var last: BackupEntry? { backups.max { $0.timestampStop < $1.timestampStop } }

    /// From the oldest backup that has WAL to the last segment; holes between them are for `verify` to find.
    private var reach: String {
        let oldest = backups.first { $0.historyID == currentID && $0.archiveStop != nil }
        guard let oldest, let end = archives.first(where: { $0.id.historyID == currentID })?.max else {
            return "the end of a backup, as no WAL is archived"
        }
        return "any time since \(Self.time(oldest.timestampStop)), up to the end of WAL segment \(end)"
    }

    private func nextStep(_ now: Int64) -> String? {
        guard backupRunning == nil, restoreRunning == nil else { return nil }
        switch status {
        case .missingPath, .missingData: return "stanza-create"
        case .noBackup: return "backup --type=full"
        case .ok: break
        case .requestedBackupMissing, .other: return nil
        }
        guard let last else { return nil }
        if last.hasError == true { return "info --set=\(last.label)" }
        return now - last.timestampStop > 7 * 86_400 ? "backup" : nil
    }

    private static func age(_ seconds: Int64) -> String {
        let units: [(name: String, length: Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60)]
        // One of a unit says little: 25 hours, not a day.
        let unit = units.first { seconds >= 2 * $0.length } ?? ("second", 1)
        let count = max(seconds, 0) / unit.length
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
