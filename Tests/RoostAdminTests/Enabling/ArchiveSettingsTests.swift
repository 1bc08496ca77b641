import RoostAdmin
import RoostPostgres
import Testing

@Suite struct ArchiveSettingsTests {
    private var specification: ClusterSpecification { ClusterSpecification(cluster: "pg-meta") }

    @Test func `the command is that of the page where the program has its name`() {
        let plain = ArchiveSettings.archiving(specification, isOnlyStanza: true, program: "pgbackrest")
        #expect(plain.wanted["archive_command"] == "pgbackrest --stanza=pg-meta archive-push %p")
        let path = ArchiveSettings.archiving(specification, isOnlyStanza: true, program: "/opt/50% off/it's/roost")
        #expect(
            path.wanted["archive_command"]
                == #"'/opt/50%% off/it'\''s/roost' --config=/etc/pgbackrest/pgbackrest.conf --stanza=pg-meta archive-push %p"#
        )
    }

    @Test(arguments: [
        ("pgbackrest --stanza=pg-meta archive-push %p", true),
        ("/usr/bin/pgbackrest --stanza=pg-meta archive-push \"%p\"", true),
        ("roost --config=/etc/pgbackrest/pgbackrest.conf --stanza=pg-meta archive-push %p", true),
        ("pgbackrest --stanza=pg-meta2 archive-push %p", false), ("pgbackrest --stanza=pg-meta archive-push", false),
        ("pgbackrest --config=/x --stanza=pg-meta archive-push %p", false), ("wal-g wal-push %p", false),
        ("cp %p /pgbackrest/%f", false), ("", false), (ArchiveSettings.parkedCommand, false),
    ])
    func `a command of the same stanza is as good, whoever wrote it`(command: String, isGood: Bool) {
        let settings = ArchiveSettings.archiving(specification, isOnlyStanza: true, program: "roost")
        #expect(settings.archives(command) == isGood)
        let current = [
            "archive_mode": ServerSetting(value: "on"), "archive_command": ServerSetting(value: command),
            "archive_timeout": ServerSetting(value: "60"),
        ]
        #expect(settings.differing(current) == (isGood ? [] : ["archive_command"]))
    }

    @Test(arguments: [
        ("roost archive-push %p", true),
        ("/opt/bin/roost --config=/etc/pgbackrest/pgbackrest.conf archive-push %p", true),
        ("roost --stanza=pg-test archive-push %p", false), ("roost --config=/x archive-push %p", false),
        ("pgbackrest archive-push %p", false), ("/opt/roost/pgbackrest archive-push %p", false),
    ])
    func `a command that names no stanza is of the only one, if roost is to find it`(command: String, isOwn: Bool) {
        for settings in [
            ArchiveSettings.archiving(specification, isOnlyStanza: true, program: "roost"),
            .parked(specification, isOnlyStanza: true),
        ] { #expect(settings.archives(command) == isOwn) }
        #expect(!ArchiveSettings.archiving(specification, isOnlyStanza: false, program: "roost").archives(command))
    }

    @Test func `what differs is told, and a pending restart differs too`() {
        let settings = ArchiveSettings.archiving(specification, isOnlyStanza: true, program: "roost")
        #expect(settings.differing([:]) == ["archive_command", "archive_mode", "archive_timeout"])
        func differing(_ mode: ServerSetting, _ timeout: String = "300") -> [String] {
            settings.differing([
                "archive_mode": mode, "archive_timeout": ServerSetting(value: timeout),
                "archive_command": ServerSetting(value: "pgbackrest --stanza=pg-meta archive-push %p"),
            ])
        }
        #expect(differing(ServerSetting(value: "on")) == [])
        #expect(differing(ServerSetting(value: "always")) == [])
        #expect(differing(ServerSetting(value: "on", isPendingRestart: true)) == ["archive_mode"])
        #expect(differing(ServerSetting(value: "off")) == ["archive_mode"])
        #expect(differing(ServerSetting(value: "on"), "0") == ["archive_timeout"])
        #expect(differing(ServerSetting(value: "on"), "301") == ["archive_timeout"])
    }

    @Test(arguments: [
        ("off", false, "", [String]()), ("on", false, "x", ["archive_command", "archive_mode"]),
        ("on", true, ArchiveSettings.parkedCommand, []), ("on", true, "x", ["archive_command"]),
        ("off", true, ArchiveSettings.parkedCommand, ["archive_mode"]),
    ])
    func `a parked server waits for its restart, and needs nothing more`(
        mode: String, isPending: Bool, command: String, names: [String]
    ) {
        let current = [
            "archive_mode": ServerSetting(value: mode, isPendingRestart: isPending),
            "archive_command": ServerSetting(value: command),
        ]
        #expect(ArchiveSettings.parked(specification, isOnlyStanza: true).differing(current) == names)
    }

    @Test func `the recommended configuration holds no time and what is better than the defaults`() throws {
        var specification = specification
        specification.repository.options = ["path": "/pg/backup", "retention-full": "2", "bundle": "false"]
        let text = try EngineConfiguration(specification, processors: 10).text
        let head = """
            \(EngineConfiguration.heading)
            [global]
            annotation=pg_cluster=pg-meta
            archive-async=y
            archive-push-queue-max=4GiB
            compress-type=zst
            delta=y
            expire-auto=y
            log-level-console=info
            log-level-file=info
            log-path=/pg/log/pgbackrest
            spool-path=/pg/spool
            start-fast=y
            repo1-block=y
            repo1-bundle=n
            repo1-path=/pg/backup
            repo1-retention-full=2

            [global:archive-get]
            process-max=3

            """
        #expect(text.hasPrefix(head), "\(text)")
        #expect(text.hasSuffix("[global:restore]\nprocess-max=8\n\n[pg-meta]\npg1-path=/pg/data\npg1-port=5432\n"))
        #expect(try EngineConfiguration(specification, processors: 1).text.contains("[global:backup]\nprocess-max=1\n"))
        #expect(ClusterSpecification.stanzas(in: text) == ["pg-meta"])
        #expect(ClusterSpecification.stanzas(in: "[global]\n [a]\nx=[y]\n[a:backup]\n[b:roost]\n") == ["a", "b"])
    }

    @Test(arguments: ["retention-full", "s3-key-secret"])
    func `a value of two lines is refused and not shown`(key: String) {
        var specification = specification
        specification.repository.options[key] = "2\n[global]\nrepo1-path=/"
        let refusal = #expect(throws: AdminRefusal.self) { try EngineConfiguration(specification, processors: 1) }
        #expect(refusal?.reason == .configuration)
        #expect(key == "retention-full" || refusal?.message.contains("repo1-path") == false)
    }
}
