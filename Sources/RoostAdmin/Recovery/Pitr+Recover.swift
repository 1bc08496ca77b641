internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension Pitr {
    // MARK: wait

    /// Starts the restored server and waits until it stands where it should.
    ///
    /// - Parameter timeout: In milliseconds; nil to wait as long as it is at work.
    package func wait(_ report: inout AdminReport, timeout: Int64?) throws {
        try locked(&report) { report, found in
            if let found, found.phase == .starting || found.phase == .up, let outcome = found.outcome {
                report.ok("recovery", "\(found.goal) was reached: \(outcome.rawValue)")
                return tell(found, &report)
            }
            var state = try expect(found, .restored ... .reached, hint: "`roost pitr restore` comes first")
            // A server that was stopped while it waited comes to its target again.
            let isLost = try state.outcome == .paused && Postmaster.running(in: place.data) == nil
            if let outcome = state.outcome, state.phase == .reached, !isLost {
                report.ok("recovery", "\(state.goal) was reached: \(outcome.rawValue)")
                return tell(state, &report)
            }
            guard !report.isDryRun else {
                report.changed("recovery", "start the server and wait until it is \(state.expected.rawValue)")
                return
            }
            if try Postmaster.running(in: place.data) == nil {
                state.phase = .recovering
                try place.save(state)
                try server.start(archives: state.archives)
                report.changed("start", "its messages are in '\(place.log)'")
            }
            let (outcome, progress) = try server.wait(timeout: timeout)
            try check(outcome, progress, state)
            state.phase = .reached
            state.outcome = outcome
            try place.save(state)
            let point = progress.map { " at \($0.position)\($0.time.isEmpty ? "" : ", \($0.time)")" } ?? ""
            report.changed("recovery", "\(state.goal): \(outcome.rawValue)\(outcome == .paused ? point : "")")
            if let progress { tell(progress, &report) }
            tell(state, &report)
        }
    }

    private func tell(_ progress: RecoveryProgress.Row, _ report: inout AdminReport) {
        report.facts["lsn"] = .string(progress.position)
        report.facts["time"] = .string(progress.time)
        report.facts["timeline"] = .integer(Int64(progress.timeline))
    }

    /// What came out must be what was wanted, and because the target was met: not for want of WAL, nor of settings.
    private func check(_ outcome: PitrState.Outcome, _ progress: RecoveryProgress.Row?, _ state: PitrState) throws {
        let hasStopped = try server.said("recovery stopping ")
        switch outcome {
        case .shutDown:
            guard state.expected == .shutDown, try server.said("shutdown at recovery target") else {
                throw failure("the server has ended before its recovery was over")
            }
        case .paused:
            guard hasStopped else {
                throw failure("recovery stands still at \(progress?.position ?? "") but not for its target")
            }
            guard state.expected == .paused else {
                throw failure("recovery has paused, expected \(state.expected.rawValue)")
            }
        case .promoted:
            guard hasStopped || !state.hasTarget else {
                throw failure("recovery has ended without its target: \(state.goal)")
            }
            guard state.expected == .promoted else {
                throw failure("the server was promoted, although it was to be \(state.expected.rawValue) at the target")
            }
        }
    }

    private func failure(_ what: String) -> RoostError {
        RoostError(
            .runtime, what,
            hints: [
                "the end of '\(place.log)':\n\(ServerControl.tail(place.log, lines: 15))",
                "`roost pitr undo` brings back what was there; `roost pitr restore` with another target goes on from here",
            ])
    }

    // MARK: promote

    /// Ends a recovery that waits at its target.
    package func promote(_ report: inout AdminReport) throws {
        try locked(&report) { report, found in
            var state = try expect(found, .reached ... .up, hint: "`roost pitr wait` comes first")
            guard state.outcome != .promoted else {
                report.ok("promote", "recovery is over")
                return tell(state, &report)
            }
            guard !report.isDryRun else {
                report.changed("promote", "end the recovery of '\(place.data)' where it stands")
                return
            }
            switch try server.look() {
            case .gone:
                // It would stop at its target again.
                try rewriteSettings { $0.set("recovery_target_action", "promote") }
                try server.start(archives: state.archives)
            case .ended: break  // by somebody, or by a run that was killed before it could say so
            case .paused, .recovering, .starting: try server.promote()
            }
            let (outcome, progress) = try server.wait(timeout: nil)
            guard outcome == .promoted else {
                throw failure("the server was to be promoted, and is \(outcome.rawValue)")
            }
            state.outcome = .promoted
            try place.save(state)
            report.changed("promote", "recovery is over, timeline \(progress?.timeline ?? 0)")
            if let progress { tell(progress, &report) }
            tell(state, &report)
        }
    }

    /// Changes `postgresql.auto.conf`; durable when it returns.
    func rewriteSettings(_ change: (inout ServerSettingsText) -> Void) throws(RoostError) {
        let path = "\(place.data)/postgresql.auto.conf"
        guard try FileStatus.of(path) != nil else { return }
        let before = ServerSettingsText(try FileSystem.read(path))
        var after = before
        change(&after)
        if after != before { try DurableFile.write(path, after.bytes, mode: 0o600) }
    }

    // MARK: verify

    /// Tells what the restored server is; changes nothing.
    package func verify(_ report: inout AdminReport) throws {
        let state = try expect(try place.load(), .reached ... .up, hint: "`roost pitr wait` comes first")
        tell(state, &report)
        let control = try ControlFile.read(dataDirectory: place.data, clock: clock).file
        report.facts["system-id"] = .string("\(control.systemID)")
        report.ok("cluster", "PostgreSQL \(control.version), system identifier \(control.systemID)")
        switch try server.look() {
        case .gone where state.outcome == .shutDown: report.ok("server", "shut down at its target")
        case .gone where state.phase == .starting: report.ok("server", "stopped, to be started by `roost pitr up`")
        case .paused(let progress):
            tell(progress, &report)
            report.ok("server", "paused at \(progress.position), last transaction \(progress.time)")
        case .ended(let progress):
            tell(progress, &report)
            report.ok("server", "takes writes, timeline \(progress.timeline)")
        case .starting, .recovering, .gone:
            throw failure("the server of '\(place.data)' is not \(state.outcome?.rawValue ?? "at its target") any more")
        }
        if state.outcome == .promoted { try verifyLeftovers(&report) }
    }

    /// T13: what would begin another recovery at the next start.
    private func verifyLeftovers(_ report: inout AdminReport) throws {
        for name in ["recovery.signal", "standby.signal"] where try FileStatus.of("\(place.data)/\(name)") != nil {
            throw AdminRefusal(
                .role, "'\(place.data)/\(name)' is left: the next start would begin a recovery",
                hints: ["`roost pitr up` removes it"])
        }
        report.ok("leftovers", "nothing of the recovery is left that a start would heed")
    }
}
