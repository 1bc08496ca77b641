import RoostSystem
import Testing

@testable import RoostOptions

@Suite struct ResolutionTests {
    @Test(arguments: [
        ("", [], "1m", OptionSource.defaultValue),
        ("[global]\narchive-timeout=2m", [], "2m", .file(path: file, section: "global")),
        (
            "[global]\narchive-timeout=2m\n[global:backup]\narchive-timeout=3m", [], "3m",
            .file(path: file, section: "global:backup")
        ),
        (
            "[global:backup]\narchive-timeout=3m\n[demo]\narchive-timeout=4m", [], "4m",
            .file(path: file, section: "demo")
        ),
        (
            "[demo]\narchive-timeout=4m\n[demo:backup]\narchive-timeout=5m", [], "5m",
            .file(path: file, section: "demo:backup")
        ),
        ("[demo:backup]\narchive-timeout=5m", ["PGBACKREST_ARCHIVE_TIMEOUT=6m"], "6m", .environment),
        ("[demo:backup]\narchive-timeout=5m", ["PGBACKREST_ARCHIVE_TIMEOUT=6m", "LINE=7m"], "7m", .commandLine),
        ("[global:restore]\narchive-timeout=5m\n[other]\narchive-timeout=5m", [], "1m", .defaultValue),
    ])
    func `the most special source wins`(
        config: String,
        environment: [String],
        text: String,
        source: OptionSource
    ) throws {
        let isOnLine = environment.contains("LINE=7m")
        let options = try resolve(
            "backup --stanza=demo --pg1-path=/pg\(isOnLine ? " --archive-timeout=7m" : "")",
            config: config,
            environment: environment
        )
        #expect(options.text(of: Options.archiveTimeout) == text)
        #expect(options.source(of: Options.archiveTimeout) == source)
    }

    static let file = "/etc/pgbackrest/pgbackrest.conf"

