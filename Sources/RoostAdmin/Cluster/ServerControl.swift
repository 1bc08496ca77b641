package import RoostSystem

/// Starts, stops, restarts and reloads the server of one data directory, through whoever manages it.
///
/// All block until the server is as wanted, or say why it is not.
package struct ServerControl: Sendable {
    package enum StopMode: String, Sendable { case smart, fast, immediate }

    /// Who manages the server; `auto` is decided by then.
    package let service: ClusterSpecification.Service
    /// The unit of systemd, where that manages the server.
    package let unit: String
    private let specification: ClusterSpecification
    private let programs: ServerPrograms
    /// For the server to be ready or gone, in seconds.
    package var timeout = 600

    /// - Throws: ``AdminRefusal/Reason/configuration`` if Patroni is to manage the server and is not described.
    package init(_ specification: ClusterSpecification) throws(AdminRefusal) {
        self.specification = specification
        programs = ServerPrograms(specification)
        let isOpen = specification.service == .auto && specification.patroni == nil
        let found = isOpen ? Self.unit(of: specification) : nil
        unit = found ?? specification.unit
        switch specification.service {
        case .auto where specification.patroni != nil: service = .patroni
        case .auto: service = found == nil ? .pgCtl : .systemd
        case let told: service = told
        }
        guard service != .patroni || specification.patroni != nil else {
            throw AdminRefusal(
                .configuration, "Patroni is to manage the server, and 'patroni' is missing in the specification",
                hints: ["it looks like \"patroni\": {\"config\": \"/etc/patroni/patroni.yml\", \"scope\": \"pg-meta\"}"]
            )
        }
    }

    /// What `postmaster.pid` tells, whoever manages the server.
    package func status() throws(RoostError) -> Postmaster.Finding { try Postmaster.find(specification.data) }

    /// The running server, nil if none runs.
    package func postmaster() throws(RoostError) -> Postmaster? { try Postmaster.running(in: specification.data) }

    /// Starts the server and waits until it takes connections.
    ///
    /// - Parameter log: Where `pg_ctl` leads the server's first messages; nil for `postgresql.log` in the log directory.
    /// - Throws: ``AdminRefusal``, and ``ErrorCode/execute`` with the end of the log.
    package func start(log: String? = nil) throws {
        switch service {
        case .patroni: throw managed("start")
        case .systemd:
            try SystemService.perform(.start, unit)
            guard try postmaster() != nil else {
                throw RoostError(
                    .service, "the service '\(unit)' was started, and no server runs on '\(specification.data)'",
                    hints: ["is the unit that of another data directory? --service=pg_ctl does without it"])
            }
        case .pgCtl, .auto:
            try refuseUndescribedPatroni()
            let log = log ?? "\(specification.log)/postgresql.log"
            try pgControl("start", ["-l", log], log: log)
        }
    }

    /// Stops the server and waits until it is gone; one that does not run is as wanted.
    package func stop(_ mode: StopMode = .fast) throws {
        guard try postmaster() != nil else { return }
        switch service {
        case .patroni: throw managed("stop")
        case .systemd: try SystemService.perform(.stop, unit)
        case .pgCtl, .auto:
            try refuseUndescribedPatroni()
            try pgControl("stop", ["-m", mode.rawValue])
        }
    }

    /// Stops the server and starts it with the options of its last start; Patroni does this by itself.
    package func restart() throws {
        switch service {
        case .patroni:
            guard let patroni = specification.patroni else { preconditionFailure("checked when this was made") }
            try PatroniControl(patroni).restart(member: patroni.member)
        case .systemd: try SystemService.perform(.restart, unit)
        case .pgCtl, .auto:
            try refuseUndescribedPatroni()
            let log = try postmaster()?.errorLog ?? "\(specification.log)/postgresql.log"
            try pgControl("restart", ["-m", "fast", "-l", log], log: log)
        }
    }

    /// Has the server read its configuration files again; it does so soon after, not before this returns.
    package func reload() throws {
        guard try postmaster() != nil else { return }
        try pgControl("reload", [], waits: false)
    }

    private func pgControl(_ action: String, _ arguments: [String], log: String? = nil, waits: Bool = true) throws {
        try requireOwner()
        let wait = waits ? ["-w", "-t", String(timeout)] : []
        var program = ChildProgram(
            try programs.find("pg_ctl"), [action, "-s", "-D", specification.data] + wait + arguments)
        program.output = .discarded
        // Half a restart is a server that is down.
        program.isUninterrupted = action == "restart"
        // A server without -l would keep our pipe as its log.
        if log != nil { program.errors = .captured }
        let result = try program.run()
        guard result.succeeded else {
            var failure = result.failure("unable to \(action) the server of '\(specification.data)'")
            if let log { failure.hints.append("the end of '\(log)':\n\(Self.tail(log))") }
            throw failure
        }
    }

    /// Servers refuse root, and what root starts by another way would leave files that are root's.
    package func requireOwner() throws {
        guard let owner = try FileStatus.of(specification.data, followingLinks: true)?.owner,
            owner != CurrentProcess.effectiveUser
        else { return }
        var names = AccountNames()
        throw AdminRefusal(
            .user, "run this as dbsu: '\(specification.data)' belongs to \(names.user(owner) ?? "user \(owner)")")
    }

    /// Behind its back, Patroni would start the server again, or have another member take over.
    ///
    /// - Throws: ``AdminRefusal/Reason/configuration`` if Patroni watches over the server and nobody has said so.
    package func refuseUndescribedPatroni() throws {
        guard specification.service == .auto, specification.patroni == nil,
            let found = try PatroniProcess.find(dataDirectory: specification.data), found.isCertain
        else { return }
        throw AdminRefusal(
            .configuration, "Patroni (process \(found.process)) manages the server of '\(specification.data)'",
            hints: [
                "tell it: --spec with \"patroni\": {\"config\": \"\(found.configuration)\", \"scope\": \"\(specification.cluster)\"}",
                "or stop Patroni on this host, and say --service=pg_ctl",
            ])
    }

    private func managed(_ action: String) -> AdminRefusal {
        AdminRefusal(
            .configuration, "unable to \(action) the server of '\(specification.data)': Patroni manages it",
            hints: ["stop Patroni on this host, and say --service=pg_ctl"])
    }

    /// The unit of systemd that runs the server, or would start one that does not run.
    ///
    /// A server that somebody started by hand is not systemd's, which would start a second one beside it.
    private static func unit(of specification: ClusterSpecification) -> String? {
        guard SystemService.isThere else { return nil }
        // A directory that cannot be looked at tells why when something is done with it.
        if let postmaster = try? Postmaster.running(in: specification.data) {
            return SystemService.unit(ofProcess: postmaster.id) { $0.hasPrefix("postgres") || $0 == specification.unit }
        }
        return SystemService.knows(specification.unit) ? specification.unit : nil
    }

    /// The last lines of a log, for a message.
    package static func tail(_ path: String, lines: Int = 10) -> String {
        // The message that this completes is on its way anyhow.
        guard let bytes = try? FileSystem.read(path) else { return "(cannot be read)" }
        let all = String(decoding: bytes.suffix(64 << 10), as: UTF8.self).split(whereSeparator: \.isNewline)
        return all.suffix(lines).joined(separator: "\n")
    }
}
