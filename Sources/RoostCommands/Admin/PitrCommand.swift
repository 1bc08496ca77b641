internal import RoostAdmin
internal import RoostFormat
internal import RoostSystem

extension AdminCommand {
    /// `roost pitr STEP`: the recovery of one member, step by step.
    static let pitr = AdminCommand(
        cluster: "pitr", operands: "plan|down|restore|wait|promote|verify|up|undo|accept",
        summary: "bring one member of a cluster to a point in time, in steps that can be undone",
        description: """
             plan      what would be done, and what can be reached; changes nothing
             down      stop Patroni, if there is one, and the server
             restore   give what is there a dated name, and restore; a target that cannot be reached is refused first
             wait      start the server and wait until it stands at the target, for as long as it takes
             promote   end a recovery that waits at its target
             verify    what the server is now; changes nothing
             up        start it as in daily life; only when recovery is over
             undo      bring back what was there, as it was; until it is accepted; after `up` it needs --yes
             accept    remove what was kept; needs --yes

            Each step can be run again. Where it stands is kept in <data>.pitr beside the data directory, with the
            messages of the recovering server. --spec may hold the mapping 'pitr' with the keys of pg_pitr.
            """,
        options: [
            ToolOption("type", value: "TYPE", "default, latest, immediate, time, name, lsn, xid (default)"),
            ToolOption("target", value: "VALUE", "the time, restore point, LSN or transaction"),
            ToolOption("action", value: "ACTION", "at the target: pause (the default), promote, shutdown"),
            ToolOption("exclusive", "stop just before the target"),
            ToolOption("set", value: "LABEL", "backup set to begin with"),
            ToolOption("timeline", value: "ID", "latest, current or a number"),
            ToolOption("source", value: "NAME", "the stanza of another cluster, of which this becomes a copy"),
            ToolOption("in-place", "restore over what is there; then nothing can be undone"),
            ToolOption("timeout", value: "SECONDS", "how long `wait` waits; for ever without"),
            ToolOption("yes", "confirm what cannot be undone"),
        ],
        body: .steps { arguments, report in
            var specification = try arguments.specification()
            try arguments.aim(&specification)
            let pitr = try Pitr(specification)
            switch arguments.operands[0] {
            case "plan": try pitr.plan(&report)
            case "down": try pitr.down(&report)
            case "restore": try pitr.restore(&report)
            case "wait": try pitr.wait(&report, timeout: try timeout(arguments))
            case "promote": try pitr.promote(&report)
            case "verify": try pitr.verify(&report)
            case "up": try pitr.up(&report)
            case "undo": try pitr.undo(&report, isConfirmed: arguments.has("yes"))
            case "accept": try pitr.accept(&report, isConfirmed: arguments.has("yes"))
            case let step:
                throw AdminRefusal(
                    .usage, "'\(step)' is no step of a recovery", hints: ["roost pitr --help lists them"])
            }
        })

    /// In milliseconds.
    private static func timeout(_ arguments: ToolArguments) throws(AdminRefusal) -> Int64? {
        try arguments.number("timeout", of: "seconds", in: 1...10_000_000).map { $0 * 1000 }
    }
}

extension ToolArguments {
    /// What single options say of the recovery, in the place of the mapping's.
    fileprivate func aim(_ specification: inout ClusterSpecification) throws(AdminRefusal) {
        var members: [String: JSONValue] = [:]
        if case .object(let told) = specification.pitr { members = told }
        if let type = self["type"] {
            for key in ["time", "name", "lsn", "xid"] { members[key] = nil }
            members["type"] = .string(type)
        }
        if let target = self["target"] {
            guard let type = self["type"], ["time", "name", "lsn", "xid"].contains(type) else {
                throw AdminRefusal(.usage, "--target needs --type: time, name, lsn or xid")
            }
            members[type] = .string(target)
        }
        for key in ["action", "set", "timeline"] {
            if let value = self[key] { members[key] = .string(value) }
        }
        if let source = self["source"] { members["cluster"] = .string(source) }
        if has("exclusive") { members["exclusive"] = .bool(true) }
        if has("in-place") { members["backup"] = .bool(false) }
        if !members.isEmpty { specification.pitr = .object(members) }
    }
}
