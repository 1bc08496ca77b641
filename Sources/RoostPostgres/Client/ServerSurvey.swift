package import RoostSystem

/// What every user may ask a server, without the rights that a backup session needs.
package struct ServerSurvey: Sendable, Equatable {
    /// The setting `cluster_name`, empty if there is none.
    package var clusterName: String
    /// The tablespaces that somebody has created, by name.
    package var tablespaces: [String]
    /// `server_version_num`, with the minor version.
    package var versionNumber: Int32
    /// The one that the session was in.
    package var database: String

    /// Connects, asks and disconnects.
    ///
    /// - Throws: ``ErrorCode/dbConnect``, ``ErrorCode/dbQuery``, ``ErrorCode/term``.
    package static func ask(_ settings: PostgresSession.Settings) throws(RoostError) -> ServerSurvey {
        let connection = try connect(settings)
        defer { connection.close() }
        func execute(_ statement: String) throws(RoostError) -> QueryResult {
            try connection.execute(statement, timeout: settings.queryTimeout, cancelOnInterrupt: true)
        }
        // Before anything else runs: no name may be found outside of the system catalog.
        try execute("set search_path = 'pg_catalog'").expectNothing()
        try execute("set client_encoding = 'UTF8'").expectNothing()
        let name = try execute("select pg_catalog.current_setting('cluster_name')").expectRow(.text).text(0)
        // 1663 and 1664 are the two that every cluster has.
        let query =
            "select spcname::pg_catalog.text from pg_catalog.pg_tablespace where oid not in (1663, 1664) order by 1"
        var tablespaces: [String] = []
        for row in try execute(query).expectRows(.text) { tablespaces.append(try row.text(0)) }
        let place = try execute(
            "select pg_catalog.current_setting('server_version_num')::pg_catalog.int4, "
                + "pg_catalog.current_database()::pg_catalog.text"
        ).expectRow(.int4, .text)
        return ServerSurvey(
            clusterName: name, tablespaces: tablespaces, versionNumber: try place.integer(0),
            database: try place.text(1))
    }

    /// What is asked is the same in every database, and who only replicates need not have one of his name.
    private static func connect(_ settings: PostgresSession.Settings) throws(RoostError) -> ServerConnection {
        do {
            return try ServerConnection(settings)
        } catch let error where error.code == .dbConnect && settings.connection != nil {
            var again = settings
            again.overridesDatabase = true
            return try ServerConnection(again)
        }
    }
}
