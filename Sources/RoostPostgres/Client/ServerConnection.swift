internal import Glibc
internal import RoostSystem

/// Owns libpq's connection: opens and closes it; `+Executing` runs statements on it.
///
/// Invariant: `handle` is a connection that libpq made and that nobody else knows; nil once closed, and `PQfinish` is called
/// exactly once.
@safe final class ServerConnection {
    let library: LibPQ
    private(set) var handle: LibPQ.Connection?

    /// - Throws: ``ErrorCode/dbConnect``, ``ErrorCode/term``.
    init(_ settings: PostgresSession.Settings) throws(RoostError) {
        library = try LibPQ.shared()
        unsafe handle = Self.start(settings, library)
        do throws(RoostError) {
            try waitUntilConnected(timeout: settings.connectTimeout)
        } catch {
            close()
            guard error.code == .dbConnect else { throw error }
            throw error.during("unable to connect to \(settings.summary)")
        }
        // Notices are for people at a terminal, where libpq would print them.
        _ = unsafe library.setNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit { close() }

    func close() {
        guard let open = unsafe handle else { return }
        unsafe handle = nil
        unsafe library.finish(open)
    }

    /// Waits until the connection has bytes to read or room to write, or for a moment, whichever comes first.
    ///
    /// - Parameter limit: In milliseconds. No wait is longer than a tenth of a second, because a signal may be handled by
    ///   another thread and then does not end it.
    func waitForSocket(_ handle: LibPQ.Connection, _ events: Int32, limit: Int64) -> Bool {
        var request = pollfd(fd: unsafe library.socket(handle), events: Int16(events), revents: 0)
        return unsafe poll(&request, 1, Int32(max(0, min(limit, 100)))) > 0
    }

    private func waitUntilConnected(timeout: Int64) throws(RoostError) {
        guard let handle = unsafe handle else { throw RoostError(.memory, "no memory for a connection") }
        let deadline = monotonicMilliseconds() + timeout
        var state = LibPQ.pollingWriting
        while state != LibPQ.pollingOK {
            // libpq reports a failed start (an unknown parameter, no such socket) by a bad status.
            guard state != LibPQ.pollingFailed, unsafe library.status(handle) != LibPQ.connectionBad else {
                throw RoostError(.dbConnect, unsafe LibPQ.trimmed(library.errorMessage(handle)))
            }
            let events = state == LibPQ.pollingReading ? POLLIN : POLLOUT
            var ready = false
            while !ready {
                try Interrupt.check()
                let remaining = deadline - monotonicMilliseconds()
                guard remaining > 0 else {
                    throw RoostError(
                        .dbConnect,
                        "timed out after \(timeout)ms",
                        hints: ["is the server up and reachable?"]
                    )
                }
                ready = unsafe waitForSocket(handle, events, limit: remaining)
            }
            state = unsafe library.connectPoll(handle)
        }
    }

    /// Begins to connect; nil if there is no memory.
    private static func start(_ settings: PostgresSession.Settings, _ library: LibPQ) -> LibPQ.Connection? {
        let parameters = parameters(settings)
        return unsafe withTextList(parameters.map(\.0)) { names in
            unsafe withTextList(parameters.map(\.1)) { values in
                // The database may be a connection string only where it is meant to be one.
                unsafe library.connectStartParams(names, values, settings.connection == nil ? 0 : 1)
            }
        }
    }

    private static func parameters(_ settings: PostgresSession.Settings) -> [(String, String)] {
        if let connection = settings.connection {
            let password = connection.password.map { [("password", $0)] } ?? []
            // Only the first is read as a connection string; a later one replaces the database in it.
            let database = settings.overridesDatabase ? [("dbname", settings.database)] : []
            return [("dbname", connection.text), ("fallback_application_name", settings.applicationName)] + database
                + password
        }
        var parameters = [
            ("dbname", settings.database), ("port", String(settings.port)),
            ("application_name", settings.applicationName),
        ]
        if let user = settings.user { parameters.append(("user", user)) }
        if let host = settings.host { parameters.append(("host", host)) }
        return parameters
    }

    /// Lets a C function see strings as a list that ends in a null pointer; all of it ends with the call.
    private static func withTextList<Result>(_ texts: [String], _ body: (LibPQ.TextList?) -> Result) -> Result {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes += text.utf8CString
        }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            let pointers: [LibPQ.Text?] =
                unsafe starts.map { start in unsafe bytes.baseAddress.map { unsafe $0 + start } } + [nil]
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }
}
