import Testing

@testable import RoostOptions

/// Mistakes in single options; expected as ``Mistake`` describes.
@Suite struct MistakeTests {
    @Test(arguments: names)
    func `an option name that cannot be understood is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let names: [Mistake] = [
        Mistake(
            "-x",
            "[031]: option '-x' must begin with --"
        ),
        Mistake(
            "info --stanza=..",
            "[032]: '..' is not the name of a stanza"
        ),
        Mistake(
            "info --stanza=a/b",
            "[032]: 'a/b' is not the name of a stanza"
        ),
        Mistake(
            "backup --foo",
            "[031]: invalid option '--foo'"
        ),
        Mistake(
            "info --stanza1-x",
            """
            [031]: invalid option '--stanza1-x'
            HINT: did you mean '--stanza'?
            """
        ),
        Mistake(
            "info --1repo-path=x",
            """
            [031]: invalid option '--1repo-path=x'
            HINT: did you mean '--repo1-path'?
            """
        ),
        Mistake(
            "info --repo0-path=/x",
            "[031]: option 'repo0-path' key must be between 1 and 256"
        ),
        Mistake(
            "info --repo257-path=/x",
            "[031]: option 'repo257-path' key must be between 1 and 256"
        ),
        Mistake(
            "info --repo-host=x",
            """
            [031]: option 'repo-host' requires an index
            HINT: add the required index, e.g. repo1-host.
            """
        ),
        Mistake(
            "info --process1-max=1",
            "[031]: option 'process1-max' cannot have an index"
        ),
        Mistake(
            "info --no--x",
            "[031]: option 'no--x' cannot begin with a dash"
        ),
        Mistake(
            "info --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            """
            [031]: option 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' exceeds maximum \
            size of 64
            """
        ),
        Mistake(
            "info --p=1",
            "[031]: invalid option '--p=1'"
        ),
        Mistake(
            "info --repo-azure-host=x",
            """
            [031]: deprecated option 'repo-azure-host' requires an index
            HINT: add the required index, e.g. repo1-azure-host.
            HINT: consider using the non-deprecated name, e.g. repo1-storage-host.
            """
        ),
        Mistake(
            "info --archive-queue1-max=1",
            "[031]: invalid option '--archive-queue1-max=1'"
        ),
        Mistake(
            "expire --proces-max=3",
            """
            [031]: invalid option '--proces-max=3'
            HINT: did you mean '--process-max'?
            """
        ),
        Mistake(
            "info --repo2-pth=/x",
            """
            [031]: invalid option '--repo2-pth=/x'
            HINT: did you mean '--repo2-path'?
            """
        ),
    ]

    @Test(arguments: givenTwice)
    func `an option given in a way that makes no sense is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let givenTwice: [Mistake] = [
        Mistake(
            "info --stanza",
            "[031]: option '--stanza' requires an argument"
        ),
        Mistake(
            "info --stanza=a --stanza=b",
            "[031]: option 'stanza' cannot be set multiple times"
        ),
        Mistake(
            "info --no-stanza",
            "[031]: option 'no-stanza' cannot be negated"
        ),
        Mistake(
            "info --reset-stanza",
            "[031]: option 'reset-stanza' cannot be reset"
        ),
        Mistake(
            "info --reset-log-path=x",
            "[031]: option 'reset-log-path' does not allow an argument"
        ),
        Mistake(
            "info --no-log-timestamp=y",
            "[031]: option 'no-log-timestamp' does not allow an argument"
        ),
        Mistake(
            "info --no-log-timestamp --log-timestamp",
            "[031]: option 'log-timestamp' cannot be set and negated"
        ),
        Mistake(
            "info --log-timestamp --log-timestamp",
            "[031]: option 'log-timestamp' cannot be set multiple times"
        ),
        Mistake(
            "info --no-log-timestamp --no-log-timestamp",
            "[031]: option 'log-timestamp' is negated multiple times"
        ),
        Mistake(
            "info --reset-log-timestamp --reset-log-timestamp",
            "[031]: option 'log-timestamp' is reset multiple times"
        ),
        Mistake(
            "info --reset-log-timestamp --no-log-timestamp",
            "[031]: option 'log-timestamp' cannot be negated and reset"
        ),
        Mistake(
            "info --reset-log-path --log-path=/x",
            "[031]: option 'log-path' cannot be set and reset"
        ),
        Mistake(
            "info --log-timestamp=n --no-log-timestamp",
            "[031]: option 'log-timestamp' is negated multiple times"
        ),
        Mistake(
            "expire --no-dry-run",
            "[031]: option 'no-dry-run' cannot be negated"
        ),
        Mistake(
            "info --repo1-cipher-pass=x",
            """
            [031]: option 'repo1-cipher-pass' is not allowed on the command-line
            HINT: this option could expose secrets in the process list.
            HINT: specify the option in a configuration file or an environment variable instead.
            """
        ),
        Mistake(
            "info --reset-repo1-cipher-pass",
            """
            [031]: option 'repo1-cipher-pass' is not allowed on the command-line
            HINT: this option could expose secrets in the process list.
            HINT: specify the option in a configuration file or an environment variable instead.
            """
        ),
        Mistake(
            "info --no-log-path",
            "[031]: option 'no-log-path' cannot be negated"
        ),
        Mistake(
            "backup --reset-online",
            "[031]: option 'reset-online' cannot be reset"
        ),
        Mistake(
            "backup --no-config --no-config",
            "[031]: option 'config' is negated multiple times"
        ),
    ]

