internal import RoostPostgres
internal import RoostSystem

extension Pitr {
    // MARK: down

    /// Stops the server, and Patroni before it.
    package func down(_ report: inout AdminReport) throws {
        try locked(&report) { report, found in
            if let found, found.phase != .stopping {
                report.ok("down", "the recovery of '\(place.data)' stands at '\(found.phase.rawValue)'")
                return tell(found, &report)
            }
            try requireConfiguration()
            let running = try Postmaster.running(in: place.data)
            var state = found ?? PitrState(request, cluster: specification.cluster, began: clock.now().seconds)
            state.wasRunning = state.wasRunning || running != nil
            let control = try control()
            try requireRole(control)
            if running != nil, control.service == .systemd { state.unit = control.unit }
            guard !report.isDryRun else {
                report.changed("down", "stop the server of '\(place.data)'")
                return
            }
            // The server that `undo` starts again must be known before it is stopped.
            try place.save(state)
            if let unit = try stopManager(&report) { state.unit = unit }
            if running == nil {
                report.ok("server", "no server runs on '\(place.data)'")
            } else {
                try stopServer()
                report.changed("server", "stopped")
            }
            state.phase = .down
            try place.save(state)
            tell(state, &report)
        }
    }

    /// What the primary does to the cluster's keys in Patroni's store, a replica must not do.
    private func requireRole(_ control: ServerControl) throws {
        guard control.service == .patroni, specification.declaredRole == nil, try isStandby() else { return }
        throw AdminRefusal(
            .configuration, "the specification has 'patroni' and no 'role', and '\(place.data)' is a replica's",
            hints: ["tell the role: --role=replica, or --role=primary if this one is to be the primary"])
    }

    /// By whoever manages it, so that he does not start it again; Patroni is gone by now.
    func stopServer() throws {
        var specification = specification
        if try control().service == .patroni { specification.service = .pgCtl }
        try ServerControl(specification).stop()
        // The first process removes its file before it ends.
        let begin = monotonicMilliseconds()
        while try DataDirectoryUse.of(place.data) != .free {
            guard monotonicMilliseconds() - begin < 60_000 else {
                throw RoostError(
                    .pgRunning, "the server of '\(place.data)' was stopped, but processes still work there")
            }
            try Interrupt.sleep(milliseconds: 20)
        }
    }

    // MARK: restore

    /// Gives what is there another name and restores; from a recovery that has come to another target too.
    ///
    /// What cannot be reached is refused before anything is touched.
    package func restore(_ report: inout AdminReport) throws {
        try locked(&report) { report, found in
            if let found, [.restored, .reached, .starting, .up].contains(found.phase), found.isAimed(at: request) {
                report.ok("restore", "'\(place.data)' is restored: \(found.goal)")
                return tell(found, &report)
            }
            var state = try expect(
                found, .down ... .reached, hint: "begin with `roost pitr down`, end what stands with accept or undo")
            if state.phase < .recovering { try requireStopped() }
            if state.phase == .down { try refuseReplica() }
            report.ok("plan", try source.planText(&report))
            guard !report.isDryRun else {
                report.changed("restore", "restore stanza \(request.source) into '\(place.data)'")
                return
            }
            try server.stop()
            try source.write()
            state.aim(at: request)
            try keep(&state, &report)
            state.phase = .restoring
            try place.save(state)
            try source.engine.run(source.restoreOptions + ["restore"]) { report.warn(of: $0) }
            if isCopy { try takeOverIdentity() }
            state.phase = .restored
            try place.save(state)
            report.changed("restore", "stanza \(request.source) into '\(place.data)', \(state.goal)")
            tell(state, &report)
        }
    }

