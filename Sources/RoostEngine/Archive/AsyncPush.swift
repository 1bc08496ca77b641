package import RoostSystem

/// The foreground of asynchronous `archive-push`: waits until the worker has archived one file, and starts the worker if none
/// runs.
///
/// PostgreSQL calls it for every segment, and mostly the worker was here before: so it looks for the mark and leaves.
package struct AsyncPush {
    /// What the foreground needs of the world around it.
    package struct Settings {
        /// Absolute.
        package var walPath: String
        /// How long to wait, in milliseconds.
        package var timeout: Int64
        /// Where the worker writes its log, for the hint of an error.
        package var workerLog: String

        package init(walPath: String, timeout: Int64, workerLog: String) {
            self.walPath = walPath
            self.timeout = timeout
            self.workerLog = workerLog
        }
    }

    private let settings: Settings
    private let spool: ArchiveSpool
    private let witness: SpoolWitness
    private let context: CommandContext
    private let workers: WorkerStarter
    private let name: String

    package init(
        _ settings: Settings, spool: ArchiveSpool, witness: SpoolWitness, context: CommandContext,
        start: @escaping WorkerStart
    ) {
        self.settings = settings
        self.spool = spool
        self.witness = witness
        self.context = context
        workers = WorkerStarter(start)
        name = lastPart(of: settings.walPath)
    }

    /// - Throws: What the worker reports of the file, or of all; ``ErrorCode/archiveTimeout``.
    package func run() throws(RoostError) {
        try forgetOldMark()
        var pause = ShortPause(timeout: settings.timeout, clock: context.clock)
        var isFirst = true
        repeat {
            switch try status() {
            case .ok(let message):
                if let message { context.log.warn(message.warning(of: name)) }
                return context.log.info("pushed WAL file '\(name)' to the archive asynchronously")
            case .failed(let message):
                // What lay there before a worker could see to it tells nothing.
                if workers.hasStarted || !isFirst { throw message.error }
            case nil: break
            }
            try workers.startIfNoneRuns { () throws(RoostError) in try prepare() }
            isFirst = false
        } while try pause.again()
        throw RoostError(
            .archiveTimeout,
            "unable to push WAL file '\(name)' to the archive asynchronously after \(seconds(settings.timeout)) second(s)",
            hints: ["check '\(settings.workerLog)' for errors."])
    }

    private var walDirectory: String { directoryPart(of: settings.walPath) }

    /// A mark that is older than PostgreSQL's wish is taken away: what comes in its place is new.
    private func forgetOldMark() throws(RoostError) {
        guard let mark = try spool.timeOfOK(name, .push) else { return }
        let ready = try ReadyList(walDirectory: walDirectory).time(of: name)
        if ready.map(mark.acknowledges) != true { try spool.removeOK(name, .push) }
    }

    /// What is known of the file.
    ///
    /// A mark counts only in a queue of this life, at each look: the worker that is waited for may be of another one, a clone's
    /// that shares the spool.
    private func status() throws(RoostError) -> SpoolStatus? {
        let found = try spool.status(of: name, .push)
        if case .ok = found, try !witness.isPresent() { return nil }
        return found
    }

    /// - Returns: What the worker is to work on; nothing if one that has just ended was here.
    private func prepare() throws(RoostError) -> [String] {
        try spool.create(.push)
        if case .ok = try status() { return [] }
        try spool.clearFailures(of: name, .push)
        return [walDirectory]
    }
}

/// A time limit as pgBackRest shows it: whole seconds without decimals.
func seconds(_ milliseconds: Int64) -> String {
    let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)" }
    var digits = pad(Int(rest), 3)
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)"
}
