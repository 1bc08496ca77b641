internal import RoostEngine
internal import RoostOptions
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// One run of one command: its options, its log, and what they are made into for the engine.
struct Invocation {
    let options: ResolvedOptions
    let log: CommandLog
    /// As `roost` on a terminal: a progress bar, a result in one line, advice.
    let isFriendly: Bool

    var context: CommandContext { CommandContext(log: log) }

    func stanza() throws(RoostError) -> String {
        guard let stanza = options[Options.stanza] else {
            throw RoostError(.optionRequired, "\(options.command.name) command requires option: stanza")
        }
        return stanza
    }

    /// The repository that the command works on, as a stanza sees it.
    func repository(_ stanza: String) throws(RoostError) -> Repository {
        let index = options.defaultRepo
        let method = options.isValid(Options.fsyncMethod) ? options[Options.fsyncMethod] : "auto"
        let storage = PosixStorage(
            root: options[Options.repoPath], syncMethod: SyncScope.Method(rawValue: method) ?? .auto)
        let isEncrypted = options[Options.repoCipherType] != "none"
        return Repository(
            key: index, storage: storage, stanza: stanza,
            cipherPass: isEncrypted ? options[Options.repoCipherPass]?.revealed : nil)
    }

    /// `pg1-path`.
    func dataDirectory() throws(RoostError) -> String {
        guard let path = options[Options.pgPath] else {
            throw RoostError(.optionRequired, "\(options.command.name) command requires option: pg1-path")
        }
        return path
    }

    /// How to reach the server of the stanza.
    func session() -> PostgresSession.Settings {
        var settings = PostgresSession.Settings(applicationName: "pgBackRest [\(options.command.name)]")
        settings.database = options[Options.pgDatabase] ?? "postgres"
        settings.user = options[Options.pgUser]
        settings.host = options[Options.pgSocketPath]
        settings.port = UInt16(options[Options.pgPort] ?? 5432)
        settings.queryTimeout = options[Options.dbTimeout]
        return settings
    }

    var stopFile: StopFile { StopFile(lockPath: options[Options.lockPath]) }

    /// Takes the locks of a command on a stanza.
    func lock(_ kinds: [StanzaLock.Kind], stanza: String, waits: Bool = true) throws(RoostError) -> StanzaLock {
        try StanzaLock(
            kinds, stanza: stanza, repositoryKey: options.defaultRepo, lockPath: options[Options.lockPath],
            executionID: options[Options.execId] ?? "\(CurrentProcess.id)", waits: waits,
            clock: context.clock)
    }

    /// The identity of the cluster at hand.
    func controlFile() throws(RoostError) -> ControlFile {
        try ControlFile.read(dataDirectory: try dataDirectory(), clock: SystemClock()).file
    }

    /// Shows progress on a terminal, if somebody is watching and nothing else is logged there.
    func withProgress<Value>(
        _ title: String, _ body: (@escaping (Progress) -> Void) throws -> Value
    ) rethrows -> Value {
        guard isFriendly, StandardOutput.isTerminal else { return try body { _ in } }
        let bar = ProgressBar(title: title)
        log.beforeLine = bar.clear
        defer {
            bar.clear()
            log.beforeLine = {}
        }
        return try body(bar.update)
    }
}
