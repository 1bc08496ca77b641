internal import RoostAdmin
internal import RoostSystem

/// A command of the administrator: its command line, and what it does.
struct AdminCommand: Sendable {
    enum Body: Sendable {
        /// Adds its steps to the report; an error that it throws becomes a failed step of the command's name.
        case steps(@Sendable (ToolArguments, inout AdminReport) throws -> Void)
        /// The same for one whose report of what is wrong is no failure that has to be told twice.
        case findings(@Sendable (ToolArguments, inout AdminReport) throws -> Void)
        /// Writes on its own; the exit status.
        case output(@Sendable (ToolArguments) throws -> Int32)
    }

    let sheet: CommandSheet
    /// How many words that are no options it takes.
    private let operandCount: ClosedRange<Int>
    /// Whether words after `--` are for another program.
    private let passesOn: Bool
    private let body: Body

    init(_ sheet: CommandSheet, operands: ClosedRange<Int> = 0...0, passesOn: Bool = false, _ body: Body) {
        self.sheet = sheet
        operandCount = operands
        self.passesOn = passesOn
        self.body = body
    }

    /// One that is about a cluster, with the options that such commands have in common.
    ///
    /// - Parameter operands: Those words that it takes exactly one of, as the synopsis shows them.
    init(
        cluster name: String, operands: String? = nil, summary: String, description: String,
        options: [ToolOption] = [], body: Body
    ) {
        let sheet = CommandSheet(
            name: name, summary: summary, synopsis: ["[OPTION]..." + (operands.map { " \($0)" } ?? "")],
            description: description,
            options: options + ToolArguments.clusterOptions + [.dryRun, .output, .help])
        self.init(sheet, operands: operands == nil ? 0...0 : 1...1, body)
    }

    /// - Returns: The exit status of the process.
    func run(_ words: [String]) -> Int32 {
        var report = AdminReport()
        var wantsJSON = ToolArguments.wantsJSON(words)
        do {
            let arguments = try ToolArguments(words, sheet.options, of: "roost \(sheet.name)")
            guard !arguments.wantsHelp else {
                StandardOutput.write(sheet.help)
                return 0
            }
            wantsJSON = arguments.wantsJSON
            report = AdminReport(isDryRun: arguments.isDryRun)
            try check(arguments)
            Interrupt.install()
            switch body {
            case .steps(let body), .findings(let body): try body(arguments, &report)
            case .output(let body): return try body(arguments)
            }
        } catch {
            report.failed(sheet.name, error)
        }
        return show(report, asJSON: wantsJSON)
    }

    private func check(_ arguments: ToolArguments) throws(AdminRefusal) {
        let operands = arguments.operands
        guard operands.count >= operandCount.lowerBound else { throw arguments.usage("an argument is missing") }
        guard operands.count <= operandCount.upperBound else {
            // Never the words themselves: one may be a password that lost its option.
            let limit = operandCount.upperBound
            throw arguments.usage(
                "\(operands.count) arguments that are no options, expected \(limit == 0 ? "none" : "\(limit)")")
        }
        guard passesOn || arguments.passedOn == nil else { throw arguments.usage("nothing is passed on after '--'") }
    }

    private func show(_ report: AdminReport, asJSON: Bool) -> Int32 {
        guard !asJSON else {
            StandardOutput.write(report.json)
            return report.code
        }
        switch body {
        case .steps: StandardOutput.write(report.text)
        case .findings:
            StandardOutput.write(report.text)
            return report.code
        case .output: break
        }
        for step in report.steps where step.status == .failed {
            StandardOutput.writeError("ERROR: [\(pad(Int(report.code), 3))]: \(step.message)\n")
        }
        return report.code
    }
}

extension AdminCommand {
    /// Those that are commands of `roost`, and of no other name, in alphabetical order.
    static let all: [AdminCommand] = [
        .clone, .disable, .doctor, .dump, .enable, .exporter, .install, .pitr, .remove, .role, .schedule, .uninstall,
    ]

    /// What the general help says about them.
    static var overview: String {
        let width = all.map(\.sheet.name.count).max() ?? 0
        let lines = all.map(\.sheet).map { sheet in
            "    \(sheet.name)\(String(repeating: " ", count: width - sheet.name.count))  \(sheet.summary)\n"
        }
        return "\nFor administrators, each with --help:\n\(lines.joined())"
    }

    /// The command that words ask for, or ask for help about.
    static func named(in words: [String]) -> (command: AdminCommand, words: [String])? {
        let asksForHelp = words.count == 2 && words[0] == "help"
        guard let name = asksForHelp ? words[1] : words.first, let command = all.first(where: { $0.sheet.name == name })
        else { return nil }
        return (command, asksForHelp ? ["--help"] : Array(words.dropFirst()))
    }
}
