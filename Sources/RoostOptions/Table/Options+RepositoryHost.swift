/// Repositories on other hosts.
extension Options {
    package static let repoHost = Option<String?>(
        "repo-host",
        .string,
        for: .repositoryClient,
        depends: .on(repoLocal, "n"),
        group: .repo,
        formerly: ["backup-host"],
        "host of the repository"
    )

    package static let repoHostCaFile = Option<String?>(
        "repo-host-ca-file",
        .string,
        for: .repositoryClient,
        depends: .on(repoHostType, "tls"),
        group: .repo,
        "certificates that the repository host may be signed with"
    )

    package static let repoHostCaPath = Option<String?>(
        "repo-host-ca-path",
        .string,
        for: .repositoryClient,
        depends: .on(repoHostType, "tls"),
        group: .repo,
        "directory of certificates that the repository host may be signed with"
    )

    package static let repoHostCertFile = Option<String?>(
        "repo-host-cert-file",
        .string,
        for: .repositoryClient,
        depends: .on(repoHostType, "tls"),
        flags: .required,
        group: .repo,
        "certificate to show to the repository host"
    )

    package static let repoHostCmd = Option<String?>(
        "repo-host-cmd",
        .string,
        default: .program,
        for: .repositoryClient,
        depends: .on(repoHostType, "ssh"),
        group: .repo,
        formerly: ["backup-cmd"],
        "how this program is called on the repository host"
    )

    package static let repoHostConfig = Option<String?>(
        "repo-host-config",
        .string,
        default: "/etc/pgbackrest/pgbackrest.conf",
        for: .repositoryClient,
        depends: .on(repoHost),
        group: .repo,
        formerly: ["backup-config"],
        "configuration file on the repository host"
    )

    package static let repoHostConfigIncludePath = Option<String?>(
        "repo-host-config-include-path",
        .path,
        default: "/etc/pgbackrest/conf.d",
        for: .repositoryClient,
        depends: .on(repoHost),
        group: .repo,
        "directory of further configuration files on the repository host"
    )

    package static let repoHostConfigPath = Option<String?>(
        "repo-host-config-path",
        .path,
        default: "/etc/pgbackrest",
        for: .repositoryClient,
        depends: .on(repoHost),
        group: .repo,
        "directory of the configuration on the repository host"
    )

    package static let repoHostKeyFile = Option<String?>(
        "repo-host-key-file",
        .string,
        for: .repositoryClient,
        depends: .on(repoHostType, "tls"),
        flags: .required,
        group: .repo,
        "key of the certificate for the repository host"
    )

    package static let repoHostPort = Option<Int?>(
        "repo-host-port",
        .integer(.from("0", to: "65535")),
        default: .matching([("tls", "8432")]),
        for: .repositoryClient,
        depends: .on(repoHostType, "ssh", "tls"),
        group: .repo,
        formerly: ["backup-ssh-port"],
        "port of the repository host"
    )

    package static let repoHostType = Option<String?>(
        "repo-host-type",
        .choice(["ssh", "tls"]),
        default: "ssh",
        for: .repositoryClient,
        depends: .on(repoHost),
        group: .repo,
        "how to reach the repository host"
    )

    package static let repoHostUser = Option<String?>(
        "repo-host-user",
        .string,
        default: "pgbackrest",
        for: .repositoryClient,
        depends: .on(repoHostType, "ssh"),
        group: .repo,
        formerly: ["backup-user"],
        "user on the repository host"
    )

    package static let repoLocal = Option<Bool>(
        "repo-local",
        .boolean,
        default: "n",
        for: .repositoryClient,
        flags: .hidden,
        group: .repo,
        "the repository is on this host whatever repo-host says"
    )
}
