internal import RoostPostgres
internal import RoostSystem

/// What the server of a data directory is at the moment.
package enum ServerRole: String, Sendable {
    case primary, replica, unknown

    /// Asks the server if one runs on the data directory, else looks at what lies in it.
    ///
    /// Only the postmaster of that directory counts, so that other servers of the same user do not matter.
    ///
    /// - Parameters:
    ///   - port: Where the server is asked if the directory cannot be looked into.
    ///   - warn: Gets what is odd but does not keep the answer from being given.
    package static func find(dataDirectory: String, port: UInt16? = nil, warn: (String) -> Void) -> ServerRole {
        do {
            guard let postmaster = try Postmaster.running(in: dataDirectory) else {
                return try ofFiles(in: dataDirectory)
            }
            if let port, port != postmaster.port {
                warn("the server of '\(dataDirectory)' listens on port \(postmaster.port), not on \(port)")
            }
            return try ask(postmaster, warn) ?? ofFiles(in: dataDirectory)
        } catch {
            warn("\(error)")
            guard let port else { return .unknown }
            var settings = PostgresSession.Settings(port: port, applicationName: "pg-role")
            settings.connectTimeout = 10_000
            return ask(settings, warn) ?? .unknown
        }
    }

    /// Of a server that does not answer, the word in `postmaster.pid` counts: it is the server's own.
    private static func ask(_ postmaster: Postmaster, _ warn: (String) -> Void) -> ServerRole? {
        if let role = ask(postmaster.session(as: "pg-role"), warn) { return role }
        switch postmaster.state {
        case "ready": return .primary
        case "standby": return .replica
        default: return nil
        }
    }

    private static func ask(_ settings: PostgresSession.Settings, _ warn: (String) -> Void) -> ServerRole? {
        do {
            let session = try PostgresSession(settings)
            defer { session.close() }
            return session.isInRecovery ? .replica : .primary
        } catch {
            warn("the server runs but does not answer: \(error.message)")
            return nil
        }
    }

    private static func ofFiles(in dataDirectory: String) throws(RoostError) -> ServerRole {
        // PostgreSQL 11 and before know the last, and give it another name when recovery is over.
        for signal in ["standby.signal", "recovery.signal", "recovery.conf"] {
            if try FileStatus.of("\(dataDirectory)/\(signal)") != nil { return .replica }
        }
        guard try FileStatus.of(dataDirectory, followingLinks: true) != nil else { return .unknown }
        return try FileSystem.list(dataDirectory).count > 10 ? .primary : .unknown
    }
}
