internal import RoostSystem

/// Patroni steps aside for a recovery, and takes over when it is over.
extension Pitr {
    /// How long Patroni may take to stop, or to have its server running, in milliseconds.
    private static let patience: Int64 = 300_000

    /// The dynamic configuration of the cluster as it was, which is lost with the keys in the store.
    private var dynamicConfiguration: String { place.directory + "/patroni.yml" }

    private var hasSystemd: Bool {
        // What cannot be looked at is not there for us.
        (try? FileStatus.of("/run/systemd/system", followingLinks: true))?.kind == .directory
    }

    /// Takes the server out of Patroni's hands, which leaves it as it is; nothing to do without Patroni.
    func stopManager(_ report: inout AdminReport) throws {
        guard try control().service == .patroni, let patroni = specification.patroni else { return }
        guard let process = try PatroniProcess.find(dataDirectory: place.data) else {
            return report.ok("patroni", "does not run for '\(place.data)'")
        }
        let manager = PatroniControl(patroni)
        if try FileStatus.of(dynamicConfiguration) == nil {
            let text = try manager.run("show the configuration of", ["show-config", patroni.scope]).output
            let kept = text.split(separator: "\n").filter { !$0.hasPrefix("pause:") }.joined(separator: "\n")
            try DurableFile.write(dynamicConfiguration, Array("\(kept)\n".utf8), mode: 0o600)
        }
        // Paused, it neither stops the server with itself nor has another member take over.
        try tolerate("already paused") { try manager.pause() }
        try stop(process)
        report.changed("patroni", "paused, and stopped on this host")
    }

    private func stop(_ process: PatroniProcess) throws {
        if hasSystemd {
            try systemctl("stop")
        } else {
            guard CurrentProcess.terminate(process.process) else { return }
        }
        try hold(until: "Patroni to stop") { try PatroniProcess.find(dataDirectory: place.data) == nil }
    }

    /// Starts Patroni on the data directory and waits until it has its server running, as leader of a cluster that begins anew
    /// in the store, or as one who follows.
    func startPatroni(_ report: inout AdminReport) throws {
        guard let patroni = specification.patroni else { preconditionFailure("checked by ServerControl") }
        try FileSystem.removeFile("\(place.data)/patroni.dynamic.json")
        let manager = PatroniControl(patroni)
        if hasSystemd {
            try systemctl("start")
        } else if try PatroniProcess.find(dataDirectory: place.data) == nil {
            try startProcess(patroni)
        }
        if !specification.isDeclaredPrimary {
            try hold(until: "Patroni to have '\(patroni.member)' running") {
                try manager.members().contains {
                    $0.name == patroni.member && ["running", "streaming"].contains($0.state)
                }
            }
            return report.changed("patroni", "'\(patroni.member)' runs")
        }
        // Paused it may leave the server stopped that it finds.
        try tolerate("not paused", "no active") { try manager.resume() }
        try hold(until: "Patroni to make '\(patroni.member)' the leader") {
            try manager.members().contains { $0.name == patroni.member && $0.isLeader && $0.state == "running" }
        }
        if try FileStatus.of(dynamicConfiguration) != nil {
            _ = try manager.run(
                "bring back the configuration of",
                ["edit-config", patroni.scope, "--replace", dynamicConfiguration, "--force", "--quiet"])
        }
        report.changed("patroni", "'\(patroni.member)' is the leader of '\(patroni.scope)'")
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

    private func systemctl(_ action: String) throws {
        guard let path = ChildProgram.find("systemctl") else {
            throw AdminRefusal(.configuration, "there is no systemctl in PATH")
        }
        let result = try ChildProgram(path, ["--no-ask-password", action, "patroni"]).run()
        guard result.succeeded else {
            throw result.failure("unable to \(action) the service 'patroni'", code: .service)
        }
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
        let leader = try manager.members().first { $0.isLeader }?.name
        // What it asks: the name, that one is aware, and the leader if there is one.
        let answers = [patroni.scope, "Yes I am aware"] + (leader.map { [$0] } ?? [])
        _ = try manager.run(
            "remove from the store", ["remove", patroni.scope], input: answers.map { "\($0)\n" }.joined())
        report.changed("store", "'\(patroni.namespace)/\(patroni.scope)/' removed")
    }

    /// Waits until something is so, looking twice a second.
    private func hold(until what: String, _ condition: () throws -> Bool) throws {
        let begin = monotonicMilliseconds()
        while true {
            do {
                if try condition() { return }
            } catch {
                // The store or a member may not answer for a moment.
                guard (error as? RoostError)?.code == .service else { throw error }
            }
            guard monotonicMilliseconds() - begin < Self.patience else {
                throw RoostError(
                    .service, "still waiting for \(what) after \(Self.patience / 1000)s",
                    hints: ["its log tells why; then run the same command again"])
            }
            try Interrupt.sleep(milliseconds: 500)
        }
    }

    /// What is as wanted already is told as a failure.
    private func tolerate(_ words: String..., body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            let message = RoostError.wrapping(error).message
            guard words.contains(where: message.contains) else { throw error }
        }
    }
}
