extension OptionDeclaration {
    /// The name in lists: options of a group show where the index goes, `repo1-path`.
    var helpName: String { name(at: 1) }

    /// Summary and default: `compression of the files in the repository [default=gz]`.
    func helpLine(for command: Command) -> String {
        guard let text = helpDefault(for: command) else { return summary }
        return "\(summary) [default=\(text)]"
    }

    /// What there is to know, as pairs of label and text.
    func helpFacts(for command: Command) -> [(label: String, fact: String)] {
        var facts: [(String, String)] = [("value", helpValue(for: command))]
        if let limits = kind.range.flatMap(Self.helpLimits) { facts.append(("allowed", limits)) }
        if let text = helpDefault(for: command) { facts.append(("default", text)) }
        if isRequired(for: command), case .none = defaultValue(for: command) { facts.append(("required", "yes")) }
        if let dependency = dependency(for: command) { facts.append(("only with", dependency.helpText)) }
        if kind.isMultiple { facts.append(("several", "may be given more than once")) }
        facts.append(("given", helpPlaces))
        if !formerNames.isEmpty {
            let names = formerNames.map { former in
                former.takesIndex && !former.standsAlone
                    ? former.name.replacingFirstDash(with: "1-") : former.name
            }
            facts.append(
                (formerNames.count == 1 ? "deprecated name" : "deprecated names", names.joined(separator: ", "))
            )
        }
        return facts
    }

    private func helpValue(for command: Command) -> String {
        if let words = words(for: command) { return words.joined(separator: ", ") }
        return switch kind {
        case .boolean: "y or n"
        case .integer: "number"
        case .size: "size: bytes, or with KiB, MiB, GiB, TiB, PiB"
        case .time: "time: seconds, or with ms, s, m, h, d, w"
        case .path: "absolute path"
        case .hash: "key=value"
        default: "text"
        }
    }

    private static func helpLimits(_ range: OptionRange) -> String? {
        switch range {
        case .any: nil
        case .from(let low, let high): "\(low) to \(high)"
        case .matching(let ranges): ranges.map { "\($0.from) to \($0.to) (\($0.value))" }.joined(separator: ", ")
        }
    }

    private func helpDefault(for command: Command) -> String? {
        switch defaultValue(for: command) {
        case .none: nil
        case .fixed(let text): text
        case .program: "the program as it was called"
        case .matching(let defaults): defaults.map { "\($0.is) (\($0.value))" }.joined(separator: ", ")
        }
    }

    private var helpPlaces: String {
        var places = isSecret ? [] : ["command line"]
        if isRoostOnly {
            return section == .commandLine ? "command line" : "command line, sections [global:roost] and [STANZA:roost]"
        }
        places.append("environment")
        switch section {
        case .commandLine: break
        case .global: places.append("configuration file")
        case .stanza: places.append("stanza section of the configuration file")
        }
        return places.joined(separator: ", ")
    }
}

extension OptionDependency {
    /// The condition as help shows it.
    var helpText: String {
        values.isEmpty ? option.helpName : "\(option.helpName)=\(values.joined(separator: "|"))"
    }
}

extension String {
    /// With spaces behind it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }

    /// A capital first letter and a full stop.
    var sentence: String {
        prefix(1).uppercased() + dropFirst() + "."
    }

    func replacingFirstDash(with text: String) -> String {
        guard let dash = firstIndex(of: "-") else { return self }
        return self[..<dash] + text + self[index(after: dash)...]
    }
}
