internal import RoostSystem

/// Patroni steps aside for a recovery, and takes over when it is over.
extension Pitr {
    /// How long Patroni may take to stop, or to have its server running, in milliseconds.
    static let patience: Int64 = 300_000
    /// How long the store may tell of members that are gone: longer than its keys live.
    private static let otherPatience: Int64 = 90_000

    /// Patroni's own copy of the dynamic configuration: what it puts into a store that has none.
    private var dynamicConfiguration: String { place.data + "/patroni.dynamic.json" }

    /// The same as it was before the recovery.
    private var keptConfiguration: String { place.directory + "/patroni.dynamic.json" }

    /// Takes the server out of Patroni's hands, which leaves it as it is; nothing to do without Patroni.
    ///
    /// - Parameter pauses: Whether no other member may take over meanwhile.
    /// - Returns: The unit of systemd that ran it; nil if none did.
    @discardableResult
    func stopManager(_ report: inout AdminReport, pauses: Bool = true) throws -> String? {
        guard try control().service == .patroni, let patroni = specification.patroni else { return nil }
        var unit: String?
        if let process = try PatroniProcess.find(dataDirectory: place.data) {
            guard process.isCertain else {
                throw AdminRefusal(
                    .configuration,
                    "a Patroni (process \(process.process)) runs, and whether it watches over '\(place.data)' cannot be told: "
                        + "its '\(process.configuration)' cannot be read, or has no data_dir",
                    hints: ["if it does, stop it and run this again; else give its configuration as a full path"])
            }
            // Paused, it neither stops the server with itself nor has another member take over.
            let manager = PatroniControl(patroni)
            let hasPaused = try pauses && manager.pause()
            unit = SystemService.unit(ofProcess: process.process) { $0.hasPrefix("patroni") }
            do {
                try stop(process, unit)
            } catch {
                // Left paused, the cluster would be without failover.
                if hasPaused, case .failure(let second) = Result(catching: manager.resume) {
                    report.ok("patroni", "WARNING: the cluster stays paused: \(second)")
                }
                throw error
            }
            report.changed("patroni", "\(pauses ? "paused, and " : "")stopped on this host")
        } else {
            report.ok("patroni", "does not run for '\(place.data)'")
        }
        try keepConfiguration()
        return unit
    }

    private func keepConfiguration() throws(RoostError) {
        guard try FileStatus.of(keptConfiguration) == nil, try FileStatus.of(dynamicConfiguration) != nil else {
            return
        }
        let text = String(decoding: try FileSystem.read(dynamicConfiguration), as: UTF8.self)
        // As Python writes it. A paused Patroni would leave the recovered server stopped.
        let kept = [", \"pause\": true", "\"pause\": true, ", "\"pause\": true"].reduce(text) {
            $0.replacing($1, with: "")
        }
        try DurableFile.write(keptConfiguration, Array(kept.utf8), mode: 0o600)
    }

    /// Has the store begin with the configuration as it was: settings that hold only after a restart hold from the start, and
    /// neither a backup's copy nor that of another cluster takes effect.
    private func bringBackConfiguration() throws(RoostError) {
        guard try FileStatus.of(keptConfiguration) != nil else {
            try FileSystem.removeFile(dynamicConfiguration)
            return
        }
        try DurableFile.write(dynamicConfiguration, try FileSystem.read(keptConfiguration), mode: 0o600)
    }

    private func stop(_ process: PatroniProcess, _ unit: String?) throws {
        if let unit {
            try SystemService.perform(.stop, unit)
        } else {
            _ = CurrentProcess.terminate(process.process)  // what matters is seen below
        }
        try hold(until: "Patroni to stop") { try PatroniProcess.find(dataDirectory: place.data) == nil }
    }

    /// Starts Patroni on the data directory and waits until it has its server running, as leader of a cluster that begins anew
    /// in the store, or as one who follows.
    ///
    /// - Parameter unit: Of systemd, that ran it before.
    func startPatroni(_ unit: String?, _ report: inout AdminReport) throws {
        guard let patroni = specification.patroni else { preconditionFailure("checked by ServerControl") }
        let manager = PatroniControl(patroni)
        let isRunning = try PatroniProcess.find(dataDirectory: place.data) != nil
        if specification.isDeclaredPrimary, !isRunning { try bringBackConfiguration() }
        if let unit = unit ?? (SystemService.isThere && SystemService.knows("patroni") ? "patroni" : nil) {
            try SystemService.perform(.start, unit)
        } else if !isRunning {
            try startProcess(patroni)
        }
        if !specification.isDeclaredPrimary {
            try waitForReplica(patroni.member, manager)
            return report.changed("patroni", "'\(patroni.member)' runs")
        }
        try hold(until: "Patroni to make '\(patroni.member)' the leader") {
            try isUp()
                && manager.members().contains { $0.name == patroni.member && $0.isLeader && $0.state == "running" }
        }
        report.changed("patroni", "'\(patroni.member)' is the leader of '\(patroni.scope)'")
    }

