import Testing

@testable import RoostOptions

@Suite struct UnsupportedFeatureTests {
    @Test(arguments: [
        ("info", "repo1-type=cifs", "option 'repo1-type' = 'cifs' is not supported yet for command 'info'"),
        ("info", "repo2-path=/x\nrepo1-path=/y", "more than one repository is not supported yet: repo1, repo2"),
        ("info", "repo1-host=h", "option 'repo1-host' = 'h' is not supported yet for command 'info'"),
        ("backup --pg1-host=h", "", "option 'pg1-host' = 'h' is not supported yet for command 'backup'"),
        ("backup", "repo1-hardlink=y", "option 'repo1-hardlink' = 'y' is not supported yet for command 'backup'"),
        ("backup", "archive-copy=y", "option 'archive-copy' = 'y' is not supported yet for command 'backup'"),
        ("backup --backup-standby", "", "option 'backup-standby' = 'y' is not supported yet for command 'backup'"),
        (
            "check --backup-standby=prefer", "",
            "option 'backup-standby' = 'prefer' is not supported yet for command 'check'"
        ),
        (
            "archive-push x", "archive-push-queue-max=1GiB",
            "option 'archive-push-queue-max' = '1GiB' is not supported yet for command 'archive-push'"
        ),
        (
            "archive-push x", "archive-async=y",
            "option 'archive-async' = 'y' is not supported yet for command 'archive-push'"
        ),
        (
            "archive-get x y", "archive-async=y",
            "option 'archive-async' = 'y' is not supported yet for command 'archive-get'"
        ),
        ("restore --db-include=a", "", "option 'db-include' = 'a' is not supported yet for command 'restore'"),
        ("restore --db-exclude=a", "", "option 'db-exclude' = 'a' is not supported yet for command 'restore'"),
        ("restore --link-all", "", "option 'link-all' = 'y' is not supported yet for command 'restore'"),
        ("restore --link-map=a=/b", "", "option 'link-map' = 'a=/b' is not supported yet for command 'restore'"),
        (
            "restore --tablespace-map-all=/a", "",
            "option 'tablespace-map-all' = '/a' is not supported yet for command 'restore'"
        ),
        (
            "restore --repo=1 --repo-target-time=x", "",
            "option 'repo-target-time' = 'x' is not supported yet for command 'restore'"
        ),
        ("expire --oldest", "", "option 'oldest' = 'y' is not supported yet for command 'expire'"),
        ("expire --set=x", "", "option 'set' = 'x' is not supported yet for command 'expire'"),
        (
            "expire --archive-expire-before=x", "",
            "option 'archive-expire-before' = 'x' is not supported yet for command 'expire'"
        ),
        ("verify --set=x", "", "option 'set' = 'x' is not supported yet for command 'verify'"),
        (
            "verify", "[demo]\npg-version-force=15",
            "option 'pg-version-force' = '15' is not supported yet for command 'verify'"
        ),
        ("annotate --set=x --annotation=a=b", "", "command 'annotate' is not supported yet"),
        ("stanza-delete", "", "command 'stanza-delete' is not supported yet"),
        ("repo-ls", "", "command 'repo-ls' is not supported yet"),
        ("backup:local", "", "command 'backup:local' is not supported yet"),
    ])
    func `what does not exist yet is refused, not ignored`(line: String, config: String, expected: String) {
        let outcome = failure(
            "--stanza=demo \(line)",
            config: "[global]\n\(config)\n[demo]\npg1-path=/pg\n",
            supportedOnly: true
        )
        let number = expected.hasPrefix("command") ? "048" : "031"
        #expect(outcome.split(separator: "\n").first == "[\(number)]: \(expected)")
    }

    @Test(arguments: [
        "backup --type=full --start-fast --annotation=a=b --exclude=x --no-page-header-check --repo1-bundle --no-delta",
        "backup --buffer-size=4MiB --protocol-timeout=1h --io-timeout=30 --compress-level-network=3 --cmd-ssh=x",
        "backup --no-sck-keep-alive --job-retry=3 --archive-timeout=10 --no-backup-standby --resume --no-expire-auto",
        "restore --delta --type=standby --tablespace-map=a=/b --archive-mode=off --recovery-option=a=b --set=x",
        "restore --type=preserve", "expire --dry-run", "info --output=json", "verify --verbose", "check",
        "stanza-create",
        "start", "stop --force", "archive-push x", "archive-get x y",
    ])
    func `what exists is accepted`(line: String) {
        let config = "[global]\nrepo1-retention-full=2\n[demo]\npg1-path=/pg\n[demo:restore]\ndelta=y\n"
        #expect(failure("--stanza=demo \(line)", config: config, supportedOnly: true) == "")
    }
}
