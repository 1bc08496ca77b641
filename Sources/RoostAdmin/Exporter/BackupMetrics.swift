package import RoostEngine
package import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// What one look at the repositories found, as metrics.
///
/// Names, labels and values are those of pgbackrest_exporter, which its dashboards ask for (specification `admin-surface`,
/// section 6.1); those that begin with `roost_` are ours.
package struct BackupMetrics: Sendable {
    /// One stanza.
    package struct Stanza: Sendable {
        package var info: StanzaInfo
        /// How many databases each backup holds, for those backups of which somebody wanted to know.
        package var databases: [BackupLabel: Int] = [:]
        /// Nil where the cluster is not on this host.
        package var backlog: ArchiveBacklog?

        package init(_ info: StanzaInfo) { self.info = info }
    }

    package struct Settings: Sendable {
        /// As the label of the status: `all-stanzas`, `all-stanzas-except-excluded` or names.
        package var scopes = ["all-stanzas"]
        /// Adds a count for each kind of backup that a backup needs.
        package var countsReferences = false
        /// Tells the first and the last archived segment, which makes a new series of each.
        package var tellsSegments = false

        package init() {}
    }

    private let settings: Settings
    private let now: Int64
    private var page = MetricsPage(BackupMetrics.catalogue)

    /// - Parameters:
    ///   - stanzas: Nil if they could not be looked at.
    ///   - now: Seconds since 1970.
    package static func page(_ stanzas: [Stanza]?, _ settings: Settings, now: Int64) -> MetricsPage {
        var metrics = BackupMetrics(settings, now)
        metrics.addProgram(succeeded: stanzas != nil)
        for stanza in stanzas ?? [] { metrics.add(stanza) }
        return metrics.page
    }

    private init(_ settings: Settings, _ now: Int64) {
        self.settings = settings
        self.now = now
    }

    private mutating func addProgram(succeeded: Bool) {
        let build = [
            "branch": "", "goarch": "", "goos": "linux", "goversion": "", "revision": "", "tags": "",
            "version": Release.roost,
        ]
        page.add("pgbackrest_exporter_build_info", build, 1)
        for scope in settings.scopes { page.add("pgbackrest_exporter_status", ["stanza": scope], succeeded ? 1 : 0) }
        page.add("pgbackrest_version_info", [:], Release.compatibleNumber)
    }

    private mutating func add(_ stanza: Stanza) {
        let info = stanza.info
        let name = ["stanza": info.name]
        page.add("pgbackrest_stanza_status", name, info.status.code)
        let backup = info.backupRunning
        let restore = info.restoreRunning
        page.add("pgbackrest_stanza_backup_lock_status", name, backup == nil ? 0 : 1)
        page.add("pgbackrest_stanza_lock_status", name, backup == nil ? 0 : 1)
        page.add("pgbackrest_stanza_backup_total_bytes", name, backup?.size ?? 0)
        page.add("pgbackrest_stanza_backup_complete_bytes", name, backup?.complete ?? 0)
        page.add("pgbackrest_stanza_restore_lock_status", name, restore == nil ? 0 : 1)
        page.add("pgbackrest_stanza_restore_total_bytes", name, restore?.size ?? 0)
        page.add("pgbackrest_stanza_restore_complete_bytes", name, restore?.complete ?? 0)
        let repository = ["cipher": info.cipher, "repo_key": "\(info.repositoryKey)", "stanza": info.name]
        page.add("pgbackrest_repo_status", repository, info.status.code)
        for archive in info.archives { add(archive, of: info) }
        for entry in info.backups { add(entry, of: stanza) }
        addLast(stanza)
        guard let backlog = stanza.backlog else { return }
        page.add("roost_archive_ready_segments", name, backlog.count)
        page.add("roost_archive_ready_age_seconds", name, backlog.oldest.map { max(0, now - $0) } ?? 0)
    }

    private mutating func add(_ archive: StanzaInfo.Archive, of info: StanzaInfo) {
        let isKnown = archive.min != nil && archive.max != nil
        let place = [
            "database_id": "\(archive.id.historyID)", "pg_version": version(archive.id.historyID, info),
            "repo_key": "\(info.repositoryKey)", "stanza": info.name,
        ]
        let tells = settings.tellsSegments && isKnown
        let ends = [
            "wal_max": tells ? "\(archive.max?.description ?? "")" : "",
            "wal_min": tells ? "\(archive.min?.description ?? "")" : "",
        ]
        page.add("pgbackrest_wal_archive_status", place.merging(ends) { $1 }, isKnown ? 1 : 0)
        page.add("roost_archive_gap_segments", place, archive.gaps.reduce(0) { $0 + $1.count })
    }

    private mutating func add(_ entry: BackupEntry, of stanza: Stanza) {
        let info = stanza.info
        let base = [
            "backup_name": entry.label.text, "backup_type": entry.type.rawValue, "block_incr": entry.blockIncrement,
            "database_id": "\(entry.historyID)", "repo_key": "\(info.repositoryKey)", "stanza": info.name,
        ]
        let details = [
            "backrest_ver": entry.version, "lsn_start": entry.lsnStart?.description ?? "-",
            "lsn_stop": entry.lsnStop?.description ?? "-", "pg_version": version(entry.historyID, info),
            "prior": entry.prior?.text ?? "", "wal_start": entry.archiveStart?.description ?? "",
            "wal_stop": entry.archiveStop?.description ?? "",
        ]
        page.add("pgbackrest_backup_info", base.merging(details) { $1 }, 1)
        let times = [
            "start_time": LocalTime(entry.timestampStart).text, "stop_time": LocalTime(entry.timestampStop).text,
        ]
        page.add("pgbackrest_backup_duration_seconds", base.merging(times) { $1 }, entry.duration)
        addMeasures(entry, "pgbackrest_backup_", base)
        if settings.countsReferences { addReferences(entry, "pgbackrest_backup_references", base) }
        if let count = stanza.databases[entry.label] { page.add("pgbackrest_backup_databases", base, count) }
    }

    /// A newer full backup is the last differential one too, and either is the last incremental one.
    private mutating func addLast(_ stanza: Stanza) {
        let backups = stanza.info.backups
        guard backups.contains(where: { $0.type == .full }) else { return }
        for (type, counted) in [
            (BackupType.full, [BackupType.full]), (.diff, [.full, .diff]), (.incr, [.full, .diff, .incr]),
        ] {
            let last = backups.filter { counted.contains($0.type) }.max { $0.timestampStop < $1.timestampStop }
            guard let last else { continue }
            let base = [
                "backup_type": type.rawValue, "block_incr": last.blockIncrement, "stanza": stanza.info.name,
            ]
            page.add("pgbackrest_backup_since_last_completion_seconds", base, now - last.timestampStop)
            page.add("pgbackrest_backup_last_duration_seconds", base, last.duration)
            addMeasures(last, "pgbackrest_backup_last_", base)
            if settings.countsReferences { addReferences(last, "pgbackrest_backup_last_references", base) }
            if let count = stanza.databases[last.label] { page.add("pgbackrest_backup_last_databases", base, count) }
        }
    }

    private mutating func addMeasures(_ entry: BackupEntry, _ prefix: String, _ labels: [String: String]) {
        let sizes = entry.sizes
        page.add(prefix + "size_bytes", labels, sizes.original)
        page.add(prefix + "delta_bytes", labels, sizes.originalDelta)
        // With block increments there is no size of the whole set.
        page.add(prefix + "repo_size_bytes", labels, sizes.map == nil ? sizes.repository : 0)
        page.add(prefix + "repo_delta_bytes", labels, sizes.repositoryDelta)
        page.add(prefix + "repo_size_map_bytes", labels, sizes.map ?? 0)
        page.add(prefix + "repo_delta_map_bytes", labels, sizes.mapDelta ?? 0)
        page.add(prefix + "error_status", labels, entry.hasError == true ? 1 : 0)
        page.add(prefix + "annotations", labels, entry.annotations.count)
    }

    private mutating func addReferences(_ entry: BackupEntry, _ metric: String, _ labels: [String: String]) {
        for type in BackupType.allCases {
            let count = entry.references.count { $0.type == type }
            page.add(metric, labels.merging(["ref_backup": type.rawValue]) { $1 }, count)
        }
    }

    private func version(_ historyID: UInt32, _ info: StanzaInfo) -> String {
        info.history.first { $0.id == historyID }?.entry.identity.version ?? ""
    }
}

extension BackupEntry {
    fileprivate var blockIncrement: String { sizes.map != nil && sizes.mapDelta != nil ? "y" : "n" }
    fileprivate var duration: Int64 { timestampStop - timestampStart }
}
