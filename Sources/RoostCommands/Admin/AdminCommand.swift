internal import RoostAdmin
internal import RoostSystem

/// A command of the administrator: its command line, and what it does, told as an ``AdminReport``.
struct AdminCommand: Sendable {
    var name: String
    /// What follows the options in the first line of the help: `apply|show|remove`.
    var operands = ""
    /// How many words that are no options it takes.
    var operandCount = 0...0
    /// One line.
    var summary: String
    /// Further lines of the help.
    var details = ""
    var options: [AdminOption] = []
    /// Adds its steps to the report; an error that it throws becomes a failed step of the command's name.
    var body: @Sendable (AdminArguments, inout AdminReport) throws -> Void

    /// - Returns: The exit status of the process.
    func run(_ words: [String]) -> Int32 {
        let arguments: AdminArguments
        do {
            arguments = try parse(words)
        } catch {
            var report = AdminReport()
            var refusal = error
            refusal.hints.append("roost \(name) --help tells what is understood")
            report.failed(name, refusal)
            return show(report, asJSON: words.contains("--output=json"))
        }
        guard !arguments.wantsHelp else {
            StandardOutput.write(help)
            return 0
        }
        Interrupt.install()
        var report = AdminReport(isDryRun: arguments.isDryRun)
        do {
            try body(arguments, &report)
        } catch {
            report.failed(name, error)
        }
        return show(report, asJSON: arguments.wantsJSON)
    }

    private func parse(_ words: [String]) throws(AdminRefusal) -> AdminArguments {
        let arguments = try AdminArguments(words, options: options)
        guard arguments.wantsHelp || operandCount.contains(arguments.operands.count) else {
            let shown = arguments.operands.map { "'\($0)'" }.joined(separator: " ")
            throw AdminRefusal(
                .usage, arguments.operands.isEmpty ? "an argument is missing" : "unexpected arguments \(shown)")
        }
        return arguments
    }

    private func show(_ report: AdminReport, asJSON: Bool) -> Int32 {
        guard !asJSON else {
            StandardOutput.write(report.json)
            return report.code
        }
        StandardOutput.write(report.text)
        for step in report.steps where step.status == .failed {
            StandardOutput.writeError("ERROR: [\(pad(Int(report.code), 3))]: \(step.message)\n")
        }
        return report.code
    }

    var help: String {
        var text = "roost \(name) [OPTION...]\(operands.isEmpty ? "" : " \(operands)")\n\n\(summary)\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        text += "\nOptions:\n"
        let all = options + AdminOption.common
        let heads = all.map { "  --\($0.name)" + ($0.value.map { "=\($0)" } ?? "") }
        let width = heads.map(\.count).max() ?? 0
        for (head, option) in zip(heads, all) {
            text += head + String(repeating: " ", count: width - head.count + 2) + option.summary + "\n"
        }
        return text
    }
}

extension AdminCommand {
    /// What the general help says about them.
    static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        let lines = all.map { command in
            "    \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)\n"
        }
        return "\nFor whole clusters, each with --help:\n\(lines.joined())"
    }

    /// The command that words ask for, or ask for help about.
    static func named(in words: [String]) -> (command: AdminCommand, words: [String])? {
        let asksForHelp = words.count == 2 && words[0] == "help"
        guard let name = asksForHelp ? words[1] : words.first, let command = all.first(where: { $0.name == name })
        else { return nil }
        return (command, asksForHelp ? ["--help"] : Array(words.dropFirst()))
    }

    /// Those that are commands of `roost`, and of no other name.
    static let all: [AdminCommand] = [.enable, .disable, .remove, .role, .schedule]
}
