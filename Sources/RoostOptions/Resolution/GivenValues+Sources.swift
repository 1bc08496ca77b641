internal import RoostSystem

/// Adds what the environment and the configuration files say to what the command line says.
struct SourceReader {
    let command: Command
    let role: Role
    let dialect: Dialect
    var given: GivenValues
    var warnings: [String] = []

    private static let prefix = "PGBACKREST_"

    /// Adds the variables that no earlier source has set.
    mutating func read(environment: [String]) throws(RoostError) {
        for variable in environment where variable.hasPrefix(Self.prefix) {
            let parts = variable.dropFirst(Self.prefix.utf8.count).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2 else { continue }
            let key = String(parts[0].lowercased().map { $0 == "_" ? "-" : $0 })
            guard let name = try find(key, "environment contains invalid", "environment contains invalid") else {
                continue
            }
            guard name.declaration.isValid(for: command, role, in: dialect) else { continue }
            let text = String(parts[1])
            guard !text.isEmpty else {
                throw RoostError(.optionInvalidValue, "environment variable '\(key)' must have a value")
            }
            guard given[name] == nil else { continue }
            var value = GivenValue(source: .environment)
            if name.declaration.kind.isBoolean {
                guard text == "y" || text == "n" else {
                    throw RoostError(.optionInvalidValue, "environment boolean option '\(key)' must be 'y' or 'n'")
                }
                value.isNegated = text == "n"
            } else if name.declaration.kind.isMultiple {
                value.texts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            } else {
                value.texts = [text]
            }
            given[name] = value
        }
    }

    /// Names the stanza that nobody named, if the command is one to do that for.
    mutating func assumeStanza(_ assumed: OptionInput.AssumedStanza, of entries: [ConfigurationEntry]) {
        let option = Options.stanza.declaration
        let stanzas = entries.stanzas
        let isWanted =
            switch assumed {
            case .none: false
            case .only: stanzas.count == 1 && option.isRequired(for: command)
            case .first: true
            }
        guard isWanted, option.isValid(for: command, role, in: dialect), given[Options.stanza] == nil,
            let name = stanzas.first,
            let entry = entries.first(where: { $0.section == name || $0.section.hasPrefix("\(name):") })
        else { return }
        given[Options.stanza] = GivenValue(texts: [name], source: .file(path: entry.path, section: entry.section))
    }

    /// Adds the settings of the sections that concern the command, the most special first.
    mutating func read(_ entries: [ConfigurationEntry]) throws(RoostError) {
        let stanza = given[Options.stanza]?.texts.first
        for owner in [stanza, "global"].compactMap(\.self) {
            try read(entries, section: "\(owner):\(command.name)", isOfCommand: true)
            try read(entries, section: owner, isOfCommand: false)
        }
        for owner in [stanza, "global"].compactMap(\.self) {
            try readRoostSection(entries, "\(owner):roost")
        }
    }

    private mutating func read(
        _ entries: [ConfigurationEntry],
        section: String,
        isOfCommand: Bool
    ) throws(RoostError) {
        var seen: [String] = []
        var names: [(name: OptionName, key: String)] = []
        let isGlobal = section == "global" || section.hasPrefix("global:")
        for entry in entries where entry.section == section && !seen.contains(entry.key) {
            let key = entry.key
            seen.append(key)
            guard let name = try find(key, "configuration file contains", "configuration file contains invalid") else {
                continue
            }
            let option = name.declaration
            guard option.section != .commandLine else {
                warnings.append("configuration file contains command-line only option '\(key)'")
                continue
            }
            if let twin = names.first(where: { $0.name.position == name.position && $0.name.index == name.index }) {
                throw RoostError(
                    .optionInvalid,
                    "configuration file contains duplicate options ('\(key)', '\(twin.key)') in section '[\(section)]'"
                )
            }
            names.append((name, key))
            guard option.isValid(for: command, role, in: dialect) else {
                if isOfCommand {
                    warnings.append("configuration file contains option '\(key)' invalid for section '\(section)'")
                }
                continue
            }
            guard option.section != .stanza || !isGlobal else {
                warnings.append(
                    "configuration file contains stanza-only option '\(key)' in global section '\(section)'"
                )
                continue
            }
            if given[name] == nil { given[name] = try value(of: name, key, entries.filter { $0.section == section }) }
        }
    }

    /// Reads what pgBackRest does not know and therefore does not look for.
    private mutating func readRoostSection(_ entries: [ConfigurationEntry], _ section: String) throws(RoostError) {
        let entries = entries.filter { $0.section == section }
        var seen: [String] = []
        for entry in entries where !seen.contains(entry.key) {
            seen.append(entry.key)
            guard let name = try OptionName.parse(entry.key, abbreviated: false, roostOnly: true),
                name.declaration.isRoostOnly, name.declaration.section != .commandLine, !name.isNegated, !name.isReset
            else {
                warnings.append("configuration file contains option '\(entry.key)' invalid for section '\(section)'")
                continue
            }
            guard name.declaration.commands.contains(command, role), given[name] == nil else { continue }
            given[name] = try value(of: name, entry.key, entries)
        }
    }

    /// The value of a key of one section; repeated keys make a list.
    private func value(
        of name: OptionName,
        _ key: String,
        _ entries: [ConfigurationEntry]
    ) throws(RoostError) -> GivenValue {
        let entries = entries.filter { $0.key == key }
        let texts = entries.map(\.value)
        let section = entries[0].section
        var value = GivenValue(source: .file(path: entries[0].path, section: section))
        guard texts.count == 1 else {
            guard name.declaration.kind.isMultiple else {
                throw RoostError(.optionInvalid, "option '\(name.name)' cannot be set multiple times")
            }
            value.texts = texts
            return value
        }
        guard !texts[0].isEmpty else {
            throw RoostError(.optionInvalidValue, "section '\(section)', key '\(key)' must have a value")
        }
        guard name.declaration.kind.isBoolean else {
            value.texts = texts
            return value
        }
        guard texts[0] == "y" || texts[0] == "n" else {
            throw RoostError(.optionInvalidValue, "boolean option '\(key)' must be 'y' or 'n'")
        }
        value.isNegated = texts[0] == "n"
        return value
    }

    /// The option of a key, nil with a warning if there is none or if only the command line may say it so.
    private mutating func find(
        _ key: String,
        _ refusal: String,
        _ unknown: String
    ) throws(RoostError) -> OptionName? {
        guard let name = try OptionName.parse(key, abbreviated: false, roostOnly: false) else {
            let hints = Suggestion.hints(forOption: key, roostOnly: false).map { "\nHINT: \($0)" }
            warnings.append("\(unknown) option '\(key)'\(hints.joined())")
            return nil
        }
        guard !name.isNegated, !name.isReset else {
            warnings.append("\(refusal) \(name.isNegated ? "negate" : "reset") option '\(key)'")
            return nil
        }
        return name
    }
}
