import Foundation
import RoostTesting
import Testing

/// `roost pitr` on a server without Patroni (specification `admin-surface`, sections 3.5 and 3.6).
@Suite struct PitrTests {
    @Test(arguments: TestHost.cases(TestHost.serverMajors, else: [15]))
    func `REQ-31 a recovery pauses at its target, is promoted, goes up and is accepted`(major: Int) throws {
        try PitrBed.with(major: major) { bed in
            let pitr = ["time": bed.times[1]]
            #expect(try bed.run("plan", pitr).changed == false)
            #expect(try bed.run("restore", pitr, status: 1).text.contains("has not begun"))
            #expect(try bed.run("down", pitr).changed)
            #expect(!bed.cluster.isRunning)
            #expect(try bed.run("down", pitr).changed == false)
            #expect(try bed.run("restore", pitr).fact("phase") == "restored")
            #expect(try bed.run("restore", pitr).changed == false)
            #expect(try bed.names.count == 3)

            let reached = try bed.run("wait", pitr)
            #expect(reached.fact("outcome") == "paused")
            #expect(reached.fact("lsn")?.contains("/") == true)
            #expect(try bed.steps == "12")
            #expect(try bed.run("wait", pitr).changed == false)
            // The host was started anew meanwhile.
            try bed.cluster.stop()
            #expect(try bed.run("wait", pitr).fact("outcome") == "paused")
            #expect(try bed.steps == "12")
            #expect(try bed.run("verify", pitr).text.contains("paused at"))
            // T1: whoever runs the server in daily life would start it past the target.
            #expect(try bed.run("up", pitr, status: 1).text.contains("recovery of '\(bed.data)' is not over"))
            #expect(try bed.steps == "12")

            #expect(try bed.run("promote", pitr).fact("outcome") == "promoted")
            #expect(try bed.run("promote", pitr).changed == false)
            try bed.cluster.execute("insert into step values (7)")
            #expect(try bed.run("up", pitr).fact("phase") == "up")
            for step in ["up", "wait", "restore", "down"] {
                #expect(try bed.run(step, pitr).changed == false, "a play that is run again: \(step)")
            }
            #expect(try bed.steps == "127")
            // T13: nothing begins another recovery.
            #expect(!FileManager.default.fileExists(atPath: bed.data + "/recovery.signal"))
            let settings = try String(contentsOfFile: bed.data + "/postgresql.auto.conf", encoding: .utf8)
            #expect(!settings.split(separator: "\n").contains { $0.hasPrefix("restore_command") })
            #expect(try bed.cluster.value("show archive_mode") == "on")
            #expect(try bed.cluster.value("show logging_collector") == "off")
            try bed.cluster.archiveCurrentSegment()
            // Stock 2.45 knows no newer release.
            let tool: Tool = major > 15 ? .roost : .stock
            try bed.stanza.run(tool, "check")
            try bed.stanza.backup(tool)

            #expect(try bed.run("accept", pitr, status: 5).text.contains("--yes does it"))
            #expect(try bed.names.count == 3)
            #expect(try bed.run("accept", pitr, "--yes").changed)
            #expect(try bed.names == ["data"])
            #expect(try bed.run("accept", pitr, "--yes").changed == false)
            try bed.cluster.stop()
            try bed.cluster.start()
            #expect(try bed.steps == "127")
        }
    }

