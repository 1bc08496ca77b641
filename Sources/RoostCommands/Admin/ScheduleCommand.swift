internal import RoostAdmin
internal import RoostSystem

extension AdminCommand {
    /// `roost schedule`.
    static let schedule = AdminCommand(
        cluster: "schedule", operands: "apply|show|remove",
        summary: "write the lines by which cron backs a cluster up, in a block of the dbsu's crontab",
        description: """
            apply takes the lines from 'crontab' of the specification, or from --lines; an empty list removes the block.
            Lines outside of the block are nobody's but yours. Usual is: 00 01 * * * /pg/bin/pg-backup full
            """,
        options: [
            ToolOption("lines", value: "FILE", "the lines, one each; - for standard input"),
            ToolOption("user", value: "NAME", "whose crontab (postgres)"),
            ToolOption("crontab-file", value: "FILE", "a file in the place of cron's own"),
        ],
        body: .steps { arguments, report in
            var specification = try arguments.specification()
            if let user = arguments["user"] { specification.account = user }
            let schedule = Schedule(
                specification, store: arguments["crontab-file"].map { .file($0) } ?? .program,
                isDryRun: arguments.isDryRun)
            switch arguments.operands[0] {
            case "show": try schedule.show(&report)
            case "remove": try schedule.remove(&report)
            case "apply":
                guard let lines = try readLines(arguments) ?? specification.crontab else {
                    return report.skipped("crontab", "no lines are told, so those that are there stay")
                }
                try schedule.apply(lines, &report)
            case let word: throw AdminRefusal(.usage, "'\(word)' is unknown, expected apply, show or remove")
            }
        })

    private static func readLines(_ arguments: ToolArguments) throws -> [String]? {
        guard let source = arguments["lines"] else { return nil }
        return try ToolArguments.content(of: source).split(separator: "\n").map(String.init).filter {
            !$0.allSatisfy(\.isWhitespace)
        }
    }
}
