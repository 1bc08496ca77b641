/// Repositories in S3.
extension Options {
    package static let repoS3Bucket = Option<String?>(
        "repo-s3-bucket",
        .string,
        for: .repository,
        depends: .on(repoType, "s3"),
        flags: .required,
        group: .repo,
        formerly: ["repo-s3-bucket"],
        "S3 bucket"
    )

    package static let repoS3Endpoint = Option<String?>(
        "repo-s3-endpoint",
        .string,
        for: .repository,
        depends: .on(repoType, "s3"),
        flags: .required,
        group: .repo,
        formerly: ["repo-s3-endpoint"],
        "S3 endpoint"
    )

    package static let repoS3Key = Option<Secret?>(
        "repo-s3-key",
        .string,
        for: .repository,
        depends: .on(repoS3KeyType, "shared"),
        flags: [.required, .secret],
        group: .repo,
        formerly: ["repo-s3-key"],
        "S3 access key"
    )

    package static let repoS3KeySecret = Option<Secret?>(
        "repo-s3-key-secret",
        .string,
        for: .repository,
        depends: .on(repoS3KeyType, "shared"),
        flags: [.required, .secret],
        group: .repo,
        formerly: ["repo-s3-key-secret"],
        "S3 secret key"
    )

    package static let repoS3KeyType = Option<String?>(
        "repo-s3-key-type",
        .choice(["shared", "auto", "web-id", "pod-id", "process"]),
        default: "shared",
        for: .repository,
        depends: .on(repoType, "s3"),
        group: .repo,
        "where S3 keys come from"
    )

    package static let repoS3KmsKeyId = Option<String?>(
        "repo-s3-kms-key-id",
        .string,
        for: .repository,
        depends: .on(repoType, "s3"),
        group: .repo,
        "KMS key for encryption by the S3 server"
    )

    package static let repoS3ProcessCmd = Option<[String]>(
        "repo-s3-process-cmd",
        .list,
        for: .repository,
        depends: .on(repoS3KeyType, "process"),
        flags: .required,
        group: .repo,
        "program that prints S3 keys"
    )

    package static let repoS3Region = Option<String?>(
        "repo-s3-region",
        .string,
        for: .repository,
        depends: .on(repoType, "s3"),
        flags: .required,
        group: .repo,
        formerly: ["repo-s3-region"],
        "S3 region"
    )

    package static let repoS3RequesterPays = Option<Bool>(
        "repo-s3-requester-pays",
        .boolean,
        default: "n",
        for: .repository,
        depends: .on(repoType, "s3"),
        group: .repo,
        "pay for S3 requests of this program"
    )

    package static let repoS3Role = Option<String?>(
        "repo-s3-role",
        .string,
        for: .repository,
        depends: .on(repoS3KeyType, "auto"),
        group: .repo,
        "S3 role instead of that of the instance"
    )

    package static let repoS3Service = Option<String?>(
        "repo-s3-service",
        .string,
        default: "s3",
        for: .repository,
        depends: .on(repoType, "s3"),
        group: .repo,
        "service name in S3 signatures"
    )

    package static let repoS3SseCustomerKey = Option<Secret?>(
        "repo-s3-sse-customer-key",
        .string,
        for: .repository,
        depends: .on(repoType, "s3"),
        flags: .secret,
        group: .repo,
        "own key for encryption by the S3 server"
    )

    package static let repoS3StsHost = Option<String?>(
        "repo-s3-sts-host",
        .string,
        default: "sts.amazonaws.com",
        for: .repository,
        depends: .on(repoS3KeyType, "web-id"),
        group: .repo,
        "host that gives temporary S3 keys"
    )

    package static let repoS3Token = Option<Secret?>(
        "repo-s3-token",
        .string,
        for: .repository,
        depends: .on(repoS3KeyType, "shared"),
        flags: .secret,
        group: .repo,
        "S3 session token"
    )

    package static let repoS3UriStyle = Option<String?>(
        "repo-s3-uri-style",
        .choice(["host", "path"]),
        default: "host",
        for: .repository,
        depends: .on(repoType, "s3"),
        group: .repo,
        "how S3 addresses name the bucket"
    )
}
