internal import CLinux
internal import Glibc

/// What keeps a file from being changed or removed, whatever its mode says.
package enum FileProtection: Sendable, Equatable, CustomStringConvertible {
    /// `chattr +a`.
    case appendOnly
    /// `chattr +i`.
    case immutable

    package var description: String {
        switch self {
        case .appendOnly: "append-only (chattr +a)"
        case .immutable: "immutable (chattr +i)"
        }
    }

    /// - Returns: Nil for none, and for a file whose file system knows no such thing.
    package static func of(_ path: String) -> FileProtection? {
        var value = CLinux_protection(path)
        if value < 0 {
            let descriptor = Syscall.open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
            guard descriptor >= 0 else { return nil }
            value = CLinux_protection_of(descriptor)
            _ = Syscall.close(descriptor)  // nothing was written
        }
        switch value {
        case 1: return .appendOnly
        case 2: return .immutable
        default: return nil
        }
    }
}

extension FileSystem {
    /// Why nothing can be made or removed in a directory.
    ///
    /// - Returns: An error that tells it, nil if all is well.
    package static func obstacle(inDirectory path: String) -> RoostError? {
        guard faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0 else { return nil }
        return .system(.pathOpen, unableTo: "write into directory", path, errno: Syscall.errno)
    }
}
