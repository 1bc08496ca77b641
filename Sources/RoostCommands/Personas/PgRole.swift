internal import RoostEngine
internal import RoostPostgres
internal import RoostSystem

/// `pg-role`: prints `primary`, `replica` or `unknown` for the cluster of this host; always exit 0.
///
/// Answered by the server if one runs on the data directory, else by what lies in it. Only the postmaster of that directory
/// counts, so that other servers of the same user do not matter.
struct PgRole {
    enum Role: String, Sendable { case primary, replica, unknown }

    private let dataDirectory: String

    /// - Parameter dataDirectory: Nil for `PGDATA`, else `/pg/data`.
    init(dataDirectory: String? = nil) {
        self.dataDirectory = dataDirectory ?? CurrentProcess.environment("PGDATA") ?? "/pg/data"
    }

    func run() -> Int32 {
        StandardOutput.write("\(role.rawValue)\n")
        return 0
    }

    var role: Role {
        do {
            return try find()
        } catch {
            StandardOutput.writeError("[WARN] \(RoostError.wrapping(error))\n")
            return .unknown
        }
    }

    private func find() throws(RoostError) -> Role {
        if let postmaster = try Postmaster(dataDirectory: dataDirectory) {
            do {
                let session = try PostgresSession(postmaster.settings)
                defer { session.close() }
                return session.isInRecovery ? .replica : .primary
            } catch {
                StandardOutput.writeError("[WARN] the server runs but does not answer: \(error.message)\n")
            }
        }
        for signal in ["standby.signal", "recovery.signal"] {
            if try FileStatus.of("\(dataDirectory)/\(signal)") != nil { return .replica }
        }
        guard try FileStatus.of(dataDirectory, followingLinks: true) != nil else { return .unknown }
        return try FileSystem.list(dataDirectory).count > 10 ? .primary : .unknown
    }
}

/// The running server of a data directory, from `postmaster.pid`: process, data directory, start, port, socket directory.
struct Postmaster {
    let settings: PostgresSession.Settings

    /// - Returns: Nil if no server runs there.
    init?(dataDirectory: String) throws(RoostError) {
        let path = "\(dataDirectory)/postmaster.pid"
        guard try FileStatus.of(path) != nil else { return nil }
        let lines = String(decoding: try FileSystem.read(path), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let id = Int32(lines[0]), let port = UInt16(lines[3]) else { return nil }
        guard try FileStatus.of("/proc/\(id)") != nil else { return nil }
        var settings = PostgresSession.Settings(applicationName: "pg-role")
        settings.port = port
        settings.host = lines[4].isEmpty ? "localhost" : String(lines[4])
        settings.connectTimeout = 10_000
        settings.queryTimeout = 10_000
        self.settings = settings
    }
}
