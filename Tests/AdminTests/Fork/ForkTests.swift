import Foundation
import RoostTesting
import Testing

/// `pg-fork` of real servers (specification `admin-surface`, section 2.5).
@Suite struct ForkTests {
    @Test(arguments: TestHost.cases(TestHost.serverMajors, else: [15]))
    func `a fork of a busy server starts, has the data and is consistent`(major: Int) throws {
        try ForkBed.with(major: major) { bed in
            let load = try bed.cluster.startLoad(seconds: 60)
            try waitUntil("load") { try bed.cluster.value("select count(*) > 50 from pgbench_history") == "t" }
            try bed.cluster.execute("create table marker as select 1 as n")
            let run = try bed.startAndPause()
            // All files are copied; the checkpoints make pg_control newer than they are and take their WAL away.
            for _ in 0..<3 {
                try bed.cluster.execute(
                    "update document set body = body || 'x'", "select pg_switch_wal()", "checkpoint")
            }
            run.send(SIGCONT)
            let result = try run.wait().requireSuccess()
            #expect(result.standardOutput.contains("pg_ctl -D \(bed.destination)"))
            load.send(SIGTERM)
            _ = try load.wait()

            #expect(try bed.names == ["data", "data1"])
            let fork = try bed.server()
            try fork.start()
            #expect(try fork.exists(table: "marker"))
            #expect(try fork.value("select count(*) from document where body like '%xxx'") == "3000")
            let sums = """
                select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history)
                and (select sum(bbalance) from pgbench_branches) = (select sum(delta) from pgbench_history)
                """
            #expect(try fork.value(sums) == "t")
            try fork.check()
            #expect(try fork.systemIdentifier == bed.cluster.systemIdentifier)
            try bed.cluster.execute("create table goes_on as select 1")
        }
    }

    @Test func `where files can share their blocks a fork takes no room, and each has its own all the same`() throws {
        try ScratchDirectory.with { scratch in
            let disk = try SharingFileSystem(named: "xfs", in: scratch)
            let cluster = try ScratchCluster.make(
                .init(walSegmentMegabytes: 1), in: scratch, named: "xfs/data")
            try cluster.start()
            let bed = ForkBed(scratch: scratch, cluster: cluster, destination: disk.mountPoint + "/data1")
            let result = try AdminResult(bed.fork("--output=json").requireSuccess())
            let (bytes, shared) = (result.facts["bytes"] as? Int ?? 0, result.facts["shared-bytes"] as? Int ?? 0)
            // All but the files that were written here, which are small.
            #expect(shared > 20 << 20 && bytes == shared, "\(result.text)")
            let fork = try bed.server()
            try fork.start()
            let before = try cluster.rowChecksum()
            #expect(try fork.rowChecksum() == before)
            try fork.execute("update document set body = ''", "checkpoint")
            #expect(try cluster.rowChecksum() == before)
            try cluster.check()
            try fork.stop()
            try cluster.stop()
        }
    }

    @Test func `a fork listens on its own port, archives nothing and follows nobody`() throws {
        try ForkBed.with(starting: false) { bed in
            bed.cluster.set("wal_level", "logical")
            try bed.cluster.start()
            try bed.cluster.execute(
                "alter system set archive_mode = on", "alter system set restore_command = 'false'",
                "alter system set primary_conninfo = 'host=nowhere'",
                "alter system set recovery_target_time = '2026-01-01 00:00:00+00'",
                "alter system set synchronous_standby_names = 'nobody'", "alter system set archive_command = 'false'",
                "select pg_create_physical_replication_slot('replica', true)",
                "select pg_create_logical_replication_slot('changes', 'pgoutput')")
            try bed.fork("-P", "15999").requireSuccess()
            let settings = try bed.content("postgresql.auto.conf")
            for name in ["restore_command", "primary_conninfo", "recovery_target_time"] {
                #expect(!settings.contains(name))
            }
            // By its own settings: only the place of the socket is the test's.
            let fork = try bed.server()
            try fork.program(
                "pg_ctl",
                [
                    "start", "-w", "-D", bed.destination, "-l", fork.log, "-o",
                    "-c unix_socket_directories=\(fork.socketDirectory) -c listen_addresses=",
                ]
            ).run().requireSuccess()
            var ask = fork.program("psql", ["-XAtc", "select pg_is_in_recovery(), count(*) from pg_replication_slots"])
            ask.environment["PGPORT"] = "15999"
            #expect(try ask.run().requireSuccess().standardOutput == "f|0\n")
            ask.arguments = ["-XAtc", "show archive_mode"]
            #expect(try ask.run().requireSuccess().standardOutput == "off\n")
            // A commit that waits for nobody.
            ask.arguments = ["-XAtqc", "create table written as select 7 as n", "-c", "select n from written"]
            #expect(try ask.run().requireSuccess().standardOutput == "7\n")
            #expect(try bed.cluster.exists(table: "written") == false)
            #expect(try bed.cluster.value("select count(*) from pg_replication_slots") == "2")
        }
    }

