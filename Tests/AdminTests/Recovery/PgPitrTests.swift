import Foundation
import RoostTesting
import Testing

/// `pg-pitr` (specification `admin-surface`, section 2.4).
@Suite struct PgPitrTests {
    @Test func `REQ-30 every kind of target is reached`() throws {
        try PgPitrBed.with { bed in
            let point = bed.points[1]
            var cases: [(arguments: [String], steps: String, isPaused: Bool)] = [
                (["-t", point.time], "12", true), (["--lsn=\(point.lsn.lowercased())", "-P"], "12", false),
                (["-x", point.xid, "--target-exclusive", "-v"], "1", true), (["-n", point.name], "12", true),
                (["--immediate", "-b", bed.label], "", true), (["--default", "-S", "latest", "-P"], "1234", false),
            ]
            cases += TestHost.cases(
                [
                    (["--time", point.time.replacingOccurrences(of: " ", with: "T"), "-X"], "12", true),
                    (["--xid", point.xid, "-T", "current"], "12", true),
                    (["--name", point.name, "--target-action=promote", "-T", "latest"], "12", false),
                ], else: [])
            for (arguments, steps, isPaused) in cases {
                try bed.cluster.stop()
                let result = try bed.command(arguments + ["-y"]).run().requireSuccess()
                let warning = "[WARN] The files in \(bed.cluster.dataDirectory) are overwritten"
                #expect(result.standardOutput.contains(warning))
                #expect(result.standardOutput.contains("select pg_promote()") == isPaused)
                try bed.cluster.start()
                if isPaused { try bed.cluster.waitForRecoveryPause() } else { try bed.cluster.waitForRecoveryEnd() }
                #expect(try bed.steps == steps, "\(arguments)")
            }
        }
    }

    @Test func `REQ-30 what is refused ends with 1 and touches nothing`() throws {
        try PgPitrBed.with { bed in
            let cases: [([String], String)] = [
                (["-d", "-i"], "more than one recovery target: --default, --immediate"),
                (["-t", "2026-01-01 00:00:00", "--time=2026-01-01 00:00:00"], "more than one recovery target"),
                (["-d", "-S", bed.label, "--backup", bed.label], "more than one backup set"),
                (["-y"], "no recovery target"), (["-t", "yesterday"], "'yesterday' is no time"),
                (["-l", "0-1"], "is no LSN"), (["-x", "0"], "is no transaction id"), (["-n", ""], "is no name"),
                (["-d", "-S", "newest"], "'newest' is no backup set"), (["-d", "-T", "0"], "is no timeline"),
                (["-d", "-X"], "exclusive recovery means nothing"), (["-iX"], "exclusive recovery means nothing"),
                (["-d", "-D", "data"], "'data' is no absolute path"), (["-d", "--force"], "unknown option '--force'"),
                (["-d", "now"], "unexpected argument 'now'"), (["-d", "--target-action=stay"], "is no target action"),
                (["-d", "-y"], "PostgreSQL runs on '\(bed.cluster.dataDirectory)' (process"),
            ]
            for (arguments, message) in cases {
                let result = try bed.command(arguments).run().require(status: 1)
                #expect(result.standardError.contains(message), "\(result)")
            }
            var missing = try bed.command(["-d"])
            missing.environment["PGBACKREST_CONFIG"] = "/nonexistent/pgbackrest.conf"
            #expect(try missing.run().require(status: 1).standardError.contains("no stanza"))
            for arguments in [[], ["--help"], ["-d", "-h"]] {
                #expect(try bed.command(arguments).run().requireSuccess().standardOutput.hasPrefix("usage: pg-pitr"))
            }
            #expect(try bed.steps == "1234")
            if TestHost.isRoot {
                let root = try bed.command(["-d"], as: .root).run().require(status: 1)
                #expect(root.standardError.contains("root must not restore"))
            }
        }
    }

    @Test func `REQ-30 on a terminal Ctrl-C in the seconds before it begins leaves everything`() throws {
        try PgPitrBed.with { bed in
            try bed.cluster.stop()
            let before = try DirectoryTree(bed.cluster.dataDirectory)
            let typed = try bed.stanza.scratch.file("typed", "")
            try Command("/bin/bash", ["-c", "rm \(typed) && mkfifo \(typed)"]).run().requireSuccess()
            let keyboard = try #require(FileHandle(forUpdatingAtPath: typed))
            let shown = bed.stanza.scratch.path + "/shown"
            var command = try bed.command(["-d"]).onTerminal(showing: shown)
            command.input = typed
            let run = try command.start()
            try waitUntil("the countdown") {
                FileManager.default.contents(atPath: shown)?.firstRange(of: Data("begin in 5 s, Ctrl-C".utf8)) != nil
            }
            try keyboard.write(contentsOf: Data([3]))
            _ = try run.wait().require(status: 130)
            #expect(try before.differences(from: DirectoryTree(bed.cluster.dataDirectory)) == [])
        }
    }

