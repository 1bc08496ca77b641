internal import RoostEngine
internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `roost remove`: deletes the stanza of a cluster with all its backups, and what belongs to it on this host.
///
/// The order is that nothing is destroyed while anything can still refuse: plan, lock probe, consent; then commands are stopped, the
/// stanza goes, archiving is parked, the rest of the host goes, and last the configuration, so that a run that died can be repeated.
package struct Removal {
    package enum Wish: Sendable {
        case everything
        /// Backups and configuration stay.
        case keepsBackups
        /// Only whether anything would refuse.
        case probe
    }

    let specification: ClusterSpecification
    private let engine: any StanzaEngine
    private let wish: Wish
    /// Whether a stanza of another cluster goes too.
    private let includesForeign: Bool
    /// How long commands that were asked to end may take, in milliseconds.
    private let patience: Int64
    private let isDryRun: Bool
    /// Throws unless somebody agrees.
    private let confirm: (RemovalPlan) throws -> Void

    package init(
        _ specification: ClusterSpecification, engine: any StanzaEngine, wish: Wish, includesForeign: Bool,
        patience: Int64, isDryRun: Bool, confirm: @escaping (RemovalPlan) throws -> Void
    ) {
        self.specification = specification
        self.engine = engine
        self.wish = wish
        self.includesForeign = includesForeign
        self.patience = patience
        self.isDryRun = isDryRun
        self.confirm = confirm
    }

    /// Adds a step for each thing that was looked at or removed.
    package func run(_ report: inout AdminReport) {
        var configured: ConfiguredEngine?
        guard report.perform("user", { _ in try requireUser() }),
            report.perform("configuration", { configured = try findConfiguration(&$0) })
        else { return }
        guard let configured else {
            // A server may go on by what is gone.
            if parks { _ = report.perform("archiving") { try Parking(specification, isDryRun: isDryRun).run(&$0) } }
            return
        }
        guard wish != .keepsBackups else { return keep(configured, &report) }
        var plan: RemovalPlan?
        guard report.perform("plan", { plan = try makePlan(configured, &$0) }), let plan else { return }
        guard report.perform("role", { _ in try requireRole(plan) }),
            report.perform("identity", { _ in try checkIdentity(plan) })
        else { return }
        let deletes = decide(plan, &report)
        if deletes, !report.perform("lock", { try probe(configured, plan, &$0) }) { return }
        guard wish != .probe else {
            if !deletes { report.ok("lock", "no stanza would be deleted from here") }
            return
        }
        if deletes, parks, !report.perform("archiving", { _ in try Parking(specification, isDryRun: true).check() }) {
            return
        }
        if deletes, !isDryRun, !report.perform("confirmation", { _ in try confirm(plan) }) { return }
        if deletes, !report.perform("stanza", { try delete(configured, plan, &$0) }) { return }
        // After the stanza: while it is there, what is finished must go into it.
        if parks, !report.perform("archiving", { try Parking(specification, isDryRun: isDryRun).run(&$0) }) { return }
        guard report.perform("leftovers", { try removeLeftovers(configured, &$0) }) else { return }
        _ = report.perform("configuration") { try removeConfiguration(&$0) }
    }

    /// Leaves the repository alone, so that one which cannot be read is no reason to stop.
    private func keep(_ configured: ConfiguredEngine, _ report: inout AdminReport) {
        do {
            let plan = try RemovalPlan(configured, stanza: specification.cluster)
            report.facts.merge(plan.facts) { _, new in new }
            report.ok("stanza", plan.isAbsent ? plan.text : "kept: \(plan.text)")
        } catch {
            report.ok("stanza", "WARNING: kept, and what there is cannot be told: \(error)")
        }
        guard report.perform("leftovers", { try removeLeftovers(configured, &$0) }) else { return }
        report.ok("configuration", "'\(specification.configuration)' stays, with it backups can be restored")
    }

    // MARK: Looking

    private func requireUser() throws {
        if try FileStatus.of(specification.data, followingLinks: true) != nil {
            let control = try ServerControl(specification)
            try control.requireOwner()
            // Here, and not when archiving is parked: then the backups would be gone.
            if wish != .keepsBackups { try control.refuseUndescribedPatroni() }
            return
        }
        // The data is gone already.
        var names = AccountNames()
        guard names.user(CurrentProcess.effectiveUser) != specification.account else { return }
        throw AdminRefusal(.user, "run this as dbsu: '\(specification.account)'")
    }

    private func findConfiguration(_ report: inout AdminReport) throws -> ConfiguredEngine? {
        let path = specification.configuration
        guard try FileStatus.of(path, followingLinks: true) != nil else {
            report.ok("configuration", "nothing to delete: there is no '\(path)'")
            return nil
        }
        guard try specification.configuredStanzas().contains(specification.cluster) else {
            report.ok("configuration", "nothing to delete: '\(path)' has no stanza '\(specification.cluster)'")
            return nil
        }
        let configured = try engine.configured()
        guard configured.dataDirectory == specification.data else {
            throw AdminRefusal(
                .configuration,
                "pg1-path of stanza '\(specification.cluster)' in '\(path)' is '\(configured.dataDirectory ?? "")', expected "
                    + "'\(specification.data)'",
                hints: ["is this the cluster that is meant? Tell its data directory with --data"])
        }
        return configured
    }

    private func makePlan(_ configured: ConfiguredEngine, _ report: inout AdminReport) throws -> RemovalPlan {
        let plan = try RemovalPlan(configured, stanza: specification.cluster)
        report.facts.merge(plan.facts) { _, new in new }
        report.ok("plan", plan.text)
        return plan
    }

    /// Data that are gone tell no role, and on a replica's host the stanza is not to go.
    private func requireRole(_ plan: RemovalPlan) throws(AdminRefusal) {
        guard specification.declaredRole == nil, !plan.isAbsent else { return }
        throw AdminRefusal(
            .role, "neither a server nor files in '\(specification.data)' tell whether this is the primary",
            hints: ["--role=primary deletes the stanza with its backups, --role=replica what is on this host only"])
    }

    /// That the stanza is of this cluster, as far as there is one to compare with.
    private func checkIdentity(_ plan: RemovalPlan) throws {
        guard !includesForeign, specification.role == .primary, let known = plan.identities,
            try FileStatus.of("\(specification.data)/\(ControlFile.relativePath)") != nil
        else { return }
        let control = try ControlFile.read(dataDirectory: specification.data, clock: SystemClock()).file
        let own = ClusterIdentity(systemID: control.systemID, version: control.version.text)
        guard !known.contains(own) else { return }
        throw RoostError(
            .fileInvalid,
            "stanza '\(plan.stanza)' belongs to another cluster\nobserved in \(plan.repository): "
                + "\(known.map { "\($0)" }.joined(separator: "; "))\nexpected of '\(specification.data)': \(own)",
            hints: ["were the backups kept of an earlier cluster of the name? --foreign deletes them all the same"])
    }

    /// Whether the stanza goes with this member; told if not.
    private func decide(_ plan: RemovalPlan, _ report: inout AdminReport) -> Bool {
        guard !plan.isAbsent else {
            report.ok("stanza", plan.text)
            return false
        }
        if specification.role == .primary {
            let role = ServerRole.find(dataDirectory: specification.data, warn: { _ in })
            if role == .replica {
                report.ok("role", "WARNING: the declared primary is a replica at the moment; removed as declared")
            }
            return true
        }
        guard specification.repository.method == "local" else {
            report.ok("stanza", "kept: it goes with the primary of '\(specification.cluster)'")
            return false
        }
        guard plan.backups == 0, plan.unlisted.isEmpty else {
            report.ok(
                "stanza",
                "WARNING: kept, although this is no primary: after a failover they may be the only ones: \(plan.text)")
            return false
        }
        return true
    }

    private func probe(_ configured: ConfiguredEngine, _ plan: RemovalPlan, _ report: inout AdminReport) throws {
        try configured.requireUnlocked(
            saying: "nothing was deleted; there still is \(plan.text)",
            hints: ["to remove the cluster and keep its backups: --keep, or -e pg_rm_backup=false"])
        report.ok("lock", "\(plan.repository) is not locked")
    }

    // MARK: Removing

    /// Without its configuration no server must try to archive; but what Patroni is told counts for all members.
    private var parks: Bool {
        wish == .everything && (specification.role == .primary || specification.patroni == nil)
    }

    private func delete(_ configured: ConfiguredEngine, _ plan: RemovalPlan, _ report: inout AdminReport) throws {
        guard !isDryRun else { return report.changed("stanza", "deleted \(plan.text)") }
        // Another removal may be at work, or an administrator has stopped them.
        let wereStopped = try configured.stopFile.exists(stanza: plan.stanza)
        // Not `stop --force`, which takes the locks away from commands that are still ending.
        if !wereStopped { try engine.run("stop") }
        do {
            let holders = try StanzaLeftovers(configured, stanza: plan.stanza).holders()
            for id in holders { _ = CurrentProcess.terminate(id) }
            try deleteWhenUnlocked()
            report.changed("stanza", "deleted \(plan.text)")
        } catch {
            // The file that goes first: while it is there nothing is deleted, and commands may go on. Where that cannot be told they
            // stay stopped.
            let repository = configured.repository
            let isWhole = (try? repository.storage.exists(repository.paths.archiveInfo)) == true
            if isWhole, !wereStopped {
                try engine.run("start")
                throw error
            }
            var failure = RoostError.wrapping(error)
            failure.hints.append(
                isWhole
                    ? "commands on the stanza were stopped already: `start` allows them again, unless another run is at work"
                    : "commands on the stanza stay stopped: mend that and run this again, or `start`")
            throw failure
        }
    }

    private func deleteWhenUnlocked() throws {
        var waiter = Waiter(timeout: patience, clock: SystemClock())
        while true {
            do {
                return try engine.run("stanza-delete", ["--force"])
            } catch {
                guard error.code == .lockAcquire, try waiter.waitAgain() else { throw error }
            }
        }
    }

    private func removeLeftovers(_ configured: ConfiguredEngine, _ report: inout AdminReport) throws {
        if wish == .keepsBackups, try Postmaster.running(in: specification.data) != nil {
            return report.skipped("leftovers", "the server runs and may use spool and locks")
        }
        var removed = try StanzaLeftovers(configured, stanza: specification.cluster).removeAll(isDryRun: isDryRun)
        if wish == .everything, let root = configured.repositoryPath {
            for directory in ["\(root)/archive", "\(root)/backup"] {
                guard try FileStatus.of(directory)?.kind == .directory else { continue }
                // Never with what another cluster may begin there at this moment; and the members of one remove at once.
                let isGone =
                    try isDryRun ? FileSystem.list(directory).isEmpty : FileSystem.removeEmptyDirectory(directory)
                guard isGone else { continue }
                removed.append(directory)
            }
        }
        guard !removed.isEmpty else { return report.ok("leftovers", "nothing is left of the stanza on this host") }
        report.changed("leftovers", "removed \(removed.joined(separator: ", "))")
    }

    private func removeConfiguration(_ report: inout AdminReport) throws {
        let path = specification.configuration
        let others = try specification.configuredStanzas().filter { $0 != specification.cluster }
        if !isDryRun { try FileSystem.removeFile(specification.gapMarker) }
        guard others.isEmpty else {
            return report.ok(
                "configuration",
                "WARNING: '\(path)' stays, it is of \(others.joined(separator: ", ")) too; take section "
                    + "[\(specification.cluster)] out of it")
        }
        if !isDryRun {
            try FileSystem.removeFile(specification.marker)
            try FileSystem.removeFile(path)
            try FileSystem.syncDirectory(directoryPart(of: path))
        }
        report.changed("configuration", "removed '\(path)' and '\(specification.marker)'")
    }
}