    @Test(arguments: TestHost.cases(["down", "restore", "wait", "promote", "up"], else: ["down", "promote", "up"]))
    func `REQ-31 whatever was done, one command brings back what was there`(last: String) throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1]]
            let steps = ["down", "restore", "wait", "promote", "up"]
            for step in steps[...(steps.firstIndex(of: last) ?? 0)] { try bed.run(step, pitr) }
            if last == "up" { #expect(try bed.run("undo", pitr, status: 5).text.contains("--yes does it")) }
            #expect(try bed.run("undo", pitr, "--yes").fact("phase") == "none")
            #expect(try bed.names == ["data"])
            #expect(try bed.steps == "1234")
            #expect(try bed.cluster.value("select pg_is_in_recovery()") == "f")
            #expect(try bed.run("undo", pitr).changed == false)
            // What is in the archive cannot be undone: a timeline of its own comes there with `up` only.
            let archive = try FileManager.default.subpathsOfDirectory(atPath: bed.stanza.repository + "/archive")
            #expect(archive.contains { $0.contains("/00000002") } == (last == "up"))
            try bed.cluster.archiveCurrentSegment()
        }
    }

    @Test func `REQ-31 a replica becomes a copy of the recovered primary, wherever it was killed, or what it was`()
        throws
    {
        try PitrBed.with { bed in
            let replica = try bed.makeReplica()
            try waitUntil("the replica to follow") { try replica.steps() == "1234" }
            let pitr = ["time": bed.times[1], "action": "promote"]
            for _ in 1...2 { try bed.run("down", pitr, on: replica).requireSuccess() }
            for step in ["down", "restore", "wait", "up"] { try bed.run(step, pitr) }

            // Each run goes a little further than the one before.
            let stride = TestHost.isFull ? 1 : 7
            var killed = 0
            while true {
                let result = try bed.run("up", pitr, on: replica, fault: "durable:\(killed * stride + 1):kill")
                guard result.ending == .killed(signal: SIGKILL) else {
                    try result.requireSuccess()
                    break
                }
                killed += 1
                try #require(killed < 200, "no end of durable steps")
            }
            #expect(killed >= 3)
            #expect(try replica.value("select pg_is_in_recovery()") == "t")
            #expect(try replica.steps() == "12")
            #expect(try replica.value("show work_mem") == "3MB")
            #expect(try bed.cluster.value("select count(*) from pg_replication_slots where active") == "1")
            try bed.cluster.execute("insert into step values (7)")
            try waitUntil("the replica to follow again") { try replica.steps() == "127" }
            #expect(try bed.names.count == 6)

            try bed.run("undo", pitr, on: replica).requireSuccess()
            #expect(try replica.steps() == "1234")
            try bed.run("accept", pitr, "--yes")
            #expect(try bed.names == ["data", "replica"])
            try replica.stop(.immediate)
        }
    }

    @Test func `REQ-31 a recovery that misses its target is a failure, with what the server said`() throws {
        try PitrBed.with { bed in
            let pitr = ["name": "never made"]
            try bed.run("down", pitr)
            try bed.run("restore", pitr)
            // T2: it becomes consistent long before.
            let missed = try bed.run("wait", pitr, status: 122)
            #expect(missed.text.contains("recovery ended before configured recovery target was reached"))
            #expect(missed.text.contains("roost pitr undo"))
            #expect(!bed.cluster.isRunning)
            // Another target goes on from here, over what is there; the former data is not moved again.
            let better = ["time": bed.times[2], "action": "promote"]
            let again = try bed.run("restore", better)
            #expect(try bed.names.count == 3)
            #expect(try bed.run("wait", better).fact("kept") == again.fact("kept"))
            #expect(try bed.steps == "123")
            try bed.run("undo", better)
            #expect(try bed.steps == "1234")
        }
    }

    @Test func `REQ-31 a target that cannot be reached is refused before anything is touched`() throws {
        try PitrBed.with { bed in
            let pitr = ["time": "2124-01-01 00:00:00+00"]
            #expect(try bed.run("plan", pitr, status: 75).text.contains("can be reached"))
            try bed.run("down", pitr)
            #expect(try bed.run("restore", pitr, status: 75).text.contains("can be reached"))
            #expect(try bed.names == ["data", "data.pitr"])
            try bed.run("undo", pitr)
            #expect(try bed.steps == "1234")
        }
    }

    @Test func `REQ-31 a server without hot standby pauses all the same, one that is to shut down does`() throws {
        try PitrBed.with(settings: ["hot_standby = off", "log_min_messages = fatal"]) { bed in
            var pitr = ["time": bed.times[0]]
            for step in ["down", "restore", "wait"] { try bed.run(step, pitr) }
            #expect(try bed.steps == "1")
            try bed.run("undo", pitr)
            pitr["action"] = "shutdown"
            for step in ["down", "restore"] { try bed.run(step, pitr) }
            #expect(try bed.run("wait", pitr).fact("outcome") == "shutdown")
            #expect(!bed.cluster.isRunning)
            #expect(try bed.run("verify", pitr).text.contains("shut down at its target"))
            #expect(try bed.run("promote", pitr).fact("outcome") == "promoted")
            #expect(try bed.steps == "1")
            try bed.run("up", pitr)
            #expect(try bed.cluster.value("show hot_standby") == "off")
        }
    }

    @Test func `REQ-31 killed at any step of keeping and restoring, it goes on or is undone`() throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1], "action": "promote"]
            for (index, fault) in [
                "rename:1:kill:state.json", "rename:2:kill:state.json", "rename:3:kill:state.json",
                "rename:4:kill:state.json", "rename:1:kill:data-2", "mkdir:3:kill:home/data",
            ].enumerated() {
                try bed.run("down", pitr)
                var command = try bed.command("restore", pitr)
                command.environment["ROOST_FAULT"] = fault
                let killed = try command.run()
                #expect(killed.status == 137, "\(fault) \(killed)")
                if index % 2 == 0 {
                    try bed.run("restore", pitr)
                    try bed.run("wait", pitr)
                    #expect(try bed.steps == "12")
                }
                try bed.run("undo", pitr)
                #expect(try bed.names == ["data"], "\(fault)")
                #expect(try bed.steps == "1234", "\(fault)")
            }
        }
    }

    @Test func `REQ-31 an undo that was killed goes on, also of a mere stop`() throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1]]
            for steps in [["down"], ["down", "restore", "wait"]] {
                for step in steps { try bed.run(step, pitr) }
                var command = try bed.command("undo", pitr)
                command.environment["ROOST_FAULT"] = "unlink:1:kill:state.json"
                #expect(try command.run().ending == .killed(signal: SIGKILL))
                #expect(try bed.run("undo", pitr).fact("phase") == "none")
                #expect(try bed.names == ["data"])
                #expect(try bed.steps == "1234")
            }
        }
    }

    @Test func `REQ-31 of two runs at once the second is told that the first is at work`() throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1]]
            try bed.run("down", pitr)
            var command = try bed.command("restore", pitr)
            command.environment["ROOST_FAULT"] = "rename:2:pause:state.json"
            let first = try command.start()
            #expect(try first.waitUntilStopped())
            for step in ["restore", "undo"] { try bed.run(step, pitr, status: 50) }
            first.send(SIGCONT)
            #expect(try AdminResult(first.wait()).fact("phase") == "restored")
            try bed.run("undo", pitr)
            #expect(try bed.steps == "1234")
        }
    }

    @Test func `REQ-31 a replica is not recovered by itself unless it is told to`() throws {
        try PitrBed.with { bed in
            try bed.cluster.stop()
            try Command("/usr/bin/touch", [bed.data + "/standby.signal"]).run().requireSuccess()
            let pitr = ["time": bed.times[1]]
            @discardableResult func run(_ words: String..., status: Int32 = 0) throws -> AdminResult {
                let typed = [
                    "pitr", "--output=json", "--config", bed.stanza.configuration, "--service=pg_ctl", "--bin-dir",
                    try TestHost.serverPrograms(major: bed.cluster.major), "--type=time", "--target", bed.times[1],
                ]
                return try AdminResult(Command(try Tool.roost.path, typed + words).run().require(status: status))
            }
            try run("down")
            #expect(try run("restore", status: 1).text.contains("is a replica's"))
            #expect(try bed.names == ["data", "data.pitr"])
            #expect(try run("restore", "--role=primary").changed)
            try bed.run("undo", pitr)
            #expect(FileManager.default.fileExists(atPath: bed.data + "/standby.signal"))
        }
    }

    @Test func `REQ-31 a server whose data directory is reached by a link is started by that path again`() throws {
        try PitrBed.with { bed in
            let home = bed.stanza.scratch.path + "/home"
            try Command("/bin/ln", ["-s", home, bed.stanza.scratch.path + "/pg"]).run().requireSuccess()
            let told = bed.stanza.scratch.path + "/pg/data"
            let linked = try ScratchCluster(major: bed.cluster.major, dataDirectory: told, in: bed.stanza.scratch)
            let pitr = ["time": bed.times[1], "action": "promote"]
            for step in ["down", "restore", "wait", "up"] { try bed.run(step, pitr, on: linked).requireSuccess() }
            // With another path than pg1-path every backup would be refused.
            #expect(try bed.cluster.value("show data_directory") == told)
        }
    }

    @Test func `REQ-31 what cannot be kept aside is refused before anything is touched`() throws {
        try PitrBed.with { bed in
            let away = bed.stanza.scratch.path + "/away"
            var pitr: [String: Any] = ["time": bed.times[1], "link_map": ["pg_wal": away]]
            try bed.run("down", pitr)
            // Where the WAL of the server lies that is to be kept.
            let log = bed.data + "/pg_wal"
            try Command("/bin/bash", ["-euc", "mv \(log) \(away); ln -s \(away) \(log)"], as: .root).run()
                .requireSuccess()
            #expect(try bed.run("restore", pitr, status: 4).text.contains("is not empty"))
            #expect(try bed.names == ["data", "data.pitr"])
            pitr["link_map"] = ["pg_wal": try bed.stanza.scratch.directory("new")]
            for step in ["restore", "wait"] { try bed.run(step, pitr) }
            #expect(try bed.steps == "12")
            try bed.run("undo", pitr)
            #expect(try bed.steps == "1234")

            // As Debian's pg_createcluster has it, which a restore would bring back without its configuration.
            let (settings, elsewhere) = (bed.data + "/postgresql.conf", bed.stanza.scratch.path + "/postgresql.conf")
            try bed.cluster.stop()
            try FileManager.default.moveItem(atPath: settings, toPath: elsewhere)
            let refused = try bed.run("down", ["time": bed.times[1]], status: 4)
            #expect(refused.text.contains("there is no 'postgresql.conf'") && refused.text.contains("pg-pitr -D"))
            #expect(try bed.names == ["data"])
        }
    }

    @Test func `REQ-31 a server that is not to archive does not, and only the databases that were asked for come back`()
        throws
    {
        try PitrBed.with { bed in
            for name in ["wanted", "other"] {
                try bed.cluster.execute("create database \(name)")
                try bed.cluster.execute("create table kept as select 7 as n", database: name)
            }
            try bed.stanza.backup(.roost)
            let pitr: [String: Any] = [
                "type": "latest", "action": "promote", "archive": false, "db_include": ["wanted"],
            ]
            // A time without a zone is one of two to most people.
            let local = String(bed.times[1].prefix(19))
            #expect(try bed.run("plan", ["time": local]).text.contains("time zone"))
            for step in ["down", "restore", "wait", "up"] { try bed.run(step, pitr) }
            #expect(try bed.cluster.value("select n from kept", database: "wanted") == "7")
            #expect(throws: (any Error).self) { try bed.cluster.value("select n from kept", database: "other") }
            #expect(try bed.cluster.value("show archive_mode") == "off")
            try bed.cluster.execute("insert into step values (8)", "select pg_switch_wal()", "checkpoint")
            let archive = try FileManager.default.subpathsOfDirectory(atPath: bed.stanza.repository + "/archive")
            #expect(!archive.contains { $0.contains("/00000002") })
        }
    }

    @Test func `REQ-31 a repository that has nothing of the cluster is told before anything is touched`() throws {
        try PitrBed.with { bed in
            // T21: that of the former primary stayed on its host.
            let pitr: [String: Any] = [
                "time": bed.times[1], "repo": ["method": "local", "path": try bed.stanza.scratch.directory("empty")],
            ]
            for step in ["plan", "down", "restore"] {
                let told = try bed.run(step, pitr, status: step == "down" ? 0 : 4).text
                #expect(step == "down" || told.contains("on a disk of another host cannot be seen"), "\(told)")
            }
            try bed.run("undo", pitr)
            #expect(try bed.steps == "1234")
        }
    }

    @Test func `REQ-31 a dry run of every step changes nothing, and what has no sense is refused`() throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1]]
            #expect(try bed.run("down", pitr, "--dry-run").changed)
            #expect(try bed.names == ["data"])
            #expect(bed.cluster.isRunning)
            try bed.run("down", pitr)
            #expect(try bed.run("restore", pitr, "--check-mode").changed)
            #expect(try bed.names == ["data", "data.pitr"])
            try bed.run("undo", pitr, "--dry-run")
            #expect(!bed.cluster.isRunning)
            try bed.run("undo", pitr)
            #expect(try bed.run("sideways", pitr, status: 3).text.contains("is no step"))
            #expect(try bed.run("plan", ["type": "xid"], status: 3).text.contains("'xid' is missing"))
            let help = try Command(try Tool.roost.path, ["pitr", "--help"]).run().requireSuccess().standardOutput
            #expect(help.contains("accept    remove what was kept"))
        }
    }

    @Test func `REQ-31 a restore over what is there says that it cannot be undone`() throws {
        try PitrBed.with { bed in
            let pitr: [String: Any] = ["type": "latest", "backup": false]
            for step in ["down", "restore", "wait"] { try bed.run(step, pitr) }
            #expect(try bed.names == ["data", "data.pitr"])
            #expect(try bed.steps == "1234")
            #expect(try bed.run("undo", pitr, status: 4).text.contains("what was there is not kept"))
            try bed.run("up", pitr)
            try bed.run("accept", pitr, "--yes")
            #expect(try bed.names == ["data"])
        }
    }

    @Test func `REQ-31 a down that could not stop the server is undone without touching it`() throws {
        try PitrBed.with { bed in
            // As where no rule of sudo lets the user of the server do it.
            let programs = try bed.stanza.scratch.directory("programs", mode: 0o755)
            try bed.stanza.scratch.file("programs/systemctl", "#!/bin/sh\nexit 4\n", mode: 0o755)
            let started = try bed.cluster.value("select pg_postmaster_start_time()")
            for (step, isRefused) in [("down", true), ("undo", false)] {
                var command = try bed.command(step, ["time": bed.times[1]], ["--service=systemd"])
                command.environment["PATH"] = "\(programs):/usr/bin:/bin"
                let result = try command.run()
                #expect((result.status != 0) == isRefused, "\(result)")
            }
            #expect(try bed.names == ["data"])
            #expect(try bed.cluster.value("select pg_postmaster_start_time()") == started)
            guard TestHost.isRoot else { return }
            var root = try bed.command("plan", ["time": bed.times[1]])
            root.account = .root
            try root.run().require(status: 2)
        }
    }

    @Test func `REQ-30 settings that are too small for the WAL are told, and not taken for the target`() throws {
        try PitrBed.with { bed in
            try bed.cluster.stop()
            bed.cluster.set("max_connections", "60")
            try bed.cluster.start()
            try bed.cluster.execute("insert into step values (5)")
            let time = try bed.cluster.moment()
            try bed.cluster.execute("insert into step values (6)")
            try bed.cluster.archiveCurrentSegment()
            for action in ["pause", "promote"] {
                let pitr = ["time": time, "action": action]
                try bed.run("down", pitr)
                try bed.run("restore", pitr)
                let stuck = try bed.run("wait", pitr, status: 122)
                #expect(stuck.text.contains("but not for its target"), "\(stuck)")
                #expect(stuck.text.contains("insufficient parameter settings"), "\(stuck)")
                try bed.run("undo", pitr)
                #expect(try bed.steps == "123456")
            }
        }
    }
}
