/// What is logged, and where.
extension Options {
    package static let logLevelConsole = Option<String>(
        "log-level-console",
        .choice(["off", "error", "warn", "info", "detail", "debug", "trace"]),
        default: "warn",
        for: .everywhere,
        "which messages go to standard output"
    )

    package static let logLevelFile = Option<String>(
        "log-level-file",
        .choice(["off", "error", "warn", "info", "detail", "debug", "trace"]),
        default: "info",
        for: .everywhere,
        "which messages go to the log file"
    )

    package static let logLevelStderr = Option<String>(
        "log-level-stderr",
        .choice(["off", "error", "warn", "info", "detail", "debug", "trace"]),
        default: "off",
        for: .everywhere,
        "which messages go to standard error"
    )

    package static let logPath = Option<String>(
        "log-path",
        .path,
        default: "/var/log/pgbackrest",
        for: .everywhere,
        "directory of the log files"
    )

    package static let logSubprocess = Option<Bool>(
        "log-subprocess",
        .boolean,
        default: "n",
        for: .repository,
        "let sub-processes write log files"
    )

    package static let logTimestamp = Option<Bool>(
        "log-timestamp",
        .boolean,
        default: "y",
        for: .everywhere,
        "begin messages with the time"
    )
}
