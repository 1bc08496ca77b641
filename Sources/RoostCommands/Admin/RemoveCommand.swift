internal import RoostAdmin
internal import RoostSystem

extension AdminCommand {
    /// `roost disable`.
    static let disable = AdminCommand(
        cluster: "disable", summary: "have a server archive nothing any more; its backups and its data stay",
        description:
            "The command that archives becomes one that does nothing, at once; `roost enable` switches all on again.",
        body: .steps { arguments, report in
            let specification = try arguments.specification()
            try Parking(specification, isDryRun: arguments.isDryRun).run(&report)
        })

    /// `roost remove`.
    static let remove = AdminCommand(
        cluster: "remove", summary: "delete the stanza of a cluster with all its backups; this cannot be undone",
        description: """
            Run it as the user that PostgreSQL runs as. On the primary the stanza goes; on a replica only what lies on that host, and
            a local repository that holds no backup. A running server goes on, and archives nothing any more.
            A locked repository ends it with exit status 60 before anything is destroyed.
            """,
        options: [
            ToolOption("yes", "delete without asking; else the stanza's name is typed on a terminal"),
            ToolOption("keep", "keep backups and configuration, remove spool and locks only"),
            ToolOption("probe", "tell whether the repository is locked (60) or not (0), change nothing"),
            ToolOption("wait", value: "SECONDS", "how long running commands may take to end (60)"),
            ToolOption("foreign", "also a stanza that belongs to another cluster"),
        ],
        body: .steps { arguments, report in
            var specification = try arguments.specification()
            specification.declareFoundRole()
            guard !arguments.has("keep") || !arguments.has("probe") else {
                throw AdminRefusal(.usage, "--keep and --probe exclude each other")
            }
            let wish: Removal.Wish =
                if arguments.has("probe") { .probe } else if arguments.has("keep") { .keepsBackups } else {
                    .everything
                }
            let isSure = arguments.has("yes")
            let isQuiet = arguments.wantsJSON
            let removal = Removal(
                specification, engine: CommandEngine(specification, isQuiet: isQuiet), wish: wish,
                includesForeign: arguments.has("foreign"),
                patience: (try arguments.number("wait", of: "seconds", in: 0...86_400) ?? 60) * 1000,
                isDryRun: arguments.isDryRun
            ) { plan in try consent(to: plan, isSure: isSure, isQuiet: isQuiet) }
            removal.run(&report)
        })

    /// Says what goes, and has a person type the name of the stanza.
    private static func consent(to plan: RemovalPlan, isSure: Bool, isQuiet: Bool) throws {
        let warning = "This deletes \(plan.text).\nIt cannot be undone.\n"
        guard !isSure else {
            if !isQuiet { StandardOutput.writeError(warning) }
            return
        }
        guard !isQuiet, StandardOutput.isConversation else {
            throw AdminRefusal(
                .unconfirmed, "this would delete \(plan.text)", hints: ["--yes deletes it without asking"])
        }
        StandardOutput.writeError("\(warning)Type the name of the stanza to go on: ")
        guard try StandardInput.readLine() == plan.stanza else {
            throw AdminRefusal(.unconfirmed, "the name of the stanza was not typed, so nothing was deleted")
        }
    }
}
