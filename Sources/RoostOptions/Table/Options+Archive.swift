/// Moving WAL.
extension Options {
    package static let archiveAsync = Option<Bool>(
        "archive-async",
        .boolean,
        default: "n",
        for: .all(.archiveGet, .archivePush),
        "move WAL in the background, ahead of the server's demand"
    )

    package static let archiveGetQueueMax = Option<UInt64>(
        "archive-get-queue-max",
        .size(.from("0B", to: "4PiB")),
        default: "128MiB",
        for: .all(.archiveGet).coordinating,
        "how much WAL to fetch in advance"
    )

    package static let archiveHeaderCheck = Option<Bool>(
        "archive-header-check",
        .boolean,
        default: "y",
        for: .push,
        "compare version and system id of a segment with the stanza"
    )

    package static let archiveMissingRetry = Option<Bool>(
        "archive-missing-retry",
        .boolean,
        default: "y",
        for: .main(.archiveGet),
        "look again for segments that the background process did not find"
    )

    package static let archivePushBatchSize = Option<UInt64>(
        "archive-push-batch-size",
        .size(.from("1MiB", to: "4PiB")),
        default: "16GiB",
        for: .push,
        "how much WAL one background process pushes"
    )

    package static let archivePushQueueMax = Option<UInt64?>(
        "archive-push-queue-max",
        .size(.from("0B", to: "4PiB")),
        for: .push,
        formerly: ["archive-queue-max"],
        "drop WAL instead of filling the disk beyond this size"
    )

    package static let archiveTimeout = Option<Int64>(
        "archive-timeout",
        .time(.from("100ms", to: "1d")),
        default: "1m",
        for: .main(.archiveGet, .archivePush, .backup, .check),
        "how long to wait for a WAL segment to be archived"
    )

    package static let spoolPath = Option<String?>(
        "spool-path",
        .path,
        default: "/var/spool/pgbackrest",
        for: .all(.archiveGet, .archivePush, .restore).withoutRemote,
        overrides: [
            .init(.archiveGet, depends: .on(archiveAsync, "y")), .init(.archivePush, depends: .on(archiveAsync, "y")),
            .init(.restore, hidden: true),
        ],
        "directory where background WAL transfer keeps its files"
    )
}
