import Foundation
import RoostTesting
import Testing

/// What `roost pitr` refuses or fails at, and what is there afterwards.
@Suite struct PitrRefusalTests {
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
