import Glibc
import RoostSystem
import RoostTesting
import Testing

@Suite struct PidLockTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("backup.lock")
    }

    @Test func `the holder's number is in the file, and the file goes with the lock`() throws {
        do {
            let lock = try PidLock.acquire(path)
            #expect(lock.leftover == nil)
            #expect(try directory.content("backup.lock") == "\(CurrentProcess.id)\n")
            let error = #expect(throws: RoostError.self) { _ = try PidLock.acquire(path) }
            #expect(error?.isLockHeld == true)
            #expect(error?.message == "\(CurrentProcess.id)")
            #expect(try directory.content("backup.lock") == "\(CurrentProcess.id)\n")
        }
        #expect(try FileStatus.of(path) == nil)
    }

    @Test(arguments: ["", "4194305\n", "not a number\nat all", "1"])
    func `what a dead process left is taken over, whatever it says`(content: String) throws {
        try directory.file("backup.lock", content)
        let lock = try PidLock.acquire(path)
        #expect(lock.leftover == String(content.prefix { $0 != "\n" }))
        #expect(lock.isForeign == false)
        #expect(try directory.content("backup.lock") == "\(CurrentProcess.id)\n")
    }

    @Test func `a link, a directory or a pipe that was planted is refused and left alone`() throws {
        try directory.file("victim", "precious")
        try FileSystem.link(path, to: directory.path("victim"))
        #expect(code { _ = try PidLock.acquire(path) } == .lockAcquire)
        #expect(try directory.content("victim") == "precious")
        try FileSystem.removeFile(path)
        try FileSystem.link(path, to: directory.path("not there"))
        #expect(code { _ = try PidLock.acquire(path) } == .lockAcquire)
        #expect(try FileStatus.of(directory.path("not there")) == nil)
        try FileSystem.removeFile(path)
        try FileSystem.createDirectory(path)
        #expect(code { _ = try PidLock.acquire(path) } == .lockAcquire)
        try FileSystem.removeTree(path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(code { _ = try PidLock.acquire(path) } == .lockAcquire)
    }
}
