internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `restore`: brings a backup into a data directory.
///
/// The order of durable steps: `global/pg_control` removed; `backup.manifest` put into the data directory, the mark of an
/// unfinished restore; files written; everything synced; final modification times; the mark removed; `global/pg_control`
/// last, without which no server starts.
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
        var settings = settings
        try RestoreTarget.checkNotRunning(settings.dataDirectory)
        if let spool = settings.spoolPath, try FileStatus.of(spool) != nil { try FileSystem.removeTree(spool) }
        let info = try loadInfo()
        let entry = try BackupSetSelection(settings, repository).select(from: info)
        var manifest = try repository.loadManifest(entry.label, passphrase: info.cipherPass)
        try RestoreCheck.validate(manifest)
        if manifest.options.online {
            try TimelineCheck(settings, repository, manifest).run()
        } else if !settings.isTypeGiven {
            settings.type = .none
        }
        context.log.info(
            "\(repository.name): restore backup set \(manifest.label), recovery will start at "
                + "\(LocalTime(manifest.timestampStart).text)")
        guard let version = PostgresVersion(manifest.cluster.identity.version) else {
            throw RoostError(
                .versionNotSupported,
                "PostgreSQL version '\(manifest.cluster.identity.version)' of the backup is not known")
        }
        let recovery = try RecoverySettings(settings, version: version)
        try RestoreMapping(settings, context.log).apply(to: &manifest)
        let target = try RestoreTarget(settings, manifest, version, context)
        try target.checkEmpty()
        try target.checkSameCluster()
        try target.prepare()
        let kept = try RestoreCopy(settings, repository, manifest, target, context, lock, progress).run()
        try recovery.write(into: settings.dataDirectory, manifest, target, context)
        try target.finish()
        context.log.info("restore size = \(ByteCount(entry.sizes.original)), file total = \(manifest.files.count)")
        return RestoreResult(
            label: manifest.label, fileCount: manifest.files.count, size: entry.sizes.original, kept: kept,
            duration: monotonicMilliseconds() - begin)
    }

    /// - Throws: ``ErrorCode/backupSetInvalid`` if the repository cannot be used, as where it has no backup; why is a warning.
    private func loadInfo() throws(RoostError) -> BackupInfo {
        do {
            return try repository.loadBackupInfo()
        } catch {
            if error.isFatal { throw error }
            context.log.warn("\(repository.name): [\(error.code.name)] \(error)")
            throw RoostError(
                .backupSetInvalid, "no backup set found to restore",
                hints: ["the warning above says why \(repository.name) cannot be used"])
        }
    }
}
