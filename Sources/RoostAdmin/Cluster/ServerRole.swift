internal import RoostPostgres
internal import RoostSystem

/// What the server of a data directory is at the moment.
package enum ServerRole: String, Sendable {
    case primary, replica, unknown

    /// Asks the server if one runs on the data directory, else looks at what lies in it.
    ///
    /// Only the postmaster of that directory counts, so that other servers of the same user do not matter.
    ///
    /// - Parameter warn: Gets what is odd but does not keep the answer from being given.
    package static func find(dataDirectory: String, warn: (String) -> Void) -> ServerRole {
        do {
            if let postmaster = try Postmaster.running(in: dataDirectory) {
                do {
                    let session = try PostgresSession(postmaster.session(as: "pg-role"))
                    defer { session.close() }
                    return session.isInRecovery ? .replica : .primary
                } catch {
                    warn("the server runs but does not answer: \(error.message)")
                }
            }
            return try ofFiles(in: dataDirectory)
        } catch {
            warn("\(error)")
            return .unknown
        }
    }

    private static func ofFiles(in dataDirectory: String) throws(RoostError) -> ServerRole {
        for signal in ["standby.signal", "recovery.signal"] {
            if try FileStatus.of("\(dataDirectory)/\(signal)") != nil { return .replica }
        }
        guard try FileStatus.of(dataDirectory, followingLinks: true) != nil else { return .unknown }
        return try FileSystem.list(dataDirectory).count > 10 ? .primary : .unknown
    }
}
