import Testing

@testable import RoostOptions

@Suite struct UnsupportedFeatureTests {
    @Test(arguments: [
        ("info", "repo1-type=cifs", "option 'repo1-type' = 'cifs' is not supported yet for command 'info'"),
        ("info", "repo2-path=/x\nrepo1-path=/y", "more than one repository is not supported yet: repo1, repo2"),
        ("info", "repo1-host=h", "option 'repo1-host' = 'h' is not supported yet for command 'info'"),
        ("backup --pg1-host=h", "", "option 'pg1-host' = 'h' is not supported yet for command 'backup'"),
        ("backup --backup-standby", "", "option 'backup-standby' = 'y' is not supported yet for command 'backup'"),
        (
            "check --backup-standby=prefer", "",
            "option 'backup-standby' = 'prefer' is not supported yet for command 'check'"
        ),
        (
            "restore --repo=1 --repo-target-time=x", "",
            "option 'repo-target-time' = 'x' is not supported yet for command 'restore'"
        ),
        (
            "verify", "[demo]\npg-version-force=15",
            "option 'pg-version-force' = '15' is not supported yet for command 'verify'"
        ),
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
        "restore --db-include=a --db-exclude=b --link-all --link-map=a=/b --tablespace-map-all=/a",
        "restore --type=preserve", "expire --dry-run", "expire --oldest", "expire --set=x",
        "expire --archive-expire-before=x", "info --output=json", "verify --verbose", "verify --set=x --output=json",
        "check",
        "annotate --set=x --annotation=a=b", "stanza-create", "stanza-delete --force", "stanza-upgrade --no-online",
        "repo-ls --recurse --filter=x --sort=desc --output=json", "repo-get x --raw --ignore-missing",
        "repo-rm x --recurse",
        "manifest --reference=latest --output=json",
        "start", "stop --force", "archive-push x", "archive-get x y",
    ])
    func `what exists is accepted`(line: String) {
        let config = "[global]\nrepo1-retention-full=2\n[demo]\npg1-path=/pg\n[demo:restore]\ndelta=y\n"
        #expect(failure("--stanza=demo \(line)", config: config, supportedOnly: true) == "")
    }
}