    /// A copy has the settings of its source: it must not take its port, archive as it, or go on with its subscriptions.
    private func takeOverIdentity() throws(RoostError) {
        let version = try ControlFile.read(dataDirectory: place.data, clock: clock).file.version
        try rewriteSettings { settings in
            settings.set("port", "\(specification.port)")
            settings.set("cluster_name", specification.cluster)
            if let directory = specification.socketDirectory { settings.set("unix_socket_directories", directory) }
            settings.set("archive_mode", "off")
            settings.set("archive_command", "")
            if version.hasSubscriptions { settings.set("max_logical_replication_workers", "0") }
        }
    }

    /// Recovered by itself, it would be a second primary, with a timeline of its own in the archive of the first.
    private func refuseReplica() throws {
        guard specification.declaredRole == nil, !isCopy, try isStandby() else { return }
        throw AdminRefusal(
            .role, "'\(place.data)' is a replica's: the primary is recovered, and `roost pitr up` here copies it then",
            hints: ["--role=primary recovers it all the same, where the primary is lost"])
    }

    /// Whether what is restored is not to become what the stanza's cluster is.
    var isCopy: Bool { request.source != specification.cluster || request.isElsewhere }

    /// What was stopped must not run again when its directory is about to be moved.
    func requireStopped() throws {
        guard try Postmaster.running(in: place.data) == nil else {
            throw AdminRefusal(
                .role, "PostgreSQL runs on '\(place.data)'",
                hints: ["somebody has started it since `pitr down`: stop it"])
        }
        guard let patroni = try PatroniProcess.find(dataDirectory: place.data) else { return }
        throw AdminRefusal(
            .role, "Patroni (process \(patroni.process)) watches over '\(place.data)'",
            hints: ["somebody has started it since `pitr down`: stop it"])
    }

    /// Moves the former data aside; a second restore into the same place finds that done.
    func keep(_ state: inout PitrState, _ report: inout AdminReport) throws {
        guard request.keepsData || state.kept != nil else {
            report.skipped("keep", "what is in '\(place.data)' is overwritten, as asked for")
            return
        }
        if state.phase < .keeping {
            guard let status = try FileStatus.of(place.data) else {
                report.skipped("keep", "there is nothing at '\(place.data)'")
                return
            }
            try checkMovable(status)
            state.kept = place.kept(at: clock.now().seconds)
            state.phase = .keeping
            try place.save(state)
        }
        guard let kept = state.kept else { return }
        if try FileStatus.of(kept) == nil {
            try FileSystem.move(place.data, to: kept)
            try FileSystem.syncDirectory(directoryPart(of: place.data))
            report.changed("keep", "'\(place.data)' is now '\(kept)'")
        }
        if try FileStatus.of(place.data) == nil {
            try FileSystem.createDirectory(place.data, mode: 0o700, durable: true)
        }
        if state.phase == .keeping {
            state.phase = .kept
            try place.save(state)
        }
    }

    private func checkMovable(_ status: FileStatus) throws {
        guard try !FileStatus.isMountPoint(place.data) else {
            throw AdminRefusal(
                .configuration, "'\(place.data)' is where a file system is mounted: it cannot be given another name",
                hints: ["'backup': false in pg_pitr restores over what is there; then nothing can be undone"])
        }
        for (name, destination) in request.links.sorted(by: { $0.key < $1.key }) {
            // What is kept may lead there by a link of its own.
            guard try FileStatus.of(destination, followingLinks: true)?.kind == .directory,
                try !FileSystem.list(destination).isEmpty
            else { continue }
            throw AdminRefusal(
                .configuration,
                "'\(destination)', to which 'link_map' leads '\(name)', is not empty: nothing could be undone",
                hints: ["name an empty directory", "'backup': false in pg_pitr restores over what is there"])
        }
        let tablespaces = try tablespaces()
        guard tablespaces.isEmpty else {
            throw AdminRefusal(
                .configuration,
                "'\(place.data)' has tablespaces elsewhere, which would not be kept with it: "
                    + tablespaces.joined(separator: ", "),
                hints: ["'backup': false in pg_pitr restores over what is there; then nothing can be undone"])
        }
    }
}
