package import RoostPostgres
package import RoostSystem

/// What must be true of a server before a backup or a check relies on it.
package enum ServerPreflight {
    /// Connects to the primary of a data directory.
    ///
    /// - Throws: ``ErrorCode/dbConnect`` if it cannot be reached or is a standby, ``ErrorCode/dbMismatch`` if the server that
    ///   answers is another one.
    package static func connect(
        _ settings: PostgresSession.Settings, dataDirectory: String, control: ControlFile
    ) throws(RoostError) -> PostgresSession {
        let session: PostgresSession
        do {
            session = try PostgresSession(settings)
        } catch let error where error.code == .dbConnect {
            throw RoostError(
                .dbConnect, "unable to find primary cluster - cannot proceed\n\(error.message)",
                hints: error.hints + ["are all available clusters in recovery?"])
        }
        guard !session.isInRecovery else {
            throw RoostError(
                .dbConnect,
                "unable to find primary cluster - cannot proceed\nthe server of '\(dataDirectory)' is in recovery",
                hints: ["run this command on the primary"])
        }
        guard session.version == control.version, session.server.dataDirectory == dataDirectory else {
            throw RoostError(
                .dbMismatch,
                "version '\(session.version)' and path '\(session.server.dataDirectory)' queried from cluster do not match "
                    + "version '\(control.version)' and '\(dataDirectory)' read from '\(dataDirectory)/\(ControlFile.relativePath)'",
                hints: ["the pg1-path and pg1-port settings likely reference different clusters"])
        }
        return session
    }

    /// - Throws: ``ErrorCode/archiveDisabled``, ``ErrorCode/featureNotSupported``, ``ErrorCode/archiveCommandInvalid``.
    package static func checkArchiving(_ server: ServerSettings, modeCheck: Bool) throws(RoostError) {
        switch server.archiveMode {
        case "off":
            throw RoostError(
                .archiveDisabled, "archive_mode must be enabled",
                hints: ["set archive_mode = on in postgresql.conf and restart the server"])
        case "always" where modeCheck:
            throw RoostError(
                .featureNotSupported, "archive_mode=always not supported",
                hints: ["a standby that archives too gives duplicates; --no-archive-mode-check accepts that"])
        default: break
        }
        guard ["pgbackrest", "roost"].contains(where: server.archiveCommand.contains) else {
            throw RoostError(
                .archiveCommandInvalid, "archive_command '\(server.archiveCommand)' must contain pgbackrest or roost",
                hints: ["set archive_command = 'roost --stanza=NAME archive-push %p' and reload the server"])
        }
    }
}
