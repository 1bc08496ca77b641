package import RoostSystem

/// What a server waits to have archived.
package struct ArchiveBacklog: Sendable, Equatable {
    /// How many files: WAL segments, histories of timelines, backup histories.
    package var count: Int
    /// Since when the first has waited, seconds since 1970; nil if none waits.
    package var oldest: Int64?

    package init(count: Int, oldest: Int64? = nil) {
        self.count = count
        self.oldest = oldest
    }

    /// Looks into a data directory.
    ///
    /// - Returns: Nil if there is none.
    package static func read(dataDirectory: String) throws(RoostError) -> ArchiveBacklog? {
        for name in ["pg_wal", "pg_xlog"] {
            let directory = "\(dataDirectory)/\(name)/archive_status"
            guard try FileStatus.of(directory, followingLinks: true) != nil else { continue }
            var backlog = ArchiveBacklog(count: 0)
            for file in try FileSystem.list(directory) where file.hasSuffix(".ready") {
                // What is archived meanwhile does not wait.
                guard let status = try FileStatus.of("\(directory)/\(file)") else { continue }
                backlog.count += 1
                backlog.oldest = min(backlog.oldest ?? .max, status.modified)
            }
            return backlog
        }
        return nil
    }
}
