extension ResolvedOptions {
    /// The parameters and options of the line that says that a command begins: ` [WAL-PATH] --config=... --stanza=main`.
    ///
    /// Sorted by name; only what is not default; secrets as `<redacted>`.
    ///
    /// - Parameter command: The command that begins, when it is another one that follows in the same process.
    package func beginLine(as command: Command? = nil) -> String {
        var line = ""
        if !parameters.isEmpty {
            line += " [\(parameters.map(Self.quoted).joined(separator: ", "))]"
        }
        for (declaration, index, value) in all
        where declaration.isValid(for: command ?? self.command, role, in: dialect) {
            let name = declaration.name(at: index)
            if value.isNegated {
                line += " --no-\(name)"
            } else if value.isReset {
                line += " --reset-\(name)"
            } else if value.source != .defaultValue {
                line += Self.arguments(name, value, declaration).map { " \($0)" }.joined()
            }
        }
        return line
    }

    /// All values of valid options, in the order of ``Options/all`` and of their indexes.
    var all: [(declaration: OptionDeclaration, index: Int, value: ResolvedValue)] {
        var all: [(OptionDeclaration, Int, ResolvedValue)] = []
        for (position, slot) in slots.enumerated() where slot.isValid {
            let declaration = Options.all[position]
            let indexes = declaration.group.map { self.indexes[Int($0.rawValue)] } ?? [1]
            for (index, value) in zip(indexes, slot.entries) { all.append((declaration, index, value)) }
        }
        return all
    }

    /// The value as arguments, one for each element of a list or hash.
    static func arguments(
        _ name: String,
        _ value: ResolvedValue,
        _ declaration: OptionDeclaration,
        quoting: Bool = true
    ) -> [String] {
        guard !declaration.isSecret else { return ["--\(name)=<redacted>"] }
        return texts(of: value).map { text in
            guard let text else { return "--\(name)" }
            return "--\(name)=\(quoting ? quoted(text) : text)"
        }
    }

    /// The texts of a value as they were given; nil stands for an option that needs none.
    private static func texts(of value: ResolvedValue) -> [String?] {
        switch value.data {
        case nil, .boolean: [nil]
        case .list(let list): list
        case .hash(let pairs): pairs.map { "\($0.key)=\($0.value)" }
        case .number, .text: [value.text]
        }
    }

    static func quoted(_ text: String) -> String {
        text.contains(" ") ? "\"\(text)\"" : text
    }
}
