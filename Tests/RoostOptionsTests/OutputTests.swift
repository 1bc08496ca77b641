import RoostSystem
import Testing

@testable import RoostOptions

@Suite struct LineTests {
    /// The order and quoting that pgBackRest 2.60 showed for these options; it also had settings to run as root there.
    @Test func `the begin line shows what is not default, sorted and without secrets`() throws {
        let config = """
            [global]
            repo1-path=/repo
            repo1-cipher-type=aes-256-cbc
            repo1-cipher-pass=very secret
            repo1-retention-full=2
            annotation=a=b
            annotation=c=d e
            exclude=x
            exclude=y z
            log-timestamp=n
            """
        var options = try resolve(
            [
                "backup", "--stanza=demo", "--no-online", "--pg1-path=/pg", "--reset-log-path", "--no-resume",
                "--start-fast",
            ],
            MemoryFiles(files: ["/etc/pgbackrest/pgbackrest.conf": config])
        )
        options.assign("1-abc", to: Options.execId)
        #expect(
            options.beginLine() == """
                 --annotation=a=b --annotation="c=d e" --exclude=x --exclude="y z" --exec-id=1-abc --reset-log-path \
                --no-log-timestamp --no-online --pg1-path=/pg --repo1-cipher-pass=<redacted> --repo1-cipher-type=aes-256-cbc \
                --repo1-path=/repo --repo1-retention-full=2 --no-resume --stanza=demo --start-fast
                """
        )
        #expect(
            options.beginLine(as: .expire) == """
                 --exec-id=1-abc --reset-log-path --no-log-timestamp --repo1-cipher-pass=<redacted> \
                --repo1-cipher-type=aes-256-cbc --repo1-path=/repo --repo1-retention-full=2 --stanza=demo
                """
        )
    }

    @Test func `the begin line shows parameters first`() throws {
        let options = try resolve(["archive-push", "/pg wal/1", "b", "--stanza=demo"], MemoryFiles())
        #expect(options.parameters == ["/pg wal/1", "b"])
        #expect(options.beginLine() == " [\"/pg wal/1\", b] --stanza=demo")
    }

    @Test func `restore_command repeats what the command line says and archive-get understands`() throws {
        let config =
            "[global]\nrepo1-path=/repo\ncompress-level-network=3\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=x\n"
        let options = try resolve(
            [
                "restore", "--stanza=demo", "--pg1-path=/my pg", "--repo=1", "--delta", "--config-path=/etc/pgbackrest",
                "--process-max=4", "--log-level-console=detail", "--no-neutral-umask", "--reset-compress-level-network",
                "--tablespace-map=a=/b", "--repo1-cipher-type=aes-256-cbc",
            ],
            MemoryFiles(files: ["/etc/pgbackrest/pgbackrest.conf": config]),
            environment: ["PGBACKREST_LOCK_PATH=/lock"]
        )
        #expect(
            options.restoreCommand == """
                /usr/bin/pgbackrest --reset-compress-level-network --config-path=/etc/pgbackrest --no-neutral-umask \
                --pg1-path="/my pg" --repo=1 --stanza=demo archive-get %f "%p"
                """
        )
    }

    @Test func `a process of this host gets what the command line says and what its parent decides`() throws {
        let options = try resolve(
            ["archive-push", "x", "--stanza=demo", "--archive-async", "--log-level-console=info", "--pg1-path=/a b"],
            MemoryFiles(files: ["/etc/pgbackrest/pgbackrest.conf": "[global]\nspool-path=/spool\n"])
        )
        let arguments = options.arguments(
            for: .archivePush,
            .async,
            adding: [
                .init(Options.execId, "1-a"), .init(Options.logLevelConsole, "off"), .init(Options.logTimestamp, nil),
                .init(Options.archiveCheck, "n"),
            ]
        )
        #expect(
            arguments == [
                "--archive-async", "--no-archive-check", "--exec-id=1-a", "--log-level-console=off", "--pg1-path=/a b",
                "--stanza=demo", "archive-push:async",
            ]
        )
    }

    @Test func `secrets are never printed`() throws {
        let options = try resolve(
            "info",
            config: "[global]\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=hunter2\n"
        )
        let secret = try #require(options[Options.repoCipherPass])
        #expect(secret.revealed == "hunter2")
        for text in ["\(secret)", String(reflecting: secret), options.beginLine(), options.renderConfiguration()] {
            #expect(!text.contains("hunter2"))
        }
        #expect(options.text(of: Options.repoCipherPass) == nil)
    }
}

@Suite struct ConfigurationTableTests {
    @Test func `the table shows every value and where it comes from`() throws {
        let options = try resolve(
            "config show --for=expire --stanza=demo",
            config:
                "[global]\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=x\nexclude=a\n[demo:roost]\nfsync-method=fsync\n",
            environment: ["PGBACKREST_LOG_PATH=/log"],
            dialect: .roost,
            isRoot: true,
            supportedOnly: true
        )
        #expect(options.purpose == .showConfiguration)
        #expect(options.command == .expire)
        let lines = options.renderConfiguration().split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(lines.first == "OPTION VALUE SOURCE")
        for line in [
            "stanza demo command line", "log-path /log environment", "repo1-path /var/lib/pgbackrest default",
            "repo1-cipher-pass <redacted> /etc/pgbackrest/pgbackrest.conf [global]", "repo1-retention-full - default",
        ] {
            #expect(lines.contains(line))
        }
        #expect(!lines.contains { $0.hasPrefix("exclude") || $0.hasPrefix("exec-id") })
    }

    @Test func `columns are aligned`() throws {
        let table = try resolve("config show", dialect: .roost).renderConfiguration()
        let lines = table.split(separator: "\n")
        let bytes = Array(lines[0].utf8)
        let column = try #require(bytes.indices.last { bytes[$0] == UInt8(ascii: " ") }) + 1
        for line in lines {
            #expect(line.utf8.count > column && Array(line.utf8)[column - 1] == UInt8(ascii: " "))
        }
        #expect(table.contains("pg1-path") && table.contains("(missing)"))
    }

    @Test(arguments: [
        (
            "config", Dialect.roost,
            "[043]: command 'config' expects the word 'show'\nHINT: use 'config show --stanza=NAME --for=COMMAND'"
        ),
        (
            "config show --for=bakup", .roost,
            "[032]: 'bakup' is not allowed for 'for' option\nHINT: did you mean 'backup'?"
        ),
        ("config show --for=backup --dry-run", .roost, "[031]: option 'dry-run' not valid for command 'backup'"),
        ("config show", .pgbackrest, "[048]: invalid command 'config'"),
        ("info --for=backup", .roost, "[031]: option 'for' not valid for command 'info'"),
        ("info --for=backup", .pgbackrest, "[032]: boolean option '--for' argument must be 'y' or 'n'"),
    ])
    func `the command of Roost is checked like the others`(line: String, dialect: Dialect, expected: String) {
        #expect(failure(line, dialect: dialect) == expected)
    }
}
