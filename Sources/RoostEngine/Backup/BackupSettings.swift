package import RoostFormat
package import RoostPostgres
internal import RoostSystem

/// What `backup` is told.
package struct BackupSettings: Sendable {
    /// How files go into bundles.
    package struct Bundling: Sendable {
        /// Larger files are stored by themselves, in bytes.
        package var limit: UInt64 = 2 << 20
        /// A bundle is closed when the files in it reach this size, in bytes.
        package var size: UInt64 = 20 << 20

        package init() {}
    }

    package var type: BackupType
    /// `pg1-path`.
    package var dataDirectory: String
    /// How to reach the server; nil for an offline backup.
    package var session: PostgresSession.Settings?
    package var startFast = false
    /// Take the backup although `postmaster.pid` says that the server runs; offline only.
    package var force = false
    package var delta = false
    package var archiveCheck = true
    package var archiveModeCheck = true
    /// Store the WAL that the backup needs in it too; with ``archiveCheck`` only.
    package var archiveCopy = false
    /// For each WAL segment, in milliseconds.
    package var archiveTimeout: Int64 = 60_000
    /// Nil to check pages if the cluster has checksums.
    package var checksumPage: Bool?
    package var pageHeaderCheck = true
    package var compression = Compression.gz
    package var compressionLevel = 6
    /// Paths relative to the data directory; one that ends in `/` keeps the directory and drops what is in it.
    package var excludes: [String] = []
    package var annotations: [String: String] = [:]
    package var workers = 1
    /// Nil to store every file by itself.
    package var bundling: Bundling?
    /// Nil to store changed files whole; only together with ``bundling``.
    package var blocks: BlockIncrements?
    /// Recorded, and the size up to which an unchanged file is noticed before it is stored.
    package var bufferSize: UInt64 = 1 << 20
    package var compressLevelNetwork = 1
    package var createLatestLink = true
    /// Give unchanged files a name in the new backup too; without bundles only.
    package var hardLinks = false
    /// Continue the newest backup if it was interrupted, and make this one fit for that.
    package var resumes = true
    /// The manifest is saved when this much more has been copied, in bytes, or a hundredth of all if that is more.
    package var manifestSaveThreshold: UInt64 = 1 << 30
    package var jobRetries = 2
    /// Before the second and further retries, in milliseconds.
    package var jobRetryInterval: Int64 = 15_000

    package init(type: BackupType, dataDirectory: String) {
        self.type = type
        self.dataDirectory = dataDirectory
    }

    package var isOnline: Bool { session != nil }
}

/// What a finished backup tells of itself.
package struct BackupResult: Sendable {
    package var entry: BackupEntry
    package var fileCount: Int
    package var compression: Compression
    /// Wall time, milliseconds.
    package var duration: Int64
}

/// How far a long command is, in bytes of the cluster.
package struct Progress: Sendable {
    package var complete: UInt64
    package var total: UInt64

    /// The part that is done, in hundredths of a percent, rounded; all of nothing.
    package var hundredths: UInt64 {
        guard complete < total else { return 10_000 }
        return UInt64(Double(complete) / Double(total) * 10_000 + 0.5)
    }
}
