import Foundation
import RoostTesting
import Testing

/// Clusters that Patroni manages, with etcd, on hosts that playbooks reach by ssh; by both releases of each.
@Suite(.enabled(if: TestHost.isFull)) struct PatroniPlaybookTests {
    /// Releases that go together, with a version of PostgreSQL each.
    static let combinations: [(PatroniRelease, Ansible, Int)] = [(.debian, .pypi, 15), (.pypi, .debian, 17)]

    private struct Site {
        let bed: HostBed
        let inventory: Inventory
        let ansible: Ansible
        let programs: String

        init(
            _ bed: HostBed, _ patroni: PatroniRelease, _ ansible: Ansible, major: Int, clusters: [Inventory.Cluster]
        ) throws {
            self.bed = bed
            self.ansible = ansible
            programs = try TestHost.serverPrograms(major: major)
            var variables = try bed.preparePatroni(patroni)
            variables["pg_version"] = .number(major)
            variables["pg_bin_dir"] = .text(programs)
            variables["pgbackrest_method"] = "shared"
            variables["pgbackrest_repo"] = ["shared": ["path": "/nfs/repo", "retention_full": 4]]
            inventory = Inventory(clusters: clusters, variables: variables)
            try bed.run("h1", "install", "-d", "-m", "0750", "-o", "postgres", "-g", "postgres", "/nfs/repo", as: .root)
        }

        @discardableResult
        func play(_ playbook: String, _ arguments: String...) throws -> PlayResult {
            try bed.play(playbook, arguments, inventory: inventory, with: ansible)
        }
    }

    @Test(arguments: combinations)
    func `REQ-2 archiving is switched on through Patroni, and a point in time is reached`(
        _ patroni: PatroniRelease, _ ansible: Ansible, _ major: Int
    ) throws {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 2, in: scratch)
            let site = try Site(
                bed, patroni, ansible, major: major,
                clusters: [
                    .init(name: "pg-test", members: bed.hosts.map(\.address))
                ])
            let members = ["pg-test-1", "pg-test-2"]
            try site.play("pgsql.yml", "-e", "pgbackrest_enabled=false").requireGreen()
            try bed.waitForMembers(members, cluster: "pg-test")
            #expect(try bed.value("show archive_mode") == "off")

            try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
            for host in ["h1", "h2"] { #expect(try bed.value("show archive_mode", on: host) == "on") }
            try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")
            let second = try site.play("pgsql.yml", "-t", "pg_backup").requireGreen()
            #expect(second.changed == 0, "\(second)")

            try recover(site, members)
            try site.play("pgsql-rm.yml").requireGreen()
            let again = try site.play("pgsql-rm.yml").requireGreen()
            #expect(again.changed == 0, "\(again)")
            #expect(try !bed.exists("/nfs/repo/backup/pg-test") && !bed.exists("/pg/data"))
        }
    }

    private func recover(_ site: Site, _ members: [String]) throws {
        let bed = site.bed
        // Each by itself: statements of one message are one transaction, and the point would lie before its end.
        try bed.value("create table kept as select 1 as n")
        try bed.value("select pg_create_restore_point('before')")
        try bed.value("drop table kept; select pg_switch_wal()")
        let target = #"{"pg_pitr": {"name": "before", "action": "promote"}}"#
        let started = try bed.value("select pg_postmaster_start_time()")
        let checked = try site.play("pgsql-pitr.yml", "-e", target, "--check").requireGreen()
        #expect(checked.output.contains("name before"), "the plan names the target\n\(checked)")
        #expect(try bed.value("select pg_postmaster_start_time()") == started)
        try site.play("pgsql-pitr.yml", "-e", target).requireGreen()
        try bed.waitForMembers(members, cluster: "pg-test")
        #expect(try bed.value("select n from kept") == "1")
        #expect(try bed.value("select pg_is_in_recovery()") == "f")
        try waitUntil("the replica to have the table") { try bed.value("select count(*) from kept", on: "h2") == "1" }
        try bed.run("h1", "pgbackrest", "--stanza=pg-test", "check")
        try site.play("pgsql-pitr.yml", "-e", target, "-t", "accept").requireGreen()
    }

    @Test(arguments: combinations)
    func `REQ-30 a second cluster becomes a clone of the first, which goes on`(
        _ patroni: PatroniRelease, _ ansible: Ansible, _ major: Int
    ) throws {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 2, in: scratch)
            let site = try Site(
                bed, patroni, ansible, major: major,
                clusters: [
                    .init(name: "pg-meta", members: [bed.hosts[0].address]),
                    .init(name: "pg-meta2", members: [bed.hosts[1].address]),
                ])
            try site.play("pgsql.yml").requireGreen()
            let started = try bed.value("select pg_postmaster_start_time()")
            try bed.value("create table kept as select 1 as n")
            // A clone to the latest has what is in the archive: the proof that WAL arrives brings it there.
            try bed.run("h1", "pgbackrest", "--stanza=pg-meta", "check")

            let source = #"{"pg_pitr": {"cluster": "pg-meta", "action": "promote"}}"#
            try site.play("pgsql-pitr.yml", "-l", "pg-meta2", "-e", source).requireGreen()
            #expect(try bed.value("select n from kept", on: "h2") == "1")
            #expect(try bed.value("show cluster_name", on: "h2") == "pg-meta2")
            #expect(try bed.value("show archive_command", on: "h2").contains("--stanza=pg-meta2 "))
            try bed.run("h2", "pgbackrest", "--stanza=pg-meta2", "check")
            try bed.run("h1", "pgbackrest", "--stanza=pg-meta", "check")
            #expect(try bed.value("select pg_postmaster_start_time()") == started)
            let foreign = try bed.run(
                "h1", "find", "/nfs/repo/archive/pg-meta", "-name", "*.history", as: .root)
            #expect(foreign.isEmpty, "\(foreign)")
        }
    }
}
