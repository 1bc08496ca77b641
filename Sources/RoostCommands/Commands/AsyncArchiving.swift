internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostPostgres
internal import RoostSystem

/// What the foreground and the worker of asynchronous archiving share.
extension Invocation {
    /// The spool of a stanza.
    func spool(_ stanza: String) throws(RoostError) -> ArchiveSpool {
        guard let path = options[Options.spoolPath] else {
            throw RoostError(.optionRequired, "\(options.command.name) command requires option: spool-path")
        }
        return ArchiveSpool(path: path, stanza: stanza)
    }

    /// `<log-path>/<stanza>-archive-push-async.log`.
    func workerLog(_ stanza: String) -> String {
        "\(options[Options.logPath])/\(stanza)-\(options.command.name)-\(Role.async.name).log"
    }

    /// Starts this program again as the worker of the command.
    func workerStart(_ stanza: String) -> WorkerStart {
        { prepare throws(RoostError) in
            guard let work = try prepared(stanza, prepare), !work.isEmpty else { return nil }
            // The lock is free again: the worker takes it.
            let arguments = options.arguments(
                for: options.command, .async,
                adding: [.init(Options.logLevelConsole, "off"), .init(Options.logLevelStderr, "off")])
            return DetachedProcessHandle(try DetachedProcess(name: options.program, arguments: arguments + work))
        }
    }

    /// - Returns: Nil if a worker runs.
    private func prepared(
        _ stanza: String, _ prepare: () throws(RoostError) -> [String]
    ) throws(RoostError) -> [String]? {
        let lock: StanzaLock
        do {
            lock = try self.lock([.archive], stanza: stanza, waits: false)
        } catch let error where error.isLockHeld {
            return nil
        }
        return try withExtendedLifetime(lock) { () throws(RoostError) in try prepare() }
    }
}

/// The worker: `archive-push:async` and `archive-get:async`.
struct AsyncWorkerCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let stanza = try invocation.stanza()
        let lock = try invocation.lock([.archive], stanza: stanza)
        try withExtendedLifetime(lock) {
            if invocation.options.command == .archivePush { try push(stanza) } else { try get(stanza) }
        }
    }

    private func push(_ stanza: String) throws {
        let options = invocation.options
        guard options.parameters.count == 1 else { throw RoostError(.paramRequired, "WAL path to push required") }
        let type = Compression(rawValue: options[Options.compressType]) ?? .gz
        var settings = PushWorker.Settings(
            walDirectory: options.parameters[0], dataDirectory: try invocation.dataDirectory(),
            cluster: ClusterIdentity(try invocation.controlFile()), compression: type,
            level: options[Options.compressLevel])
        settings.headerCheck = options[Options.archiveHeaderCheck]
        settings.modeCheck = options[Options.archiveModeCheck]
        settings.workers = options[Options.processMax]
        settings.batchSize = options[Options.archivePushBatchSize]
        settings.queueLimit = options[Options.archivePushQueueMax]
        let worker = PushWorker(
            settings, spool: try invocation.spool(stanza), repository: try invocation.repository(stanza),
            context: invocation.context)
        try worker.run { try invocation.stopFile.check(stanza: stanza) }
    }

    private func get(_ stanza: String) throws {
        let worker = GetWorker(
            cluster: ClusterIdentity(try invocation.controlFile()), workers: invocation.options[Options.processMax],
            spool: try invocation.spool(stanza), repository: try invocation.repository(stanza),
            context: invocation.context)
        try worker.run(invocation.options.parameters)
    }
}
