internal import RoostPostgres
internal import RoostSystem

/// What a fork must not take over from its source: the place and port of the server, archiving, replication, recovery.
struct ForkConfiguration {
    /// Settings that name files of the source.
    static let places: Set<String> = ["data_directory", "hba_file", "ident_file", "external_pid_file", "config_file"]

    private let plan: ForkPlan
    private let version: PostgresVersion
    /// Of the running server, of its cluster manager, of a former recovery.
    private let left: Set<String>
    /// What the server makes anew, or what is copied when the backup has ended.
    private let emptied: Set<String>
    private let links: Set<String>

    init(plan: ForkPlan, version: PostgresVersion) {
        self.plan = plan
        self.version = version
        left = Set(version.transientFiles).union([
            "tablespace_map", "tablespace_map.old", "recovery.signal", "standby.signal", "recovery.conf",
            "recovery.done", "backup_manifest", "patroni.dynamic.json", "\(version.walDirectory)/roost.pending",
            ControlFile.relativePath,
        ])
        let made: Set = [
            "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans", "log",
            "pg_log", "\(version.walDirectory)/archive_status",
        ]
        emptied = plan.server == nil ? made : made.union([version.walDirectory])
        links = Set(plan.tablespaces.map { "pg_tblspc/\($0.oid)" })
    }

    /// `postgresql.auto.conf`, whose settings come before those of `postgresql.conf`.
    func automatic(_ existing: [UInt8]) -> [UInt8] {
        var text = ServerSettingsText(existing)
        text.drop { ServerSettingsText.isOfRecovery($0) || Self.places.contains($0) }
        text.set("port", "\(plan.destinationPort)")
        // Its WAL would pass for that of the source: both have one system identifier.
        text.set("archive_mode", "off")
        text.set("archive_command", "")
        text.set("log_directory", "log")
        // Nobody confirms commits here.
        text.set("synchronous_standby_names", "")
        // Subscriptions of the source, which would take its changes away.
        if version.hasSubscriptions { text.set("max_logical_replication_workers", "0") }
        return text.bytes
    }

    /// `postgresql.conf` with what leads back to the source made comments.
    static func main(_ existing: [UInt8]) -> [UInt8] {
        var text = ServerSettingsText(existing)
        text.comment(places, because: "taken out by pg-fork")
        return text.bytes
    }

    /// A `postgresql.conf` in the place of one that lies elsewhere and may include others.
    static func main(_ settings: [ServerFiles.Setting]) -> [UInt8] {
        var text = ServerSettingsText([])
        for setting in settings where !places.contains(setting.name) { text.set(setting.name, setting.value) }
        return text.bytes
    }

    /// What becomes of a name in the data directory.
    func choice(_ path: String, _ status: FileStatus) -> TreeCopy.Choice {
        let name = lastPart(of: path)
        if name.hasPrefix("pgsql_tmp") || name.hasPrefix("pg_internal.init") { return .leave }
        if left.contains(path) || links.contains(path) { return .leave }
        return emptied.contains(path) ? .empty : .copy
    }

    /// `tablespace_map`: without it, recovery would lead the links to the tablespaces of the source.
    static func tablespaceMap(_ tablespaces: [ForkPlan.Tablespace]) -> String {
        tablespaces.map { tablespace in
            let path = tablespace.copy.reduce(into: "") { text, character in
                if ["\n", "\r", "\\"].contains(character) { text.append("\\") }
                text.append(character)
            }
            return "\(tablespace.oid) \(path)\n"
        }.joined()
    }
}
