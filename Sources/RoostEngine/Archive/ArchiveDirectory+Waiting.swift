internal import RoostPostgres
internal import RoostSystem

extension ArchiveDirectory {
    /// Waits until each of some segments is archived.
    ///
    /// - Parameter timeout: For each segment, in milliseconds.
    /// - Throws: ``ErrorCode/archiveTimeout``; ``ErrorCode/archiveDuplicate`` if one is there twice.
    mutating func wait(
        for segments: [WALSegmentName], timeout: Int64, clock: any WallClock
    ) throws(RoostError) {
        for segment in segments {
            var waiter = Waiter(timeout: timeout, clock: clock)
            while try findOne(segment) == nil {
                guard try waiter.waitAgain() else {
                    throw RoostError(
                        .archiveTimeout,
                        "WAL segment \(segment) was not archived before the \(timeout)ms timeout",
                        hints: [
                            "check the archive_command to ensure that all options are correct (especially --stanza)",
                            "check the PostgreSQL server log for errors",
                            "run the 'start' command if the stanza was previously stopped",
                        ])
                }
                refresh()
            }
        }
    }
}
