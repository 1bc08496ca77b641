extension BackupMetrics {
    /// What a backup and the last backup of a type are measured by.
    private static let measures: [(name: String, help: String)] = [
        ("size_bytes", "bytes of all files that a restore needs, as in the cluster"),
        ("delta_bytes", "bytes of the files that the backup itself holds, as in the cluster"),
        ("repo_size_bytes", "bytes of all files that a restore needs, as stored; 0 with block increments"),
        ("repo_delta_bytes", "bytes of the files that the backup itself holds, as stored"),
        ("repo_size_map_bytes", "bytes of all block maps that a restore needs"),
        ("repo_delta_map_bytes", "bytes of the block maps that the backup itself holds"),
        ("error_status", "1 if page checksums were wrong"),
        ("annotations", "number of annotations"),
        ("databases", "number of databases"),
        ("references", "number of backups that it needs, by their type"),
    ]

    private static let program: [(name: String, help: String)] = [
        ("pgbackrest_exporter_build_info", "The program that measures."),
        ("pgbackrest_exporter_status", "1 if the repository could be asked."),
        ("pgbackrest_version_info", "The release of pgBackRest whose format is written, as a number."),
        (
            "pgbackrest_stanza_status",
            "0 ok, 1 no path, 2 no backup, 3 no data, 4 and 5 repositories differ, 6 no such backup, 99 other."
        ),
        ("pgbackrest_stanza_backup_lock_status", "1 while a backup, expire or stanza command runs."),
        ("pgbackrest_stanza_lock_status", "The same as pgbackrest_stanza_backup_lock_status, by its old name."),
        ("pgbackrest_stanza_backup_total_bytes", "Bytes that the running backup copies."),
        ("pgbackrest_stanza_backup_complete_bytes", "Bytes that the running backup has copied."),
        ("pgbackrest_stanza_restore_lock_status", "1 while a restore runs."),
        ("pgbackrest_stanza_restore_total_bytes", "Bytes that the running restore copies."),
        ("pgbackrest_stanza_restore_complete_bytes", "Bytes that the running restore has copied."),
        ("pgbackrest_repo_status", "The status of a stanza in a repository, as pgbackrest_stanza_status."),
        ("pgbackrest_wal_archive_status", "1 if the archive has a first and a last segment."),
        ("roost_archive_gap_segments", "WAL segments that are known to be missing for good."),
        ("roost_archive_ready_segments", "Files that the server of this host waits to have archived."),
        ("roost_archive_ready_age_seconds", "How long the first of them has waited."),
        ("pgbackrest_backup_info", "1 for each backup."),
        ("pgbackrest_backup_duration_seconds", "How long the backup took."),
    ]

    private static let last: [(name: String, help: String)] = [
        ("pgbackrest_backup_since_last_completion_seconds", "Age of the last backup of at least this type."),
        ("pgbackrest_backup_last_duration_seconds", "How long the last backup took."),
    ]

    /// All, in the order of the page.
    static let catalogue: [(name: String, help: String)] = {
        var all = program
        for measure in measures {
            all.append((name: "pgbackrest_backup_\(measure.name)", help: "Of a backup: \(measure.help)."))
        }
        all += last
        for measure in measures {
            let help = "Of the last backup of at least this type: \(measure.help)."
            all.append((name: "pgbackrest_backup_last_\(measure.name)", help: help))
        }
        return all
    }()
}
