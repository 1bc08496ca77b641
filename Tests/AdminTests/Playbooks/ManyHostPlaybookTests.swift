import Foundation
import RoostTesting
import Testing

/// Hosts that playbooks reach by ssh, by the newest Ansible, with servers that systemd starts and one repository that all share.
@Suite(.enabled(if: TestHost.isFull)) struct ManyHostPlaybookTests {
    /// A primary and its replica, and beside their stanza one of somebody else; each step begins where the one before ended.
    @Test func `REQ-1, 3, 4, 30, 31 a cluster of two hosts with a shared repository is created, recovered and removed`()
        throws
    {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 2, in: scratch)
            let site = Site(bed)
            try prepare(bed)
            let foreign = try bed.tree("/nfs/repo/archive/other")
            try create(site)
            try recover(site)
            try removeReplica(site)
            try removeButKeepBackups(site)
            try restoreKept(site)
            try leaveForeignExporter(site)
            try removeLast(site)
            #expect(try bed.tree("/nfs/repo/archive/other") == foreign)
        }
    }

    private struct Site {
        let bed: HostBed
        let inventory: Inventory

        init(_ bed: HostBed) {
            self.bed = bed
            inventory = Inventory(
                clusters: [.init(name: "pg-test", members: bed.hosts.map(\.address))],
                variables: [
                    "pgbackrest_method": "shared",
                    "pgbackrest_repo": [
                        "shared": [
                            "path": "/nfs/repo", "retention_full": 2, "cipher_type": "aes-256-cbc",
                            "cipher_pass": "se'cret${pg_cluster}",
                        ]
                    ],
                ])
        }

        func play(_ playbook: String, _ arguments: String...) throws -> PlayResult {
            let result = try bed.play(playbook, arguments, inventory: inventory, with: .pypi)
            #expect(!result.output.contains("se'cret"), "a secret shows in the output")
            return result
        }
    }

    private func prepare(_ bed: HostBed) throws {
        try bed.run(
            "h1", "sh", "-c",
            "mkdir -p /nfs/repo/archive/other /nfs/repo/backup && chmod 750 /nfs/repo && echo mine > /nfs/repo/archive/other/archive.info"
                + " && chown -R postgres: /nfs/repo", as: .root)
    }

    private func create(_ site: Site) throws {
        let bed = site.bed
        try site.play("pgsql.yml").requireGreen()
        for host in ["h1", "h2"] {
            #expect(try bed.run(host, "systemctl", "is-active", "postgres") == "active")
            #expect(try bed.value("select setting from pg_settings where name = 'archive_mode'", on: host) == "on")
            #expect(try bed.exists("/etc/pgbackrest/pgbackrest.conf", on: host))
        }
        #expect(try bed.value("select pg_is_in_recovery()", on: "h2") == "t")
        #expect(try bed.exists("/etc/pgbackrest/initial.done", on: "h1"))
        #expect(try !bed.exists("/etc/pgbackrest/initial.done", on: "h2"))
        // What the primary wrote, the replica sees: one repository.
        let info = try bed.run("h2", "pgbackrest", "--stanza=pg-test", "info")
        #expect(info.contains("status: ok") && info.contains("cipher: aes-256-cbc"), "\(info)")
        try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")

        let ask = "exec 3<>/dev/tcp/127.0.0.1/9854; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
        for host in ["h1", "h2"] {
            try waitUntil("the exporter of \(host)") {
                try bed.command(host, ["bash", "-c", ask]).run().standardOutput
                    .contains(#"pgbackrest_stanza_status{stanza="pg-test"} 0"#)
            }
        }

        let second = try site.play("pgsql.yml").requireGreen()
        #expect(second.changed == 0, "\(second)")
        let after = try bed.run("h2", "pgbackrest", "--stanza=pg-test", "info")
        #expect(after.components(separatedBy: "full backup:").count == 2, "\(after)")
    }

    /// REQ-30: both members, the replica made anew.
    private func recover(_ site: Site) throws {
        let bed = site.bed
        try bed.value("create table recovered as select 1 as n")
        try bed.value("select pg_create_restore_point('before')")
        try bed.value("drop table recovered; select pg_switch_wal()")
        let target = #"{"pg_pitr": {"name": "before", "action": "promote"}}"#
        try site.play("pgsql-pitr.yml", "-e", target).requireGreen()
        #expect(try bed.value("select n from recovered") == "1")
        #expect(try bed.value("select pg_is_in_recovery()") == "f")
        #expect(try bed.value("select pg_is_in_recovery()", on: "h2") == "t")
        try waitUntil("the replica to have the table") {
            try bed.value("select count(*) from pg_class where relname = 'recovered'", on: "h2") == "1"
        }
        for host in ["h1", "h2"] { #expect(try bed.run(host, "systemctl", "is-active", "postgres") == "active") }
        try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")
        try site.play("pgsql-pitr.yml", "-e", target, "-t", "accept").requireGreen()
    }

    private func removeReplica(_ site: Site) throws {
        let bed = site.bed
        let before = try bed.tree("/nfs/repo/backup")
        // The replica would go on without backups.
        let primary = try site.play("pgsql-rm.yml", "-l", bed.hosts[0].address)
        #expect(primary.failed == 1 && primary.changed == 0, "\(primary)")
        #expect(primary.output.contains("\(bed.hosts[1].address) of pg-test would go on without backups"), "\(primary)")
        try site.play("pgsql-rm.yml", "-l", bed.hosts[1].address).requireGreen()
        #expect(try !bed.exists("/pg/data", on: "h2") && !bed.exists("/etc/pgbackrest/pgbackrest.conf", on: "h2"))
        #expect(try bed.command("h2", ["systemctl", "is-active", "postgres"]).run().succeeded == false)
        #expect(try bed.tree("/nfs/repo/backup") == before)
        try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")
    }

    private func removeButKeepBackups(_ site: Site) throws {
        let bed = site.bed
        let before = try bed.tree("/nfs/repo/backup")
        let foreign = "/etc/systemd/system/patroni.service"
        try bed.run("h1", "sh", "-c", "echo 'Description=Patroni of somebody else' > \(foreign)", as: .root)
        #expect(try bed.exists("/etc/systemd/system/postgres.service", on: "h1"))
        #expect(try bed.run("h1", "systemctl", "is-active", "pgbackrest_exporter") == "active")
        try site.play("pgsql-rm.yml", "-e", "pg_rm_backup=false").requireGreen()
        #expect(try !bed.exists("/etc/systemd/system/postgres.service", on: "h1") && bed.exists(foreign, on: "h1"))
        #expect(try !bed.exists("/etc/systemd/system/pgbackrest_exporter.service", on: "h1"))
        #expect(try !bed.command("h1", ["systemctl", "is-active", "pgbackrest_exporter"]).run().succeeded)
        #expect(try !bed.exists("/pg/data", on: "h1"))
        #expect(try bed.exists("/etc/pgbackrest/pgbackrest.conf", on: "h1"))
        #expect(try bed.tree("/nfs/repo/backup") == before)
        let info = try bed.run("h1", "pgbackrest", "info")
        #expect(info.contains("stanza: pg-test\n    status: ok"), "\(info)")
    }

    /// REQ-4, REQ-31: kept backups restore into the cluster that is created anew under the name, on hosts that know nothing of it.
    private func restoreKept(_ site: Site) throws {
        let bed = site.bed
        try bed.run("h1", "rm", "-r", "/etc/pgbackrest", as: .root)
        try site.play("pgsql.yml", "-e", "pgbackrest_enabled=false").requireGreen()
        #expect(try bed.value("select to_regclass('recovered') is null") == "t")
        let before = try bed.tree("/nfs/repo/backup")
        // It is another cluster still.
        let refused = try site.play("pgsql.yml", "-t", "pg_backup")
        #expect(refused.failed == 1 && refused.output.contains("pgbackrest_mismatch"), "\(refused)")
        #expect(try bed.tree("/nfs/repo/backup") == before)
        try site.play("pgsql.yml", "-t", "pgbackrest_dir,pgbackrest_config").requireGreen()
        try site.play("pgsql-pitr.yml", "-e", #"{"pg_pitr": {"action": "promote"}}"#).requireGreen()
        for host in ["h1", "h2"] {
            try waitUntil("the table on \(host)") {
                try bed.value("select count(*) from pg_class where relname = 'recovered'", on: host) == "1"
            }
        }
        try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
        try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")
    }

    /// That of a package, as Pigsty installs it.
    private func leaveForeignExporter(_ site: Site) throws {
        let bed = site.bed
        let unit = "/lib/systemd/system/pgbackrest_exporter.service"
        try bed.run("h1", "sh", "-c", "printf '[Service]\nExecStart=/bin/sleep 600\n' > \(unit)", as: .root)
        let result = try site.play("pgsql.yml", "-t", "pg_monitor").requireGreen()
        #expect(
            result.output.contains("\(bed.hosts[0].address) has a pgbackrest_exporter of somebody else"), "\(result)")
        #expect(try !bed.exists("/etc/systemd/system/pgbackrest_exporter.service", on: "h1"))
        #expect(try bed.run("h2", "systemctl", "is-active", "pgbackrest_exporter") == "active")
    }

    /// As if the replica's host were gone.
    private func removeLast(_ site: Site) throws {
        let bed = site.bed
        try site.play("pgsql-rm.yml", "-l", bed.hosts[0].address, "-e", "pg_rm_last=true").requireGreen()
        #expect(try !bed.exists("/pg/data", on: "h1") && !bed.exists("/nfs/repo/backup/pg-test", on: "h1"))
        #expect(try bed.value("select pg_is_in_recovery()", on: "h2") == "t")
        #expect(try bed.exists("/lib/systemd/system/pgbackrest_exporter.service", on: "h1"))
    }
}
