/// The notations of values, none of which depends on where the text was found.
package enum OptionText {
    /// Decimal digits with an optional sign.
    static func integer(_ text: some StringProtocol) -> Int64? {
        Int64(text)
    }

    /// Digits with an optional unit of powers of 1024, bytes without: `16k`, `16KB` and `16kib` are the same.
    package static func size(_ text: String) -> Int64? {
        let (digits, unit) = split(text[...])
        let factor: Int64
        switch unit {
        case "", "b": factor = 1
        case "k", "kb", "kib": factor = 1 << 10
        case "m", "mb", "mib": factor = 1 << 20
        case "g", "gb", "gib": factor = 1 << 30
        case "t", "tb", "tib": factor = 1 << 40
        case "p", "pb", "pib": factor = 1 << 50
        default: return nil
        }
        return product(digits, factor)
    }

    /// Digits with an optional unit, seconds without, as milliseconds.
    ///
    /// A sign is understood, so that the value is reported as out of range.
    static func time(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let (digits, unit) = split(isNegative ? text.dropFirst() : text[...])
        let factor: Int64
        switch unit {
        case "ms": factor = 1
        case "", "s": factor = 1000
        case "m": factor = 60_000
        case "h": factor = 3_600_000
        case "d": factor = 86_400_000
        case "w": factor = 604_800_000
        default: return nil
        }
        return product(digits, isNegative ? -factor : factor)
    }

    /// A number in the notation of its kind, nil if it is none.
    static func number(_ text: String, _ kind: OptionKind) -> Int64? {
        switch kind {
        case .integer: integer(text)
        case .size, .sizeChoice: size(text)
        case .time: time(text)
        default: nil
        }
    }

    /// The value of one text, nil if it cannot be converted.
    ///
    /// Ranges and lists of words are not looked at.
    static func data(of text: String, _ kind: OptionKind) -> OptionData? {
        switch kind {
        case .boolean: text == "y" ? .boolean(true) : text == "n" ? .boolean(false) : nil
        case .integer, .size, .sizeChoice, .time: number(text, kind).map(OptionData.number)
        case .choice, .booleanOrChoice, .string, .path: .text(text)
        case .list: .list([text])
        case .hash: nil
        }
    }

    private static func split(_ text: Substring) -> (digits: Substring, unit: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return (digits, text[digits.endIndex...].lowercased())
    }

    private static func product(_ digits: Substring, _ factor: Int64) -> Int64? {
        guard let number = integer(digits) else { return nil }
        let (result, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
    }
}
