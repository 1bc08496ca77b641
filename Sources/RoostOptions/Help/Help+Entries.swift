extension Help {
    /// One option of a command, for what shows it otherwise than ``text(of:)`` does.
    package struct Entry: Sendable {
        /// `repo1-path`.
        package var name: String
        /// Summary and default.
        package var line: String
        /// What there is to know, as pairs of label and text.
        package var facts: [(label: String, fact: String)]
        /// The words that may follow it, nil if it is not a matter of words.
        package var words: [String]?
        package var isBoolean: Bool
        /// Whether the command line may hold it; a secret would show in the list of processes.
        package var isForCommandLine: Bool
    }

    /// The options of a command in the order of their names.
    package func entries(of command: Command) -> [Entry] {
        Options.all.filter {
            $0.isValid(for: command, .main, in: dialect) && !$0.isHidden(for: command)
                && (dialect == .roost || !$0.isRoostOnly)
        }.map { option in
            Entry(
                name: option.helpName, line: option.helpLine(for: command), facts: option.helpFacts(for: command),
                words: option.words(for: command), isBoolean: option.kind.isBoolean,
                isForCommandLine: !option.isSecret)
        }
    }
}
