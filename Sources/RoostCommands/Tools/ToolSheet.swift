/// Everything that is said of one of the administrator's commands, once: parsing, help, completion and manual page derive from it.
struct ToolSheet: Sendable {
    struct Option: Sendable {
        /// Without the two hyphens; the first is its name, the others mean the same.
        var names: [String]
        var letter: Character?
        /// What stands for its value in help, nil for one that takes none.
        var value: String?
        var text: String

        var name: String { names[0] }

        init(_ names: String..., letter: Character? = nil, value: String? = nil, _ text: String) {
            precondition(!names.isEmpty, "an option has a name")
            self.names = names
            self.letter = letter
            self.value = value
            self.text = text
        }

        /// `-f, --file NAME`.
        var label: String {
            let long = names.map { "--\($0)" }.joined(separator: ", ")
            return (letter.map { "-\($0), " } ?? "") + long + (value.map { " \($0)" } ?? "")
        }
    }

    struct Section: Sendable {
        var title: String
        /// Paragraphs; lines that begin with a space are shown as they are.
        var text: String
    }

    /// As it is typed: `roost dump`.
    var name: String
    /// What it does, without a full stop: `make a logical dump`.
    var summary: String
    /// What follows the name, a line for each form.
    var synopsis: [String]
    var description: String
    var options: [Option]
    /// After the options, in this order.
    var sections: [Section] = []

    static let output = Option("output", value: "FORMAT", "text (the default), or json: one object on one line")
    static let dryRun = Option("dry-run", "check everything, tell what would be done, and do nothing")
    static let help = Option("help", letter: "h", "print this text")

    func option(named name: String) -> Option? { options.first { $0.names.contains(name) } }
    func option(of letter: Character) -> Option? { options.first { $0.letter == letter } }
}
