internal import CLinux
internal import Glibc

/// What `lstat` tells of one name.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable { case file, directory, symbolicLink, special }

    package var kind: Kind
    /// In bytes.
    package var size: UInt64
    /// Modification time, whole seconds since 1970.
    package var modified: Int64
    /// The part of the modification time below a second; 0 where the file system keeps none.
    package var modifiedNanoseconds: Int32
    /// The lower nine bits.
    package var mode: UInt16
    package var owner: UInt32
    package var group: UInt32
    package var device: UInt64
    /// Tells two files of one device apart, also when one took the name of the other.
    package var inode: UInt64
    /// How many names the file has.
    package var links: UInt64

    /// Whether two names stand for one file or directory.
    package func isSame(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

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

    /// Whether something is mounted at a directory, be it a part of the same file system.
    ///
    /// A directory on another device than the one above it counts too: older kernels tell no more.
    package static func isMountPoint(_ directory: String) throws(RoostError) -> Bool {
        if CLinux_is_mount_point(directory) == 1 { return true }
        return try of(directory)?.device != of("\(directory)/..")?.device
    }

    /// The status of an open file.
    package static func of(descriptor: borrowing OwnedDescriptor) throws(RoostError) -> FileStatus {
        var raw = stat()
        guard fstat(descriptor.raw, &raw) == 0 else {
            throw .system(.fileInfo, unableTo: "get information about", descriptor.path, errno: Syscall.errno)
        }
        return FileStatus(raw)
    }

    /// Tells a file or directory from every other that had its name before or will have it later: its number and when it was
    /// made.
    ///
    /// - Returns: Nil if there is nothing of that name.
    package static func incarnation(of path: String) throws(RoostError) -> String? {
        guard let status = try of(path, followingLinks: true) else { return nil }
        var seconds: Int64 = 0
        var nanoseconds: UInt32 = 0
        // A file system that does not keep the time leaves the number, which it may use again.
        _ = CLinux_birth_time(path, &seconds, &nanoseconds)
        return "\(status.inode)-\(seconds).\(nanoseconds)"
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
        modifiedNanoseconds = Int32(raw.st_mtim.tv_nsec)
        mode = UInt16(raw.st_mode & 0o777)
        owner = raw.st_uid
        group = raw.st_gid
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        links = UInt64(raw.st_nlink)
    }
}
