internal import Glibc

/// A file whose `flock` says that its holder is at work; gone when the holder is.
package struct LockFile: ~Copyable {
    /// Whether a lock is held, and by whom.
    package struct Holder: Sendable, Equatable {
        /// What the holder wrote into the file.
        package var content: String
    }

    /// Whoever asks for the ``holder(of:)`` has the lock for some microseconds; so a lock that is taken is tried again.
    private static let probeTries = 50
    private static let probePause: Int64 = 5

    private let descriptor: OwnedDescriptor
    package let path: String

    private init(descriptor: consuming OwnedDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = Syscall.unlink(path) }  // a name left behind is harmless: the lock is the flock

    /// Does something while nobody else does who asks for a lock on the same file or directory, which stays as it is.
    ///
    /// - Throws: ``ErrorCode/lockAcquire`` if another process keeps it for more than ten seconds.
    package static func whileHolding<T>(
        _ path: String, clock: any WallClock = SystemClock(), _ body: () throws -> T
    ) throws -> T {
        let descriptor = try OwnedDescriptor.read(path)
        try lock(descriptor, path, tries: 2000, clock)
        return try body()
    }

    /// Takes the lock, waiting a quarter of a second at most.
    ///
    /// - Parameter waits: False to try once, for those who will come again.
    /// - Throws: ``ErrorCode/lockAcquire`` if another process holds it.
    package static func acquire(
        _ path: String, content: String, waits: Bool = true, clock: any WallClock = SystemClock()
    ) throws(RoostError) -> LockFile {
        try FileSystem.createDirectory(directoryPart(of: path))
        while true {
            let descriptor = try open(path)
            try lock(descriptor, path, tries: waits ? probeTries : 1, clock)
            // The former holder may have removed the name between our open and our flock: then we hold nobody's lock.
            let held = try FileStatus.of(descriptor: descriptor)
            guard let named = try FileStatus.of(path), (named.device, named.inode) == (held.device, held.inode) else {
                try Interrupt.check()
                continue
            }
            let lock = LockFile(descriptor: descriptor, path: path)
            try lock.write(content)
            return lock
        }
    }

    private static func lock(
        _ descriptor: borrowing OwnedDescriptor, _ path: String, tries limit: Int, _ clock: any WallClock
    ) throws(RoostError) {
        var tries = 1
        while flock(descriptor.raw, LOCK_EX | LOCK_NB) != 0 {
            let number = Syscall.errno
            guard number == EWOULDBLOCK, tries < limit else {
                throw RoostError(
                    .lockAcquire, "unable to acquire lock on file '\(path)': \(errorText(number))",
                    hints: ["is another pgBackRest or Roost process running?"], errno: number)
            }
            clock.sleep(milliseconds: probePause)
            try Interrupt.check()
            tries += 1
        }
    }

    /// Replaces what the file tells about the holder.
    ///
    /// Written over before it is cut off: what is told while a command runs only grows, so no reader finds the file empty.
    package func write(_ content: String) throws(RoostError) {
        try descriptor.seek(to: 0)
        try descriptor.write(content.utf8.span.bytes)
        guard Syscall.ftruncate(descriptor.raw, Int64(content.utf8.count)) == 0 else {
            throw .system(.fileWrite, unableTo: "truncate", path, errno: Syscall.errno)
        }
    }

    /// Who holds a lock, nil if nobody does.
    ///
    /// For as long as it takes to find out, ``acquire(_:content:clock:)`` has to wait.
    package static func holder(of path: String) throws(RoostError) -> Holder? {
        guard try FileStatus.of(path) != nil else { return nil }
        let descriptor: OwnedDescriptor
        do {
            descriptor = try OwnedDescriptor.read(path)
        } catch let error where error.code == .fileMissing {
            return nil
        }
        if flock(descriptor.raw, LOCK_SH | LOCK_NB) == 0 { return nil }
        let chunk = Chunk(capacity: 4096)
        _ = try descriptor.read(into: chunk)
        return Holder(content: String(decoding: chunk.bytes.array(), as: UTF8.self))
    }

    private static func open(_ path: String) throws(RoostError) -> OwnedDescriptor {
        do {
            return try OwnedDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o640, "lock")
        } catch let error where error.errno == EACCES {
            throw RoostError(
                .lockAcquire, error.message,
                hints: ["does '\(directoryPart(of: path))' belong to the user that runs this command?"], errno: EACCES)
        }
    }
}

extension RoostError {
    /// Whether a lock could not be had because another process holds it.
    package var isLockHeld: Bool { code == .lockAcquire && errno == EWOULDBLOCK }
}
