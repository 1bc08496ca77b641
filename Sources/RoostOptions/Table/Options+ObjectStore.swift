/// Azure, GCS and what object stores have in common.
extension Options {
    package static let repoAzureAccount = Option<Secret?>(
        "repo-azure-account",
        .string,
        for: .repository,
        depends: .on(repoType, "azure"),
        flags: [.required, .secret],
        group: .repo,
        "Azure account"
    )

    package static let repoAzureContainer = Option<String?>(
        "repo-azure-container",
        .string,
        for: .repository,
        depends: .on(repoType, "azure"),
        flags: .required,
        group: .repo,
        "Azure container"
    )

    package static let repoAzureEndpoint = Option<Secret?>(
        "repo-azure-endpoint",
        .string,
        default: "blob.core.windows.net",
        for: .repository,
        depends: .on(repoType, "azure"),
        flags: .secret,
        group: .repo,
        "Azure endpoint"
    )

    package static let repoAzureKey = Option<Secret?>(
        "repo-azure-key",
        .string,
        for: .repository,
        depends: .on(repoAzureKeyType, "shared", "sas"),
        flags: .secret,
        group: .repo,
        "Azure key or signature"
    )

    package static let repoAzureKeyType = Option<String?>(
        "repo-azure-key-type",
        .choice(["shared", "sas", "auto"]),
        default: "shared",
        for: .repository,
        depends: .on(repoType, "azure"),
        group: .repo,
        "what kind of Azure key it is"
    )

    package static let repoAzureUriStyle = Option<String?>(
        "repo-azure-uri-style",
        .choice(["host", "path"]),
        default: "host",
        for: .repository,
        depends: .on(repoType, "azure"),
        group: .repo,
        "how Azure addresses name the account"
    )

    package static let repoGcsBucket = Option<String?>(
        "repo-gcs-bucket",
        .string,
        for: .repository,
        depends: .on(repoGcsKeyType),
        flags: .required,
        group: .repo,
        "GCS bucket"
    )

    package static let repoGcsEndpoint = Option<String?>(
        "repo-gcs-endpoint",
        .string,
        default: "storage.googleapis.com",
        for: .repository,
        depends: .on(repoGcsKeyType),
        group: .repo,
        "GCS endpoint"
    )

    package static let repoGcsKey = Option<Secret?>(
        "repo-gcs-key",
        .string,
        for: .repository,
        depends: .on(repoGcsKeyType, "service", "token"),
        flags: [.required, .secret],
        group: .repo,
        "GCS key file or token"
    )

    package static let repoGcsKeyType = Option<String?>(
        "repo-gcs-key-type",
        .choice(["service", "token", "auto"]),
        default: "service",
        for: .repository,
        depends: .on(repoType, "gcs"),
        group: .repo,
        "what kind of GCS key it is"
    )

    package static let repoGcsUserProject = Option<String?>(
        "repo-gcs-user-project",
        .string,
        for: .repository,
        group: .repo,
        "project that pays for GCS requests"
    )

    package static let repoStorageCaFile = Option<String?>(
        "repo-storage-ca-file",
        .string,
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        formerly: [.indexed("repo-azure-ca-file"), .eitherWay("repo-s3-ca-file")],
        "certificates that the object store may be signed with"
    )

    package static let repoStorageCaPath = Option<String?>(
        "repo-storage-ca-path",
        .path,
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        formerly: [.indexed("repo-azure-ca-path"), .eitherWay("repo-s3-ca-path")],
        "directory of certificates that the object store may be signed with"
    )

    package static let repoStorageHost = Option<String?>(
        "repo-storage-host",
        .string,
        for: .repository,
        depends: .on(repoType, "azure", "s3"),
        group: .repo,
        formerly: [.indexed("repo-azure-host"), .eitherWay("repo-s3-host")],
        "connect to this host instead of the endpoint"
    )

    package static let repoStoragePort = Option<Int?>(
        "repo-storage-port",
        .integer(.from("1", to: "65535")),
        default: "443",
        for: .repository,
        depends: .on(repoType, "azure", "s3"),
        group: .repo,
        formerly: [.indexed("repo-azure-port"), .indexed("repo-s3-port")],
        "port of the object store"
    )

    package static let repoStoragePrefetch = Option<Int?>(
        "repo-storage-prefetch",
        .integer(.from("0", to: "1024")),
        default: "3",
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        "how many parts of an object to request in advance"
    )

    package static let repoStorageReadOver = Option<UInt64?>(
        "repo-storage-read-over",
        .size(.from("0B", to: "1MiB")),
        default: "64KiB",
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        "read on across gaps up to this size"
    )

    package static let repoStorageTag = Option<OptionPairs>(
        "repo-storage-tag",
        .hash,
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        "tag for new objects, as key=value"
    )

    package static let repoStorageUploadChunkSize = Option<UInt64?>(
        "repo-storage-upload-chunk-size",
        .size(.matching([("azure", "4MiB", "1GiB"), ("gcs", "4MiB", "1GiB"), ("s3", "5MiB", "1GiB")])),
        default: .matching([("azure", "4MiB"), ("gcs", "4MiB"), ("s3", "5MiB")]),
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        "size of the parts of an upload"
    )

    package static let repoStorageVerifyTls = Option<Bool?>(
        "repo-storage-verify-tls",
        .boolean,
        default: "y",
        for: .repository,
        depends: .on(repoType, "azure", "gcs", "s3"),
        group: .repo,
        formerly: [
            .indexed("repo-azure-verify-tls"), .eitherWay("repo-s3-verify-ssl"), .indexed("repo-s3-verify-tls"),
        ],
        "check the certificate of the object store"
    )
}
