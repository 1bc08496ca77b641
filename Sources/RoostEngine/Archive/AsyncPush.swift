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
        if try isDoneAlready() { return succeed() }
        var pause = ShortPause(timeout: settings.timeout, clock: context.clock)
        var isFirst = true
        repeat {
            let (spool, name, directory) = (spool, name, directoryPart(of: settings.walPath))
            try workers.startIfNoneRuns { () throws(RoostError) in
                try spool.create(.push)
                try spool.clearFailures(of: name, .push)
                return [directory]
            }
            switch try spool.status(of: name, .push) {
            case .ok(let message):
                if let message { context.log.warn(message.warning(of: name)) }
                return succeed()
            case .failed(let message):
                // What lay there before a worker could see to it tells nothing.
                if workers.hasStarted || !isFirst { throw message.error }
            case nil: break
            }
            isFirst = false
        } while try pause.again()
        throw RoostError(
            .archiveTimeout,
            "unable to push WAL file '\(name)' to the archive asynchronously after \(seconds(settings.timeout)) second(s)",
            hints: ["check '\(settings.workerLog)' for errors."])
    }

    /// Whether the file was marked as done in this life, before anybody asked for it here.
    ///
    /// A mark that is older than PostgreSQL's wish, or of another life, is taken away: what comes in its place is new.
    private func isDoneAlready() throws(RoostError) -> Bool {
        guard let mark = try spool.timeOfOK(name, .push) else { return false }
        let ready = try ReadyList(walDirectory: directoryPart(of: settings.walPath)).time(of: name)
        guard let ready, mark.acknowledges(ready), try witness.isPresent() else {
            try spool.removeOK(name, .push)
            return false
        }
        guard mark.size > 0 else { return true }
        if let message = try spool.messageOfOK(name, .push) { context.log.warn(message.warning(of: name)) }
        return true
    }

    private func succeed() { context.log.info("pushed WAL file '\(name)' to the archive asynchronously") }
}

/// A time limit as pgBackRest shows it: whole seconds without decimals.
func seconds(_ milliseconds: Int64) -> String {
    let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)" }
    var digits = pad(Int(rest), 3)
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)"
}
