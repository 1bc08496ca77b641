internal import RoostPostgres
internal import RoostSystem

extension Doctor {
    func examineConfiguration() throws -> [Finding] {
        let path = settings.specification.configuration
        guard let status = try FileStatus.of(path, followingLinks: true) else {
            return [.problem("configuration", "there is no '\(path)'", mend: "\(enable) writes it")]
        }
        if let error = settings.configurationError {
            return [
                .problem(
                    "configuration", "'\(path)' cannot be used: \(error.message)", mend: error.hints.first ?? "edit it")
            ]
        }
        if let configured = settings.configuredData, configured != data {
            return [
                .problem(
                    "configuration",
                    "'\(path)' names '\(configured)' as the data directory of \(stanza), not '\(data)'",
                    mend: "correct pg1-path in section [\(stanza)]")
            ]
        }
        if status.mode & 0o004 != 0, try holdsSecrets(path) {
            return [
                .warning("configuration", "everybody can read the secrets in '\(path)'", mend: "chmod 0640 \(path)")
            ]
        }
        return [.fine("configuration", path)]
    }

    /// The command that sets this cluster up; it keeps what the configuration says already.
    private var enable: String {
        let usual = ClusterSpecification(cluster: stanza)
        let path = settings.specification.configuration
        return "roost enable --cluster=\(stanza)" + (path == usual.configuration ? "" : " --config=\(path)")
            + (data == settings.configuredData || data == usual.data ? "" : " --data=\(data)")
    }

    private func holdsSecrets(_ path: String) throws(RoostError) -> Bool {
        let ends = ["cipher-pass", "s3-key", "s3-key-secret", "s3-token", "azure-key", "gcs-key", "passphrase"]
        return String(decoding: try FileSystem.read(path), as: UTF8.self).split(whereSeparator: \.isNewline)
            .contains { line in
                let name = line.prefix { $0 != "=" }.filter { $0 != " " && $0 != "\t" }
                return ends.contains { name.hasSuffix($0) }
            }
    }

    func examineServer(_ control: ServerControl) throws -> Looked<PostgresSession> {
        func down(_ what: String, mend remedy: String) -> Looked<PostgresSession> {
            Looked(findings: [.problem("server", what, mend: remedy)], found: nil)
        }
        guard try FileStatus.of(data, followingLinks: true) != nil else {
            return down("there is no data directory '\(data)'", mend: "name it with --data")
        }
        switch try control.status() {
        case .none:
            return down("no server runs on '\(data)'", mend: startCommand(control))
        case .stale(let process):
            return down(
                "no server runs on '\(data)': process \(process) of its postmaster.pid has been killed",
                mend: startCommand(control))
        case .running(let postmaster):
            let (session, problem) = try connect(postmaster)
            guard let session else {
                return down(
                    "the server of '\(data)' does not answer: \(problem)", mend: "look at the end of its log")
            }
            return Looked(findings: [role(session)], found: session)
        }
    }

    /// - Returns: The session, or nil and why there is none.
    private func connect(
        _ postmaster: Postmaster
    ) throws(RoostError) -> (session: PostgresSession?, problem: String) {
        do {
            return (try PostgresSession(postmaster.session(as: "roost doctor", user: settings.databaseUser)), "")
        } catch let error where error.code == .dbConnect {
            return (nil, error.message)
        }
    }

    private func role(_ session: PostgresSession) -> Finding {
        let role: ServerRole = session.isInRecovery ? .replica : .primary
        let what = "PostgreSQL \(session.version), \(role.rawValue)"
        guard let declared = settings.declaredRole, (declared == .primary) == session.isInRecovery else {
            return .fine("server", what)
        }
        return .warning(
            "server", "\(what), declared as \(declared.rawValue)",
            mend: "switch over, or correct pg_role in the inventory: backups are made on the primary")
    }

    private func startCommand(_ control: ServerControl) -> String {
        // A directory that cannot be looked at is told by other findings.
        func isThere(_ path: String) -> Bool { (try? FileStatus.of(path)) != nil }
        // In the middle of a recovery nobody else is to start it.
        if isThere("\(data).pitr") { return "`roost pitr plan` tells which step is next" }
        // Patroni keeps that file in the data of its servers: started behind its back, this one could be a second primary.
        let isManaged = settings.specification.service == .auto && isThere("\(data)/patroni.dynamic.json")
        return switch isManaged ? .patroni : control.service {
        case .patroni: "systemctl start patroni"
        case .systemd: "systemctl start \(control.unit)"
        case .pgCtl, .auto: "pg_ctl start -D \(data)"
        }
    }

    /// Whether the server is set up to archive into this stanza.
    func examineArchiving(_ session: PostgresSession) throws(RoostError) -> [Finding] {
        let server = session.server
        guard server.archiveMode != "off" else {
            return [
                .problem(
                    "archiving", "archive_mode is off: no WAL is archived", mend: enable)
            ]
        }
        let command = server.archiveCommand
        guard command.contains("archive-push") else {
            return [
                .problem(
                    "archiving", "archive_command is '\(command)', which archives nothing into the repository",
                    mend: enable)
            ]
        }
        if let named = Self.stanza(in: command) {
            guard named == stanza else {
                return [
                    .problem(
                        "archiving", "archive_command sends WAL to the stanza \(named), this is \(stanza)",
                        mend: enable)
                ]
            }
        } else if try !settings.specification.isOnlyStanza() {
            return [
                .problem(
                    "archiving",
                    "archive_command names no stanza, and '\(settings.specification.configuration)' has more than one",
                    mend: enable)
            ]
        }
        return [.fine("archiving", "archive_mode is \(server.archiveMode), archive_command archives into \(stanza)")]
    }

    /// The stanza that an `archive_command` names.
    package static func stanza(in command: String) -> String? {
        ArchiveSettings.option("stanza", in: command)
    }

    /// Whether WAL reaches the archive, and how much waits.
    func examineArchive(_ session: PostgresSession) throws -> [Finding] {
        guard !session.isInRecovery else { return [.fine("archive", "a replica archives nothing")] }
        let state = try session.run(ArchiverState())
        let backlog = try ArchiveBacklog.read(dataDirectory: data) ?? ArchiveBacklog(count: 0)
        let waiting = backlog.oldest.map {
            "\(backlog.count) WAL file(s) wait, the first for \(Self.duration(now - $0))"
        }
        let remedy = "roost --stanza=\(stanza) check tells why"
        if state.fails, let failed = state.lastFailed {
            let since = state.lastArchived.map { "nothing was archived for \(Self.duration(now - $0 / 1000))" }
            let parts = [
                "archiving of \(state.failedFile ?? "WAL") failed \(Self.duration(now - failed / 1000)) ago",
                since ?? "nothing was ever archived", waiting,
            ]
            return [.problem("archive", parts.compactMap(\.self).joined(separator: "; "), mend: remedy)]
        }
        if let oldest = backlog.oldest, let waiting, now - oldest > 15 * 60 {
            return [.problem("archive", waiting, mend: remedy)]
        }
        let last = state.lastArchived.map { "last archived \(Self.duration(now - $0 / 1000)) ago" }
        return [.fine("archive", [last ?? "nothing archived yet", waiting].compactMap(\.self).joined(separator: "; "))]
    }
}
