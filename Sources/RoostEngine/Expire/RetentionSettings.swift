/// What `expire` is told of one repository.
package struct RetentionSettings: Sendable, Equatable {
    package enum FullType: String, Sendable { case count, time }
    package enum ArchiveType: String, Sendable { case full, diff, incr }

    package var fullType = FullType.count
    /// A number of backups, or of days; nil to keep all.
    package var full: Int?
    /// Differential and full backups to keep; nil for all.
    package var diff: Int?
    package var archiveType = ArchiveType.full
    /// How many backups of the archive type keep the WAL behind them; nil for all WAL, or what time retention leaves.
    package var archive: Int?
    /// Days to keep the manifests of expired backups; nil for ever.
    package var history: Int?

    package init() {}
}
