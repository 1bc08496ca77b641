package import RoostPostgres
package import RoostSystem

/// The running server of a data directory, as its `postmaster.pid` tells.
package struct Postmaster: Sendable, Equatable {
    /// What lies in a data directory.
    package enum Finding: Sendable, Equatable {
        case none
        case running(Postmaster)
        /// A file that a server left behind which was killed, with what it tells of the process.
        case stale(String)
    }

    package var id: Int32
    package var dataDirectory: String
    package var port: UInt16
    /// Nil for a server that only listens on TCP.
    package var socketDirectory: String?
    /// `ready`, `standby`, `starting`, `stopping`; empty while the server begins.
    package var state: String

    /// Looks at a data directory.
    ///
    /// A process of that number counts only if it is of the directory's owner and, where that can be seen, works in the directory:
    /// numbers are used again.
    ///
    /// - Throws: What keeps the file from being read.
    package static func find(_ dataDirectory: String) throws(RoostError) -> Finding {
        let path = "\(dataDirectory)/postmaster.pid"
        guard let text = try content(of: path) else { return .none }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0.reversed().drop { $0 == " " }.reversed())
        }
        // A single-user server, which tells its number negative, holds the directory as much.
        guard let number = Int32(lines[0]), number != 0 else { return .stale(lines[0]) }
        let id = abs(number)
        guard try isAlive(id, in: dataDirectory) else { return .stale(lines[0]) }
        func line(_ index: Int) -> String { index < lines.count ? lines[index] : "" }
        return .running(
            Postmaster(
                id: id, dataDirectory: dataDirectory, port: UInt16(line(3)) ?? 5432,
                socketDirectory: line(4).isEmpty ? nil : line(4), state: line(7)))
    }

    private static func content(of path: String) throws(RoostError) -> String? {
        do {
            return String(decoding: try FileSystem.read(path, limit: 1 << 16), as: UTF8.self)
        } catch {
            if error.code == .fileMissing { return nil }
            throw error
        }
    }

    /// The running server of a data directory, nil if there is none.
    package static func running(in dataDirectory: String) throws(RoostError) -> Postmaster? {
        guard case .running(let postmaster) = try find(dataDirectory) else { return nil }
        return postmaster
    }

    private static func isAlive(_ id: Int32, in dataDirectory: String) throws(RoostError) -> Bool {
        guard let process = try FileStatus.of("/proc/\(id)"),
            let directory = try FileStatus.of(dataDirectory, followingLinks: true), process.owner == directory.owner
        else { return false }
        do {
            return try FileStatus.of("/proc/\(id)/cwd", followingLinks: true)?.isSame(as: directory) ?? false
        } catch {
            return true  // another user's, so that only its existence can be told
        }
    }

    /// How to reach the server.
    package func session(as name: String, user: String? = nil) -> PostgresSession.Settings {
        var settings = PostgresSession.Settings(applicationName: name)
        settings.user = user
        settings.port = port
        settings.host = socketDirectory ?? "localhost"
        settings.connectTimeout = 10_000
        settings.queryTimeout = 60_000
        return settings
    }

    /// Where the server's standard error leads, if that is a file: so that a restart can lead there again.
    package var errorLog: String? {
        // A server of another user does not show it.
        guard let path = try? FileSystem.linkDestination("/proc/\(id)/fd/2"), path.hasPrefix("/"),
            !path.hasPrefix("/dev/"), !path.hasSuffix(" (deleted)")
        else { return nil }
        return path
    }
}
