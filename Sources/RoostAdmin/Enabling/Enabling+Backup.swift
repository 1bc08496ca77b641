internal import RoostEngine
internal import RoostFormat
internal import RoostSystem

extension Enabling {
    /// Makes the first backup of the cluster, or one after a time in which nothing was archived; whether there is one tells the
    /// repository, and the marker file follows.
    func makeInitialBackup(_ report: inout AdminReport) throws {
        guard specification.initialBackup else {
            return report.skipped("backup", "not wanted: pgbackrest_init_backup is false")
        }
        // After a failover the primary may be declared a replica: what it has noted it makes good.
        guard try specification.isDeclaredPrimary || FileStatus.of(specification.gapMarker) != nil else {
            return report.skipped("backup", "made by the primary of '\(specification.cluster)'")
        }
        guard let configured = try configuredOrPlanned() else {
            return report.changed("backup", "a first full backup would be made")
        }
        let newest = try currentBackup(configured)
        if let newest, try !hasGap(before: newest) {
            report.ok("backup", "backup \(newest.label) is there")
        } else {
            guard try makeBackup(after: newest, &report) else { return }
        }
        if specification.isDeclaredPrimary { try writeMarker(&report) }
    }

    /// - Returns: False where it cannot be made at the moment, which is told.
    private func makeBackup(after newest: BackupEntry?, _ report: inout AdminReport) throws -> Bool {
        let role = ServerRole.find(dataDirectory: specification.data, warn: { _ in })
        guard role == .primary || isDryRun else {
            let lack =
                newest.map { "WAL is missing since backup \($0.label)" } ?? "there is no backup yet"
            report.skipped(
                "backup",
                "WARNING: \(lack), and this is \(role.rawValue) at the moment: switch over and run this again, or "
                    + "`pg-backup full` on the primary")
            return false
        }
        if !isDryRun {
            try engine.run("backup", ["--type=\(newest == nil ? "full" : "incr")"])
            try FileSystem.removeFile(specification.gapMarker)
        }
        report.changed(
            "backup",
            newest.map { "made an incremental backup: archiving was off for a while since \($0.label)" }
                ?? "made a full backup")
        return true
    }

    /// The newest backup of the cluster as it is now, nil if there is none, or no stanza.
    private func currentBackup(_ configured: ConfiguredEngine) throws(RoostError) -> BackupEntry? {
        do {
            let info = try configured.repository.loadBackupInfo()
            return info.backups.last { $0.historyID == info.history.currentID }
        } catch {
            guard isDryRun, error.code == .fileMissing else { throw error }
            return nil
        }
    }

    /// Before archiving is switched on again: what the server wrote meanwhile is in no archive, whatever backups there are.
    ///
    /// Without a backup nothing is lost that somebody could miss.
    func noteGap() throws {
        guard try currentBackup(engine.configured()) != nil else { return }
        try DurableFile.write(specification.gapMarker, [], mode: 0o640)
    }

    /// Whether archiving was off since the newest backup began.
    ///
    /// A note that a backup has made good goes.
    private func hasGap(before newest: BackupEntry) throws(RoostError) -> Bool {
        guard let noted = try FileStatus.of(specification.gapMarker)?.modified else { return false }
        guard newest.timestampStart > noted else { return true }
        if !isDryRun { try FileSystem.removeFile(specification.gapMarker) }
        return false
    }

    private func writeMarker(_ report: inout AdminReport) throws {
        let path = specification.marker
        guard try FileStatus.of(path) == nil else { return }
        if !isDryRun { try DurableFile.write(path, [], mode: 0o640) }
        report.changed("marker", "wrote '\(path)'")
    }
}