    @Test(arguments: values)
    func `a value that cannot be used is refused`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let values: [Mistake] = [
        Mistake(
            "info --log-timestamp=true",
            "[032]: boolean option '--log-timestamp' argument must be 'y' or 'n'"
        ),
        Mistake(
            "info --output=Json",
            """
            [032]: 'Json' is not allowed for 'output' option
            HINT: allowed values are 'text', 'json'
            """
        ),
        Mistake(
            "info --buffer-size=3k",
            """
            [032]: '3k' is not allowed for 'buffer-size' option
            HINT: allowed values are '16KiB', '32KiB', '64KiB', '128KiB', '256KiB', '512KiB', '1MiB', '2MiB', \
            '4MiB', '8MiB', '16MiB'
            """
        ),
        Mistake(
            "info --buffer-size=1.5m",
            "[032]: '1.5m' is not valid for 'buffer-size' option"
        ),
        Mistake(
            "info --buffer-size=16kk",
            "[032]: '16kk' is not valid for 'buffer-size' option"
        ),
        Mistake(
            "info --io-timeout=0.5",
            "[032]: '0.5' is not valid for 'io-timeout' option"
        ),
        Mistake(
            "info --io-timeout=5x",
            "[032]: '5x' is not valid for 'io-timeout' option"
        ),
        Mistake(
            "info --io-timeout=2h",
            """
            [032]: '2h' is out of range for 'io-timeout' option
            HINT: allowed range is 100ms to 1h inclusive
            """
        ),
        Mistake(
            "info --io-timeout=-5",
            """
            [032]: '-5' is out of range for 'io-timeout' option
            HINT: allowed range is 100ms to 1h inclusive
            """
        ),
        Mistake(
            "info --priority=0x5",
            "[032]: '0x5' is not valid for 'priority' option"
        ),
        Mistake(
            "info --priority=99",
            """
            [032]: '99' is out of range for 'priority' option
            HINT: allowed range is -20 to 19 inclusive
            """
        ),
        Mistake(
            "info --priority=",
            "[032]: '' is not valid for 'priority' option"
        ),
        Mistake(
            "info --repo1-path=rel",
            "[032]: 'rel' must begin with / for 'repo1-path' option"
        ),
        Mistake(
            "info --repo1-path=/a//b",
            "[032]: '/a//b' cannot contain // for 'repo1-path' option"
        ),
        Mistake(
            "info --repo1-path=",
            "[032]: '' must be >= 1 character for 'repo1-path' option"
        ),
        Mistake(
            "restore --stanza=demo --pg1-path=/pg --recovery-option=ab",
            "[031]: key/value 'ab' not valid for 'recovery-option' option"
        ),
        Mistake(
            "restore --stanza=demo --pg1-path=/pg --type=foo",
            """
            [032]: 'foo' is not allowed for 'type' option
            HINT: allowed values are 'default', 'preserve', 'immediate', 'standby', 'none', 'name', 'time', \
            'lsn', 'xid'
            """
        ),
        Mistake(
            "expire --stanza=demo --repo=300",
            """
            [032]: '300' is out of range for 'repo' option
            HINT: allowed range is 1 to 256 inclusive
            """
        ),
        Mistake(
            "info --repo=2",
            """
            [032]: key '2' is not valid for 'repo' option
            HINT: configured: repo1
            """
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --compress-type=zst --compress-level=30",
            """
            [032]: '30' is out of range for 'compress-level' option when 'compress-type' option = 'zst'
            HINT: allowed range is -7 to 22 inclusive
            """
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --compress-type=ZST",
            """
            [032]: 'ZST' is not allowed for 'compress-type' option
            HINT: allowed values are 'none', 'bz2', 'gz', 'lz4', 'zst'
            """
        ),
        Mistake(
            "check --stanza=demo --pg1-path=/pg --backup-standby=x",
            """
            [032]: 'x' is not allowed for 'backup-standby' option
            HINT: allowed values are 'n', 'prefer', 'y'
            """
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --manifest-save-threshold=0b",
            """
            [032]: '0b' is out of range for 'manifest-save-threshold' option
            HINT: allowed range is 1B to 1TiB inclusive
            """
        ),
    ]
}
