/// Everything that is said of one of the administrator's commands, once: parsing, help, completion and manual page derive from it.
struct ToolSheet: Sendable {
    struct Option: Sendable {
        /// Without the two hyphens.
        var name: String
        var letter: Character?
        /// What stands for its value in help, nil for one that takes none.
        var value: String?
        var text: String

        init(_ name: String, letter: Character? = nil, value: String? = nil, _ text: String) {
            self.name = name
            self.letter = letter
            self.value = value
            self.text = text
        }

        /// `-f, --file NAME`.
        var label: String {
            (letter.map { "-\($0), " } ?? "") + "--\(name)" + (value.map { " \($0)" } ?? "")
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

    func option(named name: String) -> Option? { options.first { $0.name == name } }
    func option(of letter: Character) -> Option? { options.first { $0.letter == letter } }
}
