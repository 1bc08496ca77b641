/// A major version of PostgreSQL with everything about it that Roost depends on.
///
/// The rows of ``all`` are the only place that knows what changed in which version: other code asks for a property and never
/// compares versions to find out what a server can do. A new major version is one more row and fixtures from a real cluster.
package struct PostgresVersion: Sendable {
    /// How a restored cluster is told to recover.
    package enum RecoveryStyle: Sendable {
        /// Settings in `recovery.conf`, whose presence starts the recovery; `standby_mode` is one of them.
        case recoveryFile
        /// Settings in `postgresql.auto.conf`; an empty `recovery.signal` or `standby.signal` starts the recovery.
        case signalFile
    }

    /// `server_version_num` with the minor version taken off: 90600, 150000.
    package let number: UInt32
    /// As info files and options show it: `9.6`, `15`.
    package let text: String
    /// `PG_CONTROL_VERSION`, which several major versions may share.
    package let controlVersion: UInt32
    /// `CATALOG_VERSION_NO`; for an unreleased version all that may come until the end of that year.
    package let catalogVersions: ClosedRange<UInt32>
    /// `XLOG_PAGE_MAGIC`.
    package let walMagic: UInt16
    let controlLayout: ControlFileLayout
    let functions: ServerFunctions
    package let recoveryStyle: RecoveryStyle
    /// Whether a base backup of this version leaves `backup_manifest` in the data directory.
    let hasBaseBackupManifest: Bool

    /// Whether recovery that runs out of WAL before its target is a failure; before version 13 it ended there in silence.
    package var insistsOnRecoveryTarget: Bool { number >= 130_000 }

    /// Whether a server tells that recovery stands still, and not only that it was asked to.
    var tellsPauseState: Bool { number >= 140_000 }

    /// Whether there are subscriptions, temporary replication slots and servers that tell their state in `postmaster.pid`.
    package var hasSubscriptions: Bool { functions.naming == .wal }

    /// `pg_wal` or `pg_xlog`.
    package var walDirectory: String { "pg_\(functions.wal)" }
    /// The directory of the transaction status: `pg_xact` or `pg_clog`.
    package var transactionDirectory: String { functions.naming == .wal ? "pg_xact" : "pg_clog" }

    /// Names directly in the data directory that belong to the running server or to a past recovery and are never backed up.
    package var transientFiles: [String] {
        var names = [
            "backup_label", "backup_label.old", "postgresql.auto.conf.tmp", "postmaster.opts", "postmaster.pid",
        ]
        switch recoveryStyle {
        case .recoveryFile: names += ["recovery.conf", "recovery.done"]
        case .signalFile: names += ["recovery.signal", "standby.signal"]
        }
        return hasBaseBackupManifest ? names + ["backup_manifest", "backup_manifest.tmp"] : names
    }

    /// The directory that a cluster uses inside a tablespace: `PG_15_202209061`.
    package func tablespaceDirectory(catalogVersion: UInt32) -> String { "PG_\(text)_\(catalogVersion)" }
}

extension PostgresVersion {
    /// The version of a cluster from the two numbers in its control file.
    package static func of(controlVersion: UInt32, catalogVersion: UInt32) -> PostgresVersion? {
        all.first { $0.controlVersion == controlVersion && $0.catalogVersions.contains(catalogVersion) }
    }

    /// The version that wrote a WAL page.
    package static func of(walMagic: UInt16) -> PostgresVersion? { all.first { $0.walMagic == walMagic } }

    /// The version of a server from its setting `server_version_num`, of which the minor version is ignored.
    package static func of(serverVersionNumber: Int32) -> PostgresVersion? {
        // The setting ends in two digits of minor version up to 9.6 and in four from 10 on, where the upper two stay zero.
        all.first { Int32($0.number) == serverVersionNumber / 100 * 100 }
    }

    /// Reads the text form of a supported version: `9.6`, `15`.
    package init?(_ text: some StringProtocol) {
        guard let version = Self.all.first(where: { $0.text == text }) else { return nil }
        self = version
    }
}

extension PostgresVersion: Hashable, Comparable, CustomStringConvertible {
    package static func == (left: PostgresVersion, right: PostgresVersion) -> Bool { left.number == right.number }
    package static func < (left: PostgresVersion, right: PostgresVersion) -> Bool { left.number < right.number }
    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
    package var description: String { text }
}
