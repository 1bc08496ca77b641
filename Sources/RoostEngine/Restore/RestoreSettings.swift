package import RoostFormat
package import RoostSystem

/// What `restore` is told.
package struct RestoreSettings: Sendable {
    /// The option `type`: how far recovery goes.
    package enum RecoveryType: String, Sendable {
        case `default`, immediate, lsn, name, xid, time, preserve, standby, none
    }

    package enum TargetAction: String, Sendable { case pause, promote, shutdown }

    /// `pg1-path`.
    package var dataDirectory: String
    /// Nil for the newest that serves.
    package var set: BackupLabel?
    package var type = RecoveryType.default
    package var isTypeGiven = false
    package var target: String?
    package var targetAction = TargetAction.pause
    package var targetExclusive = false
    /// A number, `0x` hexadecimal, `current` or `latest`.
    package var targetTimeline: String?
    package var delta = false
    package var force = false
    package var archiveModeOff = false
    /// Databases by name or oid; the others become empty shells.
    package var dbInclude: [String] = []
    /// Databases by name or oid that become empty shells.
    package var dbExclude: [String] = []
    /// By name or oid.
    package var tablespaceMap: [String: String] = [:]
    /// The directory below which tablespaces that no map names get one of their name each.
    package var tablespaceMapAll: String?
    /// Restore links as links, not as what lies behind them.
    package var linkAll = false
    /// New destinations, by path relative to the data directory.
    package var linkMap: [String: String] = [:]
    /// Say how a target time without zone was read.
    package var explainsTimes = false
    /// Keys as given, in any order.
    package var recoveryOptions: [String: String] = [:]
    /// The value of `restore_command`.
    package var restoreCommand = ""
    /// Removed, because what lies there is of the cluster's earlier life.
    package var spoolPath: String?
    package var workers = 1
    package var syncMethod = SyncScope.Method.auto
    package var jobRetries = 2
    package var jobRetryInterval: Int64 = 15_000

    package init(dataDirectory: String) { self.dataDirectory = dataDirectory }
}

/// What a finished restore tells of itself.
package struct RestoreResult: Sendable {
    package var label: BackupLabel
    package var fileCount: Int
    /// In the cluster, bytes.
    package var size: UInt64
    /// Bytes that were not copied because they were there.
    package var kept: UInt64
    package var duration: Int64
}
