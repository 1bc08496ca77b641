/// What Roost must know of the options that it passes on to `pg_dump` or `pg_dumpall`.
///
/// All others, those of releases to come included, are theirs to judge.
package struct DumpOptions: Sendable, Equatable {
    package enum Format: Sendable, Equatable {
        case plain, custom, directory, tar

        var fileEnd: String {
            switch self {
            case .plain: ".sql"
            case .custom: ".dump"
            case .directory: ".dir"
            case .tar: ".tar"
            }
        }
    }

    /// Where the dump goes and where it comes from is said otherwise, nobody is asked for a password, and what only prints makes
    /// no dump.
    private static let refused: [(letter: Character?, name: String, reason: String)] = [
        ("f", "file", "the dump is named with --file before the '--'"),
        ("d", "dbname", "the database comes before the '--'"),
        ("l", "database", "the database comes before the '--'"),
        ("h", "host", "say 'host=... dbname=...' in the place of the database, or PGHOST in the environment"),
        ("p", "port", "say 'port=... dbname=...' in the place of the database, or PGPORT in the environment"),
        ("U", "username", "say 'user=... dbname=...' in the place of the database, or PGUSER in the environment"),
        ("W", "password", "nobody is asked for a password: put it into .pgpass"),
        ("?", "help", "ask the program itself"),
        ("V", "version", "ask the program itself"),
    ]

    package private(set) var format = Format.plain
    /// Letters that are followed by a value, which may hold any further letter.
    private let valueLetters: Set<Character>
    private let isWhole: Bool

    /// - Parameter isWhole: Whether `pg_dumpall` gets them.
    /// - Throws: ``AdminRefusal/Reason/usage`` for an option that contradicts what Roost says itself.
    package init(_ words: [String], isWhole: Bool) throws(AdminRefusal) {
        valueLetters = Set(isWhole ? "dEfFhlpSU" : "deEfFhjlnNpStTUZ")
        self.isWhole = isWhole
        var rest = words[...]
        while let word = rest.popFirst(), word != "--" {
            if word.hasPrefix("--") {
                try take(long: word.dropFirst(2), &rest)
            } else if word.hasPrefix("-") {
                try take(letters: word.dropFirst(), &rest)
            }
        }
        guard !isWhole || format == .plain else {
            throw AdminRefusal(.usage, "pg_dumpall writes SQL only, so --format has no place with --all and --globals")
        }
    }

    /// Long names may be shortened, as the programs allow.
    private mutating func take(long word: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        let name = word.prefix { $0 != "=" }
        try refuse {
            $0.name.hasPrefix(name) && !name.isEmpty
        } shown: { _ in
            "--\(name)"
        }
        guard name.count > 1, "format".hasPrefix(name) else { return }
        let value = name.endIndex < word.endIndex ? String(word[name.endIndex...].dropFirst()) : rest.popFirst()
        choose(value ?? "")
    }

    /// Several letters may stand together, the last with its value.
    private mutating func take(letters: Substring, _ rest: inout ArraySlice<String>) throws(AdminRefusal) {
        for place in letters.indices {
            let letter = letters[place]
            try refuse {
                $0.letter == letter
            } shown: { _ in
                "-\(letter)"
            }
            guard valueLetters.contains(letter) else { continue }
            let attached = String(letters[letters.index(after: place)...])
            let value = attached.isEmpty ? rest.popFirst() : attached
            if letter == "F" { choose(value ?? "") }
            return
        }
    }

    private mutating func choose(_ value: String) {
        switch value.lowercased() {
        case "c", "custom": format = .custom
        case "d", "directory": format = .directory
        case "t", "tar": format = .tar
        // What is none of them is for the program to refuse.
        default: format = .plain
        }
    }

    private func refuse(
        _ matches: ((letter: Character?, name: String, reason: String)) -> Bool, shown: (String) -> String
    ) throws(AdminRefusal) {
        guard let found = Self.refused.first(where: matches), isWhole || found.name != "database" else { return }
        throw AdminRefusal(.usage, "option '\(shown(found.name))' is not passed on", hints: [found.reason])
    }
}
