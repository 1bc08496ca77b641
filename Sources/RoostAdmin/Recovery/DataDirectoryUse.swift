package import RoostSystem

/// Whether anybody works on a data directory: what its `postmaster.pid` says, and the processes of this host.
///
/// A process counts if its working directory is the data directory, as that of every process of PostgreSQL is: those that
/// outlive a first process that was killed count too. Servers of other hosts on a shared file system cannot be seen.
package enum DataDirectoryUse: Sendable, Equatable {
    case free
    /// A `postmaster.pid` whose server is gone, with what it tells of the process.
    case stale(String)
    case running(Postmaster)
    /// Processes work there, but `postmaster.pid` does not tell how to reach them.
    case held([Int32])

    /// - Throws: ``ErrorCode/fileOpen`` if `postmaster.pid` may not be read.
    package static func of(_ dataDirectory: String) throws(RoostError) -> DataDirectoryUse {
        let finding = try Postmaster.find(dataDirectory)
        if case .running(let postmaster) = finding { return .running(postmaster) }
        let processes = try processes(in: dataDirectory)
        guard processes.isEmpty else { return .held(processes) }
        if case .stale(let process) = finding { return .stale(process) }
        return .free
    }

    /// The processes of PostgreSQL whose working directory is the data directory.
    private static func processes(in dataDirectory: String) throws(RoostError) -> [Int32] {
        guard let directory = try FileStatus.of(dataDirectory, followingLinks: true) else { return [] }
        var found: [Int32] = []
        for name in try FileSystem.list("/proc") {
            guard let id = Int32(name), isServer(id) else { continue }
            // What cannot be seen is of another user, whose server could not work on files of this one.
            let place = try? FileStatus.of("/proc/\(id)/cwd", followingLinks: true)
            if place?.isSame(as: directory) == true { found.append(id) }
        }
        return found
    }

    private static func isServer(_ id: Int32) -> Bool {
        // A process that ends meanwhile is none.
        guard let bytes = try? FileSystem.read("/proc/\(id)/comm", limit: 256) else { return false }
        return ["postgres\n", "postmaster\n"].contains(String(decoding: bytes, as: UTF8.self))
    }
}
