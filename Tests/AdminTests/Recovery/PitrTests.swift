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

    @Test(arguments: [true, false])
    func `REQ-31 a full disk or a signal in any step keeps nothing from going on`(isFull: Bool) throws {
        try PitrBed.with { bed in
            let pitr = ["time": bed.times[1], "action": "promote"]
            for step in ["down", "restore", "wait", "up"] {
                var command = try bed.command(step, pitr)
                command.environment["ROOST_FAULT"] = isFull ? "fsync:1:ENOSPC:state.json" : "rename:1:pause:state.json"
                let running = try command.start()
                if !isFull {
                    #expect(try running.waitUntilStopped())
                    running.send(SIGINT)
                    running.send(SIGCONT)
                }
                let result = try running.wait()
                #expect(try AdminResult(result).failed, "\(result)")
                #expect(
                    result.output.contains(isFull ? "No space left on device" : "terminated on signal"), "\(result)")
                try bed.run(step, pitr)
            }
            #expect(try bed.steps == "12")
            try bed.run("undo", pitr, "--yes")
            #expect(try bed.names == ["data"])
            #expect(try bed.steps == "1234")
        }
    }
}
