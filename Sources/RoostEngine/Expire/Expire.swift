internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// `expire`: removes backups and WAL that retention no longer wants.
///
/// The order of steps: `backup.info` without the expired backups; their manifests; `latest`; their directories; WAL; history
/// manifests. A run that dies leaves no listed backup without its files: what was not removed yet is found and expired by the
/// next.
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

    /// - Returns: What was decided, or with a dry run would be done.
    @discardableResult
    package func run() throws -> ExpirePlan {
        // What is corrected is saved too: a former run may have died between manifests and `backup.info`, or before its copy.
        let listed = try repository.loadBackupInfo()
        let reconciled = try BackupReconciliation(repository, context.log).correct(listed)
        var info = reconciled.info
        let newest = info.backups.last?.label
        let plan = try ExpirePlan(settings, info, now: context.clock.now().seconds)
        tellRequest(plan, info)
        for set in plan.sets {
            for label in set.labels { info.remove(label) }
            if let newest, set.labels.contains(newest) { tellOfLatest(newest, set.cause) }
            tell(set)
        }
        if !dryRun { try requireRemovable(plan.sets.flatMap(\.labels)) }
        if !dryRun, try info != listed || !repository.agreesWithCopy(repository.paths.backupInfo) {
            try repository.save(info)
        }
        for label in plan.sets.flatMap(\.labels) where !dryRun { try removeManifest(label) }
        if let newest, plan.expires(newest), let last = info.backups.last, !dryRun { try linkLatest(last.label) }
        try removeDirectories(info, keeping: reconciled.unreadable)
        if reconciled.unreadable.isEmpty {
            try ArchiveExpire(plan.settings, repository, context, dryRun: dryRun).run(info)
        } else {
            context.log.warn(
                "\(repository.name): WAL is not expired as long as it is unknown which of it backup(s) "
                    + "\(reconciled.unreadable.sorted().map(\.text).joined(separator: ", ")) need")
        }
        try HistoryExpire(repository, context, dryRun: dryRun).run(info, days: settings.history)
        return plan
    }

    private func tellRequest(_ plan: ExpirePlan, _ info: BackupInfo) {
        let name = repository.name
        if case .set(let label) = settings.request, plan.isRequestedMissing {
            context.log.warn(
                "backup \(label) does not exist\nHINT: run the info command and confirm the backup is listed")
        }
        guard settings.request == .oldest else { return }
        guard let changed = settings.expiringOldest(of: info.backups.count { $0.type == .full }) else {
            return context.log.warn("\(name): expire oldest requested but no eligible full backup to expire")
        }
        if settings.fullType == .time {
            context.log.info(
                "\(name): expire oldest overrides configured time-based retention with count-based retention for this "
                    + "execution")
        }
        let (full, archive) = (changed.full ?? 0, changed.archive ?? 0)
        context.log.detail(
            "\(name): expire oldest enforcing \(name)-retention-full-type=count, \(name)-retention-full=\(full), "
                + "\(name)-retention-archive-type=full, and \(name)-retention-archive=\(archive) for this execution")
    }

    private func tell(_ set: ExpirePlan.ExpiredSet) {
        let kind =
            switch set.cause {
            case .requested: "adhoc"
            case .beyondTime: "time-based"
            case .beyondDiffs: "diff"
            default: "full"
            }
        let labels = set.labels.reversed().map(\.text).joined(separator: ", ")
        context.log.info(
            "\(repository.name): expire \(kind) backup \(set.labels.count > 1 ? "set " : "")\(labels)")
    }

    /// Retention never takes the newest backup; a request can.
    private func tellOfLatest(_ label: BackupLabel, _ cause: BackupFate) {
        guard cause == .requested else { return }
        let name = repository.name
        context.log.warn(
            "\(name): expiring latest backup \(label) - the ability to perform point-in-time-recovery (PITR) may be "
                + "affected\nHINT: non-default settings for '\(name)-retention-archive'/'\(name)-retention-archive-type' "
                + "(even in prior expires) can cause gaps in the WAL.")
    }

    /// What stays in the repository stays in the list.
    private func requireRemovable(_ labels: [BackupLabel]) throws(RoostError) {
        for label in labels {
            let manifest = repository.paths.manifest(label)
            guard try repository.storage.exists(manifest),
                let reason = repository.storage.obstacle(toRemoving: manifest)
            else { continue }
            throw RoostError(
                .fileRemove, "unable to expire backup \(label): \(reason)",
                hints: ["the repository is locked: nothing was expired; unlock it, or raise the retention"])
        }
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

    private func linkLatest(_ label: BackupLabel) throws(RoostError) {
        guard repository.storage.traits.contains(.symbolicLinks) else { return }
        if settings.createLatestLink {
            try repository.storage.createLink(repository.paths.latestLink, destination: label.text)
        } else {
            try repository.storage.remove(repository.paths.latestLink)
        }
        try repository.storage.syncDirectory(repository.paths.backup)
    }

    /// Directories that no listed backup owns go, but for the newest if it may be a backup under way, and for sets with a
    /// backup that is complete and cannot be read.
    private func removeDirectories(
        _ info: BackupInfo, keeping unreadable: Set<BackupLabel>
    ) throws(RoostError) {
        let labels = try BackupReconciliation(repository, context.log).labels()
        for label in labels.reversed() where info[label] == nil {
            if unreadable.contains(where: { $0.full == label.full }) { continue }
            if label == labels.last, try mayBeUnderWay(label), try !isOrphaned(label, info) { continue }
            context.log.info("\(repository.name): remove expired backup \(label)")
            if !dryRun { try repository.storage.removeTree(repository.paths.label(label)) }
        }
    }

    private func mayBeUnderWay(_ label: BackupLabel) throws(RoostError) -> Bool {
        let manifest = repository.paths.manifest(label)
        if try repository.storage.exists(manifest) { return false }
        return try repository.storage.exists(StanzaPaths.copy(of: manifest))
    }

    /// Whether an unfinished backup belongs to the set that was asked for and has lost its prior with it.
    private func isOrphaned(_ label: BackupLabel, _ info: BackupInfo) throws(RoostError) -> Bool {
        guard case .set(let requested) = settings.request, requested.full == label.full else { return false }
        let manifest = try repository.loadManifest(label, passphrase: info.cipherPass)
        return manifest.prior.map { info[$0] == nil } ?? false
    }
}
