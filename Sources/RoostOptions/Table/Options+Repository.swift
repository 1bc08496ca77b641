/// Repositories: `repo1-path` and its like.
extension Options {
    package static let repoBlock = Option<Bool>(
        "repo-block",
        .boolean,
        default: "n",
        for: .main(.backup),
        depends: .on(repoBundle, "y", otherwise: "n"),
        group: .repo,
        "store changed blocks of large files instead of whole files"
    )

    package static let repoBlockAgeMap = Option<OptionPairs>(
        "repo-block-age-map",
        .hash,
        for: .main(.backup),
        depends: .on(repoBlock, "y"),
        flags: .hidden,
        group: .repo,
        "block size by age of the file"
    )

    package static let repoBlockChecksumSizeMap = Option<OptionPairs>(
        "repo-block-checksum-size-map",
        .hash,
        for: .main(.backup),
        depends: .on(repoBlock, "y"),
        flags: .hidden,
        group: .repo,
        "checksum size by block size"
    )

    package static let repoBlockSizeMap = Option<OptionPairs>(
        "repo-block-size-map",
        .hash,
        for: .main(.backup),
        depends: .on(repoBlock, "y"),
        flags: .hidden,
        group: .repo,
        "block size by size of the file"
    )

    package static let repoBlockSizeSuper = Option<UInt64?>(
        "repo-block-size-super",
        .size(.from("32KiB", to: "16MiB")),
        default: "256KiB",
        for: .main(.backup),
        depends: .on(repoBlock, "y"),
        flags: .hidden,
        group: .repo,
        "size of what is compressed at once in dependent backups"
    )

    package static let repoBlockSizeSuperFull = Option<UInt64?>(
        "repo-block-size-super-full",
        .size(.from("32KiB", to: "16MiB")),
        default: "1MiB",
        for: .main(.backup),
        depends: .on(repoBlock, "y"),
        flags: .hidden,
        group: .repo,
        "size of what is compressed at once in full backups"
    )

    package static let repoBundle = Option<Bool>(
        "repo-bundle",
        .boolean,
        default: "n",
        for: .main(.backup),
        group: .repo,
        "store small files together"
    )

    package static let repoBundleLimit = Option<UInt64?>(
        "repo-bundle-limit",
        .size(.from("8KiB", to: "1PiB")),
        default: "2MiB",
        for: .main(.backup),
        depends: .on(repoBundle, "y"),
        group: .repo,
        "files up to this size are bundled"
    )

    package static let repoBundleSize = Option<UInt64?>(
        "repo-bundle-size",
        .size(.from("1MiB", to: "1PiB")),
        default: "20MiB",
        for: .main(.backup),
        depends: .on(repoBundle, "y"),
        group: .repo,
        "begin a new bundle at this size"
    )

    package static let repoCipherPass = Option<Secret?>(
        "repo-cipher-pass",
        .string,
        for: .repository,
        depends: .on(repoCipherType, "aes-256-cbc"),
        flags: [.required, .secret],
        group: .repo,
        formerly: ["repo-cipher-pass"],
        "passphrase of the repository"
    )

    package static let repoCipherType = Option<String>(
        "repo-cipher-type",
        .choice(["none", "aes-256-cbc"]),
        default: "none",
        for: .repository,
        group: .repo,
        formerly: ["repo-cipher-type"],
        "encryption of the repository"
    )

    package static let repoHardlink = Option<Bool>(
        "repo-hardlink",
        .boolean,
        default: "n",
        for: .main(.backup),
        depends: .on(repoBundle, "n", otherwise: "n"),
        group: .repo,
        formerly: ["hardlink"],
        "hard-link unchanged files into dependent backups"
    )

    package static let repoPath = Option<String>(
        "repo-path",
        .path,
        default: "/var/lib/pgbackrest",
        for: .repository,
        group: .repo,
        formerly: ["repo-path"],
        "directory or prefix of the repository"
    )

    package static let repoRetentionArchive = Option<Int?>(
        "repo-retention-archive",
        .integer(.from("1", to: "9999999")),
        for: .retention,
        group: .repo,
        formerly: ["retention-archive"],
        "how many backups keep the WAL that follows them"
    )

    package static let repoRetentionArchiveType = Option<String>(
        "repo-retention-archive-type",
        .choice(["full", "diff", "incr"]),
        default: "full",
        for: .retention,
        group: .repo,
        formerly: ["retention-archive-type"],
        "which backups count for the retention of WAL"
    )

    package static let repoRetentionDiff = Option<Int?>(
        "repo-retention-diff",
        .integer(.from("1", to: "9999999")),
        for: .retention,
        group: .repo,
        formerly: ["retention-diff"],
        "how many differential backups to keep"
    )

    package static let repoRetentionFull = Option<Int?>(
        "repo-retention-full",
        .integer(.from("1", to: "9999999")),
        for: .retention,
        group: .repo,
        formerly: ["retention-full"],
        "how many full backups, or days of them, to keep"
    )

    package static let repoRetentionFullType = Option<String>(
        "repo-retention-full-type",
        .choice(["count", "time"]),
        default: "count",
        for: .retention,
        group: .repo,
        "whether full backups are counted or kept by age"
    )

    package static let repoRetentionHistory = Option<Int?>(
        "repo-retention-history",
        .integer(.from("0", to: "9999999")),
        for: .retention,
        group: .repo,
        "how many days to keep manifests of expired backups"
    )

    package static let repoSymlink = Option<Bool>(
        "repo-symlink",
        .boolean,
        default: "y",
        for: .retention,
        depends: .on(repoType, "posix", otherwise: "n"),
        group: .repo,
        "keep links to the latest backup and to tablespaces"
    )

    package static let repoTargetTime = Option<String?>(
        "repo-target-time",
        .string,
        for: .all(.archiveGet, .info, .manifest, .repoGet, .repoLs, .restore, .verify).withoutRemote,
        "see the repository as it was at this time"
    )

    package static let repoType = Option<String>(
        "repo-type",
        .choice(["azure", "cifs", "gcs", "posix", "s3", "sftp"]),
        default: "posix",
        for: .repository,
        group: .repo,
        formerly: ["repo-type"],
        "kind of storage of the repository"
    )
}
