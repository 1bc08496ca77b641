internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// Runs a command line under pgBackRest's rules: resolve options, open the log, say what begins, take the lock, run, say
/// how it ended, and turn errors into exit codes.
struct CommandRunner {
    /// `argv[0]`.
    private let program: String
    private let dialect: Dialect
    /// Nil for what the dialect assumes.
    private let assumedStanza: OptionInput.AssumedStanza?
    /// Gets what the command ended with, after it was logged; for callers that go on.
    private let onFailure: (RoostError) -> Void

    init(
        program: String, dialect: Dialect, assumedStanza: OptionInput.AssumedStanza? = nil,
        onFailure: @escaping (RoostError) -> Void = { _ in }
    ) {
        self.program = program
        self.dialect = dialect
        self.assumedStanza = assumedStanza
        self.onFailure = onFailure
    }

    /// - Returns: The exit status of the process.
    func run(_ arguments: [String]) -> Int32 {
        // `roost` alone reads the same options as `info`, and tells less; it writes nothing, so root may ask too.
        let isOverview = dialect == .roost && arguments.isEmpty
        var input = OptionInput(
            program: program, arguments: isOverview ? ["info"] : arguments, environment: CurrentProcess.environment(),
            dialect: dialect,
            isRoot: CurrentProcess.isRoot && !isOverview)
        if let assumedStanza { input.assumedStanza = assumedStanza }
        let options: ResolvedOptions
        do {
            options = try ResolvedOptions.resolve(input)
        } catch {
            let log = CommandLog(CommandLog.Levels(), timestamp: false)
            log.error(error)
            onFailure(error)
            return error.code.exitStatus
        }
        switch options.purpose {
        case .help(let topic):
            let help = Help(title: title, program: commandName, dialect: dialect)
            let more = dialect == .roost && topic == .general ? AdminCommand.overview : ""
            StandardOutput.write(help.text(of: topic) + more)
            return 0
        case .showConfiguration:
            StandardOutput.write(options.renderConfiguration())
            return 0
        case .run: return run(options, isOverview: isOverview)
        }
    }

    /// pgBackRest's help gives its name, whatever link has led to it.
    private var commandName: String { dialect == .pgbackrest ? "pgbackrest" : lastPart(of: program) }

    private var title: String {
        dialect == .roost
            ? "Roost \(Release.roost) (pgBackRest \(Release.compatible))" : "pgBackRest \(Release.compatible)"
    }

    private func run(_ resolved: ResolvedOptions, isOverview: Bool) -> Int32 {
        var options = resolved
        let command = options.command
        if command == .version {
            StandardOutput.write(versionText(options))
            return 0
        }
        let log = makeLog(options)
        let name = command.name(in: options.role)
        do {
            let begin = monotonicMilliseconds()
            if options.isValid(Options.neutralUmask), options[Options.neutralUmask] { CurrentProcess.setUmask(0) }
            if let priority = options[Options.priority] { try CurrentProcess.setPriority(priority) }
            Interrupt.install()
            for warning in options.warnings { log.warn(warning) }
            if options[Options.execId] == nil { options.assign(try Self.makeExecutionID(), to: Options.execId) }
            let level: LogLevel = command.declaration.beginLevel == .info ? .info : .debug
            if log.isEnabled(level) {
                log.write(level, nil, "\(name) command begin \(Release.compatible):\(options.beginLine())")
            }
            let status: Int32
            do {
                status = try execute(&options, log, isOverview: isOverview)
            } catch {
                let failure = RoostError.wrapping(error)
                // A signal is no failure: the user who sent it is only told that the command has ended.
                let isSignal = failure.code == .term
                if !isSignal { log.error(failure) }
                let end =
                    isSignal ? failure.message : "aborted with exception [\(pad(Int(failure.code.exitStatus), 3))]"
                log.write(level, nil, "\(name) command end: \(end)")
                onFailure(failure)
                return failure.code.exitStatus
            }
            log.write(
                level, nil, "\(name) command end: completed successfully (\(monotonicMilliseconds() - begin)ms)"
            )
            return status
        } catch {
            log.error(error)
            onFailure(error)
            return error.code.exitStatus
        }
    }

