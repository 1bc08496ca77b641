import RoostSystem
import Testing

@testable import RoostOptions

@Suite struct ConfigurationFileTests {
    private static let all = MemoryFiles(
        files: [
            "/etc/pgbackrest/pgbackrest.conf": "[global]\nrepo1-path=/main",
            "/etc/pgbackrest/conf.d/b.conf": "[global]\nlog-path=/b",
            "/etc/pgbackrest/conf.d/a.conf": "[global]\nlock-path=/a\n[other]\npg1-path=/x",
            "/etc/pgbackrest/conf.d/a.txt": "nonsense",
            "/etc/pgbackrest/conf.d/.conf": "nonsense",
            "/etc/pgbackrest.conf": "[global]\nrepo1-path=/former",
            "/named": "[global]\nrepo1-path=/named",
            "/base/pgbackrest.conf": "[global]\nrepo1-path=/base",
            "/base/conf.d/x.conf": "[global]\nlog-path=/base-include",
            "/include/x.conf": "[global]\nlog-path=/include",
        ],
        directories: ["/empty"]
    )

    @Test(arguments: [
        ("", "/main", "/b"),
        ("--config=/named", "/named", "/var/log/pgbackrest"),
        ("--config-path=/base", "/base", "/base-include"),
        ("--config-path=/missing", "/var/lib/pgbackrest", "/var/log/pgbackrest"),
        ("--config-include-path=/include", "/main", "/include"),
        ("--config-include-path=/empty", "/main", "/var/log/pgbackrest"),
        ("--config-include-path=/include --config-path=/base", "/base", "/include"),
        ("--config=/named --config-path=/base", "/named", "/base-include"),
        ("--config=/named --config-include-path=/include", "/named", "/include"),
        ("--no-config", "/var/lib/pgbackrest", "/var/log/pgbackrest"),
        ("--no-config --config-path=/base", "/var/lib/pgbackrest", "/base-include"),
        ("--no-config --config-include-path=/include", "/var/lib/pgbackrest", "/include"),
    ])
    func `options decide which files are read`(line: String, repository: String, log: String) throws {
        let options = try resolve("info \(line)".split(separator: " ").map(String.init), Self.all)
        #expect(options[Options.repoPath] == repository)
        #expect(options[Options.logPath] == log)
    }

    @Test func `the file of old is read if the new one does not exist`() throws {
        var files = Self.all
        files.files["/etc/pgbackrest/pgbackrest.conf"] = nil
        #expect(try resolve(["info"], files)[Options.repoPath] == "/former")
        #expect(try resolve(["info", "--config-path=/etc/pgbackrest"], files)[Options.repoPath] == "/former")
        #expect(try resolve(["info", "--config-path=/missing"], files)[Options.repoPath] == "/var/lib/pgbackrest")
    }

    @Test(arguments: [
        ("--config=/missing", "[055]: unable to open missing file '/missing' for read"),
        ("--config-include-path=/missing", "[073]: unable to list file info for missing path '/missing'"),
        ("--no-config --config-include-path=/missing", "[073]: unable to list file info for missing path '/missing'"),
    ])
    func `what is named must exist`(line: String, expected: String) {
        let outcome = failure(of: { () throws(RoostError) in
            _ = try resolve("info \(line)".split(separator: " ").map(String.init), Self.all)
        })
        #expect(outcome == expected)
    }

    @Test func `files can be named by variables too`() throws {
        let options = try resolve(["info"], Self.all, environment: ["PGBACKREST_CONFIG=/named"])
        #expect(options[Options.repoPath] == "/named")
    }

    @Test func `a value remembers its file and section`() throws {
        let options = try resolve(["info"], Self.all)
        #expect(options.source(of: Options.lockPath) == .file(path: "/etc/pgbackrest/conf.d/a.conf", section: "global"))
        #expect(options.configuredStanzas == ["other"])
    }

    @Test func `help and version read neither environment nor files`() throws {
        let files = MemoryFiles(files: ["/etc/pgbackrest/pgbackrest.conf": "broken"])
        for arguments in [["version"], ["--version"], ["help"], ["--help"], [], ["help", "backup"]] {
            let options = try resolve(arguments, files, environment: ["PGBACKREST_LOG_PATH="])
            #expect(options.warnings.isEmpty)
        }
    }

