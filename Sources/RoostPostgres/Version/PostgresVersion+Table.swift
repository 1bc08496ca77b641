extension PostgresVersion {
    /// Every supported version, the oldest first.
    ///
    /// The last is not released yet.
    package static let all: [PostgresVersion] = [
        PostgresVersion(
            number: 90600,
            text: "9.6",
            controlVersion: 960,
            catalogVersions: 201_608_131...201_608_131,
            walMagic: 0xD093,
            controlLayout: .upTo9_6,
            functions: .xlog,
            recoveryStyle: .recoveryFile,
            hasBaseBackupManifest: false
        ),
        PostgresVersion(
            number: 100000,
            text: "10",
            controlVersion: 1002,
            catalogVersions: 201_707_211...201_707_211,
            walMagic: 0xD097,
            controlLayout: .from10,
            functions: .wal10,
            recoveryStyle: .recoveryFile,
            hasBaseBackupManifest: false
        ),
        PostgresVersion(
            number: 110000,
            text: "11",
            controlVersion: 1100,
            catalogVersions: 201_809_051...201_809_051,
            walMagic: 0xD098,
            controlLayout: .from11,
            functions: .wal10,
            recoveryStyle: .recoveryFile,
            hasBaseBackupManifest: false
        ),
        PostgresVersion(
            number: 120000,
            text: "12",
            controlVersion: 1201,
            catalogVersions: 201_909_212...201_909_212,
            walMagic: 0xD101,
            controlLayout: .from12,
            functions: .wal10,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: false
        ),
        PostgresVersion(
            number: 130000,
            text: "13",
            controlVersion: 1300,
            catalogVersions: 202_007_201...202_007_201,
            walMagic: 0xD106,
            controlLayout: .from12,
            functions: .wal10,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 140000,
            text: "14",
            controlVersion: 1300,
            catalogVersions: 202_107_181...202_107_181,
            walMagic: 0xD10D,
            controlLayout: .from12,
            functions: .wal10,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 150000,
            text: "15",
            controlVersion: 1300,
            catalogVersions: 202_209_061...202_209_061,
            walMagic: 0xD110,
            controlLayout: .from12,
            functions: .wal15,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 160000,
            text: "16",
            controlVersion: 1300,
            catalogVersions: 202_307_071...202_307_071,
            walMagic: 0xD113,
            controlLayout: .from12,
            functions: .wal15,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 170000,
            text: "17",
            controlVersion: 1700,
            catalogVersions: 202_406_281...202_406_281,
            walMagic: 0xD116,
            controlLayout: .from12,
            functions: .wal15,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 180000,
            text: "18",
            controlVersion: 1800,
            catalogVersions: 202_506_291...202_506_291,
            walMagic: 0xD118,
            controlLayout: .from18,
            functions: .wal15,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
        PostgresVersion(
            number: 190000,
            text: "19",
            controlVersion: 1902,
            catalogVersions: 202_605_131...202_699_999,
            walMagic: 0xD121,
            controlLayout: .from19,
            functions: .wal15,
            recoveryStyle: .signalFile,
            hasBaseBackupManifest: true
        ),
    ]
}
