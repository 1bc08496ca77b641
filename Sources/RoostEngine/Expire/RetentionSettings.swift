package import RoostFormat
package import RoostPostgres

/// What `expire` is told of one repository.
package struct RetentionSettings: Sendable, Equatable {
    package enum FullType: String, Sendable { case count, time }
    package enum ArchiveType: String, Sendable { case full, diff, incr }

    /// What a run is asked for.
    package enum Request: Sendable, Equatable {
        /// What the numbers below say.
        case retention
        /// One backup and all that need it, whatever the numbers say of backups.
        case set(BackupLabel)
        /// The oldest full backup and all that need it.
        case oldest
    }

    package var request = Request.retention
    package var fullType = FullType.count
    /// A number of backups, or of days; nil to keep all.
    package var full: Int?
    /// Differential and full backups to keep; nil for all.
    package var diff: Int?
    package var archiveType = ArchiveType.full
    /// How many backups of the archive type keep the WAL behind them; nil for all WAL, or what time retention leaves.
    package var archive: Int?
    /// Removes no WAL from this segment on, whatever the numbers say.
    package var archiveBefore: WALSegmentName?
    /// Days to keep the manifests of expired backups; nil for ever.
    package var history: Int?
    /// Whether `latest` is kept as a link.
    package var createLatestLink = true

    package init() {}

    /// What a request for the oldest set makes of the numbers, for one run; nil where there is no full backup to spare.
    ///
    /// - Parameter fulls: How many full backups there are.
    func expiringOldest(of fulls: Int) -> RetentionSettings? {
        guard fulls > 1 else { return nil }
        var settings = self
        (settings.fullType, settings.full) = (.count, fulls - 1)
        (settings.archiveType, settings.archive) = (.full, fulls - 1)
        return settings
    }
}