    @Test func `lines are trimmed, comments skipped and sections continued`() throws {
        let text = "\u{20}\t[a]\r\n # comment = 1\r\n\r\n k = v = w # not a comment \r\n[b]\nk=\n[a]\nk=2"
        let entries = try ConfigurationText.parse(Array(text.utf8), path: "/f")
        #expect(
            entries.map { "\($0.section)/\($0.key)/\($0.value)" } == ["a/k/v = w # not a comment", "b/k/", "a/k/2"]
        )
    }

    @Test func `comments may be in any encoding, settings must be UTF-8`() throws {
        #expect(try ConfigurationText.parse([0x23, 0xFF, 0x0A], path: "/f").isEmpty)
        let outcome = failure(of: { () throws(RoostError) in
            _ = try ConfigurationText.parse(Array("[a]\nk=".utf8) + [0xFF], path: "/f")
        })
        #expect(outcome.hasPrefix("[029]: line is not valid UTF-8 at line 2"))
    }

    @Test(arguments: [
        (
            "[global]\nproces-max=3",
            "configuration file contains invalid option 'proces-max'\nHINT: did you mean 'process-max'?"
        ),
        ("[global]\nzzzzzzzzzzzz=3", "configuration file contains invalid option 'zzzzzzzzzzzz'"),
        ("[global]\nno-log-timestamp=y", "configuration file contains negate option 'no-log-timestamp'"),
        ("[demo]\nreset-log-path=y", "configuration file contains reset option 'reset-log-path'"),
        ("[global]\nstanza=x", "configuration file contains command-line only option 'stanza'"),
        ("[global]\npg1-path=/x", ""),
        (
            "[global:info]\nprocess-max=2",
            "configuration file contains option 'process-max' invalid for section 'global:info'"
        ),
        (
            "[demo:info]\nprocess-max=2",
            "configuration file contains option 'process-max' invalid for section 'demo:info'"
        ),
        ("[global]\nprocess-max=\n[bogus]\nfoo=1", ""),
        ("[global]\nfsync-method=fsync", "configuration file contains invalid option 'fsync-method'"),
        (
            "[global:roost]\nrepo1-path=/x",
            "configuration file contains option 'repo1-path' invalid for section 'global:roost'"
        ),
        (
            "[demo:roost]\nfsync-metod=auto",
            "configuration file contains option 'fsync-metod' invalid for section 'demo:roost'"
        ),
        ("[global:roost]\nfsync-method=bogus", ""),
    ])
    func `strange keys are warned about and ignored`(config: String, warning: String) throws {
        let options = try resolve("info --stanza=demo", config: config)
        #expect(options.warnings == (warning.isEmpty ? [] : [warning]))
    }

    @Test func `a stanza option in a global section is warned about where it is valid`() throws {
        let options = try resolve(
            "archive-push x --stanza=demo",
            config: "[global]\npg1-path=/x\n[global:archive-push]\npg2-path=/x\n"
        )
        #expect(
            options.warnings == [
                "configuration file contains stanza-only option 'pg2-path' in global section 'global:archive-push'",
                "configuration file contains stanza-only option 'pg1-path' in global section 'global'",
            ]
        )
        #expect(options[Options.pgPath] == nil)
    }

    @Test(arguments: [
        ("PGBACKREST_FOO=x", "environment contains invalid option 'foo'"),
        ("PGBACKREST_NO_LOG_TIMESTAMP=y", "environment contains invalid negate option 'no-log-timestamp'"),
        ("PGBACKREST_RESET_LOG_PATH=y", "environment contains invalid reset option 'reset-log-path'"),
        ("PGBACKREST_FSYNC_METHOD=fsync", "environment contains invalid option 'fsync-method'"),
    ])
    func `strange variables are warned about and ignored`(variable: String, warning: String) throws {
        #expect(try resolve("info", environment: [variable]).warnings == [warning])
    }

    @Test(arguments: [Dialect.pgbackrest, .roost])
    func `options of Roost come from sections of Roost under every name`(dialect: Dialect) throws {
        let line = "backup --stanza=demo --pg1-path=/pg"
        let global = "[global:roost]\nfsync-method=fsync\n"
        #expect(try resolve(line, dialect: dialect)[Options.fsyncMethod] == "auto")
        #expect(try resolve(line, config: global, dialect: dialect)[Options.fsyncMethod] == "fsync")
        let options = try resolve(line, config: "\(global)[demo:roost]\nfsync-method=syncfs\n", dialect: dialect)
        #expect(options[Options.fsyncMethod] == "syncfs")
    }

    @Test func `options of Roost are accepted on the command line under its own name only`() throws {
        let line = "backup --stanza=demo --pg1-path=/pg --fsync-method=fsync"
        #expect(
            try resolve(line, config: "[global:roost]\nfsync-method=syncfs", dialect: .roost)[Options.fsyncMethod]
                == "fsync"
        )
        #expect(failure(line) == "[031]: invalid option '--fsync-method=fsync'")
    }
}
