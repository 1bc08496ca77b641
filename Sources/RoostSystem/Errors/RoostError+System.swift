internal import Glibc

extension RoostError {
    /// A system call failed on an object.
    ///
    /// - Parameters:
    ///   - code: What the failure means to the caller; `ENOENT` on an open becomes ``ErrorCode/fileMissing`` instead.
    ///   - action: What was attempted: `open file`.
    ///   - path: The object.
    package static func system(_ code: ErrorCode, unableTo action: String, _ path: String, errno: Int32) -> RoostError {
        var hints: [String] = []
        switch errno {
        case EACCES, EPERM: hints.append("is the command running as the user that owns the object?")
        case ENOSPC, EDQUOT:
            hints.append("free space (or raise the quota) on that file system and run the command again")
        case EROFS: hints.append("the file system is mounted read-only")
        default: break
        }
        return RoostError(
            code, "unable to \(action) '\(path)': [\(errno)] \(errorText(errno))", hints: hints, errno: errno)
    }

    /// An object that must exist does not.
    package static func missing(_ path: String, for action: String = "read") -> RoostError {
        RoostError(.fileMissing, "unable to open missing file '\(path)' for \(action)", errno: ENOENT)
    }
}

/// The C library's words for an error number.
package func errorText(_ errno: Int32) -> String {
    guard let text = strerror(errno) else { return "error \(errno)" }
    return String(cString: text)
}
