import Foundation
import RoostTesting
import Testing

/// What `pg-fork` must not do, and what is left when it fails.
@Suite struct ForkFailureTests {
    @Test func `places and servers that do not fit are refused, and nothing is touched`() throws {
        try ForkBed.with { bed in
            let other = try bed.scratch.directory("home/other")
            try bed.scratch.file("home/other/precious", "")
            try FileManager.default.createSymbolicLink(
                atPath: bed.scratch.path + "/link", withDestinationPath: bed.source)
            let home = bed.scratch.path + "/home"
            let cases: [([String], String)] = [
                (["-D", bed.source], "destination '\(bed.source)' is '\(bed.source)'"),
                (["-D", bed.scratch.path + "/link"], "destination '\(bed.source)' is '\(bed.source)'"),
                (["-D", home], "destination '\(home)' contains '\(bed.source)'"),
                (["-D", bed.source + "/copy"], "lies in '\(bed.source)'"),
                (["-D", bed.scratch.path + "/link/copy/"], "lies in '\(bed.source)'"),
                (["-D", other], "holds files and is no data directory"),
                (["-D", home + "/no/data"], "does not exist"),
                (["-d", other], "is no data directory of PostgreSQL"),
                (["-p", "5433"], "has port 5432, not 5433"),
                (["-P", "5432"], "port 5432 is that of"),
                (["-P", "75432"], "'75432' is no port"),
                (["--skip"], "its files cannot be copied cold"),
                (["2"], "a number from 1 to 9, not '1 2'"),
                (["--data"], "needs a value"),
                (["--force"], "unknown option '--force'"),
            ]
            let before = try bed.names
            for (arguments, message) in cases {
                let result = try bed.command(arguments).run().require(status: 1)
                #expect(result.output.contains(message), "\(result)")
            }
            var named = try bed.command()
            named.arguments = ["7", "-y", "-d", bed.source]
            #expect(try named.run().require(status: 1).output.contains("give the port of fork 7 with -P"))
            named.arguments = ["--help"]
            #expect(try named.run().requireSuccess().standardOutput.hasPrefix("usage: pg-fork <1-9>"))
            named.environment["PG_PORT"] = "5433"
            named.arguments = ["1", "-y", "-d", bed.source, "-D", bed.destination]
            #expect(try named.run().require(status: 1).output.contains("has port 5432, not 5433"))
            #expect(try bed.names == before)
            #expect(bed.exists(other + "/precious"))
            #expect(try bed.cluster.value("select count(*) from document") == "3000")
        }
    }

    @Test func `another user, an unfinished recovery and a destination that runs are refused`() throws {
        try ForkBed.with { bed in
            if TestHost.isRoot {
                var root = try bed.command()
                root.account = .root
                #expect(try root.run().require(status: 1).output.contains("does not belong to the user"))
            }
            try bed.fork().requireSuccess()
            let fork = try bed.server()
            try fork.start()
            let refused = try bed.fork().require(status: 1)
            #expect(refused.output.contains("a server runs on destination '\(bed.destination)'"))
            #expect(try fork.value("select count(*) from document") == "3000")
            try fork.stop()
            try bed.scratch.file("home/data/recovery.signal", "")
            #expect(try bed.fork().require(status: 1).output.contains("recovery.signal' exists"))
            unlink(bed.source + "/recovery.signal")
            // What only the server itself tells: the former fork stays as well.
            try bed.cluster.stop()
            try bed.scratch.file("home/data/standby.signal", "")
            try bed.cluster.start()
            for words in [[], ["--dry-run"]] {
                let refused = try bed.command(words).run().require(status: 1)
                #expect(refused.output.contains("is a standby or still recovers"), "\(refused)")
            }
            try bed.cluster.stop()
            unlink(bed.source + "/standby.signal")
            let settings = bed.source + "/postgresql.conf"
            rename(settings, settings + ".away")
            #expect(try bed.fork("-s").require(status: 1).output.contains("has no postgresql.conf"))
            #expect(bed.exists(bed.destination + "/global/pg_control"))
            try fork.start()
            #expect(try fork.value("select count(*) from document") == "3000")
        }
    }

