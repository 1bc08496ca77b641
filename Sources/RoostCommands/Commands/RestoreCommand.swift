internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `restore`.
struct RestoreCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run(_ lock: StanzaLock?) throws {
        guard let lock else { preconditionFailure("the command table gives restore a lock") }
        let repository = try invocation.repository(try invocation.stanza())
        let settings = try settings()
        if invocation.options.isValid(Options.dryRun) && invocation.options[Options.dryRun] {
            let plan = try Restore(settings, repository: repository, context: invocation.context, lock: lock).plan()
            StandardOutput.write(plan)
            return
        }
        let result = try invocation.withProgress("restore") { progress in
            try Restore(settings, repository: repository, context: invocation.context, lock: lock, progress: progress)
                .run()
        }
        if invocation.isFriendly { StandardOutput.write(Self.summary(result, settings) + "\n") }
    }

    private func settings() throws(RoostError) -> RestoreSettings {
        let options = invocation.options
        var settings = RestoreSettings(dataDirectory: try invocation.dataDirectory())
        if options.source(of: Options.set) != .defaultValue, let text = options[Options.set] {
            guard let label = BackupLabel(text) else {
                throw RoostError(
                    .backupSetInvalid, "backup set \(text) is not valid",
                    hints: ["`info` lists the backups that there are"])
            }
            settings.set = label
        }
        settings.type = RestoreSettings.RecoveryType(rawValue: options[Options.type] ?? "default") ?? .default
        settings.isTypeGiven = options.source(of: Options.type) != .defaultValue
        settings.target = options[Options.target]
        settings.targetAction =
            RestoreSettings.TargetAction(rawValue: options[Options.targetAction] ?? "pause") ?? .pause
        settings.targetExclusive = options[Options.targetExclusive]
        settings.targetTimeline = options[Options.targetTimeline]
        settings.delta = options[Options.delta]
        settings.force = options[Options.force]
        settings.archiveModeOff = options[Options.archiveMode] == "off"
        settings.dbInclude = options[Options.dbInclude]
        settings.dbExclude = options[Options.dbExclude]
        settings.linkAll = options[Options.linkAll]
        for pair in options[Options.linkMap] { settings.linkMap[pair.key] = pair.value }
        settings.tablespaceMapAll = options[Options.tablespaceMapAll]
        settings.explainsTimes = invocation.isFriendly
        for pair in options[Options.tablespaceMap] { settings.tablespaceMap[pair.key] = pair.value }
        for pair in options[Options.recoveryOption] { settings.recoveryOptions[pair.key] = pair.value }
        settings.restoreCommand = options.restoreCommand
        settings.workers = options[Options.processMax]
        settings.syncMethod = SyncScope.Method(rawValue: options[Options.fsyncMethod]) ?? .auto
        settings.jobRetries = options[Options.jobRetry]
        settings.jobRetryInterval = options[Options.jobRetryInterval]
        settings.spoolPath = options[Options.spoolPath].map { "\($0)/archive/\(options[Options.stanza] ?? "")" }
        return settings
    }

    /// `restored 20261122-141514F into /data: 37.9MB in 974 files (0B kept) in 1.2s, 31MB/s`.
    static func summary(_ result: RestoreResult, _ settings: RestoreSettings) -> String {
        let duration = max(1, result.duration)
        return
            "restored \(result.label) into \(settings.dataDirectory): \(ByteCount(result.size)) in \(result.fileCount) files "
            + "(\(ByteCount(result.kept)) kept) in \(duration / 1000).\(duration % 1000 / 100)s, "
            + "\(ByteCount(result.size * 1000 / UInt64(duration)))/s\nstart PostgreSQL to begin recovery"
    }
}
