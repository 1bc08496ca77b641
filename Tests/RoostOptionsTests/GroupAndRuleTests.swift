import RoostSystem
import Testing

@testable import RoostOptions

@Suite struct GroupTests {
    @Test(arguments: [
        ("", [1]),
        ("repo1-path=/a", [1]),
        ("repo2-path=/a", [2]),
        ("repo3-path=/a\nrepo1-path=/b", [1, 3]),
        ("repo5-s3-region=x", [1]),
        ("repo2-s3-region=x\nrepo3-path=/a\nrepo4-path=/b", [3, 4]),
        // As pgBackRest does: what is left alone becomes the first if the lowest index was dropped.
        ("repo1-s3-region=x\nrepo2-path=/a", [1]),
    ])
    func `a group has the indexes that count`(config: String, indexes: [Int]) throws {
        let options = try resolve("info", config: "[global]\n\(config)")
        #expect(options.repoIndexes == indexes)
        #expect(options.defaultRepo == indexes[0])
    }

    @Test func `clusters always have the first index`() throws {
        let config = "[demo]\npg2-path=/two\npg2-port=5433"
        #expect(
            failure("backup --stanza=demo", config: config).hasPrefix("[037]: backup command requires option: pg1-path")
        )
        let options = try resolve("backup --stanza=demo --pg1-path=/one", config: config)
        #expect(options.pgIndexes == [1, 2])
        #expect(options[Options.pgPort, 1] == 5432)
        #expect(options[Options.pgPort, 2] == 5433)
    }

    @Test func `the chosen index is the default index`() throws {
        let config = "[global]\nrepo1-path=/one\nrepo3-path=/three"
        let options = try resolve("info --repo=3", config: config)
        #expect(options.selectedRepo == 3)
        #expect(options.defaultRepo == 3)
        #expect(options[Options.repoPath] == "/three")
        #expect(options[Options.repoPath, 1] == "/one")
        #expect(try resolve("info", config: config)[Options.repoPath] == "/one")
        #expect(
            failure("info --repo=2", config: config)
                == "[032]: key '2' is not valid for 'repo' option\nHINT: configured: repo1, repo3"
        )
    }

    @Test func `an option that is reset makes no index`() throws {
        #expect(try resolve("info --reset-repo3-path --repo1-path=/x").repoIndexes == [1])
    }
}

@Suite struct RuleTests {
    private static let backup = "backup --stanza=demo --pg1-path=/pg"

    @Test(
        arguments: [
            (
                "", "", nil,
                [
                    "option 'repo1-retention-full' is not set for 'repo1-retention-full-type=count', the repository may run out of space\nHINT: to retain full backups indefinitely (without warning), set option 'repo1-retention-full' to the maximum."
                ]
            ),
            ("repo1-retention-full=2", "", 2, []),
            ("repo1-retention-full=2\nrepo1-retention-full-type=time", "", nil, []),
            ("repo1-retention-full=2\nrepo1-retention-archive=5", "", 5, []),
            ("repo1-retention-full=2\nrepo1-retention-archive-type=diff\nrepo1-retention-diff=3", "", 3, []),
            (
                "repo1-retention-full=2\nrepo1-retention-archive-type=diff", "", nil,
                [
                    "WAL segments will not be expired: option 'repo1-retention-archive-type=diff' but neither option 'repo1-retention-archive' nor option 'repo1-retention-diff' is set"
                ]
            ),
            (
                "repo1-retention-full=2\nrepo1-retention-archive-type=incr", "", nil,
                [
                    "WAL segments will not be expired: option 'repo1-retention-archive-type=incr' but option 'repo1-retention-archive' is not set"
                ]
            ),
            (
                "repo1-retention-full=2\nrepo1-retention-archive-type=diff\nrepo1-retention-archive=4", "", 4,
                [
                    "option 'repo1-retention-diff' is not set for 'repo1-retention-archive-type=diff'\nHINT: to retain differential backups indefinitely (without warning), set option 'repo1-retention-diff' to the maximum."
                ]
            ),
        ] as [(String, String, Int?, [String])]
    )
    func `the retention of WAL follows that of backups`(
        config: String,
        _: String,
        archive: Int?,
        warnings: [String]
    ) throws {
        var options = try resolve("expire --stanza=demo", config: "[global]\n\(config)")
        #expect(try options.applyRules() == warnings)
        #expect(options[Options.repoRetentionArchive] == archive)
    }

    @Test(arguments: [
        ("", 1_800_000, 1_860_000),
        ("--db-timeout=40m", 2_400_000, 2_430_000),
        ("--protocol-timeout=20m", 1_170_000, 1_200_000),
        ("--protocol-timeout=40", 20_000, 40_000),
        ("--protocol-timeout=45", 15_000, 45_000),
        ("--protocol-timeout=10m --db-timeout=5m", 300_000, 600_000),
    ])
    func `a query times out before the process that waits for it`(line: String, query: Int64, process: Int64) throws {
        var options = try resolve("\(Self.backup) \(line)")
        _ = try options.applyRules()
        #expect(options[Options.dbTimeout] == query)
        #expect(options[Options.protocolTimeout] == process)
    }

    @Test func `compress becomes compress-type`() throws {
        let config = "[global]\nrepo1-retention-full=1\n"
        var options = try resolve("\(Self.backup) --no-compress", config: config)
        #expect(try options.applyRules() == [])
        #expect(options[Options.compressType] == "none")
        #expect(options[Options.compressLevel] == 0)
        #expect(!options.isValid(Options.compress))
        options = try resolve("\(Self.backup) --no-compress --compress-type=zst", config: config)
        #expect(
            try options.applyRules().map { String($0.prefix(63)) } == [
                "'compress' and 'compress-type' options should not both be set\nH"
            ]
        )
        #expect(options[Options.compressType] == "zst")
    }

    @Test func `stop-auto is warned about`() throws {
        var options = try resolve("\(Self.backup) --stop-auto", config: "[global]\nrepo1-retention-full=1")
        let warnings = try options.applyRules()
        #expect(warnings.count == 1 && warnings[0].hasPrefix("option 'stop-auto' is deprecated\nHINT: "))
    }

    @Test func `a fingerprint without check type is taken as the check`() throws {
        let config = """
            [global]
            repo1-retention-full=1
            repo1-type=sftp
            repo1-sftp-host=h
            repo1-sftp-host-user=u
            repo1-sftp-private-key-file=/k
            repo1-sftp-host-key-hash-type=sha1
            repo1-sftp-host-fingerprint=abc
            """
        var options = try resolve(Self.backup, config: config)
        let warnings = try options.applyRules()
        #expect(
            warnings.count == 1
                && warnings[0].contains("'repo1-sftp-host-key-check-type' = 'fingerprint' is deprecated")
        )
        #expect(options[Options.repoSftpHostKeyCheckType] == "fingerprint")
    }

    @Test(arguments: [
        ("backup --stanza=demo --pg1-path=/pg", true), ("backup --stanza=demo --pg1-path=/pg --allow-root", false),
        ("restore --stanza=demo --pg1-path=/pg", false), ("restore --stanza=demo --pg1-path=/pg --no-allow-root", true),
        ("version", false), ("help backup", false), ("info", true),
    ])
    func `root is refused unless it is allowed`(line: String, isRefused: Bool) {
        let outcome = failure(line, isRoot: true)
        #expect(outcome.hasPrefix("[031]: the '") == isRefused)
        #expect(outcome.isEmpty != isRefused)
        #expect(failure(line, isRoot: false) == "")
    }
}
