import Foundation
import RoostTesting
import Testing

/// One host that playbooks are run on, by Debian's Ansible, without ssh and with servers that `pg_ctl` starts: the repository is its own.
@Suite struct OneHostPlaybookTests {
    private static let archive = "/pg/backup/archive/pg-meta"

    /// What an administrator does to one cluster, from its creation to its end; each step begins where the one before ended, because a
    /// cluster of its own for each would take a minute.
    @Test func `REQ-1, 2, 5, 6, 7, 32 the commands of the page on a cluster that was created without backups`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 1, in: scratch)
            // Roost takes the place of the package, as `roost install --pgbackrest` has it.
            try bed.run("h1", "ln", "-sf", "/usr/local/bin/pgbackrest", "/usr/bin/pgbackrest", as: .root)
            let site = Site(bed)
            try createWithoutBackups(site)
            if TestHost.isFull { try checkMode(site) }
            try enable(site)
            if TestHost.isFull {
                try refuseSafeguarded(site)
                try recover(site)
            }
            try refuseLocked(site)
            try removeBackupsOnly(site)
            if TestHost.isFull { try enableAgain(site) }
            try removeAll(site)
        }
    }

    /// The host with its inventory, and the commands as they are typed.
    private struct Site {
        let bed: HostBed
        let inventory: Inventory

        init(_ bed: HostBed) {
            self.bed = bed
            inventory = Inventory(
                clusters: [
                    .init(
                        name: "pg-meta", members: [bed.hosts[0].address],
                        variables: ["pg_crontab": ["00 01 * * * /pg/bin/pg-backup full"]])
                ],
                // As text, which is what -e of a command line makes of it.
                variables: [
                    "ansible_connection": "local", "pg_service": "pg_ctl", "pgbackrest_enabled": "false",
                ])
        }

        func play(_ playbook: String, _ arguments: String...) throws -> PlayResult {
            try bed.play(playbook, arguments, inventory: inventory, on: "h1")
        }

        func archiveMode() throws -> String {
            try bed.value("select setting from pg_settings where name = 'archive_mode'")
        }
    }

    private func createWithoutBackups(_ site: Site) throws {
        let result = try site.play("pgsql.yml").requireGreen()
        #expect(result.changed > 0)
        #expect(try site.archiveMode() == "off")
        #expect(try !site.bed.exists("/etc/pgbackrest/pgbackrest.conf"))
        #expect(try !site.bed.exists(Self.archive))
        #expect(try site.bed.run("h1", "crontab", "-l").contains("00 01 * * * /pg/bin/pg-backup full"))
    }

    private func checkMode(_ site: Site) throws {
        let result = try site.play("pgsql.yml", "-t", "pg_backup", "--check").requireGreen()
        #expect(result.changed > 0)
        #expect(try !site.bed.exists("/etc/pgbackrest/pgbackrest.conf"))
        #expect(try site.archiveMode() == "off")
    }

    private func enable(_ site: Site) throws {
        let bed = site.bed
        // As on a host that Pigsty has not made.
        try bed.run("h1", "rm", "-rf", "/pg/bin", as: .root)
        let first = try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
        #expect(try bed.run("h1", "/pg/bin/pg-role") == "primary")
        #expect(first.output.contains("pgbackrest_enabled: false"), "the inventory still says false\n\(first)")
        #expect(try site.archiveMode() == "on")
        #expect(try bed.value("show archive_timeout") == "5min")
        let command = try bed.value("show archive_command")
        #expect(command == "pgbackrest --stanza=pg-meta archive-push %p")
        #expect(try bed.exists("/etc/pgbackrest/initial.done"))
        #expect(
            try bed.run("h1", "stat", "-c", "%a %U:%G", "/etc/pgbackrest/pgbackrest.conf") == "640 postgres:postgres")
        let info = try bed.run("h1", "pgbackrest", "info")
        #expect(info.contains("stanza: pg-meta\n    status: ok"), "\(info)")
        #expect(info.components(separatedBy: "full backup:").count == 2, "\(info)")
        try bed.run("h1", "pgbackrest", "--stanza=pg-meta", "check")

        let second = try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
        #expect(second.changed == 0, "\(second)")
        #expect(try bed.run("h1", "pgbackrest", "info").components(separatedBy: "full backup:").count == 2)
        guard TestHost.isFull else { return }
        let checked = try site.play("pgsql.yml", "-t", "pg_backup", "--check").requireGreen()
        #expect(checked.changed == 0, "\(checked)")
    }

    /// To a restore point, at which it waits to be looked at.
    private func recover(_ site: Site) throws {
        let bed = site.bed
        try bed.value("create table recovered as select 1 as n")
        try bed.value("select pg_create_restore_point('before')")
        try bed.value("drop table recovered; select pg_switch_wal()")
        let target = ["-l", "pg-meta", "-e", #"{"pg_pitr": {"name": "before"}}"#]
        func play(_ more: String...) throws -> PlayResult {
            try bed.play("pgsql-pitr.yml", target + more, inventory: site.inventory, on: "h1")
        }
        let paused = try play().requireGreen()
        #expect(paused.output.contains("waits at its target and is not started"), "\(paused)")
        #expect(try bed.value("select n from recovered") == "1")
        let early = try play("-t", "up")
        #expect(early.failed == 1 && early.output.contains("is not over"), "\(early)")
        // What came after the point is not lost as long as nobody has accepted.
        try play("-t", "undo").requireGreen()
        #expect(try bed.value("select to_regclass('recovered') is null") == "t")
        #expect(try bed.value("select pg_is_in_recovery()") == "f")
    }

    private func refuseSafeguarded(_ site: Site) throws {
        let before = try site.bed.tree("/pg/backup/backup")
        let result = try site.play("pgsql-rm.yml", "-e", "pg_safeguard=true")
        #expect(result.failed == 1 && result.changed == 0, "\(result)")
        #expect(result.output.contains("safeguarded"), "\(result)")
        let misspelt = try site.play("pgsql-rm.yml", "-e", "pg_rm_bkup=false")
        #expect(misspelt.failed == 1 && misspelt.changed == 0, "\(misspelt)")
        #expect(misspelt.output.contains("pg_rm_backup=false"), "\(misspelt)")
        #expect(try site.bed.tree("/pg/backup/backup") == before)
        #expect(try site.bed.value("select 1") == "1")
    }

    /// One file deep inside cannot be deleted, which a deletion would find out after the info files are gone.
    private func refuseLocked(_ site: Site) throws {
        let bed = site.bed
        let file = try bed.run(
            "h1", "find", "/pg/backup/", "-name", "backup.manifest", "-path", "*F/*", as: .root)
        let before = try bed.tree("/pg/backup/backup")
        for (attribute, name) in TestHost.cases([("i", "immutable"), ("a", "append-only")], else: [("i", "immutable")])
        {
            try bed.run("h1", "chattr", "+\(attribute)", file, as: .root)
            let result = try site.play("pgsql-rm.yml")
            #expect(result.failed == 1 && result.changed == 0, "\(result)")
            #expect(result.output.contains("locked") && result.output.contains(name), "\(result)")
            #expect(try bed.tree("/pg/backup/backup") == before)
            #expect(try bed.value("select 1") == "1")
            #expect(try bed.run("h1", "crontab", "-l").contains("pg-backup full"))
            if TestHost.isFull {
                // Who keeps the backups may go on.
                let plan = try site.play("pgsql-rm.yml", "-e", "pg_rm_backup=false", "--check").requireGreen()
                #expect(plan.changed > 0)
            }
            try bed.run("h1", "chattr", "-\(attribute)", file, as: .root)
        }
    }

    private func removeBackupsOnly(_ site: Site) throws {
        let bed = site.bed
        try bed.run("h1", "touch", "/pg/backup/backup_pg-meta_20250713.tar.lz4")
        let result = try site.play("pgsql-rm.yml", "-t", "pg_backup").requireGreen()
        #expect(result.changed > 0)
        #expect(try !bed.exists(Self.archive) && !bed.exists("/etc/pgbackrest/pgbackrest.conf"))
        #expect(try !bed.exists("/etc/pgbackrest/initial.done"))
        #expect(try bed.exists("/pg/backup/backup_pg-meta_20250713.tar.lz4"))
        // It goes on, and its WAL does not pile up.
        #expect(
            try bed.value(
                "create table kept as select 1; select pg_switch_wal() is not null; select count(*) from kept")
                == "t\n1")
        try waitUntil("the switched segment to be let go") {
            try bed.value("select count(*) from pg_ls_archive_statusdir() where name like '%.ready'") == "0"
        }
        guard TestHost.isFull else { return }
        #expect(try site.play("pgsql-rm.yml", "-t", "pg_backup").requireGreen().changed == 0)
    }

    private func enableAgain(_ site: Site) throws {
        try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
        try site.bed.run("h1", "pgbackrest", "--stanza=pg-meta", "check")
    }

    private func removeAll(_ site: Site) throws {
        let bed = site.bed
        if TestHost.isFull {
            let plan = try site.play("pgsql-rm.yml", "--check").requireGreen()
            #expect(plan.changed > 0)
            #expect(try bed.value("select 1") == "1")
            let before = try bed.tree("/pg/backup/backup")
            try site.play("pgsql-rm.yml", "-e", "pg_rm_backup=false").requireGreen()
            #expect(try !bed.exists("/pg/data") && bed.tree("/pg/backup/backup") == before)
            #expect(try bed.run("h1", "pgbackrest", "info").contains("stanza: pg-meta\n    status: ok"))
        }
        let result = try site.play("pgsql-rm.yml").requireGreen()
        #expect(result.output.contains("pg-meta-1, primary of pg-meta"), "\(result)")
        for path in ["/pg/data", Self.archive, "/pg/backup/backup/pg-meta", "/etc/pgbackrest/pgbackrest.conf"] {
            #expect(try !bed.exists(path), "\(path)")
        }
        #expect(try bed.exists("/pg/backup/backup_pg-meta_20250713.tar.lz4"))
        #expect(try bed.command("h1", ["crontab", "-l"]).run().standardOutput.contains("pg-backup") == false)
        guard TestHost.isFull else { return }
        #expect(try site.play("pgsql-rm.yml").requireGreen().changed == 0)
    }
}
