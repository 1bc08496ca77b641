import Foundation
import RoostTesting
import Testing

/// Whatever happens, a name stands for a whole backup or for what it stood for before.
@Suite struct BaseBackupFailureTests {
    private static let name = "backup_pg-meta.tar.lz4"

    /// Starts a backup over an earlier one and has it stop in the middle of its stream.
    private func startAndPause(_ bed: BaseBackupBed, at place: Place) throws -> RunningCommand {
        try place.file(Self.name)
        // So that the child can be told from those of other tests.
        let source = "application_name=\(place.destination)"
        var command = try bed.command(["-d", place.destination, "-f", Self.name, "-s", source], at: place)
        command.environment["ROOST_FAULT"] = "write:12:pause"
        let run = try command.start()
        guard try run.waitUntilStopped() else { throw TestFailure("\(try run.wait())") }
        #expect(try processList().contains("--dbname=\(source)"))
        #expect(try place.files.count == 2)  // the hidden one too
        return run
    }

    /// The earlier file is as it was, nothing else is left, and another run succeeds.
    private func requireUnharmed(_ bed: BaseBackupBed, at place: Place, leavesTraces: Bool = false) throws {
        #expect(try place.content(Self.name) == "an earlier backup")
        if !leavesTraces {
            #expect(try place.files == [Self.name])
            #expect(!FileManager.default.fileExists(atPath: place.lock))
        }
        try bed.run("-f", Self.name, at: place).requireSuccess()
        #expect(try place.files == [Self.name])
        #expect(!FileManager.default.fileExists(atPath: place.lock))
        try place.requireWhole(Self.name)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `REQ-24 a signal ends the run and its children, and leaves the earlier file`(signal: Int32) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let run = try startAndPause(bed, at: place)
            run.send(signal)
            run.send(SIGCONT)
            let result = try run.wait().require(status: 128 + signal)
            #expect(result.standardError.hasSuffix("[ERROR] [BKUP] backup failed!\n"))
            #expect(try !processList().contains(place.destination))
            try requireUnharmed(bed, at: place)
        }
    }

    @Test func `REQ-24 after kill -9 the next run removes what was left`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let run = try startAndPause(bed, at: place)
            run.send(SIGKILL)
            _ = try run.wait()
            #expect(try place.files.count == 2)
            try requireUnharmed(bed, at: place, leavesTraces: true)
        }
    }

    @Test(arguments: TestHost.cases([1, 2, 5, 8, 10, 13, 16, 20, 40, 60], else: [5, 13, 20]))
    func `REQ-24 killed at any call, a name stands for a whole file`(call: Int) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file(Self.name)
            let result = try bed.run(
                "-f", Self.name, at: place, environment: ["ROOST_FAULT": "any:\(call):kill"])
            #expect(result.status == 137, "\(result)")
            try requireUnharmed(bed, at: place, leavesTraces: true)
        }
    }

    @Test(arguments: ["fsync:1:EIO", "rename:1:EIO", "write:12:ENOSPC"])
    func `REQ-24 an error of the disk leaves the earlier file`(fault: String) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file(Self.name)
            try bed.run("-f", Self.name, at: place, environment: ["ROOST_FAULT": fault]).require(status: 9)
            try requireUnharmed(bed, at: place)
        }
    }

    @Test func `REQ-24 the directory is synced after the file has its name`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file(Self.name)
            // The first is the file's, the second the directory's: then the file is there, though nobody knows for how long.
            try bed.run("-f", Self.name, at: place, environment: ["ROOST_FAULT": "fsync:2:EIO"]).require(status: 9)
            try place.requireWhole(Self.name)
        }
    }

    @Test func `REQ-24 a full disk leaves the earlier file`() throws {
        let bed = try BaseBackupBed.shared()
        try ScratchDirectory.with { scratch in
            let disk = try MemoryFileSystem(megabytes: 2, named: "small", in: scratch)
            let place = try Place(in: scratch, destination: disk.mountPoint)
            try place.file(Self.name)
            let result = try bed.run("-f", Self.name, at: place).require(status: 9)
            #expect(result.standardError.contains("No space left on device"))
            #expect(try place.files == [Self.name])
            try disk.resize(megabytes: 100)
            try requireUnharmed(bed, at: place)
        }
    }

    @Test func `REQ-24 a connection that breaks, or a server that is down, leaves the earlier file`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file(Self.name)
            var command = try bed.command(
                ["-d", place.destination, "-f", Self.name, "-s", "postgres:///?application_name=to_break"], at: place)
            command.environment["ROOST_FAULT"] = "write:12:pause"
            let run = try command.start()
            try #require(try run.waitUntilStopped())
            try bed.cluster.query(
                "select pg_terminate_backend(pid) from pg_stat_replication where application_name = 'to_break'")
            try waitUntil("the end of the connection") {
                try bed.cluster.value("select count(*) from pg_stat_replication where application_name = 'to_break'")
                    == "0"
            }
            run.send(SIGCONT)
            try run.wait().require(status: 9)
            let down = try bed.run(
                "-f", Self.name, at: place, environment: ["PGHOST": place.destination]
            ).require(status: 9)
            #expect(down.standardError.contains("connection to server on socket"))
            try requireUnharmed(bed, at: place)
        }
    }

    @Test func `REQ-26 a second run is refused, and the first goes on`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let first = try startAndPause(bed, at: place)
            let second = try bed.run("-f", "other.lz4", at: place).require(status: 8)
            #expect(
                second.standardError.hasSuffix(
                    "[ERROR] [LOCK] acquire lock @ \(place.lock) failed, other_pid=\(first.processID)\n"))
            #expect(try String(contentsOfFile: place.lock, encoding: .utf8) == "\(first.processID)\n")
            first.send(SIGCONT)
            try first.wait().requireSuccess()
            try place.requireWhole(Self.name)
            #expect(!FileManager.default.fileExists(atPath: place.lock))
        }
    }

    @Test(arguments: ["", "4194305\n", "garbage"], [true, false])
    func `REQ-26 a stale lock file is taken over with a warning`(content: String, isForeign: Bool) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try content.write(toFile: place.lock, atomically: false, encoding: .utf8)
            // As in /tmp: whose file it is, and only he may remove it.
            chmod(place.lock, 0o644)
            chmod(place.scratch.path, 0o1777)
            if !isForeign { try TestHost.giveToAccount(place.lock) }
            if isForeign { chown(place.scratch.path, 0, 0) }
            let result = try bed.run("-f", "one.lz4", at: place).requireSuccess()
            let warnings = result.standardError.split(separator: "\n").filter { $0.contains("[WARN]") }
            #expect(warnings.count == (isForeign && TestHost.isRoot ? 2 : 1))
            #expect(warnings.first?.contains("[LOCK] stale lock file \(place.lock) taken over") == true)
            try place.requireWhole("one.lz4")
        }
    }

    @Test func `REQ-26 a link that was planted is not followed`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let victim = try place.scratch.file("victim", "precious")
            try FileManager.default.createSymbolicLink(atPath: place.lock, withDestinationPath: victim)
            let result = try bed.run(at: place).require(status: 8)
            #expect(result.standardError.contains("is not a regular file"))
            #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
            #expect(try place.files == [])
        }
    }

    @Test func `REQ-17 a run that failed removes no earlier backup`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let old = "backup_old_20200101.tar.lz4"
            try place.file(old, minutesAgo: 1500)
            try bed.run(at: place, environment: ["PGHOST": place.destination]).require(status: 9)
            try bed.run(at: place, environment: ["ROOST_FAULT": "rename:1:EIO"]).require(status: 9)
            #expect(try place.files == [old])
        }
    }

    @Test func `REQ-20 a signal ends the upload too, which never sees the key`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            let told = place.scratch.path + "/backup/told"
            let script = "#!/bin/bash\nenv > \(told).part; mv \(told).part \(told)\nsleep 612 & wait\n"
            let hook = try place.scratch.file("hook", script, mode: 0o755)
            var command = try bed.command(["-d", place.destination, "-u", "-e", "-f", "new.lz4"], at: place)
            command.environment.merge(["PG_BASEBACKUP_UPLOAD": hook, "PG_BASEBACKUP_KEY": "s3cret"]) { $1 }
            let run = try command.start()
            try waitUntil("the upload") { FileManager.default.fileExists(atPath: told) }
            run.send(SIGTERM)
            try run.wait().require(status: 143)
            #expect(try !processList().contains("sleep\0612"))
            #expect(try !place.content("told").contains("s3cret"))
            #expect(try place.files == ["backup_old_20200101.tar.lz4", "new.lz4", "told"])
        }
    }
}
