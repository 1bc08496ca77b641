internal import Glibc
internal import RoostSystem

extension ServerConnection {
    /// How long a cancelled statement may take to end, in milliseconds.
    private static let cancelGrace: Int64 = 10_000

    /// Why a wait for results ended without all of them.
    private enum Ending: Error {
        case timedOut
        case interrupted(RoostError)
        case lost
    }

    /// Runs one statement.
    ///
    /// - Throws: ``ErrorCode/dbQuery``, ``ErrorCode/term``. Afterwards the connection can be used again unless it was lost or
    ///   the server did not obey a request to cancel; then it is closed.
    func execute(_ statement: String, timeout: Int64, cancelOnInterrupt: Bool) throws(RoostError) -> QueryResult {
        guard let handle = unsafe handle else {
            throw RoostError(.dbQuery, "unable to send query '\(statement)': the session is closed")
        }
        guard unsafe library.sendQuery(handle, statement) == 1 else {
            throw unsafe lost(handle, "unable to send query '\(statement)'")
        }
        let outcome: Result<QueryResult, RoostError>
        do throws(Ending) {
            let deadline = monotonicMilliseconds() + timeout
            outcome = try unsafe collect(statement, handle, until: deadline, watchingInterrupt: cancelOnInterrupt)
        } catch {
            let problem: RoostError
            switch error {
            case .lost: throw unsafe lost(handle, "unable to complete query '\(statement)'")
            case .interrupted(let reason): problem = reason
            case .timedOut:
                problem = RoostError(
                    .dbQuery,
                    "query '\(statement)' timed out after \(timeout)ms",
                    hints: ["is db-timeout long enough?"]
                )
            }
            unsafe cancel(statement, handle)
            throw problem
        }
        return try outcome.get()
    }

    /// Takes all results of a statement, so that the next one can be sent, and keeps the first result and the first error.
    private func collect(
        _ statement: String,
        _ handle: LibPQ.Connection,
        until deadline: Int64,
        watchingInterrupt: Bool
    ) throws(Ending) -> Result<QueryResult, RoostError> {
        var outcome: Result<QueryResult, RoostError>?
        while true {
            guard try unsafe wait(handle, until: deadline, watchingInterrupt: watchingInterrupt),
                let result = unsafe library.getResult(handle)
            else { break }
            defer { unsafe library.clear(result) }
            switch outcome {
            case .failure: break
            // A second result of one statement is the report that the connection was lost.
            case .success, nil: outcome = unsafe translate(result, statement)
            }
        }
        guard let outcome else { throw .lost }
        // Only now: the server's last words come before the end of the connection.
        guard unsafe library.status(handle) == LibPQ.connectionOK else {
            return outcome.mapError { $0.withHints(Self.lossHints) }
        }
        return outcome
    }

    /// Waits until a result can be taken without blocking.
    ///
    /// - Returns: False if the connection was lost.
    private func wait(_ handle: LibPQ.Connection, until deadline: Int64, watchingInterrupt: Bool) throws(Ending) -> Bool
    {
        while unsafe library.isBusy(handle) == 1 {
            if watchingInterrupt {
                do throws(RoostError) { try Interrupt.check() } catch { throw .interrupted(error) }
            }
            let remaining = deadline - monotonicMilliseconds()
            guard remaining > 0 else { throw .timedOut }
            if unsafe waitForSocket(handle, POLLIN, limit: remaining), unsafe library.consumeInput(handle) == 0 {
                return false
            }
        }
        return true
    }

    private func translate(_ result: LibPQ.Result, _ statement: String) -> Result<QueryResult, RoostError> {
        switch unsafe library.resultStatus(result) {
        case LibPQ.commandOK: return .success(QueryResult(query: statement))
        case LibPQ.tuplesOK:
            return Result { () throws(RoostError) in
                unsafe try QueryResult(query: statement, copying: result, of: library)
            }
        default:
            let reason = unsafe LibPQ.trimmed(library.resultErrorMessage(result))
            return .failure(RoostError(.dbQuery, "unable to execute query '\(statement)': \(reason)"))
        }
    }

    /// Ends a statement that still runs.
    ///
    /// If the server does not obey, the connection is closed: nothing more can be asked of it,
    /// and the server ends what the session began when it notices.
    private func cancel(_ statement: String, _ handle: LibPQ.Connection) {
        var obeyed = false
        if let request = unsafe library.getCancel(handle) {
            var message = [CChar](repeating: 0, count: 256)
            obeyed = unsafe library.cancel(request, &message, CInt(message.count)) == 1
            unsafe library.freeCancel(request)
        }
        if obeyed {
            let deadline = monotonicMilliseconds() + Self.cancelGrace
            // Why the wait ended is not needed: the caller reports why it cancelled, and the connection is closed below.
            obeyed = (try? unsafe collect(statement, handle, until: deadline, watchingInterrupt: false)) != nil
        }
        if !obeyed { close() }
    }

    private func lost(_ handle: LibPQ.Connection, _ what: String) -> RoostError {
        let reason = unsafe LibPQ.trimmed(library.errorMessage(handle))
        return RoostError(.dbQuery, reason.isEmpty ? what : "\(what): \(reason)").withHints(Self.lossHints)
    }

    private static let lossHints = [
        "was the connection to PostgreSQL lost while the query was running?",
        "check the PostgreSQL log and the network for a crash, a restart or a timeout.",
    ]
}

extension RoostError {
    fileprivate func withHints(_ more: [String]) -> RoostError {
        var copy = self
        copy.hints += more
        return copy
    }
}
