internal import RoostEngine
internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// `roost enable`: has a member of a cluster back itself up.
///
/// Each step looks first, so that a second run changes nothing.
///
/// The order is that nothing is half enabled when a step fails: configuration, then a stanza that is of this cluster, then archiving into
/// it, then the proof that WAL arrives, then a backup.
package struct Enabling {
    package enum Phase: String, Sendable, CaseIterable {
        /// Directories.
        case dir
        case config
        /// Stop file, spool, stanza, archive settings, check.
        case initialize = "init"
        case backup
    }

    let specification: ClusterSpecification
    let engine: any StanzaEngine
    let control: ServerControl
    /// What the server is to archive with.
    let program: String
    let processors: Int
    let isDryRun: Bool

    /// - Throws: ``AdminRefusal``.
    package init(
        _ specification: ClusterSpecification, engine: any StanzaEngine, program: String, processors: Int,
        isDryRun: Bool
    ) throws(AdminRefusal) {
        self.specification = specification
        self.engine = engine
        control = try ServerControl(specification)
        self.program = program
        self.processors = processors
        self.isDryRun = isDryRun
    }

    /// Runs phases in their order and adds a step for each thing that was looked at.
    package func run(_ phases: Set<Phase>, _ report: inout AdminReport) {
        report.facts["stanza"] = .string(specification.cluster)
        guard specification.enabled || specification.requested else {
            return report.skipped("enabled", "backups are not wanted: pgbackrest_enabled is false")
        }
        if !specification.enabled {
            report.ok("enabled", "enabled as asked for; WARNING: the inventory still says pgbackrest_enabled: false")
        }
        guard report.perform("user", { _ in try requireUser() }) else { return }
        // First of all, since the engine would notice at the first backup only.
        let writes = phases.contains(.dir) || phases.contains(.config)
        guard !writes || report.perform("configuration", { _ in try validate() }) else { return }
        if phases.contains(.dir), !report.perform("directories", { try makeDirectories(&$0) }) { return }
        if phases.contains(.config), !report.perform("configuration", { try writeConfiguration(&$0) }) { return }
        var isPending = false
        if phases.contains(.initialize) {
            guard let pending = initialize(&report) else { return }
            isPending = pending
        }
        guard phases.contains(.backup), !isPending || isDryRun else {
            if isPending { failPendingRestart(&report) }
            return
        }
        _ = report.perform("backup") { try makeInitialBackup(&$0) }
    }

    /// - Returns: Whether a restart is pending that is not allowed; nil after a failure.
    private func initialize(_ report: inout AdminReport) -> Bool? {
        guard report.perform("stop-file", { try clearStopFile(&$0) }) else { return nil }
        let stanza = StanzaSetup(self)
        guard stanza.isWanted else {
            // A server must not archive into what does not exist: its WAL would pile up.
            guard report.perform("stanza", { try stanza.expect(&$0) }) else { return nil }
            return report.steps.last?.status == .ok ? switchArchiving(&report) : false
        }
        guard stanza.run(&report) else { return nil }
        guard let isPending = switchArchiving(&report), !report.hasFailed else { return nil }
        guard !isPending else { return true }
        return report.perform("check") { try check(&$0) } ? false : nil
    }

    private func switchArchiving(_ report: inout AdminReport) -> Bool? {
        var isPending = false
        let isDone = report.perform("archiving") { isPending = try setArchiving(&$0) }
        return isDone ? isPending : nil
    }

    // MARK: Steps

    private func requireUser() throws {
        if try FileStatus.of(specification.data, followingLinks: true) != nil {
            try control.requireOwner()
            return try control.refuseUndescribedPatroni()
        }
        var names = AccountNames()
        guard names.user(CurrentProcess.effectiveUser) != specification.account else { return }
        throw AdminRefusal(.user, "run this as dbsu: '\(specification.account)'")
    }

    private func clearStopFile(_ report: inout AdminReport) throws {
        guard let configured = try configuredOrPlanned() else {
            return report.skipped("stop-file", "there is no configuration yet that tells where it would be")
        }
        guard try configured.stopFile.exists(stanza: specification.cluster) else {
            return report.ok("stop-file", "commands are allowed")
        }
        if !isDryRun { try engine.run("start") }
        report.changed("stop-file", "removed the stop file of stanza '\(specification.cluster)'")
    }

    /// What the configuration tells; nil in a dry run that would have written it first.
    func configuredOrPlanned() throws -> ConfiguredEngine? {
        if isDryRun, try FileStatus.of(specification.configuration, followingLinks: true) == nil { return nil }
        return try engine.configured()
    }

    /// - Returns: Whether a restart is pending that is not allowed.
    private func setArchiving(_ report: inout AdminReport) throws -> Bool {
        guard let postmaster = try control.postmaster() else {
            guard !isDryRun else {
                report.skipped("archiving", "no server runs in '\(specification.data)'")
                return false
            }
            throw RoostError(
                .dbConnect, "no server runs in '\(specification.data)'", hints: ["start it, then run this again"])
        }
        let archiving = ArchiveSwitch(
            specification: specification, control: control,
            settings: .archiving(
                specification, isOnlyStanza: try specification.isOnlyStanza(), program: program))
        let session = try PostgresSession(postmaster.session(as: "roost enable"))
        defer { session.close() }
        if isDryRun {
            if let plan = try archiving.plan(session) {
                report.changed("archiving", plan)
            } else {
                report.ok("archiving", "the server archives into stanza '\(specification.cluster)'")
            }
            return false
        }
        let state = try archiving.state(session)
        // The primary notes since when WAL is missing; Patroni would have it archive again without that.
        let isUntold = state == .parked || state == .elsewhere
        if isUntold, session.isInRecovery, control.service == .patroni {
            report.skipped("archiving", "Patroni's settings are those of all members: run this on the primary first")
            return false
        }
        if state != .archiving, !session.isInRecovery { try noteGap() }
        switch try archiving.run(session) {
        case .asWanted: report.ok("archiving", "the server archives into stanza '\(specification.cluster)'")
        case .changed(let plan): report.changed("archiving", plan)
        case .changedPendingRestart(let plan):
            report.changed("archiving", plan)
            guard specification.restart == .auto else { return true }
            session.close()
            try restart(archiving, &report)
        }
        return false
    }

    private func restart(_ archiving: ArchiveSwitch, _ report: inout AdminReport) throws {
        try archiving.restart()
        guard let postmaster = try control.postmaster() else {
            throw RoostError(.dbConnect, "no server runs in '\(specification.data)' after its restart")
        }
        let session = try PostgresSession(postmaster.session(as: "roost enable"))
        defer { session.close() }
        if let plan = try archiving.plan(session) {
            throw RoostError(.config, "the server was restarted and still wants \(plan)")
        }
        report.changed("restart", "restarted the server, which archive_mode needs")
    }

    private func failPendingRestart(_ report: inout AdminReport) {
        report.failed(
            "restart",
            RoostError(
                .archiveDisabled,
                "restart pending: archive_mode = on holds only after a restart of the server, which is not allowed here",
                hints: ["restart the server (replicas first, the primary last), then run this again"]))
    }

    private func check(_ report: inout AdminReport) throws {
        guard !isDryRun else { return report.skipped("check", "a dry run archives nothing") }
        guard ServerRole.find(dataDirectory: specification.data, warn: { _ in }) == .primary else {
            return report.skipped("check", "the server is no primary at the moment")
        }
        try engine.run("check")
        report.ok("check", "a WAL segment has reached the repository")
    }
}
