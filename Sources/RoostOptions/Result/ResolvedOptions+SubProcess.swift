/// What another process on this host is told on its command line.
///
/// It reads the same configuration, so that only what came from the command line needs to be repeated.
extension ResolvedOptions {
    /// Arguments for a process of this host, ending with the command: `--stanza=main`, `archive-push:async`.
    ///
    /// - Parameters:
    ///   - added: Options that the caller decides, by name; they replace what the user said. Nil leaves the option out.
    ///   - quoting: Put values with spaces into double quotes, because a shell will read the line.
    package func arguments(
        for command: Command,
        _ role: Role = .main,
        adding added: [AddedArgument] = [],
        quoting: Bool = false
    ) -> [String] {
        var arguments: [String] = []
        for (position, declaration) in Options.all.enumerated() {
            guard declaration.commands.contains(command, role), !declaration.isSecret, !declaration.isRoostOnly,
                declaration.name != Options.repoCipherType.name
            else { continue }
            let slot = slots[position]
            let indexes = declaration.group.map { self.indexes[Int($0.rawValue)] } ?? [1]
            for (place, index) in indexes.enumerated() {
                let name = declaration.name(at: index)
                if let added = added.first(where: { $0.name == name }) {
                    if let text = added.text { arguments.append(Self.argument(name, text, declaration, quoting)) }
                } else if slot.isValid {
                    arguments += Self.repeated(name, slot.entries[place], declaration, quoting)
                }
            }
        }
        return arguments + [command.name(in: role)]
    }

    /// An option that the parent process decides.
    package struct AddedArgument: Sendable {
        let name: String
        let text: String?

        package init(_ option: Option<some OptionValue>, _ text: String?, index: Int = 1) {
            name = option.declaration.name(at: index)
            self.text = text
        }
    }

    /// The command for `restore_command`: `/usr/bin/pgbackrest --stanza=main archive-get %f "%p"`.
    ///
    /// PostgreSQL starts it, so that settings of this process's environment do not reach it.
    package var restoreCommand: String {
        let leftOut: [AddedArgument] = [
            .init(Options.execId, nil), .init(Options.jobRetry, nil), .init(Options.jobRetryInterval, nil),
            .init(Options.logLevelConsole, nil), .init(Options.logLevelFile, nil), .init(Options.logLevelStderr, nil),
            .init(Options.logSubprocess, nil), .init(Options.logTimestamp, nil), .init(Options.processMax, nil),
            .init(Options.cmd, nil),
        ]
        let arguments = arguments(for: .archiveGet, adding: leftOut, quoting: true)
        return "\(self[Options.cmd]) \(arguments.joined(separator: " ")) %f \"%p\""
    }

    private static func argument(
        _ name: String,
        _ text: String,
        _ declaration: OptionDeclaration,
        _ quoting: Bool
    ) -> String {
        if declaration.kind.isBoolean { return text == "n" ? "--no-\(name)" : "--\(name)" }
        return "--\(name)=\(quoting ? quoted(text) : text)"
    }

    /// What the user said on the command line, in the form in which it can be said again.
    private static func repeated(
        _ name: String,
        _ value: ResolvedValue,
        _ declaration: OptionDeclaration,
        _ quoting: Bool
    ) -> [String] {
        if value.isReset { return ["--reset-\(name)"] }
        // Which cluster this is depends neither on the environment nor on what else the configuration will name some day.
        guard value.source == .commandLine || value.data != nil && name == Options.stanza.name else { return [] }
        if value.isNegated { return ["--no-\(name)"] }
        return arguments(name, value, declaration, quoting: quoting)
    }

}
