/// What most commands share.
extension Options {
    package static let allowRoot = Option<Bool>(
        "allow-root",
        .boolean,
        default: "n",
        for: .everywhere,
        overrides: [.init(.restore, default: "y")],
        "let the command run as root"
    )

    package static let beta = Option<Bool>(
        "beta",
        .boolean,
        default: "n",
        for: .everywhere,
        flags: .hidden,
        "accept features that are not finished"
    )

    package static let bufferSize = Option<UInt64>(
        "buffer-size",
        .sizeChoice(["16KiB", "32KiB", "64KiB", "128KiB", "256KiB", "512KiB", "1MiB", "2MiB", "4MiB", "8MiB", "16MiB"]),
        default: "1MiB",
        for: .network,
        "size of the buffers for reading and writing"
    )

    package static let cmd = Option<String>(
        "cmd",
        .string,
        default: .program,
        for: .workers.withoutRemote,
        "how this program is called by its own sub-processes and by PostgreSQL"
    )

    package static let cmdSsh = Option<String>(
        "cmd-ssh",
        .string,
        default: "ssh",
        for: .repositoryClient,
        "SSH client"
    )

    package static let compressLevelNetwork = Option<Int>(
        "compress-level-network",
        .integer(.from("-5", to: "12")),
        default: "1",
        for: .repositoryClient,
        "effort of the compression between hosts"
    )

    package static let config = Option<String>(
        "config",
        .string,
        in: .commandLine,
        default: "/etc/pgbackrest/pgbackrest.conf",
        for: .everywhere,
        flags: .negatable,
        "configuration file"
    )

    package static let configIncludePath = Option<String>(
        "config-include-path",
        .path,
        in: .commandLine,
        default: "/etc/pgbackrest/conf.d",
        for: .everywhere,
        "directory of further configuration files"
    )

    package static let configPath = Option<String>(
        "config-path",
        .path,
        in: .commandLine,
        default: "/etc/pgbackrest",
        for: .everywhere,
        "directory of the configuration file and of conf.d"
    )

    package static let dbTimeout = Option<Int64>(
        "db-timeout",
        .time(.from("100ms", to: "7d")),
        default: "30m",
        for: .database,
        "how long a query may take"
    )

    package static let execId = Option<String?>(
        "exec-id",
        .string,
        in: .commandLine,
        for: .everywhere,
        flags: .hidden,
        "identity that all processes of a command share"
    )

    package static let ioTimeout = Option<Int64>(
        "io-timeout",
        .time(.from("100ms", to: "1h")),
        default: "1m",
        for: .network,
        "how long to wait for data from another host"
    )

    package static let jobRetry = Option<Int>(
        "job-retry",
        .integer(.from("0", to: "360")),
        default: "2",
        for: .workers.withoutRemote,
        overrides: [.init(.archiveGet, default: "1"), .init(.archivePush, default: "1")],
        flags: .hidden,
        "how often to try a failed job again"
    )

    package static let jobRetryInterval = Option<Int64>(
        "job-retry-interval",
        .time(.from("0s", to: "15m")),
        default: "15s",
        for: .workers.withoutRemote,
        flags: .hidden,
        "time between these attempts, beginning with the second"
    )

    package static let lock = Option<[String]>(
        "lock",
        .list,
        in: .commandLine,
        for: .roles(
            .remote,
            of: .annotate,
            .archivePush,
            .backup,
            .expire,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade
        ),
        flags: .hidden,
        "lock that is held on behalf of this process"
    )

    package static let lockPath = Option<String>(
        "lock-path",
        .path,
        default: "/tmp/pgbackrest",
        for: .all(
            .annotate,
            .archiveGet,
            .archivePush,
            .backup,
            .expire,
            .info,
            .restore,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade,
            .start,
            .stop
        ),
        "directory of lock and stop files"
    )

