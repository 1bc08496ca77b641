import Foundation
import RoostTesting
import Testing

/// The commands of `docs/admin.md` that are about a whole host, typed on hosts, with the page's own paths and names.
@Suite struct HostDocumentTests {
    private let page: AdminPage

    init() throws { page = try AdminPage() }

    @Test func `REQ-1, 2, 3, 8, 9, 10, 30, 31 the commands of the page work as they stand on hosts`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 2, in: scratch)
            try bed.run("h1", "install", "-d", "-m", "0750", "-o", "postgres", "/nfs/backup", as: .root)
            for host in bed.hosts { try create(bed, host.name) }
            try enable(bed)
            try back(bed)
            try monitor(bed)
            try fork(bed)
            try recover(bed)
            try clone(bed)
            try remove(bed)
        }
    }

    /// A server at the usual place, and what only root can make.
    private func create(_ bed: HostBed, _ host: String) throws {
        try bed.run(
            host, "bash", "-euc",
            """
            install -d -o postgres -g postgres /pg /pg/log /etc/pgbackrest
            ln -s /nfs/backup /pg/backup
            """, as: .root)
        let programs = try TestHost.serverPrograms(major: 15)
        try type(
            bed, host,
            """
            \(programs)/initdb --pgdata=/pg/data --auth=trust --wal-segsize=1 --no-sync > /dev/null
            printf 'fsync = off\\nshared_buffers = 32MB\\n' >> /pg/data/postgresql.conf
            \(programs)/pg_ctl start -s -w -D /pg/data -l /pg/log/postgresql.log
            """)
    }

    private func enable(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Enable Backup")
        try #require(blocks.count == 1)
        try type(bed, "h1", blocks[0])
        try type(bed, "h2", blocks[0].replacing("pg-meta", with: "pg-meta2"))
        #expect(
            try type(bed, "h1", "pgbackrest --stanza=pg-meta check; roost doctor --exporter=none || test $? = 10") != ""
        )
        let list = page.blocks(under: "List Backups")
        try #require(list.count == 1)
        let told = try type(bed, "h1", list[0])
        #expect(told.contains("stanza: pg-meta\n    status: ok\n") && told.contains(#""name":"pg-meta""#), "\(told)")
    }

    private func back(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Manual Backup")
        try #require(blocks.count == 2)
        try type(bed, "h1", blocks[0])
        #expect(
            try type(bed, "h1", "pgbackrest --stanza=pg-meta info").split(separator: "\n").filter {
                $0.contains(" backup: ")
            }
            .map { $0.split(separator: " ")[0] } == ["full", "incr", "full", "incr", "diff"])
        let told = try type(bed, "h1", "cd /tmp; echo '00 01 * * * /pg/bin/pg-backup full' > lines.txt\n\(blocks[1])")
        #expect(told.contains("00 01 * * * /pg/bin/pg-backup full"), "\(told)")
    }

    private func monitor(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Monitoring")
        try #require(blocks.count == 1)
        let lines = blocks[0].split(separator: "\n").map(String.init)
        try #require(lines.count == 3)
        #expect(try type(bed, "h1", lines[0]).contains(#"pgbackrest_stanza_status{stanza="pg-meta"} 0"#))
        let directory = "/var/lib/prometheus/node-exporter"
        try bed.run("h1", "install", "-d", "-o", "postgres", directory, as: .root)
        try type(bed, "h1", lines[1])
        #expect(try type(bed, "h1", "cat \(directory)/roost.prom").contains("pgbackrest_stanza_status"))
        let served = try type(
            bed, "h1",
            """
            \(lines[2].prefix { $0 != "#" }) &
            until exec 3<> /dev/tcp/127.0.0.1/9854; do kill -0 $!; done 2> /dev/null
            printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3
            cat <&3
            kill $!
            wait $!
            """)
        #expect(served.contains(#"pgbackrest_stanza_status{stanza="pg-meta"} 0"#), "\(served)")
        try type(bed, "h1", "roost doctor || test $? = 10")
    }

    private func fork(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Fork")
        try #require(blocks.count == 1)
        let path = "PATH=\(try TestHost.serverPrograms(major: 15)):$PATH"
        try type(bed, "h1", "\(path)\n\(blocks[0])")
        #expect(try bed.value("select pg_is_in_recovery()", port: 15432) == "f")
        #expect(try bed.value("show archive_mode", port: 15432) == "off")
        try type(bed, "h1", "\(path)\npg_ctl -s -D /pg/data1 stop; rm -r /pg/data1")
    }

    private func recover(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Point-in-Time Recovery")
        try #require(blocks.count == 2)
        let lines = blocks[0].split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        func at(_ moment: String, _ script: String) throws -> String {
            try #require(script.contains("'2026-11-22 15:00:00+00'"))
            return script.replacing("'2026-11-22 15:00:00+00'", with: "'\(moment)'")
        }
        /// A moment between two rows, of which only the first is there then.
        func makeMoment(_ name: String) throws -> String {
            try bed.value("create table \(name) as select 1 as n")
            let moment = try bed.value("select clock_timestamp()")
            try bed.value("insert into \(name) values (2)")
            try bed.value("select pg_switch_wal()")
            return moment
        }
        let control = try TestHost.serverPrograms(major: 15) + "/pg_ctl -s -w -D /pg/data"
        let first = try makeMoment("one")
        #expect(try type(bed, "h1", at(first, lines[0])).contains("can reach"))
        try type(bed, "h1", "\(control) stop\n\(at(first, lines[1]))\n\(control) -l /pg/log/postgresql.log start")
        try waitUntil("the target") { try bed.value("select pg_get_wal_replay_pause_state()") == "paused" }
        #expect(try bed.value("select count(*) from one") == "1")
        try type(bed, "h1", "\(control) promote\npg-backup full")

        let second = try makeMoment("two")
        try type(bed, "h1", at(second, blocks[1]))
        #expect(try bed.value("select count(*) from two") == "1")
        #expect(try bed.value("select pg_is_in_recovery()") == "f")
        #expect(try !bed.exists("/pg/data.pitr"))
        try type(bed, "h1", "pg-backup full; pgbackrest --stanza=pg-meta check")
    }

    private func clone(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Bootstrap from Repository")
        try #require(blocks.count == 1)
        let started = try bed.value("select pg_postmaster_start_time()")
        try type(bed, "h2", blocks[0])
        #expect(try bed.value("select count(*) from two", on: "h2") == "1")
        #expect(try bed.value("show cluster_name", on: "h2") == "pg-meta2")
        try type(bed, "h2", "pgbackrest --stanza=pg-meta2 check")
        try type(bed, "h1", "pgbackrest --stanza=pg-meta check")
        #expect(try bed.value("select pg_postmaster_start_time()") == started)
    }

    private func remove(_ bed: HostBed) throws {
        let blocks = page.blocks(under: "Remove Backup")
        try #require(blocks.count == 1)
        let lines = blocks[0].split(separator: "\n").map(String.init)
        try #require(lines.count == 5)
        // There is no terminal to ask on.
        try bed.command("h1", ["bash", "-c", lines[0]]).run().require(status: 5)
        #expect(try bed.exists("/nfs/backup/backup/pg-meta/backup.info"))
        for line in lines.dropFirst() { try type(bed, "h1", line) }
        #expect(try !bed.exists("/nfs/backup/backup/pg-meta") && !bed.exists("/etc/pgbackrest/pgbackrest.conf"))
        #expect(try bed.exists("/nfs/backup/backup/pg-meta2/backup.info"))
        #expect(try bed.value("select count(*) from two") == "1")
    }

    /// Runs commands in a shell on a host, as the user of its server.
    ///
    /// - Returns: What they wrote to standard output.
    @discardableResult
    private func type(_ bed: HostBed, _ host: String, _ script: String) throws -> String {
        try bed.command(host, ["bash", "-o", "pipefail", "-euc", script]).run().requireSuccess().standardOutput
    }
}

/// `docs/admin.md`, for the commands in it.
struct AdminPage {
    private let sections: [String]

    init() throws {
        sections = try String(contentsOfFile: HostBed.root + "/docs/admin.md", encoding: .utf8)
            .components(separatedBy: "\n## ")
    }

    /// The `bash` blocks of a section; none if there is no such section.
    func blocks(under title: String) -> [String] {
        section(title).components(separatedBy: "\n```bash\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    func lines(under title: String) -> [Substring] { section(title).split(separator: "\n") }

    private func section(_ title: String) -> String { sections.first { $0.hasPrefix(title + "\n") } ?? "" }
}
