import Foundation
import RoostTesting
import Testing

/// `roost enable` and `roost remove`: killed at steps that change what a power cut leaves, twice at once, or without room.
@Suite struct InterruptedRunTests {
    /// A bed whose server needs no restart, which would inherit the fault.
    private func with(_ body: (AdminBed) throws -> Void) throws {
        try ScratchDirectory.with { scratch in
            let bed = try AdminBed(in: scratch)
            bed.cluster.set("archive_mode", "on")
            try bed.cluster.start()
            try body(bed)
        }
    }

    /// Runs a command again and again, killed a little later each time, until it comes to its end.
    ///
    /// - Returns: How often it was killed, and how it ended.
    private func runKilled(_ bed: AdminBed, _ words: String..., stride: Int) throws -> (count: Int, outcome: Outcome) {
        var count = 0
        while true {
            var command = try bed.command(words)
            command.environment["ROOST_FAULT"] = "durable:\(1 + count * stride):kill"
            let result = try command.run()
            guard result.ending == .killed(signal: SIGKILL) else { return (count, try Outcome(result)) }
            count += 1
            try #require(count < 2000, "no end of durable steps")
        }
    }

    @Test func `REQ-1 wherever enabling is killed, the next run goes on`() throws {
        try with { bed in
            let (count, outcome) = try runKilled(bed, "enable", stride: TestHost.isFull ? 3 : 20)
            #expect(count >= 3)
            #expect(!outcome.hasFailed, "\(outcome)")
            #expect(try !bed.roost("enable").hasChanged)
            let info = try bed.info()
            #expect(info.backups.allSatisfy { $0.type == "full" } && !info.backups.isEmpty, "\(info.text)")
            // Those that were whole when their runs were killed, but not listed yet, the next backup lists; and if that was killed
            // before its expiry, they are removed by the next one.
            var expire = Command(
                try Tool.roost.path, ["--config=\(bed.configuration)", "--stanza=\(bed.name)", "expire"])
            expire.directory = bed.cluster.socketDirectory
            try expire.run().requireSuccess()
            #expect(try 1...2 ~= bed.info().backups.count)
            try bed.stock("check").requireSuccess()
            try bed.stock("verify").requireSuccess()
        }
    }

    @Test func `REQ-3 wherever removal is killed, the next run goes on, and nothing else goes`() throws {
        try with { bed in
            try bed.roost("enable")
            try Command("/usr/bin/touch", [bed.repository + "/backup_other.tar.lz4"]).run().requireSuccess()
            let (count, outcome) = try runKilled(bed, "remove", "--yes", stride: TestHost.isFull ? 7 : 20)
            #expect(count >= 3)
            #expect(!outcome.hasFailed, "\(outcome)")
            for path in ["archive/pg-test", "backup/pg-test"] { #expect(!bed.exists("\(bed.repository)/\(path)")) }
            #expect(!bed.exists(bed.configuration))
            #expect(bed.exists(bed.repository + "/backup_other.tar.lz4"))
            #expect(try !bed.roost("remove", "--yes").hasChanged)
            #expect(try bed.cluster.value("select 1") == "1")
            try bed.roost("enable")
            try bed.stock("check").requireSuccess()
        }
    }

    @Test func `REQ-1 of two runs at once one is told that the other is at work`() throws {
        try with { bed in
            var command = try bed.command(["enable"])
            command.environment["ROOST_FAULT"] = "mkdir:1:pause:\(bed.repository)/archive"
            let first = try command.start()
            #expect(try first.waitUntilStopped())
            let second = try bed.roost("enable", status: 50)
            #expect(second.status("stanza") == "failed", "\(second)")
            first.send(SIGCONT)
            #expect(try !Outcome(first.wait()).hasFailed)
            #expect(try !bed.roost("enable").hasChanged)
        }
    }

    @Test func `REQ-1 a repository without room is told, and later it works`() throws {
        try with { bed in
            let disk = try MemoryFileSystem(megabytes: 1, named: "disk", in: bed.scratch)
            let changes: [String: Any] = [
                "backup_dir": disk.mountPoint + "/backup",
                "repo": ["method": "local", "path": disk.mountPoint + "/backup", "retention_full": 2, "block": "n"],
            ]
            let full = try Outcome(bed.command(["enable"], changes).run())
            #expect(full.hasFailed && full.result.output.contains("No space left on device"), "\(full)")
            #expect(full.status("backup") != "changed" && full.status("marker") != "changed")
            try Command("/bin/mount", ["-o", "remount,size=64m", disk.mountPoint], as: .root).run().requireSuccess()
            #expect(try bed.roost("enable", with: changes).changes.contains("backup"))
            #expect(try bed.info().backups.count == 1)
        }
    }
}
