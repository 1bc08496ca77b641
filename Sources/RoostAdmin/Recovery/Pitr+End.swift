internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension Pitr {
    // MARK: up

    /// Hands the recovered server to whoever runs it in daily life.
    ///
    /// Only when recovery is over: Patroni would start a paused one past its target and promote it (T1).
    package func up(_ report: inout AdminReport) throws {
        try locked(&report) { report, found in
            if let found, try isReplica(found) { return try rebuild(found, &report) }
            var state = try expect(found, .reached ... .up, hint: "`roost pitr wait` comes first")
            guard state.outcome == .promoted else {
                throw AdminRefusal(
                    .role, "recovery of '\(place.data)' is not over: it is \(state.outcome?.rawValue ?? "at work")",
                    hints: ["look at the data, then `roost pitr promote`, or `roost pitr undo`"])
            }
            if state.phase == .up {
                report.ok("up", "'\(place.data)' runs")
                return tell(state, &report)
            }
            guard !report.isDryRun else {
                report.changed("up", "start '\(place.data)' as in daily life")
                return
            }
            // Where a run that was ended has started Patroni, only its end is awaited.
            let isAwaited = try state.isHandedOver && PatroniProcess.find(dataDirectory: place.data)?.isCertain == true
            state.phase = .starting
            try place.save(state)
            if !isAwaited {
                try server.stop()
                try stripRecovery(state, &report)
                try forgetCluster(&report)
                state.isHandedOver = true
                try place.save(state)
            }
            try startManaged(state, &report)
            state.phase = .up
            try place.save(state)
            report.ok("next", "make a full backup: pg-backup full; then accept: roost pitr accept --yes")
            tell(state, &report)
        }
    }

    /// What a recovery leaves in the data directory.
    private func stripRecovery(_ state: PitrState, _ report: inout AdminReport) throws(RoostError) {
        let leftovers = [
            "recovery.signal", "standby.signal", "patroni.dynamic.json", "backup_label.old", "tablespace_map.old",
        ]
        for name in leftovers where try FileSystem.removeFile("\(place.data)/\(name)") {
            report.changed("leftovers", "removed \(name)")
        }
        try rewriteSettings { settings in settings.drop { ServerSettingsText.isOfRecovery($0) } }
        if !state.archives {
            report.ok("archiving", "off: `roost enable`, or `roost clone adopt` for a copy, switches it on")
        }
        try FileSystem.syncDirectory(place.data)
    }

    /// Starts the server as it is run in daily life, and waits until it takes writes.
    func startManaged(_ state: PitrState, _ report: inout AdminReport) throws {
        var specification = specification
        specification.data = toldData
        if let unit = state.unit, specification.service == .auto, specification.patroni == nil {
            (specification.service, specification.unit) = (.systemd, unit)
        }
        let control = try ServerControl(specification)
        if control.service == .patroni {
            try startPatroni(state.unit, &report)
        } else {
            let hasLogs = try FileStatus.of(specification.log, followingLinks: true) != nil
            try control.start(log: hasLogs ? nil : "\(place.data).log")
            report.changed("server", "started")
        }
    }

    // MARK: undo

    /// Brings back what was there before `restore`, as it was: running, if it ran.
    ///
    /// - Parameter isConfirmed: Needed once the recovered server has been handed over.
    package func undo(_ report: inout AdminReport, isConfirmed: Bool) throws {
        try locked(&report) { report, found in
            guard var state = found else {
                report.ok("undo", "no recovery of '\(place.data)' has begun")
                return
            }
            guard state.phase != .accepting else {
                throw AdminRefusal(
                    .configuration, "what was kept of '\(place.data)' is being removed: nothing can be undone",
                    hints: ["`roost pitr accept --yes` goes on"])
            }
            // Only what could be undone has begun to be.
            guard state.kept != nil || state.phase < .keeping || state.phase == .undoing else {
                throw AdminRefusal(
                    .configuration, "'\(place.data)' was restored over: what was there is not kept",
                    hints: ["restore again, to another target; or `roost pitr up`"])
            }
            guard !report.isDryRun else {
                report.changed("undo", "bring back \(state.kept ?? place.data)")
                return
            }
            let isStarted = state.phase >= .starting && state.phase <= .up
            guard !isStarted || isConfirmed else {
                throw AdminRefusal(
                    .unconfirmed, "'\(place.data)' was handed over, and what was written since would be removed",
                    hints: ["--yes does it"])
            }
            if state.phase != .undoing { state.wasStarted = isStarted }
            // One that is about to end is waited for, and started again.
            let server = try Postmaster.running(in: place.data)
            if state.kept == nil, let server, ["ready", "standby", "starting"].contains(server.state) {
                return try undoUnstopped(state, &report)
            }
            // A replica comes back into a cluster that goes on.
            try stopManager(&report, pauses: specification.isDeclaredPrimary)
            state.phase = .undoing
            try place.save(state)
            try self.server.stop()
            try bringBack(state, &report)
            // Paused by `down`, Patroni would leave the server stopped.
            if state.kept != nil { try forgetCluster(&report) } else { try resumeCluster(&report) }
            if state.wasStarted, state.archives { warnOfTimeline(&report) }
            if state.wasRunning { try startManaged(state, &report) }
            if let kept = state.kept, try FileStatus.of(kept + ".undone") != nil {
                try FileSystem.removeTree(kept + ".undone")
            }
            try FileSystem.removeFile(place.stateFile)
            report.facts["phase"] = .string("none")
        }
    }

    /// Of a `down` that has not stopped the server, which goes on as it is.
    private func undoUnstopped(_ state: PitrState, _ report: inout AdminReport) throws {
        try resumeCluster(&report)
        if try control().service == .patroni, try PatroniProcess.find(dataDirectory: place.data) == nil {
            try startManaged(state, &report)
        }
        report.ok("server", "it was not stopped, and goes on")
        try FileSystem.removeFile(place.stateFile)
        report.facts["phase"] = .string("none")
    }

    /// The restored directory gets another name, the kept one its own.
    private func bringBack(_ state: PitrState, _ report: inout AdminReport) throws(RoostError) {
        guard let kept = state.kept else { return }
        let undone = kept + ".undone"
        if try FileStatus.of(kept) != nil {
            if try FileStatus.of(place.data) != nil, try FileStatus.of(undone) == nil {
                try FileSystem.move(place.data, to: undone)
            }
            try FileSystem.move(kept, to: place.data)
            try FileSystem.syncDirectory(directoryPart(of: place.data))
            report.changed("data", "'\(kept)' is '\(place.data)' again")
        }
    }

    private func warnOfTimeline(_ report: inout AdminReport) {
        report.ok(
            "timeline",
            "the recovery that was undone may have archived a timeline of its own: a restore to the latest would take it; "
                + "name the timeline until then: --target-timeline=current")
    }

    // MARK: accept

    /// Removes what was kept: from here on nothing can be undone.
    package func accept(_ report: inout AdminReport, isConfirmed: Bool) throws {
        try locked(&report) { report, found in
            guard found != nil else {
                report.ok("accept", "no recovery of '\(place.data)' waits")
                return
            }
            var state = try expect(found, .up ... .accepting, hint: "`roost pitr up` comes first")
            guard !report.isDryRun else {
                report.changed("accept", "remove \(state.kept ?? "nothing")")
                return
            }
            guard isConfirmed else {
                throw AdminRefusal(
                    .unconfirmed, "'\(state.kept ?? place.directory)' would be removed, and nothing could be undone",
                    hints: ["--yes does it"])
            }
            state.phase = .accepting
            try place.save(state)
            if let kept = state.kept, try FileStatus.of(kept) != nil {
                try FileSystem.removeTree(kept)
                report.changed("kept", "removed '\(kept)'")
            }
            try FileSystem.removeFile(place.stateFile)
            report.changed("accept", "the recovery to \(state.goal) stands")
            report.facts["phase"] = .string("none")
        }
    }
}
