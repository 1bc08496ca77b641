package import RoostPostgres
package import RoostSystem

/// Whether a server works on a data directory: what its `postmaster.pid` says, checked against the processes of this host.
///
/// A process counts if its working directory is the data directory, as that of every process of PostgreSQL is. Servers of other
/// hosts on a shared file system cannot be seen.
package enum DataDirectoryUse: Sendable, Equatable {
    /// What a running server tells of itself in `postmaster.pid`.
    package struct Server: Sendable, Equatable {
        package var process: Int32
        package var port: UInt16
        /// The directory of its socket, else an address.
        package var host: String
        /// `ready`, `standby`, `starting`, `stopping`; empty before PostgreSQL 10.
        package var state: String
    }

    case free
    /// A `postmaster.pid` that a server has left behind which is gone; its number, if it tells one.
    case stale(Int32?)
    case running(Server)
    /// Processes work there, but `postmaster.pid` does not tell how to reach them.
    case held([Int32])

    /// - Throws: ``ErrorCode/fileOpen`` if `postmaster.pid` may not be read.
    package static func of(_ dataDirectory: String) throws(RoostError) -> DataDirectoryUse {
        let path = "\(dataDirectory)/postmaster.pid"
        let processes = try processes(in: dataDirectory)
        guard try FileStatus.of(path) != nil else { return processes.isEmpty ? .free : .held(processes) }
        let text = String(decoding: try FileSystem.read(path, limit: 64 << 10), as: UTF8.self)
        guard let server = parse(text) else {
            // A server that is only just starting has written a part of it.
            return processes.isEmpty ? .stale(firstNumber(text)) : .held(processes)
        }
        if processes.contains(server.process) { return .running(server) }
        return processes.isEmpty ? .stale(server.process) : .held(processes)
    }

    /// The lines: process, data directory, start, port, directory of the socket, address, shared memory, state.
    package static func parse(_ text: String) -> Server? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let process = Int32(lines[0]), let port = UInt16(lines[3]) else { return nil }
        let address = lines.count > 5 && !lines[5].isEmpty && lines[5] != "*" ? String(lines[5]) : "localhost"
        let state = lines.count > 7 ? String(lines[7].prefix { $0 != " " }) : ""
        return Server(
            process: process, port: port, host: lines[4].isEmpty ? address : String(lines[4]), state: state)
    }

    private static func firstNumber(_ text: String) -> Int32? { Int32(text.prefix { $0.isNumber }) }

    /// The processes of PostgreSQL whose working directory is the data directory.
    private static func processes(in dataDirectory: String) throws(RoostError) -> [Int32] {
        guard let directory = try FileStatus.of(dataDirectory, followingLinks: true) else { return [] }
        var found: [Int32] = []
        for name in try FileSystem.list("/proc") {
            guard let id = Int32(name), isServer(id) else { continue }
            do {
                let place = try FileStatus.of("/proc/\(id)/cwd", followingLinks: true)
                if place?.isSame(as: directory) == true { found.append(id) }
            } catch let error where error.errno != 0 {
                continue  // of another user, whose server could not work on files of this one
            }
        }
        return found
    }

    private static func isServer(_ id: Int32) -> Bool {
        // A process that ends meanwhile is none.
        guard let bytes = try? FileSystem.read("/proc/\(id)/comm", limit: 256) else { return false }
        return ["postgres\n", "postmaster\n"].contains(String(decoding: bytes, as: UTF8.self))
    }
}

extension DataDirectoryUse.Server {
    /// How to reach it; as the user of the environment.
    package func session(_ applicationName: String) -> PostgresSession.Settings {
        var settings = PostgresSession.Settings(applicationName: applicationName)
        settings.host = host
        settings.port = port
        settings.user = CurrentProcess.environment("PGUSER")
        settings.connectTimeout = 10_000
        return settings
    }
}
