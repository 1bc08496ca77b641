/// Making backups.
extension Options {
    package static let archiveCheck = Option<Bool>(
        "archive-check",
        .boolean,
        default: "y",
        for: .push + .main(.backup, .check),
        overrides: [.init(.backup, depends: .on(online, "y", otherwise: "n"))],
        "wait until the WAL that a backup needs is in the repository"
    )

    package static let archiveCopy = Option<Bool>(
        "archive-copy",
        .boolean,
        default: "n",
        for: .main(.backup),
        overrides: [.init(.backup, depends: .on(archiveCheck, "y", otherwise: "n"))],
        "store the WAL that a backup needs inside the backup"
    )

    package static let archiveModeCheck = Option<Bool>(
        "archive-mode-check",
        .boolean,
        default: "y",
        for: .push + .main(.backup, .check),
        depends: .on(archiveCheck, "y", otherwise: "n"),
        "refuse an archive_mode that archives from standbys"
    )

    package static let backupStandby = Option<String>(
        "backup-standby",
        .booleanOrChoice(["n", "prefer", "y"]),
        default: "n",
        for: .main(.backup, .check),
        "read data files from a standby"
    )

    package static let checksumPage = Option<Bool?>(
        "checksum-page",
        .boolean,
        for: .main(.backup),
        "verify page checksums; by default if the cluster has them"
    )

    package static let compress = Option<Bool>(
        "compress",
        .boolean,
        default: "y",
        for: .main(.archivePush, .backup),
        "compress files; use compress-type instead"
    )

    package static let compressLevel = Option<Int>(
        "compress-level",
        .integer(.matching([("bz2", "1", "9"), ("gz", "-1", "9"), ("lz4", "-5", "12"), ("zst", "-7", "22")])),
        default: .matching([("bz2", "9"), ("gz", "6"), ("lz4", "1"), ("zst", "3")]),
        for: .push + .main(.backup),
        depends: .on(compressType, "bz2", "gz", "lz4", "zst", otherwise: "0"),
        "effort of the compression"
    )

    package static let compressType = Option<String>(
        "compress-type",
        .choice(["none", "bz2", "gz", "lz4", "zst"]),
        default: "gz",
        for: .push + .main(.backup),
        "compression of the files in the repository"
    )

    package static let exclude = Option<[String]>(
        "exclude",
        .list,
        for: .main(.backup),
        "path or file that backups leave out"
    )

    package static let expireAuto = Option<Bool>(
        "expire-auto",
        .boolean,
        default: "y",
        for: .main(.backup),
        "run expire after a successful backup"
    )

    package static let manifestSaveThreshold = Option<UInt64>(
        "manifest-save-threshold",
        .size(.from("1B", to: "1TiB")),
        default: "1GiB",
        for: .main(.backup),
        "save the manifest after this much data, for a later resume"
    )

    package static let online = Option<Bool>(
        "online",
        .boolean,
        in: .commandLine,
        default: "y",
        for: .main(.backup, .stanzaCreate, .stanzaUpgrade),
        flags: .negatable,
        "the cluster is running"
    )

    package static let pageHeaderCheck = Option<Bool>(
        "page-header-check",
        .boolean,
        default: "y",
        for: .main(.backup),
        "check the headers of pages too"
    )

    package static let resume = Option<Bool>(
        "resume",
        .boolean,
        default: "y",
        for: .main(.backup),
        "continue the last backup if it was interrupted"
    )

    package static let startFast = Option<Bool>(
        "start-fast",
        .boolean,
        default: "n",
        for: .main(.backup),
        "begin with an immediate checkpoint"
    )

    package static let stopAuto = Option<Bool>(
        "stop-auto",
        .boolean,
        default: "n",
        for: .main(.backup),
        flags: .hidden,
        "no effect: exclusive backups are gone"
    )
}
