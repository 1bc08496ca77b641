/// The texts that `help` prints, made from the tables of commands and options.
package struct Help: Sendable {
    /// How the tool calls itself: `pgBackRest 2.60.0`.
    package let title: String
    /// How the user calls it: `pgbackrest`.
    package let program: String
    package let dialect: Dialect

    private static let width = 80

    package init(title: String, program: String, dialect: Dialect) {
        self.title = title
        self.program = program
        self.dialect = dialect
    }

    package func text(of topic: HelpTopic) -> String {
        switch topic {
        case .general: general
        case .command(let command): text(of: command)
        case .option(let command, let name): text(ofOption: name, of: command)
        }
    }

    private var general: String {
        var text = "\(title) - General help\n\nUsage:\n    \(program) [OPTIONS] COMMAND [PARAMETERS]\n\nCommands:\n"
        let commands = Command.visible(in: dialect)
        let width = commands.map(\.name.utf8.count).max() ?? 0
        for command in commands {
            text += "    \(command.name.padded(to: width))  \(command.declaration.summary)\n"
        }
        return text + "\nUse '\(program) help COMMAND' for the options of a command.\n"
    }

    private func text(of command: Command) -> String {
        let declaration = command.declaration
        var words = [program, "[OPTIONS]", command.name]
        if let parameters = declaration.parameters { words.append(parameters) }
        var text = "\(title) - '\(command.name)' command help\n\n\(declaration.summary.sentence)\n\n"
        text += "Usage:\n    \(words.joined(separator: " "))\n"
        let options = Options.all.filter {
            $0.isValid(for: command, .main, in: dialect) && !$0.isHidden(for: command)
                && (dialect == .roost || !$0.isRoostOnly)
        }
        let column = (options.map(\.helpName.utf8.count).max() ?? 0) + 6
        for section in HelpSection.allCases {
            let options = options.filter { HelpSection(of: $0) == section }
            guard !options.isEmpty else { continue }
            text += "\n\(section.title):\n\n"
            for option in options {
                text += "  --\(option.helpName)".padded(to: column)
                text += Self.wrap(option.helpLine(for: command), indentation: column) + "\n"
            }
        }
        return text + "\nUse '\(program) help \(command.name) OPTION' for more about an option.\n"
    }

    private func text(ofOption name: String, of command: Command) -> String {
        guard let option = Options.all.first(where: { $0.name == name }) else { return "" }
        var text = "\(title) - '\(command.name)' command - '\(name)' option help\n\n\(option.summary.sentence)\n\n"
        text += option.helpFacts(for: command).map { label, fact in
            "\(label): \(Self.wrap(fact, indentation: label.utf8.count + 2))\n"
        }.joined()
        return text
    }

    /// Breaks a text between words; all lines but the first are indented.
    private static func wrap(_ text: String, indentation: Int) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indentation + line.utf8.count + 1 + word.utf8.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        lines.append(line)
        return lines.joined(separator: "\n" + String(repeating: " ", count: indentation))
    }
}

/// The headings under which help lists options.
enum HelpSection: CaseIterable {
    case command, general, log, cluster, repository

    var title: String {
        switch self {
        case .command: "Command options"
        case .general: "General options"
        case .log: "Log options"
        case .cluster: "Cluster options"
        case .repository: "Repository options"
        }
    }

    /// Options of ten commands or more are not what a user of one command looks for first.
    private static let manyCommands = 10

    init(of option: OptionDeclaration) {
        self =
            switch option.group {
            case .pg: .cluster
            case .repo: .repository
            case nil where option.name.hasPrefix("log-"): .log
            case nil: option.commands.mainCount >= Self.manyCommands ? .general : .command
            }
    }
}
