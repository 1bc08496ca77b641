/// Repositories over SFTP.
extension Options {
    package static let repoSftpHost = Option<String?>(
        "repo-sftp-host",
        .string,
        for: .repository,
        depends: .on(repoType, "sftp"),
        flags: .required,
        group: .repo,
        "SFTP host"
    )

    package static let repoSftpHostFingerprint = Option<String?>(
        "repo-sftp-host-fingerprint",
        .string,
        for: .repository,
        depends: .on(repoSftpHostKeyCheckType, "fingerprint", "strict"),
        group: .repo,
        "fingerprint of the SFTP host"
    )

    package static let repoSftpHostKeyCheckType = Option<String?>(
        "repo-sftp-host-key-check-type",
        .choice(["accept-new", "fingerprint", "none", "strict"]),
        default: "strict",
        for: .repository,
        depends: .on(repoType, "sftp"),
        group: .repo,
        "how to check the key of the SFTP host"
    )

    package static let repoSftpHostKeyHashType = Option<String?>(
        "repo-sftp-host-key-hash-type",
        .choice(["md5", "sha1", "sha256"]),
        for: .repository,
        depends: .on(repoType, "sftp"),
        flags: .required,
        group: .repo,
        "digest of the SFTP host's fingerprint"
    )

    package static let repoSftpHostPort = Option<Int?>(
        "repo-sftp-host-port",
        .integer(.from("1", to: "65535")),
        default: "22",
        for: .repository,
        depends: .on(repoType, "sftp"),
        group: .repo,
        "SFTP port"
    )

    package static let repoSftpHostUser = Option<String?>(
        "repo-sftp-host-user",
        .string,
        for: .repository,
        depends: .on(repoType, "sftp"),
        flags: .required,
        group: .repo,
        "SFTP user"
    )

    package static let repoSftpKnownHost = Option<[String]>(
        "repo-sftp-known-host",
        .list,
        for: .repository,
        depends: .on(repoSftpHostKeyCheckType, "accept-new", "strict"),
        group: .repo,
        "file of known SFTP hosts"
    )

    package static let repoSftpPrivateKeyFile = Option<String?>(
        "repo-sftp-private-key-file",
        .string,
        for: .repository,
        depends: .on(repoType, "sftp"),
        flags: .required,
        group: .repo,
        "private key for SFTP"
    )

    package static let repoSftpPrivateKeyPassphrase = Option<Secret?>(
        "repo-sftp-private-key-passphrase",
        .string,
        for: .repository,
        depends: .on(repoType, "sftp"),
        flags: .secret,
        group: .repo,
        "passphrase of the private key for SFTP"
    )

    package static let repoSftpPublicKeyFile = Option<String?>(
        "repo-sftp-public-key-file",
        .string,
        for: .repository,
        depends: .on(repoType, "sftp"),
        group: .repo,
        "public key for SFTP"
    )
}
