internal import CLinux
internal import Glibc

/// Names of users and groups, looked up once each.
package struct AccountNames {
    private var users: [UInt32: String?] = [:]
    private var groups: [UInt32: String?] = [:]

    package init() {}

    /// The name of a user id; nil if the host knows none.
    package mutating func user(_ id: UInt32) -> String? {
        if let known = users[id] { return known }
        let name = getpwuid(id).map { String(cString: $0.pointee.pw_name) }
        users[id] = .some(name)
        return name
    }

    /// The name of a group id; nil if the host knows none.
    package mutating func group(_ id: UInt32) -> String? {
        if let known = groups[id] { return known }
        let name = getgrgid(id).map { String(cString: $0.pointee.gr_name) }
        groups[id] = .some(name)
        return name
    }

    /// The id of a user name.
    package static func userID(_ name: String) -> UInt32? { getpwnam(name)?.pointee.pw_uid }

    /// The id of a group name.
    package static func groupID(_ name: String) -> UInt32? { getgrnam(name)?.pointee.gr_gid }
}

/// The process that runs.
package enum CurrentProcess {
    package static var id: Int32 { getpid() }
    package static var effectiveUser: UInt32 { geteuid() }
    package static var effectiveGroup: UInt32 { getegid() }
    package static var isRoot: Bool { geteuid() == 0 }

    /// The working directory with all links resolved.
    package static func workingDirectory() throws(RoostError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else {
            throw .system(.pathOpen, unableTo: "get the", "current directory", errno: Syscall.errno)
        }
        return buffer.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Changes the working directory.
    package static func changeDirectory(_ path: String) throws(RoostError) {
        guard chdir(path) == 0 else {
            throw .system(.pathMissing, unableTo: "change to directory", path, errno: Syscall.errno)
        }
    }

    /// The variable by which a process tells one that works for it only who it is.
    package static let ownerVariable = "ROOST_WORKS_FOR"

    /// Has this process asked to end (TERM) when the one that it works for is gone, even killed.
    ///
    /// So that a successor can begin at once. It counts as gone when the thread that started this has ended.
    /// Does nothing for a process that was not started so, or by another one since.
    package static func endWithOwner() {
        guard let owner = environment(ownerVariable).flatMap({ Int32($0) }), owner == getppid() else { return }
        // Where the kernel does not do this, work goes on to its end.
        _ = CLinux_signal_at_end_of_parent(SIGTERM)
        if getppid() != owner { raise(SIGTERM) }
    }

    /// Sets the file mode creation mask.
    package static func setUmask(_ mask: UInt16) { _ = umask(mode_t(mask)) }

    /// Asks another process to end.
    ///
    /// - Returns: False if there is no such process.
    package static func terminate(_ id: Int32) -> Bool { kill(id, SIGTERM) == 0 }

    /// The value of an environment variable.
    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// All environment variables as `NAME=value`.
    package static func environment() -> [String] {
        var variables: [String] = []
        while let entry = CLinux_environment(variables.count) { variables.append(String(cString: entry)) }
        return variables
    }

    /// Sets the scheduling priority, -20 to 19.
    package static func setPriority(_ value: Int) throws(RoostError) {
        guard setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(value)) == 0 else {
            throw .system(.kernel, unableTo: "set priority \(value) of", "process", errno: Syscall.errno)
        }
    }
}

extension CurrentProcess {
    /// The group ids of the process, the effective one included.
    package static var groups: [UInt32] {
        var ids = [gid_t](repeating: 0, count: 256)
        let count = getgroups(Int32(ids.count), &ids)
        return [getegid()] + ids.prefix(Int(max(count, 0)))
    }
}

extension CurrentProcess {
    /// Tells this start of the machine from every other.
    package static func bootID() throws(RoostError) -> String {
        let bytes = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 256)
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}

extension CurrentProcess {
    /// Takes the arguments out of what process lists show, for a command line that may hold a secret; the name stays.
    package static func hideArguments() { CLinux_hide_arguments(Int32(CommandLine.argc)) }
}
