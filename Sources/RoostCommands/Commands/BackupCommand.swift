internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `backup`, and `expire` behind it.
struct BackupCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run(_ lock: StanzaLock?) throws {
        guard let lock else { preconditionFailure("the command table gives backup a lock") }
        let stanza = try invocation.stanza()
        try invocation.stopFile.check(stanza: stanza)
        let repository = try invocation.repository(stanza)
        let settings = try settings()
        let result = try invocation.withProgress("backup") { progress in
            try Backup(settings, repository: repository, context: invocation.context, lock: lock, progress: progress)
                .run()
        }
        if invocation.isFriendly { StandardOutput.write(Self.summary(result) + "\n") }
        guard invocation.options[Options.expireAuto] else { return }
        do {
            try expire()
        } catch {
            var failure = RoostError.wrapping(error)
            failure.hints.append(
                "backup \(result.entry.label) itself is complete: only what retention does not want any more stays")
            throw failure
        }
    }

    private func expire() throws {
        let log = invocation.log
        let begin = monotonicMilliseconds()
        log.info("expire command begin \(Release.compatible):\(invocation.options.beginLine(as: .expire))")
        try ExpireCommand(invocation).run()
        log.info("expire command end: completed successfully (\(monotonicMilliseconds() - begin)ms)")
    }

    private func settings() throws -> BackupSettings {
        let options = invocation.options
        var settings = BackupSettings(
            type: BackupType(rawValue: options[Options.type] ?? "incr") ?? .incr,
            dataDirectory: try invocation.dataDirectory())
        settings.session = options[Options.online] ? invocation.session() : nil
        settings.startFast = options[Options.startFast]
        settings.force = options[Options.force]
        settings.delta = options[Options.delta]
        settings.archiveCheck = options[Options.archiveCheck]
        settings.archiveModeCheck = options[Options.archiveModeCheck]
        settings.archiveCopy = options[Options.archiveCopy]
        settings.archiveTimeout = options[Options.archiveTimeout]
        settings.checksumPage = options[Options.checksumPage]
        settings.pageHeaderCheck = options[Options.pageHeaderCheck]
        settings.compression = Compression(rawValue: options[Options.compressType]) ?? .gz
        settings.compressionLevel = options[Options.compressLevel]
        settings.excludes = options[Options.exclude]
        settings.annotations = try Self.annotations(options[Options.annotation])
        settings.workers = options[Options.processMax]
        if options[Options.repoBundle] {
            var bundling = BackupSettings.Bundling()
            bundling.limit = options[Options.repoBundleLimit] ?? bundling.limit
            bundling.size = options[Options.repoBundleSize] ?? bundling.size
            settings.bundling = bundling
            if options[Options.repoBlock] { settings.blocks = try BlockOptions.settings(options) }
        }
        settings.bufferSize = options[Options.bufferSize]
        settings.compressLevelNetwork = options[Options.compressLevelNetwork]
        settings.createLatestLink = options[Options.repoSymlink]
        settings.hardLinks = options[Options.repoHardlink]
        settings.resumes = options[Options.resume]
        settings.manifestSaveThreshold = options[Options.manifestSaveThreshold]
        settings.jobRetries = options[Options.jobRetry]
        settings.jobRetryInterval = options[Options.jobRetryInterval]
        return settings
    }

    /// Names that the file format cannot carry are refused here, where nothing has been done yet.
    static func annotations(_ pairs: OptionPairs) throws(RoostError) -> [String: String] {
        var annotations: [String: String] = [:]
        for pair in pairs {
            guard pair.key.utf8.count <= 66, !pair.key.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 })
            else {
                throw RoostError(
                    .optionInvalidValue,
                    "annotation name '\(pair.key)' is longer than 66 bytes or contains a quote, backslash or control character"
                )
            }
            annotations[pair.key] = pair.value
        }
        return annotations
    }

    /// `full backup 20261122-141514F: 37.9MB in 974 files -> 8.3MB (gz, 4.6:1) in 2.1s, 18MB/s`.
    static func summary(_ result: BackupResult) -> String {
        let sizes = result.entry.sizes
        let seconds = max(1, result.duration)
        let ratio = sizes.repositoryDelta == 0 ? 10 : sizes.originalDelta * 10 / sizes.repositoryDelta
        return "\(result.entry.type.rawValue) backup \(result.entry.label): \(ByteCount(sizes.originalDelta)) of "
            + "\(ByteCount(sizes.original)) in \(result.fileCount) files -> \(ByteCount(sizes.repositoryDelta)) "
            + "(\(result.compression.rawValue), \(ratio / 10).\(ratio % 10):1) in \(seconds / 1000).\(seconds % 1000 / 100)s, "
            + "\(ByteCount(sizes.originalDelta * 1000 / UInt64(seconds)))/s"
    }
}
