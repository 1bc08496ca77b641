internal import RoostAdmin

/// A command line of one of the administrator's commands, read by its sheet: `--opt value`, `--opt=value`, `-o value`, `-ovalue`,
/// letters without a value together.
struct ToolArguments {
    private let sheet: ToolSheet
    private var given: [String: [String]] = [:]
    /// Words that are no options.
    private(set) var words: [String] = []
    /// What follows `--`; nil without one.
    private(set) var passedOn: [String]?

    /// - Throws: ``AdminRefusal/Reason/usage``.
    init(_ arguments: [String], _ sheet: ToolSheet) throws(AdminRefusal) {
        self.sheet = sheet
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                passedOn = Array(rest)
                break
            } else if word.hasPrefix("--") {
                try take(long: word.dropFirst(2), &rest)
            } else if word.hasPrefix("-"), word.count > 1 {
                try take(letters: word.dropFirst(), &rest)
            } else {
                words.append(word)
            }
        }
    }

    /// Whether an option was given.
    func has(_ name: String) -> Bool { given[name] != nil }

    /// The last value of an option.
    func value(_ name: String) -> String? { given[name]?.last }

    /// All values of an option that may be repeated.
    func values(_ name: String) -> [String] { given[name] ?? [] }

    /// Whether the report is to be JSON.
    func wantsJSON() throws(AdminRefusal) -> Bool {
        switch value("output") {
        case nil, "text": return false
        case "json": return true
        case let other?: throw AdminRefusal(.usage, "--output is text or json, not '\(other)'")
        }
    }

    private mutating func take(long word: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        let name = word.prefix { $0 != "=" }
        guard let option = sheet.option(named: String(name)) else { throw usage("unknown option '--\(name)'") }
        let attached = name.endIndex < word.endIndex ? String(word[name.endIndex...].dropFirst()) : nil
        guard option.value != nil else {
            guard attached == nil else { throw usage("option '--\(name)' takes no value") }
            return given[option.name, default: []].append("")
        }
        guard let value = attached ?? rest.popFirst() else { throw usage("option '--\(name)' needs a value") }
        given[option.name, default: []].append(value)
    }

    private mutating func take(letters: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        for place in letters.indices {
            let letter = letters[place]
            guard let option = sheet.option(of: letter) else { throw usage("unknown option '-\(letter)'") }
            guard option.value != nil else {
                given[option.name, default: []].append("")
                continue
            }
            let attached = String(letters[letters.index(after: place)...])
            guard let value = attached.isEmpty ? rest.popFirst() : attached else {
                throw usage("option '-\(letter)' needs a value")
            }
            return given[option.name, default: []].append(value)
        }
    }

    private func usage(_ problem: String) -> AdminRefusal {
        AdminRefusal(.usage, problem, hints: ["'\(sheet.name) --help' lists the options"])
    }
}
