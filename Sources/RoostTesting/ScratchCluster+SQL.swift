import Foundation

extension ScratchCluster {
    /// Runs SQL and returns its rows as text; null is an empty string.
    @discardableResult
    package func query(_ sql: String, database: String = "postgres") throws -> [[String]] {
        let result = try program(
            "psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-F", "\u{1F}", "-R", "\u{1E}", "-d", database, "-c",
                sql,
            ]
        ).run().requireSuccess()
        var text = result.standardOutput
        if text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { return [] }
        return text.split(separator: "\u{1E}", omittingEmptySubsequences: false)
            .map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The only field of the only row.
    package func value(_ sql: String, database: String = "postgres") throws -> String {
        let rows = try query(sql, database: database)
        guard rows.count == 1, rows[0].count == 1 else { throw TestFailure("not one value from \(sql): \(rows)") }
        return rows[0][0]
    }

    /// Several statements in one session, each on its own: for those that refuse a transaction block.
    package func execute(_ statements: String..., database: String = "postgres") throws {
        let arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database] + statements.flatMap { ["-c", $0] }
        try program("psql", arguments).run().requireSuccess()
    }

    package func exists(table: String, database: String = "postgres") throws -> Bool {
        try value("select to_regclass('\(table)') is not null", database: database) == "t"
    }

    /// Number of rows and sum of row hashes of every logged user table of every database: equal content, equal text.
    package func rowChecksum() throws -> [String] {
        let databases = try query("select datname from pg_database where datallowconn order by 1").map { $0[0] }
        return try databases.flatMap { database in
            try rowChecksum(of: database).map { "\(database) \($0)" }
        }
    }

    /// The same for one database.
    package func rowChecksum(of database: String) throws -> [String] {
        let tables = try query(
            """
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind = 'r' and relpersistence = 'p' and nspname not in ('pg_catalog', 'information_schema')
            order by 1
            """,
            database: database
        ).map { $0[0] }
        guard !tables.isEmpty else { return [] }
        let sums = tables.map { table in
            """
            select '\(table)', count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0) \
            from \(table) t
            """
        }
        return try query(sums.joined(separator: " union all "), database: database).map { $0.joined(separator: " ") }
    }

    /// Checks every heap and index of every database with amcheck.
    package func check() throws {
        // Tables in use by nobody: the strictest options are free.
        try program("pg_amcheck", ["--all", "--install-missing", "--heapallindexed", "--parent-check", "--jobs=2"])
            .run().requireSuccess()
    }

    /// Writes through pgbench for a number of transactions.
    package func generateLoad(transactions: Int = 200) throws {
        try program("pgbench", ["-n", "-c", "2", "-t", String(transactions / 2), "postgres"]).run().requireSuccess()
    }

    /// Starts pgbench beside the test, for as many seconds as it is let.
    package func startLoad(seconds: Int) throws -> RunningCommand {
        try program("pgbench", ["-n", "-c", "2", "-T", String(seconds), "postgres"]).start()
    }

    /// Ends the current WAL segment and waits until the archiver has got it.
    ///
    /// - Returns: Its name.
    @discardableResult
    package func archiveCurrentSegment() throws -> String {
        let segment = try value(
            "select pg_walfile_name(lsn) from (select pg_create_restore_point('roost test') lsn) point"
        )
        try query("select pg_switch_wal()")
        try waitUntil("archiving of \(segment)") {
            try value("select coalesce(last_archived_wal, '') >= '\(segment)' from pg_stat_archiver") == "t"
        }
        return segment
    }

    /// The moment by the server's clock, for a recovery target; later than every commit before, earlier than every one after.
    package func moment() throws -> String {
        try value("select pg_sleep(0.01)::text || clock_timestamp()::text || pg_sleep(0.01)::text")
    }

    package var systemIdentifier: String {
        get throws {
            let text = try program("pg_controldata", [dataDirectory]).run().requireSuccess().standardOutput
            let line = text.split(separator: "\n").first { $0.hasPrefix("Database system identifier:") }
            guard let number = line?.split(separator: " ").last else { throw TestFailure("no identifier in \(text)") }
            return String(number)
        }
    }
}
