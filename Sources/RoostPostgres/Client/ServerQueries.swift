package import RoostSystem

/// Settings of a server that decide whether it can be backed up.
package struct ServerSettings: Sendable, Hashable {
    package var version: PostgresVersion
    /// `server_version_num`, with the minor version.
    package var versionNumber: Int32
    package var dataDirectory: String
    package var archiveMode: String
    package var archiveCommand: String
    /// In seconds.
    package var checkpointTimeout: Int64
}

/// Reads ``ServerSettings``.
package struct ServerSettingsQuery: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String { Self.statement }

    static let statement: String = {
        func setting(_ name: String, _ type: String) -> String {
            "(select setting from pg_catalog.pg_settings where name = '\(name)')::pg_catalog.\(type)"
        }
        let columns = [
            setting("server_version_num", "int4"), setting("data_directory", "text"), setting("archive_mode", "text"),
            setting("archive_command", "text"), setting("checkpoint_timeout", "int4"),
        ]
        return "select \(columns.joined(separator: ", "))"
    }()

    /// - Throws: ``ErrorCode/dbQuery`` if a setting is hidden from the user, ``ErrorCode/versionNotSupported``.
    package func parse(_ result: QueryResult) throws(RoostError) -> ServerSettings {
        let row = try result.expectRow(.int4, .text, .text, .text, .int4)
        guard (0..<5).allSatisfy({ !row.isNull($0) }) else {
            throw RoostError(
                .dbQuery,
                "unable to select some rows from pg_settings",
                hints: [
                    "is the backup running as the postgres user?",
                    "is the pg_read_all_settings role assigned for PostgreSQL >= 10?",
                ]
            )
        }
        let number: Int32 = try row.integer(0)
        guard let version = PostgresVersion.of(serverVersionNumber: number) else {
            throw RoostError(
                .versionNotSupported,
                "server_version_num \(number) is of no supported version of PostgreSQL",
                hints: ["is Roost up to date on all hosts?"]
            )
        }
        return ServerSettings(
            version: version,
            versionNumber: number,
            dataDirectory: try row.text(1),
            archiveMode: try row.text(2),
            archiveCommand: try row.text(3),
            checkpointTimeout: try row.integer(4)
        )
    }
}

/// Whether the server is a standby, or still recovering.
package struct IsInRecovery: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String { "select pg_catalog.pg_is_in_recovery()" }

    package func parse(_ result: QueryResult) throws(RoostError) -> Bool { try result.expectRow(.bool).bool(0) }
}

/// The server's clock.
package struct ClockTime: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String { "select \(clockExpression)" }

    package func parse(_ result: QueryResult) throws(RoostError) -> UnixTime { try result.expectRow(.int8).time(0) }
}

/// All databases of the cluster by rising id.
package struct Databases: Query {
    package struct Database: Sendable, Hashable {
        package var oid: UInt32
        package var name: String
    }

    package struct Row: Sendable, Hashable {
        package var databases: [Database]
        /// The id of `template0`, 0 if somebody dropped it.
        package var template0: UInt32
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select oid, datname::pg_catalog.text from pg_catalog.pg_database order by oid"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        var databases: [Database] = []
        for row in try result.expectRows(.oid, .text) {
            databases.append(Database(oid: try row.integer(0), name: try row.text(1)))
        }
        return Row(databases: databases, template0: databases.first { $0.name == "template0" }?.oid ?? 0)
    }
}

/// All tablespaces of the cluster, the two built-in ones included, by rising id.
package struct Tablespaces: Query {
    package struct Tablespace: Sendable, Hashable {
        package var oid: UInt32
        package var name: String
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select oid, spcname::pg_catalog.text from pg_catalog.pg_tablespace order by oid"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> [Tablespace] {
        var tablespaces: [Tablespace] = []
        for row in try result.expectRows(.oid, .text) {
            tablespaces.append(Tablespace(oid: try row.integer(0), name: try row.text(1)))
        }
        return tablespaces
    }
}
