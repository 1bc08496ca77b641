internal import RoostSystem

extension Resolver {
    /// Converts and checks what was given for an option.
    ///
    /// - Parameter name: With index, for messages.
    mutating func data(
        of texts: [String],
        _ option: OptionDeclaration,
        _ name: String,
        _ match: Match?
    ) throws(RoostError) -> OptionData {
        switch option.kind {
        case .list: return .list(texts)
        case .hash: return .hash(try pairs(of: texts, name))
        default: break
        }
        let text = texts.first ?? ""
        guard let data = OptionText.data(of: text, option.kind) else {
            throw RoostError(.optionInvalidValue, "'\(text)' is not valid for '\(name)' option")
        }
        switch data {
        case .number(let number):
            try checkRange(of: number, text, option, name, match)
        case .text where option.words(for: command) == nil:
            guard !text.isEmpty else {
                throw RoostError(.optionInvalidValue, "'' must be >= 1 character for '\(name)' option")
            }
            if case .path = option.kind { return .text(try path(text, name)) }
        default: break
        }
        try checkWord(text, data, option, name)
        return data
    }

    private func checkRange(
        of number: Int64,
        _ text: String,
        _ option: OptionDeclaration,
        _ name: String,
        _ match: Match?
    ) throws(RoostError) {
        let low: String
        let high: String
        var condition = ""
        switch option.kind.range {
        case nil, .any: return
        case .from(let first, let last): (low, high) = (first, last)
        case .matching(let ranges):
            guard let match, let range = ranges.first(where: { $0.value == match.value }) else { return }
            (low, high) = (range.from, range.to)
            condition = " when '\(match.option)' option = '\(match.value)'"
        }
        guard let minimum = OptionText.number(low, option.kind), let maximum = OptionText.number(high, option.kind)
        else {
            preconditionFailure("the limits of option '\(name)' are no numbers")
        }
        guard minimum <= maximum, minimum...maximum ~= number else {
            throw RoostError(
                .optionInvalidValue,
                "'\(text)' is out of range for '\(name)' option\(condition)",
                hints: ["allowed range is \(low) to \(high) inclusive"]
            )
        }
    }

    private func checkWord(
        _ text: String,
        _ data: OptionData,
        _ option: OptionDeclaration,
        _ name: String
    ) throws(RoostError) {
        guard let words = option.words(for: command) else { return }
        // Sizes are compared as numbers: 16k is 16KiB.
        guard !words.contains(where: { OptionText.data(of: $0, option.kind) == data }) else { return }
        throw RoostError(
            .optionInvalidValue,
            "'\(text)' is not allowed for '\(name)' option",
            hints: ["allowed values are \(words.map { "'\($0)'" }.joined(separator: ", "))"]
        )
    }

    private func path(_ text: String, _ name: String) throws(RoostError) -> String {
        guard text.hasPrefix("/") else {
            throw RoostError(.optionInvalidValue, "'\(text)' must begin with / for '\(name)' option")
        }
        guard !text.contains("//") else {
            throw RoostError(.optionInvalidValue, "'\(text)' cannot contain // for '\(name)' option")
        }
        return text != "/" && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private mutating func pairs(of texts: [String], _ name: String) throws(RoostError) -> OptionPairs {
        var pairs = OptionPairs()
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw RoostError(.optionInvalid, "key/value '\(text)' not valid for '\(name)' option")
            }
            let key = String(text[..<equals])
            let value = String(text[text.index(after: equals)...])
            if let old = pairs.set(key, to: value) {
                warnings.append("key '\(key)' value '\(old)' is overwritten with '\(value)' for '\(name)' option")
            }
        }
        return pairs
    }
}
