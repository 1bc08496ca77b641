internal import RoostAdmin

/// A command line that is not the engine's: `-o value`, `--opt value`, `--opt=value`, and letters without a value together (`-eu`).
struct ToolArguments {
    private let tool: String
    private let options: [ToolOption]
    private var given: [String: [String]] = [:]
    /// Words that are no options.
    private(set) var operands: [String] = []
    /// What follows `--`; nil without one.
    private(set) var passedOn: [String]?

    /// - Parameter tool: What help is asked of.
    /// - Throws: ``AdminRefusal/Reason/usage``.
    init(_ words: [String], _ options: [ToolOption], of tool: String) throws(AdminRefusal) {
        self.tool = tool
        self.options = options
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                passedOn = Array(rest)
                break
            } else if word.hasPrefix("--") {
                try take(long: word.dropFirst(2), &rest)
            } else if word.hasPrefix("-"), word.count > 1 {
                try take(letters: word.dropFirst(), &rest)
            } else {
                operands.append(word)
            }
        }
        guard ["text", "json"].contains(self["output"] ?? "text") else { throw usage("--output is text or json") }
    }

    /// The value of an option, nil if it was not given; the last one counts.
    subscript(name: String) -> String? { given[name]?.last }

    /// All values of an option that may be repeated.
    func all(_ name: String) -> [String] { given[name] ?? [] }

    /// Whether an option was given.
    func has(_ name: String) -> Bool { given[name] != nil }

    var wantsHelp: Bool { has("help") }
    var isDryRun: Bool { has("dry-run") }
    var wantsJSON: Bool { self["output"] == "json" }

    /// The same of a command line that cannot be read.
    static func wantsJSON(_ words: [String]) -> Bool {
        words.contains("--output=json") || zip(words, words.dropFirst()).contains { $0 == "--output" && $1 == "json" }
    }

    func usage(_ problem: String) -> AdminRefusal {
        AdminRefusal(.usage, problem, hints: ["'\(tool) --help' lists the options"])
    }

    private mutating func take(long word: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        let name = String(word.prefix { $0 != "=" })
        guard let option = options.first(where: { $0.names.contains(name) }) else {
            throw usage("unknown option '--\(name)'")
        }
        let attached = word.count > name.count ? String(word.dropFirst(name.count + 1)) : nil
        guard option.value != nil else {
            guard attached == nil else { throw usage("option '--\(name)' takes no value") }
            return given[option.name, default: []].append("")
        }
        guard let value = attached ?? rest.popFirst() else { throw usage("option '--\(name)' needs a value") }
        given[option.name, default: []].append(value)
    }

    private mutating func take(letters: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        for (position, letter) in letters.enumerated() {
            guard let option = options.first(where: { $0.letters.contains(letter) }) else {
                throw usage("unknown option '-\(letter)'")
            }
            guard option.value != nil else {
                given[option.name, default: []].append("")
                continue
            }
            // In a group of letters only the last can be followed by a value.
            guard position == letters.count - 1 else {
                throw usage("option '-\(letter)' is followed by a space and a value")
            }
            guard let value = rest.popFirst() else { throw usage("option '-\(letter)' needs a value") }
            given[option.name, default: []].append(value)
        }
    }
}
