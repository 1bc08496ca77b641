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

    /// What runs the source's jobs here too, since the recovery ended.
    func warnOfJobs(_ report: inout AdminReport) throws {
        let session = try connect()
        defer { session.close() }
        guard try session.run(CurrentSetting("shared_preload_libraries")).contains("pg_cron") else { return }
        report.ok(
            "jobs",
            "WARNING: pg_cron runs the source's jobs here too: look at cron.job in its database, cron.unschedule(jobid) ends one"
        )
    }

    private func archiving() throws(RoostError) -> ArchiveSwitch {
        ArchiveSwitch(
            specification: specification, control: control,
            settings: .archiving(
                specification, isOnlyStanza: try specification.isOnlyStanza(), program: try OwnProgram.forArchiving()))
    }

    /// Whether it archives into its own stanza already.
    func isArchiving() throws -> Bool {
        let session = try connect()
        defer { session.close() }
        return try archiving().plan(session) == nil
    }

    /// Has the server archive into its own stanza; restarts it if that is needed.
    func archive(_ report: inout AdminReport) throws {
        let archiving = try archiving()
        let session = try connect()
        defer { session.close() }
        try resetSettings(session)
        switch try archiving.run(session) {
        case .asWanted: report.ok("archiving", "into stanza '\(specification.cluster)'")
        case .changed(let plan): report.changed("archiving", plan)
        case .changedPendingRestart(let plan):
            report.changed("archiving", plan)
            guard specification.restart == .auto else {
                throw AdminRefusal(
                    .role,
                    "archiving is set up but begins with the next start of '\(specification.data)': restart pending",
                    hints: ["restart it and run this again; 'restart': auto does it"])
            }
            session.close()
            try archiving.restart()
            report.changed("restart", "restarted the server, which archive_mode needs")
        }
    }

    /// What was written into `postgresql.auto.conf` for the time of the recovery; where Patroni decides, its name and port too.
    private func resetSettings(_ session: PostgresSession) throws {
        var names = control.service == .patroni ? ["port", "cluster_name"] : []
        if session.version.hasSubscriptions { names.append("max_logical_replication_workers") }
        for name in names { try session.run(AlterSystem(name, nil)) }
    }
}
