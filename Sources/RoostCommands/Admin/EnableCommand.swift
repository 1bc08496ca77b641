internal import RoostAdmin
internal import RoostSystem

extension AdminCommand {
    /// `roost enable`.
    static let enable = AdminCommand(
        cluster: "enable", summary: "have a cluster back itself up: configuration, stanza, archiving, a first backup",
        description: """
            Run it as the user that PostgreSQL runs as, on each member. Every step looks first: a second run changes nothing.
            A server that does not archive yet is restarted, unless --restart=never says that somebody else will do it.
            Phases: dir, config, init (stop file, spool, stanza, archive settings, check), backup.
            """,
        options: [
            ToolOption("phase", value: "LIST", "only these phases, with commas between"),
            ToolOption("restart", value: "WHEN", "auto, or never"),
            ToolOption("mismatch", value: "WHAT", "a stanza of another cluster: fail, or upgrade"),
            ToolOption("repo-path", value: "DIR", "directory of the repository (/pg/backup)"),
            ToolOption("retention-full", value: "N", "full backups to keep; without it all are kept"),
            ToolOption("no-backup", "make no first backup"),
        ],
        body: .steps { arguments, report in
            var specification = try arguments.specification()
            // Who types the command has asked for it.
            if arguments["spec"] == nil { specification.requested = true }
            try apply(arguments, to: &specification)
            specification.declareFoundRole()
            let phases = try parse(phases: arguments["phase"])
            let engine = CommandEngine(specification, isQuiet: arguments.wantsJSON)
            let enabling = try Enabling(
                specification, engine: engine, program: try OwnProgram.forArchiving(),
                processors: Host.processors, isDryRun: arguments.isDryRun)
            enabling.run(phases, &report)
        })

    private static func apply(
        _ arguments: ToolArguments, to specification: inout ClusterSpecification
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
