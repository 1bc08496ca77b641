import RoostPostgres
import Testing

@Suite struct PostgresVersionTests {
    @Test(arguments: [
        ("9.6", 960, 201_608_131, 0xD093, 90624), ("10", 1002, 201_707_211, 0xD097, 100023),
        ("11", 1100, 201_809_051, 0xD098, 110022), ("12", 1201, 201_909_212, 0xD101, 120022),
        ("13", 1300, 202_007_201, 0xD106, 130023), ("14", 1300, 202_107_181, 0xD10D, 140023),
        ("15", 1300, 202_209_061, 0xD110, 150015), ("16", 1300, 202_307_071, 0xD113, 160015),
        ("17", 1700, 202_406_281, 0xD116, 170011), ("18", 1800, 202_506_291, 0xD118, 180006),
        ("19", 1902, 202_605_131, 0xD121, 190000), ("19", 1902, 202_612_311, 0xD121, 190000),
    ])
    func `every number leads to the version`(
        text: String,
        control: UInt32,
        catalog: UInt32,
        magic: UInt16,
        setting: Int32
    ) throws {
        let version = try #require(PostgresVersion(text))
        #expect(version.text == text)
        #expect(PostgresVersion.of(controlVersion: control, catalogVersion: catalog) == version)
        #expect(PostgresVersion.of(walMagic: magic) == version)
        #expect(PostgresVersion.of(serverVersionNumber: setting) == version)
    }

    @Test(arguments: ["", "8.4", "9.5", "9", "9.6.1", "15.1", "015", " 15", "20"])
    func `other texts are no version`(text: String) {
        #expect(PostgresVersion(text) == nil)
    }

    @Test func `unknown numbers are no version`() {
        #expect(PostgresVersion.of(controlVersion: 1300, catalogVersion: 202_209_062) == nil)
        #expect(PostgresVersion.of(controlVersion: 1201, catalogVersion: 202_209_061) == nil)
        #expect(PostgresVersion.of(controlVersion: 1902, catalogVersion: 202_605_130) == nil)
        #expect(PostgresVersion.of(controlVersion: 1902, catalogVersion: 202_700_101) == nil)
        #expect(PostgresVersion.of(walMagic: 0xD111) == nil)
        #expect(PostgresVersion.of(serverVersionNumber: 90500) == nil)
        #expect(PostgresVersion.of(serverVersionNumber: -1) == nil)
    }

    @Test(arguments: [
        ("9.6", "pg_xlog", "pg_clog"), ("10", "pg_wal", "pg_xact"), ("18", "pg_wal", "pg_xact"),
    ])
    func `directories were renamed in 10`(text: String, wal: String, transactions: String) throws {
        let version = try #require(PostgresVersion(text))
        #expect(version.walDirectory == wal)
        #expect(version.transactionDirectory == transactions)
    }

    @Test(arguments: [
        ("11", PostgresVersion.RecoveryStyle.recoveryFile, true, false), ("12", .signalFile, false, false),
        ("13", .signalFile, false, true),
    ])
    func `files of recovery and of base backups are transient`(
        text: String,
        style: PostgresVersion.RecoveryStyle,
        recoveryFile: Bool,
        manifest: Bool
    ) throws {
        let version = try #require(PostgresVersion(text))
        #expect(version.recoveryStyle == style)
        #expect(version.transientFiles.contains("recovery.conf") == recoveryFile)
        #expect(version.transientFiles.contains("standby.signal") != recoveryFile)
        #expect(version.transientFiles.contains("backup_manifest") == manifest)
        #expect(version.transientFiles.contains("postmaster.pid"))
    }

    @Test func `a tablespace holds a directory for each version`() {
        #expect(PostgresVersion("15")?.tablespaceDirectory(catalogVersion: 202_209_061) == "PG_15_202209061")
    }

    @Test func `versions order by age`() {
        #expect(PostgresVersion.all == PostgresVersion.all.sorted())
    }

    @Test(arguments: [
        ("9.6", "pg_catalog.pg_start_backup('pgBackRest backup started at ' || current_timestamp, true, false)"),
        ("14", "pg_catalog.pg_start_backup('pgBackRest backup started at ' || current_timestamp, true, false)"),
        ("15", "pg_catalog.pg_backup_start('pgBackRest backup started at ' || current_timestamp, true)"),
    ])
    func `a backup is started as the version wants`(text: String, call: String) throws {
        let statement = StartBackup(fast: true).sql(for: try #require(PostgresVersion(text)))
        #expect(statement.contains(" from \(call) as lsn"))
    }

    @Test(arguments: [
        ("9.6", "pg_catalog.pg_xlogfile_name(lsn)", "pg_catalog.pg_stop_backup(false)"),
        ("10", "pg_catalog.pg_walfile_name(lsn)", "pg_catalog.pg_stop_backup(false, false)"),
        ("19", "pg_catalog.pg_walfile_name(lsn)", "pg_catalog.pg_backup_stop(false)"),
    ])
    func `a backup is stopped as the version wants`(text: String, name: String, call: String) throws {
        let statement = StopBackup().sql(for: try #require(PostgresVersion(text)))
        #expect(statement.contains(name))
        #expect(statement.hasSuffix(" from \(call)"))
    }

    @Test func `9_6 has other names for positions`() throws {
        let old = try #require(PostgresVersion("9.6"))
        #expect(
            CurrentWALSegment().sql(for: old)
                == "select pg_catalog.pg_xlogfile_name(pg_catalog.pg_current_xlog_insert_location())::pg_catalog.text"
        )
        #expect(
            SwitchWAL().sql(for: old)
                == "select pg_catalog.pg_xlogfile_name(pg_catalog.pg_switch_xlog())::pg_catalog.text"
        )
        #expect(
            ReplayPosition().sql(for: old) == "select pg_catalog.pg_last_xlog_replay_location()::pg_catalog.text"
        )
    }
}
