internal import RoostAdmin
internal import RoostSystem

extension AdminCommand {
    /// `roost enable`.
    static let enable = AdminCommand(
        name: "enable", summary: "has a cluster back itself up: configuration, stanza, archiving, a first backup",
        details: """
            Run it as the user that PostgreSQL runs as, on each member. Every step looks first: a second run changes nothing.
            A server that does not archive yet is restarted, unless --restart=never says that somebody else will do it.
            Phases: dir, config, init (stop file, spool, stanza, archive settings, check), backup.
            """,
        options: [
            AdminOption(name: "phase", value: "LIST", summary: "only these phases, with commas between"),
            AdminOption(name: "restart", value: "WHEN", summary: "auto, or never"),
            AdminOption(name: "mismatch", value: "WHAT", summary: "a stanza of another cluster: fail, or upgrade"),
            AdminOption(name: "repo-path", value: "DIR", summary: "directory of the repository (/pg/backup)"),
            AdminOption(name: "retention-full", value: "N", summary: "full backups to keep; without it all are kept"),
            AdminOption(name: "no-backup", summary: "make no first backup"),
        ]
    ) { arguments, report in
        var specification = try arguments.specification()
        // Who types the command has asked for it.
        if arguments["spec"] == nil { specification.requested = true }
        try apply(arguments, to: &specification)
        let phases = try parse(phases: arguments["phase"])
        let engine = CommandEngine(specification, isQuiet: arguments.wantsJSON)
        let enabling = try Enabling(
            specification, engine: engine, program: try OwnProgram.forArchiving(),
            processors: Host.processors, isDryRun: arguments.isDryRun)
        enabling.run(phases, &report)
    }

    private static func apply(
        _ arguments: AdminArguments, to specification: inout ClusterSpecification
    ) throws(AdminRefusal) {
        if let restart: ClusterSpecification.Restart = try arguments.choice("restart") {
            specification.restart = restart
        }
        if let mismatch: ClusterSpecification.Mismatch = try arguments.choice("mismatch") {
            specification.mismatch = mismatch
        }
        if let path = arguments["repo-path"] { specification.repository.options["path"] = path }
        if let count = arguments["retention-full"] { specification.repository.options["retention-full"] = count }
        if arguments.has("no-backup") { specification.initialBackup = false }
    }

    private static func parse(phases list: String?) throws(AdminRefusal) -> Set<Enabling.Phase> {
        guard let list else { return Set(Enabling.Phase.allCases) }
        var phases: Set<Enabling.Phase> = []
        for name in list.split(separator: ",") {
            guard let phase = Enabling.Phase(rawValue: String(name)) else {
                let known = Enabling.Phase.allCases.map(\.rawValue).joined(separator: ", ")
                throw AdminRefusal(.usage, "--phase is '\(name)', expected some of \(known)")
            }
            phases.insert(phase)
        }
        return phases
    }
}

extension AdminArguments {
    /// The value of an option that is one of a few words.
    func choice<C: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(AdminRefusal) -> C? where C.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let choice = C(rawValue: text) else {
            let known = C.allCases.map(\.rawValue).joined(separator: " or ")
            throw AdminRefusal(.usage, "--\(name) is '\(text)', expected \(known)")
        }
        return choice
    }
}
