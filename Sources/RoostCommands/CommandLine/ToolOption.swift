/// An option of a tool or command that has a command line of its own, not the engine's.
struct ToolOption: Sendable {
    /// Without the two hyphens; the first is the one that it is asked for by, the others are synonyms.
    var names: [String]
    /// Without the hyphen.
    var letters: [Character] = []
    /// What stands for its value in help, nil for one that takes none.
    var value: String?
    /// For help; empty where the help is a text of its own.
    var text: String

    var name: String { names[0] }

    init(_ names: String..., letters: Character..., value: String? = nil, text: String = "") {
        self.names = names
        self.letters = letters
        self.value = value
        self.text = text
    }

    init(_ name: String, letter: Character? = nil, value: String? = nil, _ text: String) {
        names = [name]
        letters = letter.map { [$0] } ?? []
        self.value = value
        self.text = text
    }

    /// `-f, --file NAME`.
    var label: String {
        (letters.map { "-\($0)" } + names.map { "--\($0)" }).joined(separator: ", ") + (value.map { " \($0)" } ?? "")
    }

    static let output = ToolOption("output", value: "FORMAT", "text (the default), or json: one object on one line")
    static let dryRun = ToolOption(
        "dry-run", "check-mode", text: "check everything, tell what would be done, and do nothing")
    static let help = ToolOption("help", letter: "h", "print this text")
}
