internal import Glibc

/// An open file that is closed when its owner goes away.
package struct OwnedDescriptor: ~Copyable {
    /// -1 once closed.
    package private(set) var raw: Int32
    package let path: String

    private init(raw: Int32, path: String) {
        self.raw = raw
        self.path = path
    }

    /// Owns a descriptor that nobody else closes.
    init(adopting raw: Int32, path: String) { self.init(raw: raw, path: path) }

    deinit {
        if raw >= 0 { _ = Syscall.close(raw) }  // abandoned: nobody is left to tell
    }

    /// Opens a file for reading.
    ///
    /// - Throws: ``ErrorCode/fileMissing`` if there is none, else ``ErrorCode/fileOpen``.
    package static func read(_ path: String) throws(RoostError) -> OwnedDescriptor {
        try open(path, O_RDONLY, 0, "read")
    }

    /// Creates a file, or empties the one that is there.
    package static func create(_ path: String, mode: UInt16) throws(RoostError) -> OwnedDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_TRUNC, mode, "write")
    }

    /// Creates a file where there is none; a symbolic link there is an error too.
    package static func createNew(_ path: String, mode: UInt16) throws(RoostError) -> OwnedDescriptor {
        try open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode, "write")
    }

    /// Opens a file that is there to change parts of it; a symbolic link there is an error.
    package static func change(_ path: String) throws(RoostError) -> OwnedDescriptor {
        try open(path, O_RDWR | O_NOFOLLOW, 0, "write")
    }

    /// Opens with any flags; `O_CLOEXEC` is always set.
    package static func open(
        _ path: String, _ flags: Int32, _ mode: UInt16, _ purpose: String
    ) throws(RoostError) -> OwnedDescriptor {
        let raw = Syscall.open(path, flags, UInt32(mode))
        guard raw >= 0 else {
            let number = Syscall.errno
            if number == ENOENT { throw .missing(path, for: purpose) }
            throw .system(.fileOpen, unableTo: "open file for \(purpose)", path, errno: number)
        }
        return OwnedDescriptor(raw: raw, path: path)
    }

    /// Opens a directory, to list or to sync it.
    package static func directory(_ path: String) throws(RoostError) -> OwnedDescriptor {
        let raw = Syscall.open(path, O_RDONLY | O_DIRECTORY)
        guard raw >= 0 else {
            let number = Syscall.errno
            let code: ErrorCode = number == ENOENT ? .pathMissing : .pathOpen
            throw .system(code, unableTo: "open directory", path, errno: number)
        }
        return OwnedDescriptor(raw: raw, path: path)
    }

    /// Fills the free part of a chunk as far as the file goes.
    ///
    /// - Returns: False once the end was reached.
    package func read(into chunk: Chunk, limit: Int = .max) throws(RoostError) -> Bool {
        var remaining = min(chunk.free, limit)
        while remaining > 0 {
            var count = 0
            chunk.fill { free in
                count = Syscall.read(raw, UnsafeMutableRawBufferPointer(rebasing: free[0..<remaining]))
                return max(count, 0)
            }
            if count < 0 { throw .system(.fileRead, unableTo: "read", path, errno: Syscall.errno) }
            if count == 0 { return false }
            remaining -= count
        }
        return true
    }

    /// Reads at an offset, as far as the file goes.
    ///
    /// - Returns: The number of bytes read.
    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(RoostError) -> Int {
        try Self.read(at: UInt64(offset), into: buffer, from: raw, path)
    }

    /// The same from a descriptor that its owner keeps open meanwhile.
    package static func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, from raw: Int32, _ path: String
    ) throws(RoostError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = Syscall.pread(raw, rest, Int64(offset) + Int64(done))
            if count < 0 { throw .system(.fileRead, unableTo: "read", path, errno: Syscall.errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all bytes.
    package func write(_ bytes: RawSpan) throws(RoostError) { try Self.write(bytes, to: raw, path) }

    /// Writes all bytes to a descriptor that its owner keeps open meanwhile.
    package static func write(_ bytes: RawSpan, to raw: Int32, _ path: String) throws(RoostError) {
        let failure: Int32? = bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let count = Syscall.write(raw, rest)
                if count < 0 { return Syscall.errno }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
        if let failure { throw .system(.fileWrite, unableTo: "write", path, errno: failure) }
    }

    /// Writes all bytes at an offset.
    package static func write(_ bytes: RawSpan, at offset: UInt64, to raw: Int32, _ path: String) throws(RoostError) {
        let failure: Int32? = bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = Syscall.pwrite(raw, rest, Int64(offset) + Int64(done))
                if count < 0 { return Syscall.errno }
                done += count
            }
            return nil
        }
        if let failure { throw .system(.fileWrite, unableTo: "write", path, errno: failure) }
    }

    /// Moves the read position.
    package func seek(to offset: Int64) throws(RoostError) {
        guard lseek(raw, Int(offset), SEEK_SET) == Int(offset) else {
            throw .system(.fileRead, unableTo: "seek to \(offset) in", path, errno: Syscall.errno)
        }
    }

    /// A second descriptor of the same open file; locks are gone when both are closed.
    package func duplicate() throws(RoostError) -> OwnedDescriptor { try duplicate(atLeast: 0) }

    /// The same under the lowest number that is free from one on.
    func duplicate(atLeast lowest: Int32) throws(RoostError) -> OwnedDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, lowest)
        guard copy >= 0 else {
            throw .system(.fileOpen, unableTo: "duplicate the descriptor of", path, errno: Syscall.errno)
        }
        return OwnedDescriptor(raw: copy, path: path)
    }

    /// Makes the file longer or shorter; what is added is a hole that reads as zeros.
    package func setSize(_ size: UInt64) throws(RoostError) {
        guard Syscall.ftruncate(raw, Int64(size)) == 0 else {
            throw .system(.fileWrite, unableTo: "set the size of", path, errno: Syscall.errno)
        }
    }

    /// Makes the content durable.
    package func sync() throws(RoostError) {
        guard Syscall.fsync(raw, path) == 0 else {
            throw .system(.fileSync, unableTo: "sync", path, errno: Syscall.errno)
        }
    }

    /// Tells the kernel that the file will be read once from start to end.
    package func adviseSequential() { _ = posix_fadvise(raw, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Closes, reporting the failure that `deinit` would hide (quota and network file systems report writes here).
    package consuming func close() throws(RoostError) {
        let descriptor = raw
        raw = -1
        guard Syscall.close(descriptor) == 0 else {
            throw .system(.fileClose, unableTo: "close", path, errno: Syscall.errno)
        }
    }
}

extension OwnedDescriptor {
    /// Opens a file to add to its end, creating it if there is none.
    package static func appending(_ path: String, mode: UInt16) throws(RoostError) -> OwnedDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_APPEND, mode, "append")
    }
}

extension OwnedDescriptor {
    /// Makes this empty file share the blocks of another: a copy at once, which takes no room until one of them is changed.
    ///
    /// - Returns: False where the file system cannot do that; then nothing was done.
    package func shareBlocks(of source: borrowing OwnedDescriptor) throws(RoostError) -> Bool {
        guard Syscall.clone(raw, source.raw, path) != 0 else { return true }
        let number = Syscall.errno
        // What kernels and file systems say that cannot: other devices, no support, an unknown request.
        if [EOPNOTSUPP, EXDEV, EINVAL, ENOTTY, ENOSYS].contains(number) { return false }
        throw .system(.fileWrite, unableTo: "share the blocks of '\(source.path)' as", path, errno: number)
    }
}