    @Test func `a dry run and its JSON change nothing`() throws {
        try ForkBed.with { bed in
            let text = try bed.fork("--dry-run").requireSuccess().standardOutput
            #expect(text.contains("fork        \(bed.source) (running on port 5432)"))
            let result = try bed.fork("--dry-run", "--output=json").requireSuccess()
            #expect(result.standardOutput.split(separator: "\n").count == 1)
            let data = Data(result.standardOutput.utf8)
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(object["changed"] as? Bool == true)
            #expect(object["failed"] as? Bool == false)
            #expect(try bed.names == ["data"])
            for wrong in ["-p1", "--nonsense", "2"] {
                let failed = try AdminResult(bed.fork("--output", "json", wrong).require(status: 1))
                #expect(failed.failed && failed.code == 1, "\(failed)")
            }
            #expect(try AdminResult(bed.fork("--output=json", "-p", "1").require(status: 1)).text.contains("not 1"))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends the run and leaves no copy`(signal: Int32) throws {
        try ForkBed.with { bed in
            let run = try bed.startAndPause()
            #expect(bed.exists(bed.part))
            run.send(signal)
            run.send(SIGCONT)
            let result = try run.wait().require(status: 1)
            #expect(result.output.contains("terminated on signal"))
            #expect(try bed.names == ["data"])
            // The server is out of backup mode and the slot is gone.
            #expect(try bed.cluster.value("select count(*) from pg_replication_slots") == "0")
            try bed.fork().requireSuccess()
        }
    }

    @Test(arguments: TestHost.cases([3, 10, 30, 100, 300, 1000, 2000], else: [30, 1000]))
    func `killed anywhere, no half fork has the name of one, and the next run makes it`(call: Int) throws {
        try ForkBed.with { bed in
            try bed.fork().requireSuccess()
            let result = try bed.fork(environment: ["ROOST_FAULT": "any:\(call):kill"])
            #expect(result.status == 137, "\(result)")
            if bed.exists(bed.destination) { try bed.server().start() }
            if bed.exists(bed.destination) { try bed.server().stop() }
            try bed.fork().requireSuccess()
            #expect(try bed.names == ["data", "data1"])
            try bed.server().start()
        }
    }

    @Test func `a full disk and a failing one leave no copy and are told`() throws {
        try ForkBed.with { bed in
            let disk = try MemoryFileSystem(megabytes: 8, named: "small", in: bed.scratch)
            let full = try bed.fork("-D", disk.mountPoint + "/data1").require(status: 1)
            #expect(full.output.contains("No space left on device"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk.mountPoint) == [])
            let failed = try bed.fork(environment: ["ROOST_FAULT": "rename:1:EIO:data1"]).require(status: 1)
            #expect(failed.output.contains("unable to move"))
            #expect(try bed.names == ["data"])
        }
    }

    @Test func `a second run to the same place is refused while the first is at work`() throws {
        try ForkBed.with { bed in
            let first = try bed.startAndPause()
            #expect(try bed.fork().require(status: 1).output.contains("another pg-fork"))
            first.send(SIGCONT)
            try first.wait().requireSuccess()
            try bed.server().start()
        }
    }

    @Test func `what somebody has put in the place of the copy is not followed`() throws {
        try ForkBed.with { bed in
            let precious = try bed.scratch.directory("precious")
            try bed.scratch.file("precious/file", "")
            try FileManager.default.createSymbolicLink(atPath: bed.part, withDestinationPath: precious)
            #expect(try bed.fork().require(status: 1).output.contains("it is a symbolic link"))
            #expect(bed.exists(precious + "/file"))
            unlink(bed.part)
            try bed.fork().requireSuccess()
        }
    }

    @Test func `whoever answers no keeps the former fork`() throws {
        try ForkBed.with { bed in
            try bed.fork().requireSuccess()
            var own = try bed.command()
            own.arguments.removeAll { $0 == "-y" }
            var typed = own.onTerminal()
            typed.input = try bed.scratch.file("answer", "n\n")
            let result = try typed.run().requireSuccess()
            #expect(result.standardOutput.contains("delete"), "\(result)")
            #expect(try bed.names == ["data", "data1"])
            try bed.server().start()
        }
    }
}
