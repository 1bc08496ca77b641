internal import RoostSystem

/// The command line taken apart, without a look at what the options mean to the command.
struct CommandLineScan: Sendable {
    var command: Command?
    var role = Role.main
    /// `help` was the first word.
    var helpIsWanted = false
    var parameters: [String] = []
    var given = GivenValues()

    private let dialect: Dialect

    init(_ arguments: [String], dialect: Dialect) throws(RoostError) {
        self.dialect = dialect
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument.hasPrefix("-") {
                try takeOption(argument, &rest)
            } else if command == nil {
                try takeCommand(argument)
            } else {
                parameters.append(argument)
            }
        }
    }

    private mutating func takeCommand(_ word: String) throws(RoostError) {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let found = find(parts[0]) else {
            throw RoostError(
                .commandInvalid,
                "invalid command '\(word)'",
                hints: Suggestion.hints(for: String(parts[0]), among: Command.visible(in: dialect).map(\.name))
            )
        }
        if found == .help, !helpIsWanted {
            helpIsWanted = true
            return
        }
        if parts.count == 2 {
            guard let named = Role.allCases.first(where: { $0 != .main && $0.name == parts[1] }) else {
                throw RoostError(.commandInvalid, "invalid command role '\(parts[1])'")
            }
            role = named
        }
        guard found.declaration.roles.contains(role) else {
            throw RoostError(.commandInvalid, "invalid command/role combination '\(word)'")
        }
        guard !helpIsWanted || role == .main else {
            throw RoostError(.commandInvalid, "help is not available for the '\(role.name)' role")
        }
        command = found
    }

    /// The command of that name, else the first that begins so.
    private func find(_ word: Substring) -> Command? {
        guard !word.isEmpty else { return nil }
        if word == "config" { return dialect == .roost ? .config : nil }
        return Command.allCases.first { $0 != .config && $0.name.hasPrefix(word) }
    }

    private mutating func takeOption(_ argument: String, _ rest: inout ArraySlice<String>) throws(RoostError) {
        guard argument.hasPrefix("--") else {
            throw RoostError(.optionInvalid, "option '\(argument)' must begin with --")
        }
        let text = argument.dropFirst(2)
        let equals = text.firstIndex(of: "=")
        let word = String(text[..<(equals ?? text.endIndex)])
        var value = equals.map { String(text[text.index(after: $0)...]) }
        guard var name = try OptionName.parse(word, abbreviated: true, roostOnly: dialect == .roost) else {
            throw RoostError(
                .optionInvalid,
                "invalid option '--\(text)'",
                hints: Suggestion.hints(forOption: word, roostOnly: dialect == .roost) { "--\($0)" }
            )
        }
        let kind = name.declaration.kind
        if name.isNegated || name.isReset {
            guard value == nil else {
                throw RoostError(.optionInvalid, "option '\(word)' does not allow an argument")
            }
        } else if kind.isBoolean {
            guard value == nil || value == "y" || value == "n" else {
                throw RoostError(.optionInvalidValue, "boolean option '--\(word)' argument must be 'y' or 'n'")
            }
            name.isNegated = value == "n"
            value = nil
        } else if value == nil {
            value = kind.isBooleanOrChoice ? "y" : rest.popFirst()
            guard value != nil else {
                throw RoostError(.optionInvalid, "option '--\(word)' requires an argument")
            }
        }
        if name.isNegated, kind.isBooleanOrChoice {
            name.isNegated = false
            value = "n"
        }
        try store(value, as: name)
    }

    private mutating func store(_ value: String?, as name: OptionName) throws(RoostError) {
        guard !name.declaration.isSecret else {
            throw RoostError(
                .optionInvalid,
                "option '\(name.name)' is not allowed on the command-line",
                hints: [
                    "this option could expose secrets in the process list.",
                    "specify the option in a configuration file or an environment variable instead.",
                ]
            )
        }
        guard var earlier = given[name] else {
            given[name] = GivenValue(
                texts: value.map { [$0] } ?? [],
                isNegated: name.isNegated,
                isReset: name.isReset,
                source: .commandLine
            )
            return
        }
        if let conflict = conflict(earlier, name, value) {
            throw RoostError(.optionInvalid, "option '\(name.name)' \(conflict)")
        }
        if let value { earlier.texts.append(value) }
        given[name] = earlier
    }

    /// What is wrong with giving an option once more, nil if it may be repeated.
    private func conflict(_ earlier: GivenValue, _ name: OptionName, _ value: String?) -> String? {
        if earlier.isNegated && name.isNegated { return "is negated multiple times" }
        if earlier.isReset && name.isReset { return "is reset multiple times" }
        if earlier.isReset && name.isNegated || earlier.isNegated && name.isReset {
            return "cannot be negated and reset"
        }
        if earlier.isNegated != name.isNegated { return "cannot be set and negated" }
        if earlier.isReset != name.isReset { return "cannot be set and reset" }
        return value != nil && name.declaration.kind.isMultiple ? nil : "cannot be set multiple times"
    }
}

extension Command {
    /// The commands that help lists under a name of the tool.
    package static func visible(in dialect: Dialect) -> [Command] {
        allCases.filter { !$0.declaration.isHidden && ($0 != .config || dialect == .roost) }
    }
}
