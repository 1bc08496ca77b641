internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `backup`: copies a cluster into a repository.
///
/// The order of durable steps: a partial `backup.manifest.copy`, now and again while files are copied; data files, bundles,
/// hard links and WAL under one bulk scope; the scope is synced; `backup.manifest.copy`;
/// `backup.manifest` (the backup is complete); the history manifest; `latest`; `backup.info` (the backup is listed);
/// `archive.info`, rewritten unchanged. A run that dies before `backup.info` leaves a directory that nobody lists.
package struct Backup {
    private let settings: BackupSettings
    private let repository: Repository
    private let context: CommandContext
    private let lock: StanzaLock
    private let progress: (Progress) -> Void

    /// - Parameters:
    ///   - lock: Held by the caller, of kind `backup`.
    ///   - progress: Called on the calling thread while files are copied.
    package init(
        _ settings: BackupSettings, repository: Repository, context: CommandContext, lock: StanzaLock,
        progress: @escaping (Progress) -> Void = { _ in }
    ) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.lock = lock
        self.progress = progress
    }

    /// - Throws: As specification `backup`, section 15, lists.
    package func run() throws -> BackupResult {
        let begin = monotonicMilliseconds()
        var info = try BackupReconciliation(repository, context.log).load()
        let control = try ControlFile.read(dataDirectory: settings.dataDirectory, clock: context.clock).file
        try checkIdentity(info, control)
        let server = try BackupServer(settings, control, context)
        let archiveInfo = settings.archiveCheck && settings.isOnline ? try repository.loadArchiveInfo() : nil
        // WAL that was lost while the repository was away must be known before a base is chosen.
        try PendingGaps(dataDirectory: settings.dataDirectory).flush(to: repository, context.log)
        let prior = try PriorBackup.select(
            settings.type, info, try ArchiveGaps.load(repository), repository, context.log)
        var manifest = try makeManifest(server, info, prior)
        let start = try server.start(archive: archiveInfo.map { ArchiveDirectory(repository, $0.currentArchiveID) })
        (manifest.lsnStart, manifest.archiveStart) = (start?.lsn, start?.segment)
        try ClusterScan(settings, server, context.log).run(into: &manifest)
        settings.blocks?.apply(to: &manifest)
        manifest.timestampCopyStart = try server.waitForCopyStart()
        let copies = try PriorMerge(settings, prior, start, context.log).apply(to: &manifest)
        if try !BackupResume(settings, repository, context.log).apply(to: &manifest, passphrase: info.cipherPass) {
            try BackupDirectory(repository, context).claimLabel(for: &manifest)
        }
        let scope = try repository.storage.beginBulk(below: repository.paths.label(manifest.label))
        let partial = PartialManifest(settings, repository, passphrase: info.cipherPass)
        try partial.save(manifest)
        try CopyPhase(settings, repository, server, context, lock, partial, progress).run(copies, &manifest)
        let stop = try server.stop()
        let finish = BackupFinish(settings, repository, context, server.control)
        try finish.run(&manifest, stop, archiveInfo, partial, scope, &info)
        try lock.endReport()
        let entry = manifest.entry
        context.log.info("new backup label = \(manifest.label)")
        context.log.info(
            "\(manifest.type.rawValue) backup size = \(ByteCount(entry.sizes.originalDelta)), file total = \(manifest.files.count)"
        )
        return BackupResult(
            entry: entry, fileCount: manifest.files.count, compression: manifest.options.compression,
            duration: monotonicMilliseconds() - begin)
    }

    private func checkIdentity(_ info: BackupInfo, _ control: ControlFile) throws(RoostError) {
        let expected = info.history.current.identity
        let found = ClusterIdentity(systemID: control.systemID, version: control.version.text)
        guard expected == found else {
            throw RoostError(
                .backupMismatch, "PostgreSQL \(found) do not match stanza \(expected)",
                hints: ["is this the correct stanza?", "was the cluster upgraded without `stanza-upgrade`?"])
        }
    }

    private func makeManifest(
        _ server: BackupServer, _ info: BackupInfo, _ prior: PriorBackup?
    ) throws -> Manifest {
        let control = server.control
        var options = BackupOptions()
        options.online = settings.isOnline
        options.archiveCheck = settings.archiveCheck && settings.isOnline
        options.archiveCopy = settings.archiveCopy && options.archiveCheck
        options.hardlink = settings.hardLinks
        options.checksumPage = checksumPage(control, prior)
        options.compression = prior?.manifest.options.compression ?? settings.compression
        options.compressLevel = settings.compressionLevel
        if options.compression != settings.compression {
            context.log.warn(
                "\(prior.map { $0.type.rawValue } ?? "") backup cannot alter compress-type option to "
                    + "'\(settings.compression.rawValue)', reset to value in \(prior.map { "\($0.manifest.label)" } ?? "")"
            )
            options.compressLevel = prior?.manifest.options.compressLevel ?? options.compression.defaultLevel
        }
        options.delta = settings.delta
        options.bufferSize = settings.bufferSize
        options.compressLevelNetwork = settings.compressLevelNetwork
        options.processMax = settings.workers
        let cluster = Manifest.Cluster(
            identity: info.history.current.identity, catalogVersion: control.catalogVersion,
            controlVersion: control.controlVersion, historyID: info.history.currentID)
        let timestamp = try server.now().seconds
        guard let label = BackupLabel(type: .full, stamp: LocalTime(timestamp).compact, full: nil) else {
            throw RoostError(.clock, "the clock shows \(LocalTime(timestamp).text), which no backup label can carry")
        }
        var manifest = Manifest(
            version: Release.compatible, label: label, type: prior?.type ?? .full, timestampStart: timestamp,
            cluster: cluster, options: options)
        manifest.prior = prior?.manifest.label
        manifest.annotations = settings.annotations.filter { !$0.value.isEmpty }
        manifest.isBundled = settings.bundling != nil
        manifest.isBlockIncremental = settings.blocks != nil
        manifest.isBundleRaw = prior.map(\.manifest.isBundleRaw) ?? manifest.isBlockIncremental
        if repository.cipherPass != nil { manifest.cipherPass = try prior?.manifest.cipherPass ?? makePassphrase() }
        return manifest
    }

    private func checksumPage(_ control: ControlFile, _ prior: PriorBackup?) -> Bool {
        var wanted = settings.checksumPage ?? (settings.isOnline && control.hasChecksums)
        if wanted, settings.isOnline, !control.hasChecksums {
            context.log.warn(
                "checksum-page option set to true but checksums are not enabled on the cluster, resetting to false")
            wanted = false
        }
        guard let prior, prior.manifest.options.checksumPage != wanted else { return wanted }
        context.log.warn(
            "\(prior.type.rawValue) backup cannot alter 'checksum-page' option to '\(wanted)', reset to "
                + "'\(!wanted)' from \(prior.manifest.label)")
        return !wanted
    }
}
