internal import RoostFormat
internal import RoostPostgres
package import RoostSystem

/// The recovery of one member in steps that can be run by hand or by a playbook, one after the other: `down`, `restore`,
/// `wait`, `promote`, `up`, then `accept`; or, as long as that has not happened, `undo`.
///
/// Each step says where it stands in ``PitrState`` before it changes something and when it has; running it again goes on from
/// there, and one that is done is found done. What was in the data directory keeps lying beside it under a dated name.
package struct Pitr {
    let specification: ClusterSpecification
    let request: PitrRequest
    let place: PitrPlace
    /// The data directory as it was told, by which the server is started in daily life: the engine compares it with `pg1-path`.
    let toldData: String
    let clock: any WallClock

    package init(_ specification: ClusterSpecification, clock: any WallClock = SystemClock()) throws {
        var specification = specification
        request = try PitrRequest(&specification)
        toldData = specification.data
        place = try PitrPlace(toldData)
        specification.data = place.data
        self.specification = specification
        self.clock = clock
    }

    var server: RecoveryServer { RecoveryServer(specification: specification, data: place.data, log: place.log) }

    var source: SourceConfiguration {
        SourceConfiguration(specification: specification, request: request, place: place)
    }

    /// Who runs the server in daily life.
    func control() throws -> ServerControl { try ServerControl(specification) }

    /// Runs one step, unless another one is at work.
    func locked(_ report: inout AdminReport, _ body: (inout AdminReport, PitrState?) throws -> Void) throws {
        try requireOwner()
        guard !report.isDryRun else { return try body(&report, try place.load()) }
        try place.alone { try body(&report, try place.load()) }
    }

    /// Refuses a step that has not its turn.
    func expect(_ state: PitrState?, _ phases: ClosedRange<PitrState.Phase>, hint: String) throws -> PitrState {
        guard let state, phases.contains(state.phase) else {
            let found = state.map { "stands at '\($0.phase.rawValue)'" } ?? "has not begun"
            throw AdminRefusal(.role, "the recovery of '\(place.data)' \(found)", hints: [hint])
        }
        guard state.cluster == specification.cluster else {
            throw AdminRefusal(
                .configuration,
                "'\(place.data)' is being recovered as cluster '\(state.cluster)', not '\(specification.cluster)'")
        }
        return state
    }

    /// The server's user, to whom all files must belong.
    private func requireOwner() throws {
        let above = directoryPart(of: place.data)
        let status = try FileStatus.of(place.data) ?? FileStatus.of(above)
        guard let owner = status?.owner else {
            throw AdminRefusal(.configuration, "neither '\(place.data)' nor the directory above it exists")
        }
        guard owner == CurrentProcess.effectiveUser, owner != 0 else {
            throw AdminRefusal(
                .user, "run this as dbsu: '\(place.data)' belongs to another user",
                hints: ["su - \(specification.account) -c 'roost pitr ...'"])
        }
    }

    /// Where the tablespaces of the data directory lie, which are not inside it.
    func tablespaces() throws -> [String] {
        guard try FileStatus.of("\(place.data)/pg_tblspc") != nil else { return [] }
        return try ForkPlan.tablespaces(of: place.data).values.sorted()
    }

    /// Whether the data directory is that of a standby.
    func isStandby() throws(RoostError) -> Bool { try FileStatus.of("\(place.data)/standby.signal") != nil }

    /// A server whose configuration lies elsewhere, as Debian's packages have it, would not start after its restore.
    func requireConfiguration() throws {
        guard try FileStatus.of("\(place.data)/PG_VERSION") != nil,
            try FileStatus.of("\(place.data)/postgresql.conf", followingLinks: true) == nil
        else { return }
        throw AdminRefusal(
            .configuration, "there is no 'postgresql.conf' in '\(place.data)': its configuration lies elsewhere",
            hints: [
                "stop the server, restore with `pg-pitr -D \(place.data)`, and start it in its own way: pg_ctlcluster, systemctl"
            ])
    }

    /// Facts that every step tells.
    func tell(_ state: PitrState, _ report: inout AdminReport) {
        report.facts["phase"] = .string(state.phase.rawValue)
        report.facts["source"] = .string(state.source)
        report.facts["data"] = .string(place.data)
        if let kept = state.kept { report.facts["kept"] = .string(kept) }
        if let outcome = state.outcome { report.facts["outcome"] = .string(outcome.rawValue) }
    }

    // MARK: plan

    /// Shows what would be done and what can be reached; changes nothing.
    package func plan(_ report: inout AdminReport) throws {
        // The engine would leave locks and logs that the server's user cannot write.
        try requireOwner()
        if let state = try place.load() {
            report.ok("state", "a recovery of \(state.cluster) to \(state.goal) stands at '\(state.phase.rawValue)'")
            tell(state, &report)
        } else {
            report.ok("state", "no recovery of '\(place.data)' has begun")
            report.facts["phase"] = .string("none")
        }
        report.facts["target"] = .string(request.goal.text)
        report.facts["expected"] = .string(request.expected.rawValue)
        report.ok("target", "\(request.goal.text), then \(request.expected.rawValue), from stanza \(request.source)")
        report.ok("archiving", request.archives ? "as the backup has it" : "off, until the cluster has its own stanza")
        let kept = "kept as \(place.kept(at: clock.now().seconds)) until accepted"
        report.ok("data", "\(place.data): what is there is \(request.keepsData ? kept : "overwritten: no undo")")
        let text = try source.planText(&report)
        report.facts["plan"] = .string(text)
        report.ok("plan", text)
    }
}
