import Foundation
import RoostSystem
import Synchronization

/// A directory for one test, owned by ``TestHost/account`` and gone afterwards.
///
/// All lie in one directory per test process, which the next process removes if this one crashed.
package final class ScratchDirectory: Sendable {
    package let path: String
    private let cleanups = Guarded<[@Sendable () throws -> Void]>([])
    private static let counter = Atomic<Int>(0)
    private static let prefix = "roost-test."

    package init() throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        path = try Self.processRoot() + "/\(number)"
        try Self.makeDirectory(path)
    }

    /// Makes a directory below, owned by the unprivileged account.
    package func directory(_ name: String, mode: UInt32 = 0o755) throws -> String {
        let full = path + "/" + name
        try Self.makeDirectory(full, mode: mode)
        return full
    }

    /// Writes a file below, owned by the unprivileged account.
    @discardableResult
    package func file(_ name: String, _ content: String, mode: UInt32 = 0o644) throws -> String {
        let full = path + "/" + name
        try content.write(toFile: full, atomically: false, encoding: .utf8)
        chmod(full, mode)
        try TestHost.giveToAccount(full)
        return full
    }

    /// Has something undone before the directory goes; the last one first.
    package func atEnd(_ cleanup: @escaping @Sendable () throws -> Void) {
        cleanups.withLock { $0.append(cleanup) }
    }

    /// Undoes everything; the files stay when `ROOST_TEST_KEEP=1`.
    package func remove() throws {
        var failure: (any Error)?
        let pending = cleanups.withLock { value in
            defer { value = [] }
            return value
        }
        for cleanup in pending.reversed() {
            do { try cleanup() } catch { failure = failure ?? error }
        }
        guard !TestHost.keepsFiles else { return print("kept: \(path)") }
        // Asynchronous archiving works on for a while after the command that it served.
        try waitUntil("the end of processes that work in \(path)") { try !TestHost.hasProcess(naming: "\(path)/") }
        try FileManager.default.removeItem(atPath: path)
        if let failure { throw failure }
    }

    /// Runs a body with a directory and removes it afterwards, also after a failure.
    package static func with<T>(_ body: (ScratchDirectory) throws -> T) throws -> T {
        let directory = try ScratchDirectory()
        let result = Result { try body(directory) }
        do {
            try directory.remove()
        } catch {
            _ = try result.get()  // what failed in the body matters more
            throw error
        }
        return try result.get()
    }

    static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws {
        guard mkdir(path, mode) == 0, chmod(path, mode) == 0 else {
            throw TestFailure("cannot create \(path): \(String(cString: strerror(errno)))")
        }
        try TestHost.giveToAccount(path)
    }

    /// The directory of this test process; made at first use, removed at its exit.
    package static func processRoot() throws -> String { try root.get() }

    private static let root = Result<String, any Error> {
        try removeLeftovers()
        let path = "\(TestHost.temporaryRoot)/\(prefix)\(getpid())"
        guard mkdir(path, 0o755) == 0, chmod(path, 0o755) == 0 else {
            throw TestFailure("cannot create \(path): \(String(cString: strerror(errno)))")
        }
        if TestHost.isRoot, TestHost.environment("ROOST_TEST_TMPDIR") == nil {
            // In memory: thousands of fsync calls cost nothing. Power cuts are tested on ext4, in an image file.
            guard mount("tmpfs", path, "tmpfs", 0, "size=75%,mode=0755") == 0 else {
                throw TestFailure("cannot mount a tmpfs on \(path): \(String(cString: strerror(errno)))")
            }
        }
        atexit {
            guard let path = try? ScratchDirectory.processRoot() else { return }
            ScratchDirectory.tearDown(path)
        }
        return path
    }

    /// Directories of test processes that crashed.
    private static func removeLeftovers() throws {
        guard !TestHost.keepsFiles else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: TestHost.temporaryRoot)
        where name.hasPrefix(prefix) {
            guard let owner = pid_t(name.dropFirst(prefix.count)), kill(owner, 0) != 0 else { continue }
            tearDown("\(TestHost.temporaryRoot)/\(name)")
        }
    }

    /// Stops servers, unmounts file systems and removes files that a process left below its directory.
    private static func tearDown(_ path: String) {
        guard let walk = FileManager.default.enumerator(atPath: path) else { return }
        for case let name as String in walk where name.hasSuffix("/postmaster.pid") {
            let file = path + "/" + name
            guard let text = try? String(contentsOfFile: file, encoding: .utf8),
                let server = pid_t(text.prefix { $0.isNumber }),
                let working = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server)/cwd"),
                file.hasPrefix(working + "/")
            else { continue }
            kill(server, SIGQUIT)
            for _ in 0..<500 where kill(server, 0) == 0 { usleep(10_000) }
        }
        guard !TestHost.keepsFiles else { return }
        let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n").reversed() {
            let fields = line.split(separator: " ")
            if fields.count > 1, (fields[1] + "/").hasPrefix(path + "/") {
                umount2(String(fields[1]), Int32(MNT_DETACH))
            }
        }
        try? FileManager.default.removeItem(atPath: path)
    }
}
