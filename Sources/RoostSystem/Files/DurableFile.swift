internal import Glibc

/// Writes one file so that its name stands either for nothing (or the old content) or for all of the new content, whatever
/// happens in between.
///
/// Durable steps, in order: write `<path>.pgbackrest.tmp`, fsync it, close, rename, fsync the directory. The temporary name
/// is upstream's, so that its tools know what a leftover is. It is locked while it is written: two pushes of one WAL segment at
/// once, of an archiver that died and its successor, must not mix their bytes.
package struct DurableFile: ~Copyable {
    package static let temporarySuffix = ".pgbackrest.tmp"

    private let path: String
    private let temporary: String
    private var file: OwnedDescriptor?

    /// Creates the temporary file, and the directories above it that are missing.
    ///
    /// - Parameter temporary: Its path, in the same directory; nil for upstream's name.
    package init(_ path: String, mode: UInt16 = 0o640, temporary: String? = nil) throws(RoostError) {
        self.path = path
        let temporary = temporary ?? path + Self.temporarySuffix
        self.temporary = temporary
        do {
            file = try Self.openLocked(temporary, mode: mode)
        } catch let error where error.errno == ENOENT {
            try FileSystem.createDirectory(directoryPart(of: path), durable: true)
            file = try Self.openLocked(temporary, mode: mode)
        }
    }

    deinit {
        if file != nil { _ = Syscall.unlink(temporary) }  // abandoned: the name must not stay behind
    }

    private static func openLocked(_ path: String, mode: UInt16) throws(RoostError) -> OwnedDescriptor {
        while true {
            let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode, "write")
            guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 else {
                let number = Syscall.errno
                // Where a file system has no locks there is nothing to take.
                guard number == EWOULDBLOCK else { return file }
                throw RoostError(
                    .fileOpen, "unable to open file for write '\(path)': another process is writing it",
                    hints: ["the other process will finish it, or try again"], errno: number)
            }
            // The former writer may have given it its name, or removed it, between our open and our lock.
            let held = try FileStatus.of(descriptor: file)
            guard let named = try FileStatus.of(path), (named.device, named.inode) == (held.device, held.inode) else {
                continue
            }
            guard Syscall.ftruncate(file.raw, 0) == 0 else {
                throw .system(.fileWrite, unableTo: "truncate", path, errno: Syscall.errno)
            }
            return file
        }
    }

    /// Appends bytes.
    package mutating func write(_ bytes: RawSpan) throws(RoostError) {
        try file?.write(bytes)
    }

    /// Gives the content its name, durably.
    package mutating func finish() throws(RoostError) {
        guard let open = file.take() else { preconditionFailure("a durable file is finished once") }
        // The second descriptor keeps the lock until the file has its name, while the close of the first can report errors.
        let holder = try open.duplicate()
        do {
            try open.sync()
            try open.close()
            try FileSystem.move(temporary, to: path)
        } catch {
            _ = Syscall.unlink(temporary)  // the failure that counts is already on its way
            throw error
        }
        _ = consume holder  // synced and closed without error above: all that is left is the lock
        try FileSystem.syncDirectory(directoryPart(of: path))
    }

    /// Writes a small file in one call.
    package static func write(_ path: String, _ bytes: [UInt8], mode: UInt16 = 0o640) throws(RoostError) {
        var file = try DurableFile(path, mode: mode)
        try file.write(bytes.span.bytes)
        try file.finish()
    }
}

/// The path without its last component: `/a` for `/a/b`, `/` for `/a`, `.` for `a`.
package func directoryPart(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last component of a path.
package func lastPart(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
}
