internal import RoostPostgres
internal import RoostSystem

/// Brings a running server's archive settings to what is wanted: through Patroni where it manages the server, else with
/// `ALTER SYSTEM`.
struct ArchiveSwitch {
    enum Outcome: Equatable {
        case asWanted
        /// With what was there before.
        case changed(String)
        /// The same, and a restart is needed for the rest.
        case changedPendingRestart(String)
    }

    let specification: ClusterSpecification
    let control: ServerControl
    let settings: ArchiveSettings
    /// Until the server has read its files, in milliseconds.
    var patience: Int64 = 60_000

    /// What a run would change, nil for nothing.
    func plan(_ session: PostgresSession) throws(RoostError) -> String? {
        let current = try session.run(SettingsQuery(ArchiveSettings.names))
        let names = settings.differing(current)
        guard !names.isEmpty else { return nil }
        return names.map { name in
            "\(name) = '\(settings.wanted[name] ?? "")' (was '\(current[name]?.value ?? "")')"
        }.joined(separator: "\n")
    }

    /// What becomes of the WAL at the moment.
    enum State {
        /// It goes into the stanza, if perhaps not quite as is wanted.
        case archiving
        /// `roost disable` has had the server throw it away.
        case parked
        /// It would go into an archive after a restart.
        case awaitingRestart
        case elsewhere
    }

    func state(_ session: PostgresSession) throws(RoostError) -> State {
        let current = try session.run(SettingsQuery(ArchiveSettings.names))
        let command = current["archive_command"]?.value ?? ""
        if settings.archives(command), current["archive_mode"]?.value != "off" { return .archiving }
        if command == ArchiveSettings.parkedCommand { return .parked }
        return current["archive_mode"] == ServerSetting(value: "off", isPendingRestart: true)
            ? .awaitingRestart : .elsewhere
    }

    /// - Throws: ``ErrorCode/config`` if the server goes on with other settings: something overrides its files.
    func run(_ session: PostgresSession) throws -> Outcome {
        guard let plan = try plan(session) else { return .asWanted }
        let names = settings.differing(try session.run(SettingsQuery(ArchiveSettings.names)))
        if control.service == .patroni, let patroni = specification.patroni {
            try PatroniControl(patroni).set(settings.wanted.filter { names.contains($0.key) })
            // What stands in postgresql.auto.conf, as after a recovery, would override Patroni.
            for name in names { try session.run(AlterSystem(name, nil)) }
        } else {
            for name in names { try session.run(AlterSystem(name, settings.wanted[name])) }
        }
        _ = try session.run(ReloadConfiguration())
        let left = try wait(session)
        return left.isEmpty ? .changed(plan) : .changedPendingRestart(plan)
    }

    /// Waits until the server has taken the settings up.
    ///
    /// - Returns: Those that only a restart makes hold.
    private func wait(_ session: PostgresSession) throws -> [String] {
        var waiter = Waiter(timeout: patience, clock: SystemClock())
        while true {
            let current = try session.run(SettingsQuery(ArchiveSettings.names))
            let names = settings.differing(current)
            if names.allSatisfy({ waitsForRestart($0, current) }) { return names }
            guard try waiter.waitAgain() else { throw overridden(names, current) }
        }
    }

    /// A server that does not archive does not show the command by which it will.
    private func waitsForRestart(_ name: String, _ current: [String: ServerSetting]) -> Bool {
        if current[name]?.isPendingRestart == true { return true }
        return name == "archive_command"
            && current["archive_mode"] == ServerSetting(value: "off", isPendingRestart: true)
    }

    private func overridden(_ names: [String], _ current: [String: ServerSetting]) -> RoostError {
        let shown = names.map { "\($0) is '\(current[$0]?.value ?? "")', expected '\(settings.wanted[$0] ?? "")'" }
        return RoostError(
            .config, "the server does not take up its archive settings: \(shown.joined(separator: "; "))",
            hints: ["are they set on the server's command line, or by a tool that writes its configuration?"])
    }

    /// Restarts what waits for it: with Patroni all members, replicas first and the primary last, else this server.
    func restart() throws {
        guard control.service == .patroni, let patroni = specification.patroni else { return try control.restart() }
        let manager = PatroniControl(patroni)
        var waiter = Waiter(timeout: patience, clock: SystemClock())
        // Patroni tells the store about the settings once in a while only.
        var members = try manager.members()
        while !members.contains(where: { $0.isLeader && $0.isPendingRestart }), try waiter.waitAgain() {
            members = try manager.members()
        }
        let pending = members.filter(\.isPendingRestart)
        guard !pending.isEmpty else { return try manager.restart(member: patroni.member) }
        for member in pending.filter({ !$0.isLeader }) + pending.filter(\.isLeader) {
            try manager.restart(member: member.name)
        }
    }
}
