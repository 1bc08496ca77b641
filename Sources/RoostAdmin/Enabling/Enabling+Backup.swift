internal import RoostEngine
internal import RoostFormat
internal import RoostSystem

extension Enabling {
    /// Makes the first backup of the cluster; whether there is one tells the repository, and the marker file follows.
    func makeInitialBackup(_ report: inout AdminReport) throws {
        guard specification.initialBackup else {
            return report.skipped("backup", "not wanted: pgbackrest_init_backup is false")
        }
        guard specification.isDeclaredPrimary else {
            return report.skipped("backup", "made by the primary of '\(specification.cluster)'")
        }
        guard let configured = try configuredOrPlanned() else {
            return report.changed("backup", "a first full backup would be made")
        }
        let label = try currentBackup(configured)
        let hasGap = try FileStatus.of(specification.gapMarker) != nil
        if let label, !hasGap {
            report.ok("backup", "backup \(label) is there")
        } else {
            let role = ServerRole.find(dataDirectory: specification.data, warn: { _ in })
            guard role == .primary || isDryRun else {
                return report.skipped(
                    "backup",
                    "WARNING: there is no backup yet: the declared primary is \(role.rawValue) at the moment; switch over and "
                        + "run this again, or `pg-backup full` on the primary")
            }
            let type = label == nil ? "full" : "incr"
            if !isDryRun {
                try engine.run("backup", ["--type=\(type)"])
                try FileSystem.removeFile(specification.gapMarker)
            }
            let reason = label.map { ": WAL that the server wrote since \($0) was not archived" } ?? ""
            report.changed("backup", "made \(type == "full" ? "a full" : "an incremental") backup\(reason)")
        }
        try writeMarker(&report)
    }

    /// The newest backup of the cluster as it is now, nil if there is none, or no stanza.
    private func currentBackup(_ configured: ConfiguredEngine) throws(RoostError) -> String? {
        do {
            let info = try configured.repository.loadBackupInfo()
            return info.backups.last { $0.historyID == info.history.currentID }.map { "\($0.label)" }
        } catch {
            guard isDryRun, error.code == .fileMissing else { throw error }
            return nil
        }
    }

    /// Before archiving is switched on: what the server wrote until then is in no archive, whatever backups there are.
    func noteGap() throws(RoostError) {
        guard specification.initialBackup, specification.isDeclaredPrimary else { return }
        try DurableFile.write(specification.gapMarker, [], mode: 0o640)
    }

    private func writeMarker(_ report: inout AdminReport) throws {
        let path = specification.marker
        guard try FileStatus.of(path) == nil else { return }
        if !isDryRun { try DurableFile.write(path, [], mode: 0o640) }
        report.changed("marker", "wrote '\(path)'")
    }
}
