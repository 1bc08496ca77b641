import Glibc
import RoostSystem
import RoostTesting
import Synchronization
import Testing

/// Closes a descriptor at the third sleep; sleeps not at all.
private final class ClosingClock: WallClock {
    private let descriptor: Int32
    private let count = Guarded(0)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var sleeps: Int { count.withLock { $0 } }

    func now() -> UnixTime { UnixTime(seconds: 0) }

    func sleep(milliseconds: Int64) {
        count.withLock { count in
            count += 1
            if count == 3 { close(descriptor) }
        }
    }
}

private final class Flag: Sendable { let isOver = Atomic(false) }

@Suite struct LockFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("locks/demo-backup-1.lock")
    }

    @Test func `a lock keeps others out until it is given up, and tells who holds it`() throws {
        #expect(try LockFile.holder(of: path) == nil)
        do {
            let lock = try LockFile.acquire(path, content: #"{"execId":"1-a","pid":1}"#)
            #expect(lock.path == path)
            #expect(try LockFile.holder(of: path)?.content == #"{"execId":"1-a","pid":1}"#)
            #expect(code { _ = try LockFile.acquire(path, content: "other") } == .lockAcquire)
            #expect(try LockFile.holder(of: path)?.content == #"{"execId":"1-a","pid":1}"#)
            try lock.write("short")
            #expect(try LockFile.holder(of: path)?.content == "short")
        }
        #expect(try LockFile.holder(of: path) == nil)
        #expect(try FileStatus.of(path) == nil)
        #expect(code { _ = try LockFile.acquire(path, content: "again") } == nil)
    }

    @Test func `the directory is made on demand`() throws {
        let lock = try LockFile.acquire(path, content: "")
        #expect(try FileStatus.of(directory.path("locks"))?.mode == 0o750)
        #expect(try LockFile.holder(of: lock.path)?.content == "")
    }

    @Test func `a file that a dead holder left behind is no lock`() throws {
        try FileSystem.createDirectory(directory.path("locks"))
        try directory.file("locks/demo-backup-1.lock", "a long text of a process that was killed")
        #expect(try LockFile.holder(of: path) == nil)
        let lock = try LockFile.acquire(path, content: "new")
        #expect(try directory.content("locks/demo-backup-1.lock") == "new")
        try lock.write("still mine")
    }

    @Test func `a probe that ends soon keeps nobody out`() throws {
        try FileSystem.createDirectory(directory.path("locks"))
        try directory.file("locks/demo-backup-1.lock", "")
        let probe = open(path, O_RDONLY)
        #expect(flock(probe, LOCK_SH | LOCK_NB) == 0)
        let clock = ClosingClock(probe)
        let lock = try LockFile.acquire(path, content: "mine", clock: clock)
        #expect(try LockFile.holder(of: lock.path)?.content == "mine")
        #expect(clock.sleeps == 3)
    }

    @Test func `a thread that asks for the holder without end keeps nobody out`() throws {
        let (path, flag) = (path, Flag())
        let prober = try WorkerThread {
            while !flag.isOver.load(ordering: .relaxed) { _ = try? LockFile.holder(of: path) }
        }
        for _ in 0..<300 {
            // Left behind by a dead holder, so that there is something to probe.
            if try FileStatus.of(path) == nil { try FileSystem.createDirectory(directory.path("locks")) }
            try directory.file("locks/demo-backup-1.lock", "")
            _ = try LockFile.acquire(path, content: "mine")
        }
        flag.isOver.store(true, ordering: .relaxed)
        prober.join()
    }

    @Test func `another process is kept out`() async throws {
        let path = path
        let lock = try LockFile.acquire(path, content: "parent")
        await #expect(processExitsWith: .exitCode(50)) { [path = path as String] in
            exitWithStatus { _ = try LockFile.acquire(path, content: "child") }
        }
        #expect(try LockFile.holder(of: lock.path)?.content == "parent")
    }

    @Test func `a killed process gives up its lock`() async throws {
        let path = path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try LockFile.acquire(path, content: "child")
            kill(getpid(), SIGKILL)
            _ = consume lock
        }
        #expect(try directory.content("locks/demo-backup-1.lock") == "child")
        #expect(try LockFile.holder(of: path) == nil)
        #expect(code { _ = try LockFile.acquire(path, content: "") } == nil)
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostSystemTests.code(of: body) }
}
