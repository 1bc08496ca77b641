internal import RoostAdmin
internal import RoostFormat

extension AdminCommand {
    /// `roost clone check|adopt`: a cluster from the repository of another.
    static let clone = AdminCommand(
        cluster: "clone", operands: "check|adopt",
        summary: "make a cluster that is restored from another one's stanza a cluster of its own",
        description: """
             check     whether the stanza of the source can be restored here; changes nothing
             adopt     after `roost pitr up`: subscriptions off, own stanza, archiving on, a full backup

            Between the two, on the host of the new cluster: roost pitr down, restore, wait, promote, up with
            --source=NAME. The source is only read.
            """,
        options: [
            ToolOption("source", value: "NAME", "the stanza that is copied (check)"),
            ToolOption(
                "stanza-mode", value: "MODE",
                "the stanza that is there: upgrade (the default) keeps its backups, recreate deletes them"),
            ToolOption("yes", "confirm what cannot be undone"),
        ],
        body: .steps { arguments, report in
            var specification = try arguments.specification()
            if let source = arguments["source"] {
                var members: [String: JSONValue] = [:]
                if case .object(let told) = specification.pitr { members = told }
                members["cluster"] = .string(source)
                specification.pitr = .object(members)
            }
            let text = arguments["stanza-mode"] ?? "upgrade"
            guard let mode = Clone.StanzaMode(rawValue: text) else {
                throw AdminRefusal(.usage, "--stanza-mode is '\(text)', expected upgrade or recreate")
            }
            let engine = CommandEngine(specification, isQuiet: arguments.wantsJSON)
            let clone = try Clone(specification, engine: engine, mode: mode)
            switch arguments.operands[0] {
            case "check": try clone.check(&report)
            case "adopt": try clone.adopt(&report, isConfirmed: arguments.has("yes"))
            case let step: throw AdminRefusal(.usage, "'\(step)' is neither check nor adopt")
            }
        })
}
