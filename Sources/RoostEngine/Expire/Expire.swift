internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `expire`: removes backups and WAL that retention no longer wants.
///
/// The order of steps: `backup.info` without the expired backups; their manifests; their directories; WAL; history manifests. A
/// run that dies leaves no listed backup without its files: what was not removed yet is found and expired by the next.
package struct Expire {
    private let settings: RetentionSettings
    private let repository: Repository
    private let context: CommandContext
    private let dryRun: Bool

    package init(_ settings: RetentionSettings, repository: Repository, context: CommandContext, dryRun: Bool) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.dryRun = dryRun
    }

    package func run() throws {
        // What is corrected is saved too: a former run may have died between manifests and `backup.info`.
        let listed = try repository.loadBackupInfo()
        let reconciled = try BackupReconciliation(repository, context.log).correct(listed)
        var info = reconciled.info
        let plan = ExpirePlan(settings, info, now: context.clock.now().seconds)
        for set in plan.sets {
            tell(set)
            for label in set { info.remove(label) }
        }
        if info != listed, !dryRun { try repository.save(info) }
        for label in plan.sets.joined() where !dryRun { try removeManifest(label) }
        try removeDirectories(info, keeping: reconciled.unreadable)
        if reconciled.unreadable.isEmpty {
            try ArchiveExpire(settings, repository, context, dryRun: dryRun).run(info, retention: plan.archiveRetention)
        } else {
            context.log.warn(
                "\(repository.name): WAL is not expired as long as it is unknown which of it backup(s) "
                    + "\(reconciled.unreadable.sorted().map(\.text).joined(separator: ", ")) need")
        }
        try removeHistory(info)
    }

    private func tell(_ set: [BackupLabel]) {
        let kind = set.last?.type.rawValue ?? ""
        let labels = set.reversed().map(\.text).joined(separator: ", ")
        let time = settings.fullType == .time && set.last?.type == .full ? "time-based " : ""
        context.log.info(
            "\(repository.name): expire \(time)\(time.isEmpty ? "\(kind) " : "")backup \(set.count > 1 ? "set " : "")\(labels)"
        )
    }

    /// Without its manifest no run takes the backup back into the list.
    private func removeManifest(_ label: BackupLabel) throws(RoostError) {
        let manifest = repository.paths.manifest(label)
        try repository.storage.remove(manifest)
        try repository.storage.remove(StanzaPaths.copy(of: manifest))
        guard repository.storage.traits.contains(.directories) else { return }
        guard try repository.storage.exists(repository.paths.label(label)) else { return }
        try repository.storage.syncDirectory(repository.paths.label(label))
    }

    /// Directories that no listed backup owns go, but for the newest if it may be a backup under way, and for sets with a
    /// backup that is complete and cannot be read.
    private func removeDirectories(
        _ info: BackupInfo, keeping unreadable: Set<BackupLabel>
    ) throws(RoostError) {
        let labels = try BackupReconciliation(repository, context.log).labels()
        for label in labels.reversed() where info[label] == nil {
            if unreadable.contains(where: { $0.full == label.full }) { continue }
            let manifest = repository.paths.manifest(label)
            if label == labels.last {
                let isComplete = try repository.storage.exists(manifest)
                if !isComplete, try repository.storage.exists(StanzaPaths.copy(of: manifest)) { continue }
            }
            context.log.info("\(repository.name): remove expired backup \(label)")
            if !dryRun { try repository.storage.removeTree(repository.paths.label(label)) }
        }
    }

    private func removeHistory(_ info: BackupInfo) throws(RoostError) {
        guard let days = settings.history else { return }
        let oldest = LocalTime(context.clock.now().seconds - Int64(days) * 86_400).compact
        for year in try repository.storage.names(repository.paths.history) where StanzaPaths.isHistoryYear(year) {
            let directory = "\(repository.paths.history)/\(year)"
            if year < String(oldest.prefix(4)) {
                context.log.info("\(repository.name): remove expired backup history path \(year)")
                if !dryRun { try repository.storage.removeTree(directory) }
            } else if year == String(oldest.prefix(4)) {
                for name in try repository.storage.names(directory) where name.hasSuffix(".manifest.gz") {
                    guard let label = BackupLabel(name.dropLast(12)), label.text < "\(oldest)F",
                        info[label] == nil
                    else {
                        continue
                    }
                    context.log.info("\(repository.name): remove expired backup history manifest \(name)")
                    if !dryRun { try repository.storage.remove("\(directory)/\(name)") }
                }
            }
        }
    }
}
