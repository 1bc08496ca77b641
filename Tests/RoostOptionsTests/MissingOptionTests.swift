import Testing

@testable import RoostOptions

/// Options that need others; expected as ``Mistake`` describes.
@Suite struct MissingOptionTests {
    @Test(arguments: dependencies)
    func `an option is refused without what it needs, and a command without what it requires`(mistake: Mistake) {
        #expect(mistake.outcome == mistake.expected)
    }

    static let dependencies: [Mistake] = [
        Mistake(
            "restore --stanza=demo --pg1-path=/pg --target=x",
            "[031]: option 'target' not valid without option 'type' in ('lsn', 'name', 'time', 'xid')"
        ),
        Mistake(
            "restore --stanza=demo --pg1-path=/pg --type=none --recovery-option=a=b",
            """
            [031]: option 'recovery-option' not valid without option 'type' in ('default', 'immediate', 'lsn', \
            'name', 'time', 'standby', 'xid')
            """
        ),
        Mistake(
            "restore --stanza=demo --pg1-path=/pg --type=time",
            "[037]: restore command requires option: target"
        ),
        Mistake(
            "info --repo1-s3-bucket=x",
            "[031]: option 'repo1-s3-bucket' not valid without option 'repo1-type' = 's3'"
        ),
        Mistake(
            "info --tcp-keep-alive-count=3 --no-sck-keep-alive",
            "[031]: option 'tcp-keep-alive-count' not valid without option 'sck-keep-alive'"
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --force",
            "[031]: option 'force' not valid without option 'no-online'"
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --repo1-bundle-size=1MiB",
            "[031]: option 'repo1-bundle-size' not valid without option 'repo1-bundle'"
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --compress-type=none --compress-level=3",
            """
            [031]: option 'compress-level' not valid without option 'compress-type' in ('bz2', 'gz', 'lz4', \
            'zst')
            """
        ),
        Mistake(
            "backup --stanza=demo --pg1-path=/pg --no-online --archive-check",
            "[031]: option 'archive-check' not valid without option 'online'"
        ),
        Mistake(
            "info --set=x",
            "[031]: option 'set' not valid without option 'stanza'"
        ),
        Mistake(
            "info --repo1-azure-key-type=auto",
            "[031]: option 'repo1-azure-key-type' not valid without option 'repo1-type' = 'azure'"
        ),
        Mistake(
            "backup --stanza=demo",
            """
            [037]: backup command requires option: pg1-path
            HINT: does this stanza exist?
            """
        ),
        Mistake(
            "backup",
            "[037]: backup command requires option: stanza"
        ),
        Mistake(
            "restore --stanza=demo",
            """
            [037]: restore command requires option: pg1-path
            HINT: does this stanza exist?
            """
        ),
        Mistake(
            "backup --stanza=demo --pg2-path=/x",
            """
            [037]: backup command requires option: pg1-path
            HINT: does this stanza exist?
            """
        ),
        Mistake(
            "annotate --stanza=demo",
            "[037]: annotate command requires option: annotation"
        ),
        Mistake(
            "backup --dry-run",
            "[031]: option 'dry-run' not valid for command 'backup'"
        ),
        Mistake(
            "info --repo1-retention-full=1",
            "[031]: option 'repo-retention-full' not valid for command 'info'"
        ),
        Mistake(
            "version --log-level-console=info",
            "[031]: option 'log-level-console' not valid for command 'version'"
        ),
        Mistake(
            "info",
            config: "[global]\nrepo1-cipher-type=aes-256-cbc\n",
            "[037]: info command requires option: repo1-cipher-pass"
        ),
        Mistake(
            "backup --stanza=demo",
            config: "[demo]\npg2-path=/x\n",
            """
            [037]: backup command requires option: pg1-path
            HINT: does this stanza exist?
            """
        ),
        Mistake(
            "backup --help",
            "[031]: option 'help' not valid for command 'backup'"
        ),
    ]
}
