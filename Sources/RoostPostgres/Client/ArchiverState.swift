package import RoostSystem

/// How the server's archiver has fared since its statistics were reset.
package struct ArchiverState: Query {
    package struct Row: Sendable, Hashable {
        package var archivedCount: Int64
        package var failedCount: Int64
        /// The file that could not be archived last.
        package var failedFile: String?
        /// Milliseconds since 1970, nil if never.
        package var lastArchived: Int64?
        package var lastFailed: Int64?

        /// Whether the last attempt has failed.
        package var fails: Bool {
            guard let lastFailed else { return false }
            return lastFailed > lastArchived ?? 0
        }
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        func milliseconds(_ column: String) -> String {
            "pg_catalog.floor(extract(epoch from \(column)) * 1000)::pg_catalog.int8"
        }
        return "select archived_count, failed_count, last_failed_wal::pg_catalog.text, "
            + "\(milliseconds("last_archived_time")), \(milliseconds("last_failed_time")) from pg_catalog.pg_stat_archiver"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        let row = try result.expectRow(.int8, .int8, .text, .int8, .int8)
        return Row(
            archivedCount: try row.integer(0), failedCount: try row.integer(1),
            failedFile: row.isNull(2) ? nil : try row.text(2),
            lastArchived: row.isNull(3) ? nil : try row.integer(3),
            lastFailed: row.isNull(4) ? nil : try row.integer(4))
    }
}