    /// A copy takes as long as it takes.
    private func waitForReplica(_ member: String, _ manager: PatroniControl) throws {
        var isCopying = true
        while isCopying {
            try hold(until: "Patroni to have '\(member)' running") {
                let found = try manager.members().first { $0.name == member }
                isCopying = found?.state == "creating replica"
                guard !isCopying else { return true }
                return try isUp() && found?.isRunning == true
            }
            if isCopying { try Interrupt.sleep(milliseconds: 500) }
        }
    }

    /// Whether the server itself runs: the store may tell still of what was before.
    private func isUp() throws(RoostError) -> Bool {
        // PostgreSQL 9.6 does not say more.
        ["ready", "standby", ""].contains(try Postmaster.running(in: place.data)?.state)
    }

    private func startProcess(_ patroni: ClusterSpecification.Patroni) throws {
        guard let path = ChildProgram.find("patroni", in: ["/usr/bin", "/usr/local/bin"]),
            let session = ChildProgram.find("setsid", in: ["/usr/bin"])
        else {
            throw AdminRefusal(.configuration, "there is no patroni, or no setsid, in PATH to start it with")
        }
        // In a session of its own, so that it stays when this ends.
        var program = ChildProgram(session, ["--fork", path, patroni.configuration])
        program.output = .discarded
        program.errors = .discarded
        let result = try program.run()
        guard result.succeeded else { throw result.failure("unable to start Patroni", code: .service) }
    }

    /// Has the store forget the cluster: its members would take the recovered server for one of another cluster, or for one
    /// that lags behind.
    ///
    /// All below `<namespace>/<scope>/`, with the slash, so that `pg-meta` never takes `pg-meta2` along (T5). Patroni must be
    /// stopped on all members.
    func forgetCluster(_ report: inout AdminReport) throws {
        guard try control().service == .patroni, specification.isDeclaredPrimary, let patroni = specification.patroni
        else { return }
        let manager = PatroniControl(patroni)
        // A member that still runs would begin the cluster anew, with the data of before.
        try hold(
            until: "the other members of '\(patroni.scope)' to stop (stop Patroni there)", patience: Self.otherPatience
        ) {
            try manager.members().allSatisfy {
                $0.name == patroni.member || $0.isGone
            }
        }
        let leader = try manager.members().first { $0.isLeader }?.name
        // What it asks: the name, that one is aware, and the leader if there is one.
        let answers = [patroni.scope, "Yes I am aware"] + (leader.map { [$0] } ?? [])
        _ = try manager.run(
            "remove from the store", ["remove", patroni.scope], input: answers.map { "\($0)\n" }.joined())
        report.changed("store", "'\(patroni.namespace)/\(patroni.scope)/' removed")
    }

    /// Lets Patroni have its servers running again, where `down` has changed nothing else.
    func resumeCluster(_ report: inout AdminReport) throws {
        guard try control().service == .patroni, let patroni = specification.patroni else { return }
        let manager = PatroniControl(patroni)
        if specification.isDeclaredPrimary {
            try manager.resume()
        } else {
            // A replica waits for its primary, which may be stopped for a recovery of all; the store may tell still of before.
            guard try manager.members().contains(where: { $0.isLeader && $0.isRunning }), try manager.resumeOthers()
            else {
                return report.ok("store", "'\(patroni.scope)' stays paused, if it is: its primary does not run")
            }
        }
        report.changed("store", "'\(patroni.scope)' is not paused any more")
    }

    /// Waits until something is so, looking twice a second.
    func hold(until what: String, patience: Int64 = patience, _ condition: () throws -> Bool) throws {
        let begin = monotonicMilliseconds()
        while true {
            do {
                if try condition() { return }
            } catch {
                // The store or a member may not answer for a moment.
                guard let code = (error as? RoostError)?.code, [.service, .dbConnect].contains(code) else {
                    throw error
                }
            }
            guard monotonicMilliseconds() - begin < patience else {
                throw RoostError(
                    .service, "still waiting for \(what) after \(patience / 1000)s",
                    hints: ["its log tells why; then run the same command again"])
            }
            try Interrupt.sleep(milliseconds: 500)
        }
    }
}
