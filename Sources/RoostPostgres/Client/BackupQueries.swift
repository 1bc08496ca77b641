package import RoostSystem

/// Puts the server into backup mode, which lasts until ``StopBackup`` or until the session ends, whichever is first.
package struct StartBackup: Query {
    package struct Row: Sendable, Hashable {
        /// Where recovery from this backup begins.
        package var lsn: LSN
        /// The same as the server printed it, for the manifest.
        package var lsnText: String
        package var walSegment: WALSegmentName
    }

    /// Whether to begin with a checkpoint at full speed instead of a spread one.
    let fast: Bool

    package init(fast: Bool) { self.fast = fast }

    package func sql(for version: PostgresVersion) -> String {
        let functions = version.functions
        let call = functions.startBackup("'pgBackRest backup started at ' || current_timestamp", fast)
        return "select lsn::pg_catalog.text, \(functions.fileName(of: "lsn")) from \(call) as lsn"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        let row = try result.expectRow(.text, .text)
        return Row(lsn: try row.lsn(0), lsnText: try row.text(0), walSegment: try row.walSegment(1))
    }
}

/// Ends backup mode, without waiting until the WAL of the backup is archived.
package struct StopBackup: Query {
    package struct Row: Sendable, Hashable {
        /// Where the backup becomes consistent.
        package var lsn: LSN
        /// The same as the server printed it, for the manifest.
        package var lsnText: String
        package var walSegment: WALSegmentName
        /// The content of `backup_label`.
        package var label: String
        /// The content of `tablespace_map`, which is not to be stored if it is only white space.
        package var tablespaceMap: String
        /// The server's clock when it was done.
        package var time: UnixTime
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        let functions = version.functions
        return "select lsn::pg_catalog.text, \(functions.fileName(of: "lsn")), labelfile::pg_catalog.text, "
            + "spcmapfile::pg_catalog.text, \(clockExpression) from \(functions.stopBackup)"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        let row = try result.expectRow(.text, .text, .text, .text, .int8)
        return Row(
            lsn: try row.lsn(0),
            lsnText: try row.text(0),
            walSegment: try row.walSegment(1),
            label: try row.text(2),
            tablespaceMap: row.isNull(3) ? "" : try row.text(3),
            time: try row.time(4)
        )
    }
}

/// The segment that the next WAL record goes into.
package struct CurrentWALSegment: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select \(version.functions.fileName(of: version.functions.insertPosition))"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> WALSegmentName {
        try result.expectRow(.text).walSegment(0)
    }
}

/// Writes a named record into the WAL: a target for recovery, and the certainty that the current segment holds something.
package struct CreateRestorePoint: Query {
    let name: String

    package init(name: String) { self.name = name }

    package func sql(for version: PostgresVersion) -> String {
        "select pg_catalog.pg_create_restore_point(\(quoted(name)))::pg_catalog.text"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> LSN { try result.expectRow(.text).lsn(0) }
}

/// Closes the current WAL segment, so that it is archived now.
package struct SwitchWAL: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select \(version.functions.fileName(of: version.functions.switchSegment))"
    }

    /// - Returns: The name of the closed segment.
    package func parse(_ result: QueryResult) throws(RoostError) -> WALSegmentName {
        try result.expectRow(.text).walSegment(0)
    }
}

/// How far a standby has replayed; nil on a server that never recovered.
package struct ReplayPosition: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select \(version.functions.replayPosition)::pg_catalog.text"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> LSN? {
        let row = try result.expectRow(.text)
        return row.isNull(0) ? nil : try row.lsn(0)
    }
}

/// A checkpoint; on a standby a restart point.
package struct Checkpoint: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String { "checkpoint" }

    package func parse(_ result: QueryResult) throws(RoostError) { try result.expectNothing() }
}
