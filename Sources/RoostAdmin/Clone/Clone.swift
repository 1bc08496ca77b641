internal import RoostEngine
internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Makes a cluster that was restored from the stanza of another one a cluster of its own (specification `admin-surface`,
/// section 4): ``check(_:)`` before the restore, ``adopt(_:)`` after it.
package struct Clone {
    /// What becomes of the stanza that the new cluster already has, which is that of its former, empty data.
    package enum StanzaMode: String, Sendable, CaseIterable {
        /// It goes on with a second entry in its history; nothing is deleted.
        case upgrade
        /// It is deleted with its backups, and made anew.
        case recreate
    }

    private let specification: ClusterSpecification
    private let request: PitrRequest
    private let place: PitrPlace
    private let mode: StanzaMode

    private let stanzaEngine: any StanzaEngine

    package init(_ specification: ClusterSpecification, engine: any StanzaEngine, mode: StanzaMode) throws {
        var specification = specification
        request = try PitrRequest(&specification)
        place = try PitrPlace(specification.data)
        specification.data = place.data
        self.specification = specification
        self.mode = mode
        stanzaEngine = engine
    }

    /// The engine on the cluster's own stanza.
    private var engine: EngineProgram {
        EngineProgram(options: ["--config=\(specification.configuration)", "--stanza=\(specification.cluster)"])
    }

    // MARK: check

    /// Whether the source can be restored here; changes nothing.
    package func check(_ report: inout AdminReport) throws {
        guard request.source != specification.cluster else {
            throw AdminRefusal(
                .configuration, "source and target are both '\(request.source)'",
                hints: ["name the source: --source, or 'cluster' in pg_pitr"])
        }
        // The engine would leave locks and logs that the server's user cannot write.
        try ServerControl(specification).requireOwner()
        let configuration = SourceConfiguration(specification: specification, request: request, place: place)
        let (source, plan) = try configuration.ask { engine in
            (try SourceStanza(request.source, askedOf: engine), Result { try configuration.plan(engine, &report) })
        }
        report.ok(
            "source",
            "stanza '\(source.name)': \(source.backups) backup(s), the newest \(source.newest), WAL to \(source.walMaximum)"
        )
        report.facts["source"] = .string(source.name)
        report.facts["system-id"] = .string(source.systemID)
        let versionFile = "\(specification.data)/PG_VERSION"
        if try FileStatus.of(versionFile) != nil {
            let text = String(decoding: try FileSystem.read(versionFile, limit: 64), as: UTF8.self)
            let version = String(text.prefix { !$0.isNewline })
            guard version == source.version else {
                throw AdminRefusal(
                    .configuration,
                    "'\(source.name)' is of PostgreSQL \(source.version), '\(specification.data)' of \(version)",
                    hints: ["a copy runs on the same major version only; between versions `roost dump` moves data"])
            }
            report.ok("version", "PostgreSQL \(version) on both sides")
        }
        report.ok("target", try plan.get())
    }

    // MARK: adopt

    /// Gives the restored cluster its own identity: subscriptions off, own spool and stanza, archiving on, a full backup.
    ///
    /// Running it again finds done what is done.
    ///
    /// - Parameter isConfirmed: That backups of the cluster's former data may be deleted (``StanzaMode/recreate``).
    package func adopt(_ report: inout AdminReport, isConfirmed: Bool) throws {
        guard mode == .upgrade || isConfirmed || report.isDryRun else {
            throw AdminRefusal(
                .unconfirmed, "--stanza-mode=recreate deletes all backups of '\(specification.cluster)'",
                hints: ["--yes does it; --stanza-mode=upgrade deletes nothing"])
        }
        try ServerControl(specification).requireOwner()
        guard !report.isDryRun else { return try planAdoption(&report) }
        try place.alone { try adoptAlone(&report) }
    }

    private func planAdoption(_ report: inout AdminReport) throws {
        _ = try recoveredServer(&report)
        report.changed("adopt", "stanza '\(specification.cluster)' (\(mode.rawValue)), archiving on, a full backup")
    }

    private func recoveredServer(_ report: inout AdminReport) throws -> CloneServer {
        let server = try CloneServer(specification)
        try server.checkRecovered()
        report.ok("server", "'\(specification.data)' takes writes")
        if mode == .recreate { try requireDeletable() }
        return server
    }

    private func adoptAlone(_ report: inout AdminReport) throws {
        let server = try recoveredServer(&report)
        try server.disableSubscriptions(&report)
        try server.warnOfJobs(&report)
        if try !server.isArchiving() { try purgeSpool(&report) }
        try makeStanza(&report)
        try server.archive(&report)
        try engine.run(["check"])
        report.ok("check", "WAL arrives in stanza '\(specification.cluster)'")
        try backUp(&report)
    }

    /// Found locked half way, the deletion of the stanza would have destroyed what it reached (T9).
    private func requireDeletable() throws {
        let configured = try stanzaEngine.configured()
        let control = try ControlFile.read(dataDirectory: specification.data, clock: SystemClock()).file
        guard let systemID = try systemID(in: configured.repository), systemID != control.systemID else { return }
        try configured.requireUnlocked(saying: "nothing was changed", hints: ["--stanza-mode=upgrade deletes nothing"])
    }

    /// Of the stanza, nil if there is none.
    private func systemID(in repository: Repository) throws(RoostError) -> SystemID? {
        do {
            return try repository.loadArchiveInfo().history.current.systemID
        } catch {
            guard error.code == .fileMissing else { throw error }
            return nil
        }
    }

    /// What lies in the spool is of the cluster's former data (T6).
    private func purgeSpool(_ report: inout AdminReport) throws(RoostError) {
        let path = "\(specification.spool)/archive/\(specification.cluster)"
        guard try FileStatus.of(path) != nil else { return report.ok("spool", "nothing at '\(path)'") }
        try FileSystem.removeTree(path)
        report.changed("spool", "removed '\(path)'")
    }

    private func makeStanza(_ report: inout AdminReport) throws {
        // Of a run that was stopped between `stop` and `start`.
        if mode == .recreate { try engine.run(["start"]) }
        do {
            try engine.run(["stanza-create"])
            report.ok("stanza", "'\(specification.cluster)' belongs to this cluster")
        } catch {
            // The others are what a run has left that was killed while it deleted.
            let configured = try stanzaEngine.configured()
            let isHalf =
                try mode == .recreate && [.fileMissing, .pathNotEmpty].contains(error.code)
                && systemID(in: configured.repository) == nil
            guard error.code == .fileInvalid || isHalf else { throw error }
            // It knows the system identifier of the data that was here before.
            switch mode {
            case .upgrade:
                try engine.run(["stanza-upgrade"])
                report.changed("stanza", "'\(specification.cluster)' upgraded: what it has of before stays as (prior)")
            case .recreate:
                try configured.requireUnlocked(
                    saying: "nothing was changed", hints: ["--stanza-mode=upgrade deletes nothing"])
                try engine.run(["stop"])
                do {
                    try engine.run(["--force", "stanza-delete"])
                } catch {
                    // What could not be deleted goes on, or is deleted by the next run.
                    let started = Result { try engine.run(["start"], isUninterrupted: true) }
                    if case .failure(let second) = started {
                        report.ok("stanza", "WARNING: commands on it stay stopped: \(second)")
                    }
                    throw error
                }
                try engine.run(["start"])
                try engine.run(["stanza-create"])
                report.changed("stanza", "'\(specification.cluster)' deleted and made anew")
            }
        }
    }

    private func backUp(_ report: inout AdminReport) throws {
        let own = try SourceStanza(specification.cluster, askedOf: engine, needsBackup: false)
        guard own.currentBackups == 0 else {
            return report.ok("backup", "\(own.newest) is of this cluster")
        }
        try engine.run(["--type=full", "backup"])
        let made = try SourceStanza(specification.cluster, askedOf: engine)
        report.changed("backup", made.newest)
        report.facts["backup"] = .string(made.newest)
    }
}
