internal import RoostPostgres
internal import RoostSystem

/// `roost disable`: has a running server archive nothing any more, so that no WAL piles up behind a command that fails.
package struct Parking {
    private let specification: ClusterSpecification
    private let isDryRun: Bool

    package init(_ specification: ClusterSpecification, isDryRun: Bool) {
        self.specification = specification
        self.isDryRun = isDryRun
    }

    /// Whether the server, and Patroni where it manages it, would take the settings.
    ///
    /// - Throws: What is in the way.
    func check() throws {
        var unused = AdminReport(isDryRun: true)
        try run(&unused)
        let control = try ServerControl(specification)
        guard control.service == .patroni, try control.postmaster() != nil, let patroni = specification.patroni else {
            return
        }
        _ = try PatroniControl(patroni).members()
    }

    /// Adds one step.
    package func run(_ report: inout AdminReport) throws {
        let control = try ServerControl(specification)
        try control.requireOwner()
        try control.refuseUndescribedPatroni()
        guard let postmaster = try control.postmaster() else {
            return report.skipped("archiving", "no server runs in '\(specification.data)', so nothing is archived")
        }
        let session = try PostgresSession(postmaster.session(as: "roost disable"))
        defer { session.close() }
        let current = try session.run(SettingsQuery(ArchiveSettings.names))
        let settings = ArchiveSettings.parked(specification, isOnlyStanza: try specification.isOnlyStanza())
        let command = current["archive_command"]?.value ?? ""
        guard settings.archives(command) || command == ArchiveSettings.parkedCommand || !isArchiving(current) else {
            return report.ok(
                "archiving",
                "left alone: the server does not archive into stanza '\(specification.cluster)', its command is "
                    + "'\(command)'")
        }
        let archiving = ArchiveSwitch(specification: specification, control: control, settings: settings)
        guard let plan = try archiving.plan(session) else {
            return report.ok("archiving", "the server archives nothing")
        }
        if !isDryRun { _ = try archiving.run(session) }
        report.changed(
            "archiving",
            "parked: \(plan)\nWAL is kept nowhere from now on; archive_mode itself is off after a restart, and "
                + "`roost enable` switches all on again")
    }

    private func isArchiving(_ current: [String: ServerSetting]) -> Bool {
        current["archive_mode"].map { $0.value != "off" || $0.isPendingRestart } ?? false
    }
}