    @Test func `a list is replaced as a whole by a higher source`() throws {
        let config = "[global]\nexclude=a\nexclude=b\n"
        let line = "backup --stanza=demo --pg1-path=/pg"
        #expect(try resolve(line, config: config)[Options.exclude] == ["a", "b"])
        #expect(try resolve("\(line) --exclude=c", config: config)[Options.exclude] == ["c"])
        #expect(
            try resolve(line, config: config, environment: ["PGBACKREST_EXCLUDE=x:y:z"])[Options.exclude] == [
                "x", "y", "z",
            ]
        )
    }

    @Test func `variables set options of every kind, also those of the command line`() throws {
        let options = try resolve(
            "backup",
            environment: [
                "PGBACKREST_STANZA=demo", "PGBACKREST_PG1_PATH=/pg/", "PGBACKREST_START_FAST=y", "PGBACKREST_TYPE=full",
                "PGBACKREST_ANNOTATION=a=b:c=d=e:f=", "OTHER=1", "PGBACKREST_DRY_RUN=y", "PGBACKREST_NONSENSE",
            ]
        )
        #expect(options[Options.stanza] == "demo")
        #expect(options[Options.pgPath] == "/pg")
        #expect(options[Options.startFast])
        #expect(options[Options.type] == "full")
        #expect(options[Options.annotation].map(\.key) == ["a", "c", "f"])
        #expect(options[Options.annotation]["c"] == "d=e")
        #expect(options[Options.annotation]["f"] == "")
        #expect(options.warnings.isEmpty)
    }

    @Test(arguments: [
        ("info --repo01-path=/r", "/r"), ("info --repo1-pat=/r", "/r"), ("info --repo1-path /r", "/r"),
        ("info --repo-path=/r", "/r"), ("--repo1-path=/r/ info", "/r"), ("inf --repo1-path=/", "/"),
    ])
    func `an option may be written in several ways`(line: String, path: String) throws {
        let options = try resolve(line)
        #expect(options.command == .info)
        #expect(options[Options.repoPath] == path)
    }

    @Test func `old names mean the options of today`() throws {
        let options = try resolve(
            "backup --stanza=demo --db-path=/one --db2-path=/two --hardlink --retention-full=3 --db2-port=5433"
        )
        #expect(options.pgIndexes == [1, 2])
        #expect(options[Options.pgPath, 1] == "/one")
        #expect(options[Options.pgPath, 2] == "/two")
        #expect(options[Options.pgPort, 2] == 5433)
        #expect(options[Options.repoHardlink])
        #expect(options[Options.repoRetentionFull] == 3)
        let push = try resolve("archive-push x --stanza=demo --archive-queue-max=1g --pg1-path=/pg")
        #expect(push[Options.archivePushQueueMax] == 1 << 30)
    }

    @Test(arguments: [
        ("--log-timestamp=n", false), ("--no-log-timestamp", false), ("--log-timestamp", true),
        ("--log-timestamp=y", true),
        ("--reset-log-timestamp", true), ("", false),
    ])
    func `booleans can be set, negated and reset`(argument: String, expected: Bool) throws {
        let options = try resolve("info \(argument)", config: "[global]\nlog-timestamp=n")
        #expect(options[Options.logTimestamp] == expected)
    }

    @Test(arguments: [
        ("", "n"), ("--backup-standby", "y"), ("--no-backup-standby", "n"), ("--backup-standby=prefer", "prefer"),
    ])
    func `a word may stand for a boolean`(argument: String, expected: String) throws {
        let options = try resolve(
            "check --stanza=demo --pg1-path=/pg \(argument)",
            config: "[global]\nbackup-standby=n"
        )
        #expect(options[Options.backupStandby] == expected)
    }

    @Test func `reset hides what environment and files say`() throws {
        let options = try resolve(
            "info --reset-log-path --reset-repo1-path",
            config: "[global]\nlog-path=/a\nrepo1-path=/b\n",
            environment: ["PGBACKREST_LOG_PATH=/c"]
        )
        #expect(options[Options.logPath] == "/var/log/pgbackrest")
        #expect(options[Options.repoPath] == "/var/lib/pgbackrest")
        #expect(options.beginLine() == " --reset-log-path --reset-repo1-path")
    }

    @Test(
        arguments: [
            ("0", 0), ("1023", 1023), ("5b", 5), ("16k", 16384), ("16KB", 16384), ("16KiB", 16384), ("3m", 3 << 20),
            ("3Mb", 3 << 20),
            ("2g", 2 << 30), ("2gib", 2 << 30), ("1t", 1 << 40), ("1tb", 1 << 40), ("4PiB", 4 << 50), ("8p", 8 << 50),
            ("9223372036854775807", .max), ("8192p", nil), ("1.5g", nil), ("16kk", nil), ("-1k", nil), ("+1k", nil),
            ("k", nil), ("", nil),
            ("9223372036854775808", nil), (" 1", nil), ("1 k", nil), ("0x1", nil),
        ] as [(String, Int64?)]
    )
    func `sizes have units of powers of 1024`(text: String, bytes: Int64?) {
        #expect(OptionText.size(text) == bytes)
    }

    @Test(
        arguments: [
            ("5", 5000), ("5s", 5000), ("5S", 5000), ("250ms", 250), ("2m", 120_000), ("1h", 3_600_000),
            ("7d", 604_800_000),
            ("1w", 604_800_000), ("-5", -5000), ("0.5", nil), ("5x", nil), ("s", nil), ("", nil), ("5 s", nil),
            ("99999999999999999w", nil), ("--5", nil),
        ] as [(String, Int64?)]
    )
    func `times have units and are kept in milliseconds`(text: String, milliseconds: Int64?) {
        #expect(OptionText.time(text) == milliseconds)
    }

    @Test(
        arguments: [("5", 5), ("+5", 5), ("-20", -20), (" 5", nil), ("0x5", nil), ("5.0", nil), ("", nil)]
            as [(String, Int64?)]
    )
    func `integers are decimal`(text: String, number: Int64?) {
        #expect(OptionText.integer(text) == number)
    }

    @Test func `values are typed and read in their units`() throws {
        let options = try resolve(
            "backup --stanza=demo --pg1-path=/pg --buffer-size=16k --archive-timeout=90 --process-max=+4 --compress-type=zst"
        )
        #expect(options[Options.bufferSize] == 16384)
        #expect(options.text(of: Options.bufferSize) == "16k")
        #expect(options[Options.archiveTimeout] == 90_000)
        #expect(options[Options.processMax] == 4)
        #expect(options[Options.compressLevel] == 3)
        #expect(options[Options.manifestSaveThreshold] == 1 << 30)
        #expect(options[Options.checksumPage] == nil)
        #expect(options[Options.cmd] == "/usr/bin/pgbackrest")
    }

    @Test(arguments: [("gz", 6), ("bz2", 9), ("lz4", 1), ("zst", 3), ("none", 0)])
    func `the default level depends on the compression`(type: String, level: Int) throws {
        let options = try resolve("backup --stanza=demo --pg1-path=/pg --compress-type=\(type)")
        #expect(options[Options.compressLevel] == level)
    }

    @Test func `what cannot be fulfilled is unset, or takes its alternative`() throws {
        let config = """
            [global]
            repo1-bundle-limit=1MiB
            repo1-block=y
            archive-copy=y
            spool-path=/spool
            recovery-option=a=b
            """
        let options = try resolve("backup --stanza=demo --pg1-path=/pg --no-online", config: config)
        #expect(options[Options.repoBundleLimit] == nil)
        #expect(!options[Options.repoBlock])
        #expect(!options[Options.archiveCheck] && !options[Options.archiveCopy] && !options[Options.archiveModeCheck])
        #expect(options[Options.force] == false)
        let bundled = try resolve("backup --stanza=demo --pg1-path=/pg --repo1-bundle", config: config)
        #expect(bundled[Options.repoBundleLimit] == 1 << 20)
        #expect(bundled[Options.repoBlock] && bundled[Options.repoBlockSizeSuper] == 256 << 10)
        #expect(bundled[Options.archiveCheck] && bundled[Options.archiveCopy])
        let push = try resolve("archive-push x --stanza=demo", config: config)
        #expect(push[Options.spoolPath] == nil)
    }

    @Test func `a repeated key of a hash is replaced with a warning`() throws {
        let options = try resolve(
            "backup --stanza=demo --pg1-path=/pg --annotation=a=b --annotation=x=1 --annotation=a=c"
        )
        #expect(options[Options.annotation].map { "\($0.key)=\($0.value)" } == ["a=c", "x=1"])
        #expect(options.warnings == ["key 'a' value 'b' is overwritten with 'c' for 'annotation' option"])
    }
}
