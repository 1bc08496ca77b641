import Foundation
import RoostTesting
import Testing

/// Asynchronous archiving with real servers and processes: nothing is lost, nothing is acknowledged that is not archived, and it
/// goes on by itself after everything that can go wrong.
@Suite struct AsyncArchivingTests {
    private static let settings = ["archive-async=y", "process-max=2", "archive-get-queue-max=8MiB"]

    private func with(_ settings: [String] = [], archiver: Tool = .roost, _ body: (ScratchStanza) throws -> Void) throws
    {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1), options: .init(.zst), archiver: archiver,
            settings: Self.settings + settings, body)
    }

    @Test(arguments: [Tool.roost, .dropIn])
    func `a server archives through the spool and recovers through it`(tool: Tool) throws {
        try with(archiver: tool) { stanza in
            try stanza.run(tool, "check")
            try stanza.backup(tool)
            for _ in 1...20 { try stanza.switchSegment() }
            try stanza.cluster.archiveCurrentSegment()
            try stanza.verify(.stock)
            #expect(try stanza.missingSegments() == [])
            let restored = try stanza.restore(tool, into: "restored")
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == stanza.cluster.rowChecksum())
            let log = try String(
                contentsOfFile: stanza.scratch.path + "/log/demo-archive-get-async.log", encoding: .utf8)
            #expect(log.contains("WAL file(s) from archive: "))
            #expect(log.contains("archive-get:async command begin 2.60.0"))
        }
    }

    @Test(arguments: [(Tool.stock, Tool.roost), (.roost, .stock)])
    func `either tool continues the spool of the other`(first: Tool, second: Tool) throws {
        try with(archiver: first) { stanza in
            try stanza.backup(first)
            for round in 1...6 {
                try stanza.setArchiver(round % 2 == 0 ? first : second)
                for _ in 1...6 { try stanza.switchSegment() }
            }
            try stanza.cluster.archiveCurrentSegment()
            #expect(try stanza.missingSegments() == [])
            try stanza.verify(.stock)
            // What one has fetched in advance the other finds, or fetches again.
            let last = try stanza.archivedSegments()
            let target = stanza.scratch.path + "/got"
            for (position, name) in last.suffix(12).enumerated() {
                let tool = position % 3 == 0 ? second : first
                try stanza.run(tool, "archive-get", name, target)
                #expect(try contents(target).count == 1 << 20, "\(name) by \(tool)")
            }
        }
    }

    @Test func `two workers at once are impossible`() throws {
        try with { stanza in
            try stanza.cluster.stop()
            try stanza.makeReady(2)
            let worker = try stanza.startWorker(fault: "fsync:1:pause:\(stanza.repository)")
            #expect(try worker.waitUntilStopped())
            try stanza.command(.roost, ["archive-push:async", stanza.walDirectory]).run().require(status: 50)
            let call = try stanza.command(.roost, ["archive-push", stanza.ready()[0]]).start()
            worker.send(SIGCONT)
            try worker.wait().requireSuccess()
            try call.wait().requireSuccess()
        }
    }

    @Test func `a worker that is killed at any durable step is replaced, and nothing is lost`() throws {
        try with { stanza in
            try stanza.cluster.stop()
            var steps = 0
            while true {
                steps += 1
                let paths = try stanza.makeReady(2)
                let result = try stanza.startWorker(fault: "durable,open:\(steps):kill").wait()
                if case .exited = result.ending { break }
                for path in paths {
                    let told = try stanza.acknowledged(path)
                    if told { #expect(try stanza.isArchived(path), "step \(steps) acknowledged \(path)") }
                    try stanza.run(.roost, "archive-push", path)
                    #expect(try stanza.isArchived(path))
                }
                try stanza.forgetArchive()
                try #require(steps < 300, "no end of durable steps")
            }
            #expect(steps > 10, "the fault plan did not count")
        }
    }

    @Test func `a worker that dies while somebody waits is started again`() throws {
        try with { stanza in
            try stanza.cluster.stop()
            let paths = try stanza.makeReady(1)
            let worker = try stanza.startWorker(fault: "fsync:1:pause:\(stanza.repository)")
            #expect(try worker.waitUntilStopped())
            let call = try stanza.command(.roost, ["archive-push", paths[0]]).start()
            worker.send(SIGKILL)
            _ = try worker.wait()
            try call.wait().requireSuccess()
            #expect(try stanza.isArchived(paths[0]))
        }
    }

    @Test func `a repository that is away keeps WAL waiting, and all of it comes`() throws {
        try with(["archive-timeout=2"]) { stanza in
            try stanza.unconfigureTimeout()
            try stanza.backup(.roost)
            let away = stanza.repository + ".away"
            try Command("/bin/mv", [stanza.repository, away], as: .root).run().requireSuccess()
            for _ in 1...8 {
                try stanza.cluster.query("select pg_switch_wal()"); try stanza.cluster.generateLoad(transactions: 4)
            }
            try waitUntil("a failed attempt") {
                try stanza.cluster.value("select failed_count from pg_stat_archiver") != "0"
            }
            try Command("/bin/mv", [away, stanza.repository], as: .root).run().requireSuccess()
            try stanza.cluster.archiveCurrentSegment()
            #expect(try stanza.missingSegments() == [])
            try stanza.verify(.stock)
        }
    }

    @Test(arguments: [0o000, 0o500])
    func `a spool that cannot be written fails the push, and later it works`(mode: Int) throws {
        try with { stanza in
            try stanza.cluster.stop()
            let paths = try stanza.makeReady(1)
            let spool = stanza.scratch.path + "/spool"
            try remove(spool + "/archive")
            try remove(spool + "/roost")
            chmod(spool, mode_t(mode))
            let result = try stanza.attempt(.roost, "--archive-timeout=1", "archive-push", paths[0])
            #expect(!result.succeeded)
            #expect(result.output.contains(spool))
            chmod(spool, 0o755)
            try stanza.run(.roost, "archive-push", paths[0])
            #expect(try stanza.isArchived(paths[0]))
        }
    }

    @Test func `a full spool fails the push, and later it works`() throws {
        try with { stanza in
            try stanza.cluster.stop()
            let disk = try MemoryFileSystem(megabytes: 1, named: "disk", in: stanza.scratch)
            _ = try Command("/bin/dd", ["if=/dev/zero", "of=\(disk.mountPoint)/filler", "bs=4096"]).run()
            let paths = try stanza.makeReady(2)
            let option = "--spool-path=\(disk.mountPoint)"
            let result = try stanza.attempt(.roost, option, "--archive-timeout=1", "archive-push", paths[0])
            if result.succeeded { #expect(try stanza.isArchived(paths[0])) }
            try remove("\(disk.mountPoint)/filler")
            for path in paths {
                try stanza.run(.roost, option, "archive-push", path)
                #expect(try stanza.isArchived(path))
            }
        }
    }

    @Test func `what is lost while the repository is away is known to the next backup of an idle server`() throws {
        try with(["archive-push-queue-max=1MiB"]) { stanza in
            try stanza.backup(.roost)
            try stanza.cluster.stop()
            let away = stanza.repository + ".away"
            try Command("/bin/mv", [stanza.repository, away], as: .root).run().requireSuccess()
            let paths = try stanza.makeReady(2)
            let told = try stanza.run(.roost, "archive-push", paths[0]).output
            #expect(told.contains("because archive queue exceeded 1MB"))
            try Command("/bin/mv", [away, stanza.repository], as: .root).run().requireSuccess()
            #expect(try stanza.gaps().isEmpty)
            let warned = try stanza.run(.roost, "--no-online", "--type=incr", "backup").output
            #expect(warned.contains("missing from the archive since"))
            #expect(warned.contains("incr backup has been changed to full"))
            #expect(try stanza.gaps().flatMap(\.segments) == paths.map { String($0.suffix(24)) })
        }
    }

    @Test func `a queue that fills the disk is given up, and the way on begins with a new full backup`() throws {
        try ScratchDirectory.with { scratch in
            let disk = try MemoryFileSystem(megabytes: 400, named: "disk", in: scratch)
            let made = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let data = disk.mountPoint + "/pg"
            try Command("/bin/mv", [made.dataDirectory, data], as: .root).run().requireSuccess()
            let cluster = try ScratchCluster(major: made.major, dataDirectory: data, in: scratch)
            let stanza = try ScratchStanza(
                cluster: cluster, in: scratch, options: .init(.zst),
                settings: Self.settings + ["archive-push-queue-max=16MiB"])
            try stanza.begin(archivingWith: .roost)
            cluster.set("max_wal_size", "32MB")
            let before = try stanza.backup(.roost)
            let away = stanza.repository + ".away"
            try Command("/bin/mv", [stanza.repository, away], as: .root).run().requireSuccess()
            // Twice what the disk has room for.
            for _ in 1...40 {
                try cluster.query("create table filler as select repeat('x', 1000) from generate_series(1, 20000)")
                try cluster.execute("drop table filler", "checkpoint", "select pg_switch_wal()")
                // A server makes WAL faster than it calls for the archiving of each segment.
                try waitUntil("WAL to be given up") { try stanza.ready().count < 40 }
            }
            try waitUntil("the server to be rid of its WAL") {
                try cluster.execute("checkpoint")
                return try names(in: data + "/pg_wal").count < 80
            }
            try Command("/bin/mv", [away, stanza.repository], as: .root).run().requireSuccess()
            // What waits now may still be more than the queue may hold, and is given up too.
            let last = try stanza.archivedSegments().last
            try waitUntil("a segment that is archived again") {
                try cluster.archiveCurrentSegment()
                return try stanza.archivedSegments().last != last
            }

            let gaps = try stanza.gaps()
            #expect(gaps.count >= 1)
            // Of several workers the one with the older segment may end last.
            try waitUntil("the segments under way") { try stanza.missingSegments() == gaps.flatMap(\.segments) }
            #expect(try stanza.missingSegments() == gaps.flatMap(\.segments), "the gap is exact")
            let text = try stanza.run(.roost, "info").standardOutput
            #expect(text.contains("wal archive gap (15): \(gaps[0].first)/\(gaps[0].last), "))
            let warned = try stanza.run(.roost, "--type=incr", "backup").output
            #expect(warned.contains("missing from the archive since"))
            #expect(warned.contains("incr backup has been changed to full"))
            for command in ["check", "verify", "expire"] {
                #expect(try stanza.run(.roost, command).output.contains("missing from the archive since"))
            }
            let backups = try stanza.info(.roost).backups
            #expect(backups.map(\.type) == ["full", "full"])
            #expect(backups[0].label == before)
            #expect(try stanza.backup(.roost, "incr").hasSuffix("I"), "once there is a base, increments are increments")
            try cluster.generateLoad()
            try cluster.archiveCurrentSegment()
            for command in [["info"], ["verify"], ["check"], ["--repo1-retention-full=2", "expire"]] {
                let result = try stanza.command(.stock, command).run().requireSuccess()
                #expect(!result.output.contains("gap"), "\(result)")
            }
            try stanza.requireRecoverable(into: "restored")
            // What expires before the gap takes its record along.
            try stanza.run(.roost, "--repo1-retention-full=1", "expire")
            #expect(try stanza.gaps().isEmpty)
        }
    }
}

// MARK: Helpers

private struct Gap {
    var first: String
    var last: String
    /// Of 1 MiB.
    var segments: [String] {
        guard let begin = UInt64(first.suffix(16), radix: 16), let end = UInt64(last.suffix(16), radix: 16) else {
            return []
        }
        func number(_ value: UInt64) -> UInt64 { (value >> 32) * 4096 + value & 0xFFFF_FFFF }
        return (number(begin)...number(end)).map {
            String(first.prefix(8)) + String(format: "%08X%08X", $0 / 4096, $0 % 4096)
        }
    }
}

extension ScratchStanza {
    fileprivate var walDirectory: String { cluster.dataDirectory + "/pg_wal" }
    private var out: String { scratch.path + "/spool/archive/\(Self.name)/out" }

    fileprivate func unconfigureTimeout() throws {
        try unconfigure("archive-timeout")
        try configure("archive-timeout=10")
    }

    /// Writes a little and begins another segment.
    fileprivate func switchSegment() throws {
        try cluster.generateLoad(transactions: 4)
        try cluster.query("select pg_switch_wal()")
    }

    fileprivate func archivedSegments() throws -> [String] {
        try paths(below: archiveDirectory, endingIn: "").compactMap { path in
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            let isWhole = name.contains(/^[0-9A-F]{24}-[0-9a-f]{40}/) && !name.hasSuffix(".tmp")
            return isWhole ? String(name.prefix(24)) : nil
        }.sorted()
    }

    /// The segments between the first and the last archived ones that are not archived.
    fileprivate func missingSegments() throws -> [String] {
        let there = try archivedSegments()
        guard let first = there.first, let last = there.last else { throw TestFailure("nothing is archived") }
        let all = Gap(first: first, last: last).segments
        return all.filter { !there.contains($0) }
    }

    fileprivate func gaps() throws -> [Gap] {
        let json =
            try JSONSerialization.jsonObject(
                with: Data(run(.roost, "info", "--output=json").standardOutput.utf8)) as? [[String: Any]]
        let archives = json?.first?["archive"] as? [[String: Any]] ?? []
        return archives.flatMap { $0["gap"] as? [[String: Any]] ?? [] }.map {
            Gap(first: $0["first"] as? String ?? "", last: $0["last"] as? String ?? "")
        }
    }

    /// Has the stopped server want segments archived.
    ///
    /// - Returns: Their paths.
    @discardableResult
    fileprivate func makeReady(_ count: Int) throws -> [String] {
        let found = try names(in: walDirectory).filter { $0.count == 24 }.prefix(count)
        let status = walDirectory + "/archive_status"
        for name in try names(in: status) { try remove("\(status)/\(name)") }
        for name in found { try scratch.touch("\(status)/\(name).ready") }
        guard found.count == count else { throw TestFailure("the server has only \(found.count) segments") }
        return found.map { "\(walDirectory)/\($0)" }
    }

    fileprivate func ready() throws -> [String] {
        try names(in: walDirectory + "/archive_status").filter { $0.hasSuffix(".ready") }
            .map { "\(walDirectory)/\($0.dropLast(6))" }
    }

    fileprivate func startWorker(fault: String) throws -> RunningCommand {
        try Command("/bin/mkdir", ["-p", out]).run().requireSuccess()
        return try command(.roost, ["archive-push:async", walDirectory], environment: ["ROOST_FAULT": fault]).start()
    }

    fileprivate func acknowledged(_ path: String) throws -> Bool {
        FileManager.default.fileExists(atPath: "\(out)/\(path.suffix(24)).ok")
    }

    fileprivate func isArchived(_ path: String) throws -> Bool {
        try archivedSegments().contains(String(path.suffix(24)))
    }

    fileprivate func forgetArchive() throws {
        try remove(archiveDirectory + "/15-1")
        try remove(scratch.path + "/spool/archive")
        try remove(scratch.path + "/spool/roost")
    }
}

extension ScratchDirectory {
    fileprivate func touch(_ path: String) throws {
        try Command("/usr/bin/touch", [path]).run().requireSuccess()
    }
}
