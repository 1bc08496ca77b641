internal import RoostAdmin

/// The command line of a tool with few options: `-o value`, `--option value`, `--option=value`, and letters without a value
/// together (`-sy`).
struct PersonaArguments {
    struct Option {
        /// Letters and long names; the first is the key.
        let names: [String]
        let takesValue: Bool

        static func flag(_ names: String...) -> Option { Option(names: names, takesValue: false) }
        static func value(_ names: String...) -> Option { Option(names: names, takesValue: true) }
    }

    private let options: [Option]
    private var given: [String: [String]] = [:]
    private(set) var flags: Set<String> = []
    /// What is no option.
    private(set) var words: [String] = []
    /// What follows `--`, where the table has it.
    private(set) var rest: [String] = []

    /// - Throws: ``AdminRefusal/Reason/usage``.
    init(_ arguments: [String], _ options: [Option]) throws(AdminRefusal) {
        self.options = options
        var left = arguments[...]
        while let word = left.popFirst() {
            if word == "--" {
                rest = Array(left)
                return
            }
            try take(word, &left)
        }
    }

    /// The value of an option; the last one counts.
    subscript(key: String) -> String? { given[key]?.last }

    /// All values of an option, in order.
    func all(_ key: String) -> [String] { given[key] ?? [] }

    func has(_ key: String) -> Bool { flags.contains(key) || given[key] != nil }

    private mutating func take(_ word: String, _ left: inout ArraySlice<String>) throws(AdminRefusal) {
        guard word.hasPrefix("-"), word.count > 1 else {
            words.append(word)
            return
        }
        if word.hasPrefix("--") {
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            let option = try find(name, shown: "--\(name)")
            let hasValue = name.count + 2 < word.count
            guard option.takesValue else {
                guard !hasValue else { throw AdminRefusal(.usage, "option '--\(name)' takes no value") }
                flags.insert(option.names[0])
                return
            }
            let value = hasValue ? String(word.dropFirst(name.count + 3)) : try Self.value("--\(name)", &left)
            given[option.names[0], default: []].append(value)
            return
        }
        for (index, letter) in word.dropFirst().enumerated() {
            let option = try find(String(letter), shown: "-\(letter)")
            guard option.takesValue else {
                flags.insert(option.names[0])
                continue
            }
            // In a group of letters only the last can be followed by a value.
            guard index == word.count - 2 else {
                throw AdminRefusal(.usage, "option '-\(letter)' is followed by a space and a value")
            }
            given[option.names[0], default: []].append(try Self.value("-\(letter)", &left))
        }
    }

    private func find(_ name: String, shown: String) throws(AdminRefusal) -> Option {
        guard let option = options.first(where: { $0.names.contains(name) }) else {
            throw AdminRefusal(.usage, "unknown option '\(shown)'", hints: ["--help lists the options"])
        }
        return option
    }

    private static func value(_ shown: String, _ left: inout ArraySlice<String>) throws(AdminRefusal) -> String {
        guard let value = left.popFirst() else { throw AdminRefusal(.usage, "option '\(shown)' needs a value") }
        return value
    }
}
