internal import RoostAdmin
internal import RoostFormat
internal import RoostSystem

extension AdminCommand {
    /// `roost pitr STEP`: the recovery of one member, step by step.
    static let pitr = AdminCommand(
        name: "pitr", operands: "plan|down|restore|wait|promote|verify|up|undo|accept", operandCount: 1...1,
        summary: "brings one member of a cluster to a point in time, in steps that can be undone",
        details: """
            plan      what would be done, and what can be reached; changes nothing
            down      stop Patroni, if there is one, and the server
            restore   give what is there a dated name, and restore; a target that cannot be reached is refused first
            wait      start the server and wait until it stands at the target, for as long as it takes
            promote   end a recovery that waits at its target
            verify    what the server is now; changes nothing
            up        start it as in daily life; only when recovery is over
            undo      bring back what was there, as it was; until it is accepted
            accept    remove what was kept; needs --yes

            Each step can be run again. Where it stands is kept in <data>.pitr beside the data directory, with the
            messages of the recovering server. --spec may hold the mapping 'pitr' with the keys of pg_pitr.
            """,
        options: [
            AdminOption(
                name: "type", value: "TYPE", summary: "default, latest, immediate, time, name, lsn, xid (default)"),
            AdminOption(name: "target", value: "VALUE", summary: "the time, restore point, LSN or transaction"),
            AdminOption(
                name: "action", value: "ACTION", summary: "at the target: pause (the default), promote, shutdown"),
            AdminOption(name: "exclusive", summary: "stop just before the target"),
            AdminOption(name: "set", value: "LABEL", summary: "backup set to begin with"),
            AdminOption(name: "timeline", value: "ID", summary: "latest, current or a number"),
            AdminOption(
                name: "source", value: "NAME", summary: "the stanza of another cluster, of which this becomes a copy"),
            AdminOption(name: "in-place", summary: "restore over what is there; then nothing can be undone"),
            AdminOption(name: "timeout", value: "SECONDS", summary: "how long `wait` waits; for ever without"),
            AdminOption(name: "yes", summary: "confirm what cannot be undone"),
        ]
    ) { arguments, report in
        var specification = try arguments.specification()
        try arguments.aim(&specification)
        let pitr = try Pitr(specification)
        switch arguments.operands[0] {
        case "plan": try pitr.plan(&report)
        case "down": try pitr.down(&report)
        case "restore": try pitr.restore(&report)
        case "wait": try pitr.wait(&report, timeout: try arguments.timeout())
        case "promote": try pitr.promote(&report)
        case "verify": try pitr.verify(&report)
        case "up": try pitr.up(&report)
        case "undo": try pitr.undo(&report)
        case "accept": try pitr.accept(&report, isConfirmed: arguments.has("yes"))
        case let step:
            throw AdminRefusal(.usage, "'\(step)' is no step of a recovery", hints: ["roost pitr --help lists them"])
        }
    }
}

extension AdminArguments {
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

    fileprivate func timeout() throws(AdminRefusal) -> Int64? {
        guard let text = self["timeout"] else { return nil }
        guard let seconds = Int64(text), (1...10_000_000).contains(seconds) else {
            throw AdminRefusal(.usage, "--timeout is '\(text)', expected a number of seconds")
        }
        return seconds * 1000
    }
}