    package static let neutralUmask = Option<Bool>(
        "neutral-umask",
        .boolean,
        default: "y",
        for: .all(
            .annotate,
            .archiveGet,
            .archivePush,
            .backup,
            .check,
            .expire,
            .repoGet,
            .repoLs,
            .repoRm,
            .restore,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade,
            .start,
            .stop,
            .verify
        ),
        "ignore the umask for files and directories of the repository"
    )

    package static let pg = Option<Int?>(
        "pg",
        .integer(.from("1", to: "256")),
        in: .commandLine,
        for: .roles(.local, of: .backup) + .main(.manifest),
        flags: .hidden,
        "cluster to work with"
    )

    package static let priority = Option<Int?>(
        "priority",
        .integer(.from("-20", to: "19")),
        for: .everywhere,
        "nice value of the process"
    )

    package static let process = Option<Int?>(
        "process",
        .integer(.from("0", to: "1024")),
        in: .commandLine,
        for: .repository.serving,
        flags: .hidden,
        "number of the worker"
    )

    package static let processMax = Option<Int>(
        "process-max",
        .integer(.from("1", to: "999")),
        default: "1",
        for: .workers.coordinating,
        "how many workers to use"
    )

    package static let protocolTimeout = Option<Int64>(
        "protocol-timeout",
        .time(.from("100ms", to: "7d")),
        default: "31m",
        for: .repository + .all(.server),
        "how long a process waits for another"
    )

    package static let remoteType = Option<String?>(
        "remote-type",
        .choice(["pg", "repo"]),
        in: .commandLine,
        for: .repository.serving,
        flags: .hidden,
        "which side the process on the other host serves"
    )

    package static let repo = Option<Int?>(
        "repo",
        .integer(.from("1", to: "256")),
        in: .commandLine,
        for: .all(
            .annotate,
            .archiveGet,
            .backup,
            .expire,
            .info,
            .manifest,
            .repoGet,
            .repoLs,
            .repoRm,
            .restore,
            .stanzaDelete,
            .verify
        ) + .roles(.remote, of: .archivePush, .check, .stanzaCreate, .stanzaUpgrade),
        "repository to work with"
    )

    package static let sckBlock = Option<Bool>(
        "sck-block",
        .boolean,
        default: "n",
        for: .network,
        flags: .hidden,
        "use blocking sockets"
    )

    package static let sckKeepAlive = Option<Bool>(
        "sck-keep-alive",
        .boolean,
        default: "y",
        for: .network,
        "keep idle connections alive"
    )

    package static let stanza = Option<String?>(
        "stanza",
        .string,
        in: .commandLine,
        for: .all(
            .annotate,
            .archiveGet,
            .archivePush,
            .backup,
            .check,
            .expire,
            .info,
            .manifest,
            .repoGet,
            .repoLs,
            .repoRm,
            .restore,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade,
            .start,
            .stop,
            .verify
        ),
        overrides: [
            .init(.check, required: false), .init(.info, required: false),
            .init(.repoGet, required: false, hidden: true), .init(.repoLs, required: false, hidden: true),
            .init(.repoRm, required: false, hidden: true), .init(.start, required: false),
            .init(.stop, required: false),
        ],
        flags: .required,
        "name of the cluster's section in configuration and repository"
    )

    package static let tcpKeepAliveCount = Option<Int?>(
        "tcp-keep-alive-count",
        .integer(.from("1", to: "32")),
        for: .network,
        depends: .on(sckKeepAlive, "y"),
        "lost probes after which a connection is dead"
    )

    package static let tcpKeepAliveIdle = Option<Int?>(
        "tcp-keep-alive-idle",
        .integer(.from("1", to: "3600")),
        for: .network,
        depends: .on(sckKeepAlive, "y"),
        "seconds of silence before the first probe"
    )

    package static let tcpKeepAliveInterval = Option<Int?>(
        "tcp-keep-alive-interval",
        .integer(.from("1", to: "900")),
        for: .network,
        depends: .on(sckKeepAlive, "y"),
        "seconds between probes"
    )
}
