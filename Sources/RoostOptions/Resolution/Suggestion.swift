/// Finds what a misspelt word may have meant.
enum Suggestion {
    /// The hint for a word that is unknown, empty if nothing is near.
    ///
    /// - Parameter decorate: How the suggestion is shown: `{ "--\($0)" }`.
    static func hints(
        for word: String,
        among candidates: some Sequence<String>,
        decorate: (String) -> String = { $0 }
    ) -> [String] {
        let letters = Array(word.utf8.prefix(longest))
        let limit = letters.count < 4 ? 1 : letters.count < 9 ? 2 : 3
        var best: (distance: Int, name: String)?
        for name in candidates {
            let distance = distance(letters, Array(name.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (distance, name) }
        }
        return best.map { ["did you mean '\(decorate($0.name))'?"] } ?? []
    }

    /// The hint for an unknown option, which keeps the index that was given.
    static func hints(forOption word: String, roostOnly: Bool, decorate: (String) -> String = { $0 }) -> [String] {
        let dash = word.firstIndex(of: "-") ?? word.endIndex
        let digits = word[..<dash].filter { $0.isASCII && $0.isNumber }
        let names = Options.all.lazy.filter { (roostOnly || !$0.isRoostOnly) && !$0.flags.contains(.hidden) }
            .map { option in
                guard let group = option.group else { return option.name }
                return "\(group.name)\(digits.isEmpty ? "1" : digits)\(option.name.dropFirst(group.name.utf8.count))"
            }
        return hints(for: word, among: names, decorate: decorate)
    }

    private static let longest = 64

    /// How many letters must be added, removed, replaced or swapped with their neighbour.
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let replaced = last[column] + (first[row] == second[column] ? 0 : 1)
                var cost = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
