package import RoostFormat
package import RoostPostgres
internal import RoostSystem

/// What `info` tells of one stanza in one repository.
package struct StanzaInfo: Sendable {
    /// The codes are part of the JSON contract.
    package enum Status: Sendable, Equatable {
        case ok
        case missingPath
        case noBackup
        case missingData
        case requestedBackupMissing
        /// An error of the repository, with its message.
        case other(String)

        package var code: Int64 {
            switch self {
            case .ok: 0
            case .missingPath: 1
            case .noBackup: 2
            case .missingData: 3
            case .requestedBackupMissing: 6
            case .other: 99
            }
        }

        package var message: String {
            switch self {
            case .ok: "ok"
            case .missingPath: "missing stanza path"
            case .noBackup: "no valid backups"
            case .missingData: "missing stanza data"
            case .requestedBackupMissing: "requested backup not found"
            case .other(let message): message
            }
        }

        /// Of the stanza as a whole, where an error of a repository has a line of its own.
        package var summary: String {
            if case .other = self { "other" } else { message }
        }

        init(_ error: RoostError) { self = .other("[\(error.code.name)] \(error)") }
    }

    /// A command that holds a lock on the stanza.
    package struct Running: Sendable, Equatable {
        package var size: UInt64?
        package var complete: UInt64?
        /// All that releases up to 2.45 tell: how much is done, in hundredths of a percent.
        package var percentage: UInt64?

        /// How much is done, in hundredths of a percent.
        package var hundredths: UInt64? {
            guard let size, let complete else { return percentage }
            return Progress(complete: complete, total: size).hundredths
        }
    }

    /// The WAL of one archive id.
    package struct Archive: Sendable {
        package var id: ArchiveID
        package var min: WALSegmentName?
        package var max: WALSegmentName?
        /// What is missing for good.
        package var gaps: [ArchiveGap] = []
    }

    package var name: String
    package var status: Status
    package var cipher = "none"
    package var repositoryKey: Int
    package var backupRunning: Running?
    package var restoreRunning: Running?
    /// Empty where ``status`` says that nothing can be told.
    package var history: [ClusterHistory<BackupInfo.Cluster>.Generation] = []
    package var currentID: UInt32 = 0
    package var archives: [Archive] = []
    package var backups: [BackupEntry] = []
    /// Of the backup asked for with `--set`.
    package var manifest: Manifest?
    /// One backup was asked for: nothing is told of generations that it does not belong to.
    package var isOfOneBackup = false
}
