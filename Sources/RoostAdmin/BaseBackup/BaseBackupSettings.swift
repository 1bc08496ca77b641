package import RoostPostgres

/// What one base backup is to be.
package struct BaseBackupSettings: Sendable {
    package enum Cipher: Sendable, Equatable {
        /// OpenSSL's `enc -rc4`: hides content from a glance, protects nothing.
        case rc4
        /// OpenSSL's `enc -aes-256-cbc -pbkdf2`.
        case aes256
    }

    package var source: ConnectionString
    /// A directory that exists; a symbolic link to one is followed.
    package var destination = "/pg/backup"
    /// A name without a directory; nil for `backup_<tag>_<date>.tar.lz4`.
    package var file: String?
    /// Nil for the `cluster_name` of the server, else an address of this host.
    package var tag: String?
    /// Nil for none.
    package var cipher: Cipher?
    /// Nil for the tag.
    package var key: String?
    /// The age in whole minutes up to which earlier base backups are kept.
    package var keptMinutes = 1200
    package var uploads = false
    /// The program that uploads; nil if nobody has written one.
    package var uploadProgram: String?
    package var lockPath = "/tmp/backup.lock"
    /// Directories with PostgreSQL's programs, looked at before `PATH`.
    package var programDirectories = ["/usr/pgsql/bin"]
    package var isDryRun = false

    package init(source: ConnectionString) { self.source = source }
}

/// Why a base backup ended without success: the exit status of the command and what is logged.
package struct BaseBackupFailure: Error, Sendable, Equatable {
    /// The raw value is the exit status (specification `admin-surface`, section 2.3).
    package enum Reason: Int32, Sendable {
        case usage = 1
        case destination = 2
        case retention = 3
        case programMissing = 4
        case locked = 8
        case backup = 9
        case removal = 10
        case upload = 11
    }

    package var reason: Reason
    /// Each is logged as an error, the last says which part failed.
    package var lines: [String]

    package init(_ reason: Reason, _ lines: String...) {
        self.reason = reason
        self.lines = lines
    }
}
