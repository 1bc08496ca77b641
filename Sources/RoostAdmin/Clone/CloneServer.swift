internal import RoostPostgres
internal import RoostSystem

/// The running server of a clone, on its way to be a cluster of its own.
struct CloneServer {
    let specification: ClusterSpecification
    private let control: ServerControl

    init(_ specification: ClusterSpecification) throws {
        self.specification = specification
        control = try ServerControl(specification)
    }

    /// - Throws: ``AdminRefusal/Reason/role`` unless a server runs there that has ended its recovery.
    func checkRecovered() throws {
        let place = try PitrPlace(specification.data)
        if let state = try place.load(), state.phase != .up {
            throw AdminRefusal(
                .role, "the recovery of '\(specification.data)' stands at '\(state.phase.rawValue)'",
                hints: ["`roost pitr promote` and `roost pitr up` come first"])
        }
        let session = try connect()
        defer { session.close() }
        guard !session.isInRecovery else {
            throw AdminRefusal(
                .role, "the server of '\(specification.data)' is in recovery",
                hints: ["`roost pitr promote` and `roost pitr up` come first"])
        }
    }

    private func connect(database: String = "postgres") throws -> PostgresSession {
        guard let postmaster = try control.postmaster() else {
            throw AdminRefusal(.role, "no server runs on '\(specification.data)'", hints: ["start it"])
        }
        var settings = postmaster.session(as: "roost clone", user: specification.account)
        settings.database = database
        return try PostgresSession(settings)
    }

    /// Subscriptions would go on in the place of the source's, and take its changes away.
    func disableSubscriptions(_ report: inout AdminReport) throws {
        let session = try connect()
        defer { session.close() }
        guard session.version.hasSubscriptions else { return }
        let found = try session.run(Subscriptions())
        for subscription in found where subscription.isEnabled {
            let own = try connect(database: subscription.database)
            defer { own.close() }
            try own.run(DisableSubscription(subscription.name))
            report.changed("subscription", "disabled '\(subscription.name)' in database '\(subscription.database)'")
        }
        if found.isEmpty { report.ok("subscription", "there is none") }
    }

    /// Has the server archive into its own stanza; restarts it if that is needed.
    func archive(_ report: inout AdminReport) throws {
        let command = try Self.archiveCommand(specification)
        if control.service == .patroni, let patroni = specification.patroni {
            try resetPlaces()
            try PatroniControl(patroni).set(["archive_mode": "on", "archive_command": command])
        } else {
            let session = try connect()
            defer { session.close() }
            let isOn = try session.run(CurrentSetting("archive_mode")) != "off"
            guard try !isOn || session.run(CurrentSetting("archive_command")) != command else {
                return report.ok("archiving", command)
            }
            try session.run(AlterSystem("archive_mode", "on"))
            try session.run(AlterSystem("archive_command", command))
            try resetWorkers(session)
        }
        guard specification.restart == .auto else {
            throw AdminRefusal(
                .role, "archiving is set up but begins with the next start of '\(specification.data)': restart pending",
                hints: ["restart it and run this again; 'restart': auto does it"])
        }
        try control.restart()
        report.changed("archiving", command)
    }

    /// What was written into `postgresql.auto.conf` for the time of the recovery, where Patroni decides from now on.
    private func resetPlaces() throws {
        let session = try connect()
        defer { session.close() }
        for name in ["archive_mode", "archive_command", "port", "cluster_name"] {
            try session.run(AlterSystem(name, nil))
        }
        try resetWorkers(session)
    }

    private func resetWorkers(_ session: PostgresSession) throws(RoostError) {
        guard session.version.hasSubscriptions else { return }
        try session.run(AlterSystem("max_logical_replication_workers", nil))
    }

    /// The words `pgbackrest` in it are what stock's `check` looks for; the usual configuration's path has them.
    static func archiveCommand(_ specification: ClusterSpecification) throws(RoostError) -> String {
        let program = try FileSystem.linkDestination("/proc/self/exe")
        return "\(program) --config=\(specification.configuration) --stanza=\(specification.cluster) archive-push %p"
    }
}