    private func execute(
        _ options: inout ResolvedOptions, _ log: CommandLog, isOverview: Bool
    ) throws -> Int32 {
        let isFriendly = dialect == .roost
        let locked = Invocation(options: options, log: log, isFriendly: isFriendly)
        let lock = try acquireLock(locked)
        for warning in try options.applyRules() { log.warn(warning) }
        let invocation = Invocation(options: options, log: log, isFriendly: isFriendly)
        if options.role == .async {
            try AsyncWorkerCommand(invocation).run()
            return 0
        }
        try warnOfGaps(invocation)
        defer { withExtendedLifetime(lock) {} }
        switch options.command {
        case .annotate: try AnnotateCommand(invocation).run()
        case .archiveGet: return try ArchiveGetCommand(invocation).run()
        case .archivePush: try ArchivePushCommand(invocation).run()
        case .backup: try BackupCommand(invocation).run(lock)
        case .check: try CheckCommand(invocation).run()
        case .expire: try ExpireCommand(invocation).run()
        case .info where isOverview: try OverviewCommand(invocation).run()
        case .info: try InfoCommand(invocation).run()
        case .manifest: try ManifestCommand(invocation).run()
        case .repoGet: return try RepositoryGetCommand(invocation).run()
        case .repoLs: try RepositoryListCommand(invocation).run()
        case .repoRm: try RepositoryRemoveCommand(invocation).run()
        case .restore: try RestoreCommand(invocation).run(lock)
        case .stanzaCreate: try StanzaCreateCommand(invocation).run()
        case .stanzaDelete: try StanzaDeleteCommand(invocation).run()
        case .stanzaUpgrade: try StanzaUpgradeCommand(invocation).run()
        case .start: try invocation.stopFile.start(stanza: options[Options.stanza], log: log)
        case .stop:
            try invocation.stopFile.stop(stanza: options[Options.stanza], force: options[Options.force], log: log)
        case .verify: try VerifyCommand(invocation).run()
        default:
            throw RoostError(
                .commandInvalid, "command '\(options.command.name)' is not available in Roost \(Release.roost)")
        }
        return 0
    }

    /// WAL that is lost is told by every command that somebody may rely on.
    private func warnOfGaps(_ invocation: Invocation) throws {
        guard [.backup, .check, .expire, .restore, .verify].contains(invocation.options.command),
            let stanza = invocation.options[Options.stanza]
        else { return }
        let repository = try invocation.repository(stanza)
        do {
            try recordPendingGaps(invocation, repository)
        } catch {
            if error.isFatal { throw error }
            invocation.log.warn("unable to record what was dropped in \(repository.name), it is kept: \(error)")
        }
        do {
            try ArchiveGaps.load(repository).warn(repository, invocation.log)
        } catch {
            if error.isFatal { throw error }
            invocation.log.warn("unable to tell which WAL is missing from the archive: \(error)")
        }
    }

    /// What was lost while the repository was away waits beside the cluster.
    private func recordPendingGaps(_ invocation: Invocation, _ repository: Repository) throws(RoostError) {
        let options = invocation.options
        let isDryRun = options.isValid(Options.dryRun) && options[Options.dryRun]
        guard options.isValid(Options.pgPath), let directory = options[Options.pgPath], !isDryRun else { return }
        try PendingGaps(dataDirectory: directory).flush(to: repository, invocation.log)
    }

    private func acquireLock(_ invocation: Invocation) throws(RoostError) -> StanzaLock? {
        let declaration = invocation.options.command.declaration
        guard declaration.locksAtStart else { return nil }
        let kinds: [StanzaLock.Kind]
        switch declaration.lock {
        case .none: return nil
        case .archive: kinds = [.archive]
        case .backup: kinds = [.backup]
        case .restore: kinds = [.restore]
        case .all: kinds = StanzaLock.Kind.allCases
        }
        return try invocation.lock(kinds, stanza: try invocation.stanza())
    }

    private func makeLog(_ options: ResolvedOptions) -> CommandLog {
        var levels = CommandLog.Levels()
        levels.console = LogLevel(name: options[Options.logLevelConsole]) ?? .warn
        levels.stderr = LogLevel(name: options[Options.logLevelStderr]) ?? .off
        if options.command.declaration.writesLogFile || options.role == .async {
            levels.file = LogLevel(name: options[Options.logLevelFile]) ?? .off
        }
        let log = CommandLog(levels, timestamp: options[Options.logTimestamp])
        if options.isValid(Options.dryRun), options[Options.dryRun] { log.prefix = "[DRY-RUN] " }
        let scope = options.isValid(Options.stanza) ? options[Options.stanza] : nil
        let role = options.role == .main ? "" : "-\(options.role.name)"
        log.openFile("\(options[Options.logPath])/\(scope ?? "all")-\(options.command.name)\(role).log")
        return log
    }

    /// Process number and eight random digits.
    private static func makeExecutionID() throws(RoostError) -> String {
        let random = try randomBytes(4).map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        return "\(CurrentProcess.id)-\(random)"
    }

    private func versionText(_ options: ResolvedOptions) -> String {
        if options[Options.output] == "num" {
            return "\(Release.compatibleNumber)"
        }
        return "\(title)\n"
    }
}