    @Test func `REQ-30 a plan is shown while the server runs, and tells what can be reached`() throws {
        try PgPitrBed.with { bed in
            let time = bed.points[1].time
            let plan = try bed.run("-t", time, "--check").requireSuccess()
            #expect(plan.standardOutput.hasPrefix("[ OK ] Recovery Target: time \(time)\n"))
            #expect(plan.standardOutput.contains("--type=time \\\n    '--target=\(time)'"))
            #expect(plan.standardOutput.contains("can reach    timeline 1: from"))
            #expect(plan.output.contains("stop it before the restore itself"))
            let json = try bed.run("-c", "-d", "-P", "--output=json").requireSuccess().standardOutput
            #expect(json.split(separator: "\n").count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            let facts = try #require(object?["facts"] as? [String: Any])
            #expect((facts["plan"] as? String)?.hasPrefix("restore into \(bed.cluster.dataDirectory)") == true)
            #expect(json.contains("-P has no effect"))
            for time in ["2020-01-01 00:00:00+00", "2124-01-01 00:00:00+00"] {
                let refused = try bed.run("-c", "-t", time).require(status: 75)
                #expect(refused.output.contains("can be reached: timeline 1: from"), "\(refused)")
            }
            #expect(try bed.run("-c", "-t", "2124-01-01 00:00:00").output.contains("the time has no zone"))
            #expect(try bed.steps == "1234")
        }
    }

    @Test func `REQ-30 a server that was killed and a Patroni that watches are noticed`() throws {
        try PgPitrBed.with { bed in
            let data = bed.cluster.dataDirectory
            let pidFile = data + "/postmaster.pid"
            try bed.cluster.stop()
            // Of a process that lives but is another.
            try bed.stanza.scratch.file("pg/postmaster.pid", "1\n\(data)\n1\n5432\n/tmp\n\n\n")
            let stale = try bed.run("-d", "-y").require(status: 1)
            #expect(stale.standardError.contains("'\(pidFile)' names process 1, and no process of PostgreSQL"))
            unlink(pidFile)

            let patroni = try RunningCommand.idlePatroni(over: data + "/", in: bed.stanza.scratch)
            defer { patroni.send(SIGKILL) }
            let watched = try bed.run("-d", "-y").require(status: 1)
            #expect(
                watched.standardError.contains(
                    "Patroni (process \(patroni.processID), \(bed.stanza.scratch.path)/patroni.yml) watches over"))
            // Another cluster's is nothing to us.
            try bed.stanza.scratch.file("patroni.yml", "data_dir: \(data)2\n")
            try bed.run("-d", "-y").requireSuccess()
        }
    }

    @Test func `REQ-30 another stanza is restored into its own directory, a copy into the one that is told`() throws {
        try PgPitrBed.with { bed in
            let (data, scratch) = (bed.cluster.dataDirectory, bed.stanza.scratch)
            try bed.stanza.appendSection("demo2", ["pg1-path=\(scratch.path)/pg2"])
            // It has no backup; what matters is where it would go.
            let other = try bed.run("-c", "-d", "-s", "demo2")
            #expect(other.standardOutput.contains("Data Directory:  \(scratch.path)/pg2\n"), "\(other)")
            #expect(!other.output.contains("/pg/data"), "\(other)")
            let before = try DirectoryTree(data)
            let copy = try scratch.directory("copy", mode: 0o700)
            let told = try bed.run("-i", "-P", "-D", copy, "-y", "--", "--archive-mode=off").requireSuccess()
            #expect(told.standardOutput.contains("leave archiving off"), "\(told)")
            #expect(try before.differences(from: DirectoryTree(data)) == [])
            let server = try bed.stanza.restoredCluster(at: copy)
            try server.start()
            try server.waitForRecoveryEnd()
            #expect(try server.value("show archive_mode") == "off")
            #expect(try server.steps() == "")
            guard TestHost.isRoot else { return }
            let locks = try FileManager.default.contentsOfDirectory(atPath: bed.stanza.lockDirectory)
            try bed.command(["-c", "-d"], as: .root).run().requireSuccess()
            #expect(try FileManager.default.contentsOfDirectory(atPath: bed.stanza.lockDirectory) == locks)
        }
    }
}
