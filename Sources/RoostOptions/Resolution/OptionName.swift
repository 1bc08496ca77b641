internal import RoostSystem

/// An option as it was named on the command line, in the environment or in a file.
struct OptionName: Sendable {
    let position: Int
    /// 1 for options without index.
    let index: Int
    var isNegated: Bool
    var isReset: Bool

    var declaration: OptionDeclaration { Options.all[position] }

    var name: String { declaration.name(at: index) }

    private static let longest = 64
    private static let highestIndex = 256

    /// Finds the option that a name means.
    ///
    /// - Parameters:
    ///   - abbreviated: Accept the beginning of a name if no other begins so.
    ///   - roostOnly: Know options that pgBackRest does not have.
    ///   - indexRequired: False to accept `repo-path`, as help does.
    /// - Returns: Nil if there is no such option.
    static func parse(
        _ text: String,
        abbreviated: Bool,
        roostOnly: Bool,
        indexRequired: Bool = true
    ) throws(RoostError) -> OptionName? {
        guard text.utf8.count <= longest else {
            throw RoostError(.optionInvalid, "option '\(text)' exceeds maximum size of \(longest)")
        }
        var name = Substring(text)
        let isNegated = name.hasPrefix("no-")
        let isReset = !isNegated && name.hasPrefix("reset-")
        if isNegated { name = name.dropFirst(3) }
        if isReset { name = name.dropFirst(6) }
        let (base, index) = try separateIndex(from: name, text)

        let isVisible = { (option: OptionDeclaration) in roostOnly || !option.isRoostOnly }
        var position = Options.position(of: base).flatMap { isVisible(Options.all[$0]) ? $0 : nil }
        if position == nil, abbreviated {
            position = only(
                Options.all.indices.filter { Options.all[$0].name.hasPrefix(base) && isVisible(Options.all[$0]) }
            )
        }
        var isFormerName = false
        if position == nil, let former = try formerName(base, index, abbreviated, text, indexRequired: indexRequired) {
            position = former
            isFormerName = true
        }
        guard let position else { return nil }

        let option = Options.all[position]
        guard !isNegated || option.isNegatable else {
            throw RoostError(.optionInvalid, "option '\(text)' cannot be negated")
        }
        guard !isReset || option.isResettable else {
            throw RoostError(.optionInvalid, "option '\(text)' cannot be reset")
        }
        // `repo-path` is both the name of the option and what it was called before there were indexes.
        if index == nil, option.formerNames.contains(where: { $0.name == option.name }) { isFormerName = true }
        if !isFormerName {
            guard index == nil || option.group != nil else {
                throw RoostError(.optionInvalid, "option '\(text)' cannot have an index")
            }
            guard index != nil || option.group == nil || !indexRequired else {
                throw RoostError(
                    .optionInvalid,
                    "option '\(text)' requires an index",
                    hints: ["add the required index, e.g. \(option.name(at: 1))."]
                )
            }
        }
        return OptionName(position: position, index: index ?? 1, isNegated: isNegated, isReset: isReset)
    }

    /// Takes the number before the first dash out of a name.
    private static func separateIndex(
        from name: Substring,
        _ text: String
    ) throws(RoostError) -> (base: String, index: Int?) {
        let bytes = name.utf8
        guard let dash = bytes.firstIndex(of: UInt8(ascii: "-")) else { return (String(name), nil) }
        guard dash != bytes.startIndex else {
            throw RoostError(.optionInvalid, "option '\(text)' cannot begin with a dash")
        }
        let digits = bytes[..<dash].reversed().prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
        guard digits > 0 else { return (String(name), nil) }
        let number = bytes.index(dash, offsetBy: -digits)
        guard number != bytes.startIndex else {
            throw RoostError(.optionInvalid, "option '\(text)' cannot begin with a number")
        }
        guard let index = Int(name[number..<dash]), 1...highestIndex ~= index else {
            throw RoostError(.optionInvalid, "option '\(text)' key must be between 1 and \(highestIndex)")
        }
        return (String(name[..<number] + name[dash...]), index)
    }

    private static func formerName(
        _ base: String,
        _ index: Int?,
        _ abbreviated: Bool,
        _ text: String,
        indexRequired: Bool
    ) throws(RoostError) -> Int? {
        var matches: [(position: Int, former: FormerName)] = []
        var exact: (position: Int, former: FormerName)?
        for (position, option) in Options.all.enumerated() {
            for former in option.formerNames where former.name.hasPrefix(base) {
                if former.name == base { exact = (position, former) }
                matches.append((position, former))
            }
        }
        guard let (position, former) = exact ?? (abbreviated ? only(matches) : nil) else { return nil }
        guard index == nil || former.takesIndex else {
            throw RoostError(.optionInvalid, "deprecated option '\(text)' cannot have an index")
        }
        guard index != nil || former.standsAlone || !indexRequired else {
            let words = base.split(separator: "-", maxSplits: 1)
            throw RoostError(
                .optionInvalid,
                "deprecated option '\(text)' requires an index",
                hints: [
                    "add the required index, e.g. \(words.joined(separator: "1-")).",
                    "consider using the non-deprecated name, e.g. \(Options.all[position].name(at: 1)).",
                ]
            )
        }
        return position
    }

    private static func only<Element>(_ matches: [Element]) -> Element? {
        matches.count == 1 ? matches[0] : nil
    }
}
