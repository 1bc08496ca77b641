/// Where the clusters are: `pg1-path` and its like.
extension Options {
    package static let pgDatabase = Option<String?>(
        "pg-database",
        .string,
        in: .stanza,
        default: "postgres",
        for: .database,
        depends: .on(pgPath),
        group: .pg,
        "database to connect to"
    )

    package static let pgHost = Option<String?>(
        "pg-host",
        .string,
        in: .stanza,
        for: .clusterClient + .all(.archiveGet, .archivePush, .restore).withoutRemote,
        depends: .on(pgLocal, "n"),
        overrides: [
            .init(.archiveGet, hidden: true), .init(.archivePush, hidden: true), .init(.restore, hidden: true),
        ],
        group: .pg,
        formerly: [.eitherWay("db-host")],
        "host of the cluster"
    )

    package static let pgHostCaFile = Option<String?>(
        "pg-host-ca-file",
        .string,
        for: .clusterClient,
        depends: .on(pgHostType, "tls"),
        group: .pg,
        "certificates that the cluster host may be signed with"
    )

    package static let pgHostCaPath = Option<String?>(
        "pg-host-ca-path",
        .string,
        for: .clusterClient,
        depends: .on(pgHostType, "tls"),
        group: .pg,
        "directory of certificates that the cluster host may be signed with"
    )

    package static let pgHostCertFile = Option<String?>(
        "pg-host-cert-file",
        .string,
        for: .clusterClient,
        depends: .on(pgHostType, "tls"),
        flags: .required,
        group: .pg,
        "certificate to show to the cluster host"
    )

    package static let pgHostCmd = Option<String?>(
        "pg-host-cmd",
        .string,
        in: .stanza,
        default: .program,
        for: .clusterClient,
        depends: .on(pgHostType, "ssh"),
        group: .pg,
        formerly: [.eitherWay("db-cmd")],
        "how this program is called on the cluster host"
    )

    package static let pgHostConfig = Option<String?>(
        "pg-host-config",
        .path,
        in: .stanza,
        default: "/etc/pgbackrest/pgbackrest.conf",
        for: .clusterClient,
        depends: .on(pgHost),
        group: .pg,
        formerly: [.eitherWay("db-config")],
        "configuration file on the cluster host"
    )

    package static let pgHostConfigIncludePath = Option<String?>(
        "pg-host-config-include-path",
        .path,
        in: .stanza,
        default: "/etc/pgbackrest/conf.d",
        for: .clusterClient,
        depends: .on(pgHost),
        group: .pg,
        "directory of further configuration files on the cluster host"
    )

    package static let pgHostConfigPath = Option<String?>(
        "pg-host-config-path",
        .path,
        in: .stanza,
        default: "/etc/pgbackrest",
        for: .clusterClient,
        depends: .on(pgHost),
        group: .pg,
        "directory of the configuration on the cluster host"
    )

    package static let pgHostKeyFile = Option<String?>(
        "pg-host-key-file",
        .string,
        for: .clusterClient,
        depends: .on(pgHostType, "tls"),
        flags: .required,
        group: .pg,
        "key of the certificate for the cluster host"
    )

    package static let pgHostPort = Option<Int?>(
        "pg-host-port",
        .integer(.from("0", to: "65535")),
        in: .stanza,
        default: .matching([("tls", "8432")]),
        for: .clusterClient,
        depends: .on(pgHostType, "ssh", "tls"),
        group: .pg,
        formerly: [.eitherWay("db-ssh-port")],
        "port of the cluster host"
    )

    package static let pgHostType = Option<String?>(
        "pg-host-type",
        .choice(["ssh", "tls"]),
        default: "ssh",
        for: .clusterClient,
        depends: .on(pgHost),
        group: .pg,
        "how to reach the cluster host"
    )

    package static let pgHostUser = Option<String?>(
        "pg-host-user",
        .string,
        in: .stanza,
        default: "postgres",
        for: .clusterClient,
        depends: .on(pgHostType, "ssh"),
        group: .pg,
        formerly: [.eitherWay("db-user")],
        "user on the cluster host"
    )

    package static let pgLocal = Option<Bool>(
        "pg-local",
        .boolean,
        in: .stanza,
        default: "n",
        for: .clusterClient + .all(.archiveGet, .archivePush, .restore).withoutRemote,
        flags: .hidden,
        group: .pg,
        "the cluster is on this host whatever pg-host says"
    )

    package static let pgPath = Option<String?>(
        "pg-path",
        .path,
        in: .stanza,
        for: .all(
            .archiveGet,
            .archivePush,
            .backup,
            .check,
            .manifest,
            .restore,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade
        ),
        overrides: [
            .init(.archivePush, required: false), .init(.check, depends: .on(stanza)),
            .init(.manifest, required: false),
        ],
        flags: .required,
        group: .pg,
        formerly: [.eitherWay("db-path")],
        "data directory of the cluster"
    )

    package static let pgPort = Option<Int?>(
        "pg-port",
        .integer(.from("0", to: "65535")),
        in: .stanza,
        default: "5432",
        for: .database,
        depends: .on(pgPath),
        group: .pg,
        formerly: [.eitherWay("db-port")],
        "port of the server"
    )

    package static let pgSocketPath = Option<String?>(
        "pg-socket-path",
        .string,
        in: .stanza,
        for: .database,
        depends: .on(pgPath),
        group: .pg,
        formerly: [.eitherWay("db-socket-path")],
        "directory of the server's socket"
    )

    package static let pgUser = Option<String?>(
        "pg-user",
        .string,
        in: .stanza,
        for: .database,
        depends: .on(pgPath),
        group: .pg,
        "database user to connect as"
    )

    package static let pgVersionForce = Option<String?>(
        "pg-version-force",
        .string,
        in: .stanza,
        for: .all(
            .archiveGet,
            .archivePush,
            .backup,
            .check,
            .manifest,
            .restore,
            .stanzaCreate,
            .stanzaDelete,
            .stanzaUpgrade,
            .verify
        ),
        "take the cluster for this version"
    )
}
