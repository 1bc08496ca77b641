internal import Glibc

/// Operations on names in the local file system.
///
/// All block; all throw a ``RoostError`` that names the path.
package enum FileSystem {
    /// The names in a directory except `.` and `..`, in byte order.
    ///
    /// - Throws: ``ErrorCode/pathMissing`` if it does not exist; ``ErrorCode/format`` if a name is not UTF-8, which no
    ///   format file could carry.
    package static func list(_ path: String) throws(RoostError) -> [String] {
        guard let stream = opendir(path) else {
            let number = Syscall.errno
            let code: ErrorCode = number == ENOENT ? .pathMissing : .pathOpen
            throw .system(code, unableTo: "list directory", path, errno: number)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            __errno_location().pointee = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            guard let name else {
                let shown = withUnsafeBytes(of: &entry.pointee.d_name) { escaped($0.prefix { $0 != 0 }) }
                throw RoostError(
                    .format, "directory '\(path)' contains the name '\(shown)', which is not valid UTF-8",
                    hints: ["rename the file: no manifest can carry such a name"])
            }
            if name != ".", name != ".." { names.append(name) }
        }
        let number = Syscall.errno
        guard number == 0 else { throw .system(.pathOpen, unableTo: "list directory", path, errno: number) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names
    }

    /// A name for a message: ASCII as it is, every other byte and the backslash as `\xNN`.
    private static func escaped(_ name: some Sequence<UInt8>) -> String {
        name.reduce(into: "") { text, byte in
            let isPlain = (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\")
            text += isPlain ? String(UnicodeScalar(byte)) : "\\x" + String(UInt16(byte) + 0x100, radix: 16).dropFirst()
        }
    }

    /// The whole content of a small file.
    ///
    /// - Parameter limit: In bytes; a larger file is an error, since nothing that is read whole is that large.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(RoostError) -> [UInt8] {
        let file = try OwnedDescriptor.read(path)
        var content: [UInt8] = []
        let chunk = Chunk(capacity: 64 << 10)
        var more = true
        while more {
            chunk.removeAll()
            more = try file.read(into: chunk)
            chunk.bytes.withUnsafeBytes { content.append(contentsOf: $0) }
            guard content.count <= limit else {
                throw RoostError(.fileRead, "'\(path)' is larger than \(limit) bytes")
            }
        }
        return content
    }

    /// Creates a directory and those above it that are missing.
    ///
    /// - Parameter durable: Sync the directory above each new one. Bulk work leaves that to its ``SyncScope``.
    package static func createDirectory(
        _ path: String, mode: UInt16 = 0o750, durable: Bool = false
    ) throws(RoostError) {
        let parent = directoryPart(of: path)
        if Syscall.mkdir(path, UInt32(mode)) == 0 {
            if durable { try syncDirectory(parent) }
            return
        }
        let number = Syscall.errno
        switch number {
        case EEXIST:
            if try FileStatus.of(path, followingLinks: true)?.kind == .directory { return }
        case ENOENT where parent != path:
            try createDirectory(parent, mode: mode, durable: durable)
            return try createDirectory(path, mode: mode, durable: durable)
        default: break
        }
        throw .system(.pathCreate, unableTo: "create directory", path, errno: number)
    }

    /// Makes the names in a directory durable.
    package static func syncDirectory(_ path: String) throws(RoostError) {
        let directory = try OwnedDescriptor.directory(path)
        guard Syscall.fsync(directory.raw, path) == 0 else {
            throw .system(.pathSync, unableTo: "sync directory", path, errno: Syscall.errno)
        }
    }

    /// Renames within a file system, replacing what has the new name.
    package static func move(_ from: String, to: String) throws(RoostError) {
        guard Syscall.rename(from, to) == 0 else {
            throw .system(.fileMove, unableTo: "move '\(from)' to", to, errno: Syscall.errno)
        }
    }

    /// Renames if both names are on one file system, replacing what has the new name.
    ///
    /// - Returns: False if they are not; then nothing was done.
    package static func moveWithinDevice(_ from: String, to: String) throws(RoostError) -> Bool {
        guard Syscall.rename(from, to) != 0 else { return true }
        let number = Syscall.errno
        if number == EXDEV { return false }
        throw .system(.fileMove, unableTo: "move '\(from)' to", to, errno: number)
    }

    /// Removes a file or symbolic link.
    ///
    /// - Returns: False if there was none.
    @discardableResult
    package static func removeFile(_ path: String) throws(RoostError) -> Bool {
        guard Syscall.unlink(path) != 0 else { return true }
        let number = Syscall.errno
        if number == ENOENT { return false }
        throw .system(.fileRemove, unableTo: "remove", path, errno: number)
    }

    /// Removes a directory with everything below it; symbolic links are removed, never followed.
    ///
    /// - Throws: ``ErrorCode/pathRemove`` also for a link in its place, which somebody may have put there.
    package static func removeTree(_ path: String) throws(RoostError) {
        guard try FileStatus.of(path)?.kind != .symbolicLink else {
            throw RoostError(
                .pathRemove, "unable to remove directory '\(path)': it is a symbolic link",
                hints: ["who has put it there? Remove it"])
        }
        try clear(path)
        guard Syscall.rmdir(path) == 0 else {
            throw .system(.pathRemove, unableTo: "remove directory", path, errno: Syscall.errno)
        }
    }

    /// Refuses a file of another user: in a directory that others may write to, one that was opened may have been put there by
    /// them, and stays theirs whatever is written into it.
    package static func requireOwn(_ path: String) throws(RoostError) {
        guard let status = try FileStatus.of(path), status.owner != CurrentProcess.effectiveUser else { return }
        throw RoostError(
            .fileOpen, "unable to open file for write '\(path)': it belongs to user \(status.owner)",
            hints: ["who has put it there? Remove it"])
    }

    /// Removes a directory unless there is something in it.
    ///
    /// - Returns: Whether it is gone.
    package static func removeEmptyDirectory(_ path: String) throws(RoostError) -> Bool {
        guard Syscall.rmdir(path) != 0 else { return true }
        let number = Syscall.errno
        if number == ENOTEMPTY || number == EEXIST { return false }
        if number == ENOENT { return true }
        throw .system(.pathRemove, unableTo: "remove directory", path, errno: number)
    }

    /// Removes everything in a directory but one file; symbolic links in it are removed, never followed.
    package static func clear(_ path: String, except kept: String? = nil) throws(RoostError) {
        for name in try list(path) where name != kept {
            let child = "\(path)/\(name)"
            if try FileStatus.of(child)?.kind == .directory {
                try removeTree(child)
            } else {
                try removeFile(child)
            }
        }
    }

    /// Whether this user may read a file, or list a directory.
    package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// A path without links; nil if there is nothing of that name.
    package static func resolved(_ path: String) throws(RoostError) -> String? {
        guard let found = realpath(path, nil) else {
            let number = Syscall.errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw .system(.fileInfo, unableTo: "resolve the links of", path, errno: number)
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// Makes a symbolic link.
    package static func link(_ path: String, to destination: String) throws(RoostError) {
        guard Syscall.symlink(destination, path) == 0 else {
            throw .system(.fileOpen, unableTo: "create link", path, errno: Syscall.errno)
        }
    }

    /// Gives an existing file a further name.
    ///
    /// - Throws: ``ErrorCode/fileMissing`` if the file or the directory of the new name does not exist.
    package static func hardLink(_ path: String, to existing: String) throws(RoostError) {
        guard Syscall.link(existing, path) == 0 else {
            let number = Syscall.errno
            throw .system(
                number == ENOENT ? .fileMissing : .fileOpen, unableTo: "create hard link to '\(existing)' as", path,
                errno: number)
        }
    }

    /// Where a symbolic link points, as written in it.
    package static func linkDestination(_ path: String) throws(RoostError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return readlink(path, base, bytes.count)
        }
        guard count >= 0 else {
            throw .system(.fileInfo, unableTo: "read link", path, errno: Syscall.errno)
        }
        return String(decoding: buffer[0..<count], as: UTF8.self)
    }

    /// Cuts a file off.
    package static func truncate(_ path: String, to size: UInt64) throws(RoostError) {
        let file = try OwnedDescriptor.open(path, O_WRONLY, 0, "write")
        guard Syscall.ftruncate(file.raw, Int64(size)) == 0 else {
            throw .system(.fileWrite, unableTo: "truncate", path, errno: Syscall.errno)
        }
        try file.close()
    }

    /// Sets the mode of a file or directory.
    package static func setMode(_ path: String, _ mode: UInt16) throws(RoostError) {
        guard chmod(path, UInt32(mode)) == 0 else {
            throw .system(.fileMode, unableTo: "set mode of", path, errno: Syscall.errno)
        }
    }

    /// Sets owner and group of a name; a symbolic link's own.
    package static func setOwner(_ path: String, owner: UInt32, group: UInt32) throws(RoostError) {
        guard lchown(path, owner, group) == 0 else {
            throw .system(.fileOwner, unableTo: "set owner of", path, errno: Syscall.errno)
        }
    }

    /// Sets the modification time, whole seconds.
    package static func setModified(_ path: String, _ seconds: Int64) throws(RoostError) {
        guard Syscall.utimensat(AT_FDCWD, path, seconds: seconds) == 0 else {
            throw .system(.fileInfo, unableTo: "set modification time of", path, errno: Syscall.errno)
        }
    }
}
