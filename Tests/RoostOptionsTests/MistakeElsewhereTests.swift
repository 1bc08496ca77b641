import Testing

@testable import RoostOptions

/// Mistakes in commands, files, the environment and between options; expected as ``Mistake`` describes.
@Suite struct MistakeElsewhereTests {
    @Test(arguments: commands)
    func `a command that cannot be understood is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let commands: [Mistake] = [
        Mistake(
            "--stanza=x",
            "[030]: no command found"
        ),
        Mistake(
            "--help --stanza=x",
            "[030]: no command found"
        ),
        Mistake(
            "bakup",
            """
            [048]: invalid command 'bakup'
            HINT: did you mean 'backup'?
            """
        ),
        Mistake(
            "backup:foo",
            "[048]: invalid command role 'foo'"
        ),
        Mistake(
            "check:async",
            "[048]: invalid command/role combination 'check:async'"
        ),
        Mistake(
            "help backup:local",
            "[048]: help is not available for the 'local' role"
        ),
        Mistake(
            "info foo",
            "[096]: command does not allow parameters"
        ),
        Mistake(
            "version x",
            "[096]: command does not allow parameters"
        ),
        Mistake(
            "help backup foo",
            "[031]: option 'foo' is not valid for command 'backup'"
        ),
        Mistake(
            "help backup a b",
            "[096]: only one option allowed for option help"
        ),
        Mistake(
            "help zzz",
            "[048]: invalid command 'zzz'"
        ),
        Mistake(
            "archive-psh %p",
            """
            [048]: invalid command 'archive-psh'
            HINT: did you mean 'archive-push'?
            """
        ),
    ]

    @Test(arguments: files)
    func `a broken configuration file is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let files: [Mistake] = [
        Mistake(
            "info",
            config: "x=1\n",
            """
            [029]: key/value found outside of section at line 1: x=1
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[global\n",
            """
            [029]: ini section should end with ] at line 1: [global
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[]\n",
            """
            [029]: invalid empty section at line 1: []
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[global]\nfoo\n",
            """
            [029]: missing '=' in key/value at line 2: foo
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[global]\n=1\n",
            """
            [029]: key is zero-length at line 2: =1
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[",
            """
            [029]: ini section should end with ] at line 1: [
            HINT: is '/etc/pgbackrest/pgbackrest.conf' the right file?
            """
        ),
        Mistake(
            "info",
            config: "[global]\nlog-path=\n",
            "[032]: section 'global', key 'log-path' must have a value"
        ),
        Mistake(
            "info",
            config: "[global]\nlog-path=/a\nlog-path=/b\n",
            "[031]: option 'log-path' cannot be set multiple times"
        ),
        Mistake(
            "info",
            config: "[global]\nrepo-path=/a\nrepo1-path=/b\n",
            """
            [031]: configuration file contains duplicate options ('repo1-path', 'repo-path') in section \
            '[global]'
            """
        ),
        Mistake(
            "info",
            config: "[global]\nlog-timestamp=Y\n",
            "[032]: boolean option 'log-timestamp' must be 'y' or 'n'"
        ),
        Mistake(
            "info",
            config: "[global]\nbuffer-size=3k\n",
            """
            [032]: '3k' is not allowed for 'buffer-size' option
            HINT: allowed values are '16KiB', '32KiB', '64KiB', '128KiB', '256KiB', '512KiB', '1MiB', '2MiB', \
            '4MiB', '8MiB', '16MiB'
            """
        ),
        Mistake(
            "info",
            config: "[global]\nrepo0-path=/x\n",
            "[031]: option 'repo0-path' key must be between 1 and 256"
        ),
        Mistake(
            "info",
            config: "[global]\nrepo-host=x\n",
            """
            [031]: option 'repo-host' requires an index
            HINT: add the required index, e.g. repo1-host.
            """
        ),
        Mistake(
            "info",
            config: "[global]\nno-process-max=1\n",
            "[031]: option 'no-process-max' cannot be negated"
        ),
    ]

    @Test(arguments: environment)
    func `a broken environment variable is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let environment: [Mistake] = [
        Mistake(
            "info",
            environment: ["PGBACKREST_LOG_PATH="],
            "[032]: environment variable 'log-path' must have a value"
        ),
        Mistake(
            "info",
            environment: ["PGBACKREST_LOG_SUBPROCESS=x"],
            "[032]: environment boolean option 'log-subprocess' must be 'y' or 'n'"
        ),
        Mistake(
            "info",
            environment: ["PGBACKREST_REPO1_PATH=rel"],
            "[032]: 'rel' must begin with / for 'repo1-path' option"
        ),
        Mistake(
            "info",
            environment: ["PGBACKREST_REPO0_PATH=/x"],
            "[031]: option 'repo0-path' key must be between 1 and 256"
        ),
        Mistake(
            "info",
            environment: ["PGBACKREST_REPO_HOST=x"],
            """
            [031]: option 'repo-host' requires an index
            HINT: add the required index, e.g. repo1-host.
            """
        ),
        Mistake(
            "info",
            environment: ["PGBACKREST_REPO=2"],
            """
            [032]: key '2' is not valid for 'repo' option
            HINT: configured: repo1
            """
        ),
    ]

    @Test(arguments: combinations)
    func `options that contradict each other are refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let combinations: [Mistake] = [
        Mistake(
            "expire --stanza=demo",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nrepo2-path=/tmp/optx/none\n",
            "[032]: local repo1 and repo2 paths are both '/tmp/optx/none' but must be different"
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --no-online",
            config:
                "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nprotocol-timeout=20m\ndb-timeout=30m\n",
            """
            [032]: '20m' is not valid for 'protocol-timeout' option
            HINT 'protocol-timeout' option (20m) should be greater than 'db-timeout' option (30m).
            """
        ),
        Mistake(
            "stanza-create --stanza=demo --no-online",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-host=r\n[demo]\npg1-path=/x\npg1-host=h\n",
            "[027]: pg and repo hosts cannot both be configured as remote"
        ),
        Mistake(
            "stanza-delete --stanza=demo --pg1-path=/x",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nrepo2-path=/tmp/q\n",
            """
            [037]: stanza-delete command requires option: repo
            HINT: this command requires a specific repository to operate on
            """
        ),
        Mistake(
            "stanza-delete --stanza=demo --pg1-path=/x",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo2-path=/tmp/q\n",
            """
            [037]: stanza-delete command requires option: repo
            HINT: this command requires a specific repository to operate on
            """
        ),
        Mistake(
            "expire --stanza=demo",
            config:
                "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nrepo1-type=s3\nrepo1-s3-endpoint=e\nrepo1-s3-region=r\nrepo1-s3-key=k\nrepo1-s3-key-secret=s\nrepo1-s3-bucket=a.b\n",
            """
            [032]: 'a.b' is not valid for option 'repo1-s3-bucket'
            HINT: RFC-2818 forbids dots in wildcard matches.
            HINT: TLS/SSL verification cannot proceed with this bucket name.
            HINT: remove dots from the bucket name.
            """
        ),
        Mistake(
            "expire --stanza=demo",
            config:
                "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nrepo1-type=sftp\nrepo1-sftp-host=h\nrepo1-sftp-host-user=u\nrepo1-sftp-private-key-file=/k\nrepo1-sftp-host-key-hash-type=sha1\nrepo1-sftp-host-key-check-type=fingerprint\n",
            "[037]: expire command requires option: repo1-sftp-host-fingerprint"
        ),
        Mistake(
            "expire --stanza=demo",
            config:
                "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\nrepo1-type=sftp\nrepo1-sftp-host=h\nrepo1-sftp-host-user=u\nrepo1-sftp-private-key-file=/k\nrepo1-sftp-host-key-hash-type=sha1\nrepo1-sftp-host-key-check-type=strict\nrepo1-sftp-host-fingerprint=x\n",
            """
            [031]: option 'repo1-sftp-host-fingerprint' not valid without option \
            'repo1-sftp-host-key-check-type' = 'fingerprint'
            """
        ),
        Mistake(
            "info --repo-target-time=x",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\n",
            "[031]: option 'repo-target-time' not valid without option 'repo'"
        ),
        Mistake(
            "expire --stanza=demo --oldest --set=20260101-010101F",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\n",
            "[031]: --oldest and --set cannot be used together"
        ),
        Mistake(
            "info --stanza=demo --set=x --detail-level=progress",
            config: "[global]\nlock-path=/tmp/optx/lock\nrepo1-path=/tmp/optx/none\n",
            "[031]: option 'set' cannot be used with option 'detail-level' = 'progress'"
        ),
    ]
}
