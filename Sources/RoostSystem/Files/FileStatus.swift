internal import Glibc

/// What `lstat` tells of one name.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable { case file, directory, symbolicLink, special }

    package var kind: Kind
    /// In bytes.
    package var size: UInt64
    /// Modification time, whole seconds since 1970.
    package var modified: Int64
    /// The lower nine bits.
    package var mode: UInt16
    package var owner: UInt32
    package var group: UInt32
    package var device: UInt64
    /// Tells two files of one device apart, also when one took the name of the other.
    package var inode: UInt64
    /// How many names the file has.
    package var links: UInt64

    /// - Parameters:
    ///   - path: Any path.
    ///   - followingLinks: Whether a symbolic link stands for what it points to.
    /// - Returns: Nil if there is nothing of that name.
    /// - Throws: ``ErrorCode/fileInfo``.
    package static func of(_ path: String, followingLinks: Bool = false) throws(RoostError) -> FileStatus? {
        try of(path, relativeTo: AT_FDCWD, followingLinks: followingLinks)
    }

    /// The same, for a name in an open directory.
    package static func of(
        _ path: String, relativeTo directory: Int32, followingLinks: Bool = false
    ) throws(RoostError) -> FileStatus? {
        var raw = stat()
        guard fstatat(directory, path, &raw, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
            let number = Syscall.errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw .system(.fileInfo, unableTo: "get information about", path, errno: number)
        }
        return FileStatus(raw)
    }

    /// The status of an open file.
    package static func of(descriptor: borrowing OwnedDescriptor) throws(RoostError) -> FileStatus {
        var raw = stat()
        guard fstat(descriptor.raw, &raw) == 0 else {
            throw .system(.fileInfo, unableTo: "get information about", descriptor.path, errno: Syscall.errno)
        }
        return FileStatus(raw)
    }

    private init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        default: kind = .special
        }
        size = UInt64(raw.st_size)
        modified = Int64(raw.st_mtim.tv_sec)
        mode = UInt16(raw.st_mode & 0o777)
        owner = raw.st_uid
        group = raw.st_gid
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        links = UInt64(raw.st_nlink)
    }
}
