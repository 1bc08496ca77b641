/// Restoring.
extension Options {
    package static let archiveMode = Option<String>(
        "archive-mode",
        .choice(["preserve", "off"]),
        default: "preserve",
        for: .main(.restore),
        "archive_mode of the restored cluster"
    )

    package static let dbExclude = Option<[String]>(
        "db-exclude",
        .list,
        for: .main(.restore),
        "database to restore as an empty shell"
    )

    package static let dbInclude = Option<[String]>(
        "db-include",
        .list,
        for: .main(.restore),
        "database to restore, others become empty shells"
    )

    package static let linkAll = Option<Bool>(
        "link-all",
        .boolean,
        default: "n",
        for: .main(.restore),
        "restore all links of the backup"
    )

    package static let linkMap = Option<OptionPairs>(
        "link-map",
        .hash,
        for: .main(.restore),
        "new destination of a link, as name=path"
    )

    package static let recoveryOption = Option<OptionPairs>(
        "recovery-option",
        .hash,
        for: .main(.restore),
        depends: .on(type, "default", "immediate", "lsn", "name", "time", "standby", "xid"),
        "setting for recovery, as key=value"
    )

    package static let tablespaceMap = Option<OptionPairs>(
        "tablespace-map",
        .hash,
        for: .main(.restore),
        "new directory of a tablespace, as name=path"
    )

    package static let tablespaceMapAll = Option<String?>(
        "tablespace-map-all",
        .string,
        for: .main(.restore),
        "directory for all tablespaces"
    )

    package static let target = Option<String?>(
        "target",
        .string,
        in: .commandLine,
        for: .main(.restore),
        depends: .on(type, "lsn", "name", "time", "xid"),
        flags: .required,
        "where recovery ends"
    )

    package static let targetAction = Option<String?>(
        "target-action",
        .choice(["pause", "promote", "shutdown"]),
        in: .commandLine,
        default: "pause",
        for: .main(.restore),
        depends: .on(type, "immediate", "lsn", "name", "time", "xid"),
        "what the server does at the end of recovery"
    )

    package static let targetExclusive = Option<Bool>(
        "target-exclusive",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.restore),
        depends: .on(type, "lsn", "time", "xid"),
        "end just before the target"
    )

    package static let targetTimeline = Option<String?>(
        "target-timeline",
        .string,
        in: .commandLine,
        for: .main(.restore),
        depends: .on(type, "default", "lsn", "name", "standby", "time", "xid"),
        "timeline to recover along"
    )
}
