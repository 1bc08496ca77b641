package import RoostSystem

/// How far recovery has come.
package struct RecoveryProgress: Query {
    package struct Row: Sendable, Hashable {
        package var isInRecovery: Bool
        /// Whether it stands still; what is asked for and not yet so does not count, where the server can tell (14 on).
        package var isPaused: Bool
        /// The last position replayed, empty if nothing was.
        package var position: String
        /// The time of the last transaction replayed, empty if there was none.
        package var time: String
        /// Of the last checkpoint.
        package var timeline: Int32
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        let functions = version.functions
        let paused =
            version.tellsPauseState
            ? "pg_catalog.pg_get_wal_replay_pause_state() = 'paused'"
            : "pg_catalog.pg_is_\(functions.wal)_replay_paused()"
        return "select pg_catalog.pg_is_in_recovery(), "
            + "(case when pg_catalog.pg_is_in_recovery() then \(paused) else false end)::pg_catalog.bool, "
            + "coalesce(\(functions.replayPosition)::pg_catalog.text, ''), "
            + "coalesce(pg_catalog.pg_last_xact_replay_timestamp()::pg_catalog.text, ''), "
            + "(select timeline_id from pg_catalog.pg_control_checkpoint())::pg_catalog.int4"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        let row = try result.expectRow(.bool, .bool, .text, .text, .int4)
        return Row(
            isInRecovery: try row.bool(0), isPaused: try row.bool(1), position: try row.text(2),
            time: try row.text(3), timeline: try row.integer(4))
    }
}

/// Whether WAL streams to this standby from its primary.
package struct IsStreaming: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select exists(select 1 from pg_catalog.pg_stat_wal_receiver where status = 'streaming')"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Bool { try result.expectRow(.bool).bool(0) }
}
