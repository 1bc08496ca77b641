package import RoostSystem

/// A connection to a PostgreSQL server, made by libpq, for typed queries one after the other.
///
/// Every wait has a limit and ends early when ``Interrupt`` has fired; a query that is given up is cancelled on the server, and
/// the session stays usable for the next one, for example ``StopBackup``. Not `Sendable`: a session belongs to one thread.
///
/// libpq also heeds its own environment variables (`PGPASSFILE`, `PGSSLMODE`, ...) and `~/.pgpass`.
package final class PostgresSession {
    /// Where to connect and as whom.
    package struct Settings: Sendable {
        package var database: String
        /// Nil for the name of the operating system user.
        package var user: String?
        /// A host name, or the directory of the server's socket; nil for libpq's default socket directory.
        package var host: String?
        package var port: UInt16
        /// Says all of the above, and perhaps a password, in the place of them.
        package var connection: ConnectionString?
        /// Has ``database`` count also where ``connection`` names another, or none, which means that of the user's name.
        package var overridesDatabase = false
        /// Shown in `pg_stat_activity`: `pgBackRest [backup]`.
        package var applicationName: String
        /// For the connection to be ready, in milliseconds.
        package var connectTimeout: Int64
        /// For each query, in milliseconds.
        package var queryTimeout: Int64

        package init(
            database: String = "postgres",
            user: String? = nil,
            host: String? = nil,
            port: UInt16 = 5432,
            applicationName: String,
            connectTimeout: Int64 = 60_000,
            queryTimeout: Int64 = 1_800_000
        ) {
            self.database = database
            self.user = user
            self.host = host
            self.port = port
            self.applicationName = applicationName
            self.connectTimeout = connectTimeout
            self.queryTimeout = queryTimeout
        }

        /// As messages name the server: `dbname='postgres' port=5432`.
        var summary: String {
            if let connection { return "'\(connection.shown)'" }
            var text = "dbname='\(database)' port=\(port)"
            if let user { text += " user='\(user)'" }
            if let host { text += " host='\(host)'" }
            return text
        }
    }

    private let connection: ServerConnection
    /// What the server said when the session began.
    package let server: ServerSettings
    /// Whether the server was a standby when the session began; ``IsInRecovery`` tells how it is now.
    package let isInRecovery: Bool

    private let queryTimeout: Int64

    package var version: PostgresVersion { server.version }

    /// Connects and prepares the session.
    ///
    /// - Throws: ``ErrorCode/dbConnect`` if there is no connection, ``ErrorCode/dbQuery`` if its preparation fails,
    ///   ``ErrorCode/versionNotSupported``, ``ErrorCode/term``.
    package init(_ settings: Settings) throws(RoostError) {
        let connection = try ServerConnection(settings)
        func execute(_ statement: String) throws(RoostError) -> QueryResult {
            try connection.execute(statement, timeout: settings.queryTimeout, cancelOnInterrupt: true)
        }
        // Before anything else runs: no name may be found outside of the system catalog.
        try execute("set search_path = 'pg_catalog'").expectNothing()
        try execute("set client_encoding = 'UTF8'").expectNothing()
        server = try ServerSettingsQuery().parse(try execute(ServerSettingsQuery.statement))
        // Limits that an administrator set for forgotten sessions must not end one that rests while files are copied.
        _ = try execute(
            Self.lifting([
                "idle_in_transaction_session_timeout", "idle_session_timeout", "lock_timeout",
                "statement_timeout", "transaction_timeout",
            ])
        )
        // 9.6 marks the function that stops a backup as safe for parallel workers, in which it fails.
        try execute("set max_parallel_workers_per_gather = 0").expectNothing()
        isInRecovery = try IsInRecovery().parse(try execute(IsInRecovery().sql(for: server.version)))
        self.connection = connection
        queryTimeout = settings.queryTimeout
    }

    /// Sets those of some settings to 0 that the server has.
    private static func lifting(_ names: [String]) -> String {
        "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name in ("
            + names.map(quoted).joined(separator: ", ") + ")"
    }

    /// Ends the session; a backup that it started and did not stop ends with it.
    ///
    /// Does nothing the second time.
    package func close() { connection.close() }

    /// Runs a query.
    ///
    /// - Parameters:
    ///   - query: What to run.
    ///   - timeout: In milliseconds; nil for the session's.
    ///   - cancelOnInterrupt: Whether ``Interrupt`` ends the wait. Not for what has to be tidied up after a signal.
    /// - Throws: ``ErrorCode/dbQuery`` if the server refuses it, the time is over, the connection is lost or the result has
    ///   another shape; ``ErrorCode/term``.
    package func run<Q: Query>(
        _ query: Q,
        timeout: Int64? = nil,
        cancelOnInterrupt: Bool = true
    ) throws(RoostError) -> Q.Row {
        let result = try connection.execute(
            query.sql(for: version),
            timeout: timeout ?? queryTimeout,
            cancelOnInterrupt: cancelOnInterrupt
        )
        return try query.parse(result)
    }
}
