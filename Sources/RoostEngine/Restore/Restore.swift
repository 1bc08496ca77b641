internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `restore`: brings a backup into a data directory.
///
/// All is decided before anything is touched; ``plan()`` stops there. The order of durable steps: `global/pg_control` removed;
/// what does not belong removed; `backup.manifest` put into the data directory, the mark of an unfinished restore; files
/// written; everything synced; final modification times; the mark removed; `global/pg_control` last, without which no server
/// starts.
package struct Restore {
    private let settings: RestoreSettings
    private let repository: Repository
    private let context: CommandContext
    private let lock: StanzaLock
    private let progress: (Progress) -> Void

    /// - Parameter lock: Held by the caller, of kind `restore`.
    package init(
        _ settings: RestoreSettings, repository: Repository, context: CommandContext, lock: StanzaLock,
        progress: @escaping (Progress) -> Void = { _ in }
    ) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.lock = lock
        self.progress = progress
    }

    /// - Throws: As specification `restore`, section 13, lists.
    package func run() throws -> RestoreResult {
        let begin = monotonicMilliseconds()
        let planning = RestorePlanning(settings, repository, context)
        let plan = try planning.plan()
        let owners = try RestoreOwners(plan.manifest, dataDirectory: settings.dataDirectory)
        for warning in owners.warnings { context.log.warn(warning) }
        if let spool = settings.spoolPath, try FileStatus.of(spool) != nil { try FileSystem.removeTree(spool) }
        let target = RestoreTarget(plan, owners, settings.syncMethod, context)
        try target.prepare()
        let kept = try RestoreCopy(settings, repository, plan.manifest, target, context, lock, progress).run()
        try plan.recovery.write(into: settings.dataDirectory, plan.manifest, target, context)
        try target.finish()
        let (size, count) = (plan.choice.entry.sizes.original, plan.manifest.files.count)
        context.log.info("restore size = \(ByteCount(size)), file total = \(count)")
        return RestoreResult(
            label: plan.manifest.label, fileCount: count, size: size, kept: kept,
            duration: monotonicMilliseconds() - begin)
    }

    /// What ``run()`` would do, for a person to read; touches nothing.
    ///
    /// - Throws: As ``run()`` for all that can be known before.
    package func plan() throws -> String {
        let planning = RestorePlanning(settings, repository, context)
        let plan = try planning.plan(isDry: true)
        return plan.text(try plan.transfer(), windows: planning.windows(for: plan))
    }
}