    @Test func `tablespaces are copied, and the links of the fork lead to its own`() throws {
        try ForkBed.with { bed in
            let place = try bed.scratch.directory("fast disk", mode: 0o700)
            try bed.cluster.execute(
                "create tablespace fast location '\(place)'",
                "create table here tablespace fast as select n from generate_series(1, 1000) n")
            let run = try bed.startAndPause()
            try bed.cluster.execute("update here set n = n + 1", "checkpoint")
            run.send(SIGCONT)
            try run.wait().requireSuccess()
            let before = try bed.cluster.rowChecksum()
            let fork = try bed.server()
            try fork.start()
            let location = try fork.value(
                "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'fast'")
            #expect(location.hasPrefix(bed.destination + "-tablespaces/"))
            #expect(try fork.value("select min(n) from here") == "2")
            try fork.execute("update here set n = 0", "checkpoint")
            #expect(try bed.cluster.rowChecksum() == before)
            try fork.stop()
            // A second fork takes the place of the first, tablespaces too.
            try bed.fork().requireSuccess()
            try fork.start()
            #expect(try fork.value("select min(n) from here") == "2")
        }
    }

    @Test func `a tablespace that is made meanwhile ends the run, since replay would make it in its place`() throws {
        try ForkBed.with { bed in
            let place = try bed.scratch.directory("late", mode: 0o700)
            let run = try bed.startAndPause()
            try bed.cluster.execute("create tablespace late location '\(place)'")
            run.send(SIGCONT)
            let result = try run.wait().require(status: 1)
            #expect(result.standardOutput.contains("tablespaces of '\(bed.source)' were created or dropped"))
            #expect(try bed.names == ["data"])
        }
    }

    @Test func `a stopped server is copied only when asked for, a stopped standby becomes a primary`() throws {
        try ForkBed.with(starting: false) { bed in
            let refused = try bed.fork().require(status: 1)
            #expect(refused.output.contains("no server runs on '\(bed.source)'"))
            #expect(try bed.names == ["data"])
            try bed.scratch.file("home/data/standby.signal", "")
            try bed.fork("--skip").requireSuccess()
            let fork = try bed.server()
            try fork.start()
            #expect(try fork.value("select pg_is_in_recovery()") == "f")
            #expect(try fork.value("select count(*) from document") == "3000")
            #expect(bed.exists(bed.source + "/standby.signal"))
        }
    }

    @Test func `a configuration outside of the data directory comes along as its values`() throws {
        try ForkBed.with(starting: false) { bed in
            let etc = try bed.scratch.directory("etc")
            try bed.scratch.file("etc/more.conf", "work_mem = 7MB\n")
            try bed.scratch.file(
                "etc/server.conf",
                "include 'more.conf'\ndata_directory = '\(bed.source)'\nexternal_pid_file = '\(etc)/pid'\n")
            try bed.scratch.file("etc/rules.conf", "local all all trust # mine\n")
            unlink(bed.source + "/postgresql.conf")
            bed.cluster.set("config_file", etc + "/server.conf")
            bed.cluster.set("hba_file", etc + "/rules.conf")
            try bed.cluster.start()
            try bed.fork().requireSuccess()
            #expect(try bed.content("pg_hba.conf") == "local all all trust # mine\n")
            let fork = try bed.server()
            try fork.start()
            #expect(try fork.value("show data_directory") == bed.destination)
            #expect(try fork.value("show work_mem") == "7MB")
            #expect(try fork.value("select current_setting('external_pid_file') = ''") == "t")
            // Cold, nobody can be asked for the values.
            try fork.stop()
            try bed.cluster.stop()
            #expect(try bed.fork("-s").require(status: 1).output.contains("has no postgresql.conf"))
        }
    }
}
