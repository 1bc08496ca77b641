internal import RoostSystem

/// Turns what was given into a value for every option that is valid for a command.
struct Resolver {
    let command: Command
    let role: Role
    let dialect: Dialect
    let program: String
    let given: GivenValues
    /// Sorted.
    let configuredStanzas: [String]
    /// Leave required options without value instead of failing, to show what there is.
    let isLenient: Bool
    var warnings: [String] = []
    private(set) var slots: [ResolvedOptions.Slot]
    private(set) var indexes: [[Int]] = [[1], [1]]

    init(
        command: Command, role: Role, dialect: Dialect, program: String, given: GivenValues,
        configuredStanzas: [String], isLenient: Bool
    ) {
        self.command = command
        self.role = role
        self.dialect = dialect
        self.program = program
        self.given = given
        self.configuredStanzas = configuredStanzas
        self.isLenient = isLenient
        slots = Array(repeating: ResolvedOptions.Slot(), count: Options.all.count)
    }

    mutating func resolve() throws(RoostError) {
        for (position, option) in Options.all.enumerated() {
            slots[position].isValid = option.isValid(for: command, role, in: dialect)
        }
        for entry in given.entries where !slots[entry.position].isValid {
            throw RoostError(
                .optionInvalid,
                "option '\(Options.all[entry.position].name)' not valid for command '\(command.name)'"
            )
        }
        findIndexes()
        for position in order() { try resolve(position) }
        dropUnusedIndexes()
    }

    /// A group has the indexes that were mentioned; `pg` always has the first.
    private mutating func findIndexes() {
        var mentioned: [[Int]] = [[], []]
        for entry in given.entries where !entry.value.isReset {
            guard let group = Options.all[entry.position].group else { continue }
            let known = mentioned[Int(group.rawValue)]
            if !known.contains(entry.index) { mentioned[Int(group.rawValue)].append(entry.index) }
        }
        if !mentioned[0].isEmpty, !mentioned[0].contains(1) { mentioned[0].append(1) }
        indexes = mentioned.map { $0.isEmpty ? [1] : $0.sorted() }
    }

    /// The positions of valid options, each behind the option that it depends on.
    ///
    /// The order decides which of several mistakes is reported: `stanza`, then by name as far as dependencies allow.
    private func order() -> [Int] {
        let stanza = Options.position(of: Options.stanza.declaration)
        var waiting = Options.all.indices.filter { slots[$0].isValid && $0 != stanza }
        var order = slots[stanza].isValid ? [stanza] : []
        var isDone = slots.map { !$0.isValid }
        isDone[stanza] = true
        while !waiting.isEmpty {
            var later: [Int] = []
            for position in waiting {
                let condition = Options.all[position].dependency(for: command)?.option
                if condition.map({ isDone[Options.position(of: $0)] }) ?? true {
                    order.append(position)
                    isDone[position] = true
                } else {
                    later.append(position)
                }
            }
            precondition(later.count < waiting.count, "options depend on each other in a circle")
            waiting = later
        }
        return order
    }

    private mutating func resolve(_ position: Int) throws(RoostError) {
        let option = Options.all[position]
        let indexes = option.group.map { self.indexes[Int($0.rawValue)] } ?? [1]
        for (place, index) in indexes.enumerated() {
            slots[position].entries.append(try resolve(option, position, index, place))
        }
    }

    private mutating func resolve(
        _ option: OptionDeclaration,
        _ position: Int,
        _ index: Int,
        _ place: Int
    ) throws(RoostError) -> ResolvedValue {
        let given = self.given[position, index]
        var result = ResolvedValue()
        result.isNegated = given?.isNegated ?? false
        result.isReset = given?.isReset ?? false
        let isSet = given.map { !$0.isReset && (option.kind.isBoolean || !$0.isNegated) } ?? false

        var match: Match?
        if let dependency = option.dependency(for: command) {
            let condition = value(of: dependency.option, place)
            guard let value = condition?.text, dependency.values.isEmpty || dependency.values.contains(value) else {
                if isSet, given?.source == .commandLine {
                    throw unmet(dependency, isConditionSet: condition?.data != nil, option.name(at: index), index)
                }
                // What cannot be fulfilled here may be there for another command.
                return dependency.otherwise.map { ResolvedValue(data: OptionText.data(of: $0, option.kind), text: $0) }
                    ?? result
            }
            match = Match(option: dependency.option.name(at: index), value: value)
        }

        if isSet, let given {
            result.source = given.source
            if option.kind.isBoolean {
                result.data = .boolean(!given.isNegated)
                result.text = given.isNegated ? "n" : "y"
            } else {
                result.data = try data(of: given.texts, option, option.name(at: index), match)
                result.text = given.texts.joined(separator: ", ")
            }
        } else if let given, given.isNegated {
            result.source = given.source
        } else if let text = defaultText(option, match) {
            result.data = OptionText.data(of: text, option.kind)
            result.text = text
        } else if option.isRequired(for: command), !isLenient {
            throw RoostError(
                .optionRequired,
                "\(command.name) command requires option: \(option.name(at: index))",
                hints: hints(forMissing: option)
            )
        }
        return result
    }

    private func hints(forMissing option: OptionDeclaration) -> [String] {
        if option.section == .stanza { return ["does this stanza exist?"] }
        guard dialect == .roost, option.name == Options.stanza.name else { return [] }
        guard !configuredStanzas.isEmpty else { return ["no stanza has settings in the configuration."] }
        return ["name one of the configuration with --stanza: \(configuredStanzas.joined(separator: ", "))."]
    }

    private func value(of option: OptionDeclaration, _ place: Int) -> ResolvedValue? {
        let entries = slots[Options.position(of: option)].entries
        return option.group == nil ? entries.first : place < entries.count ? entries[place] : nil
    }

    private func unmet(
        _ dependency: OptionDependency,
        isConditionSet: Bool,
        _ name: String,
        _ index: Int
    ) -> RoostError {
        let condition = dependency.option.name(at: index)
        let values = dependency.values
        let missing: String
        if !isConditionSet {
            missing = "'\(condition)'"
        } else if dependency.option.kind.isBoolean {
            missing = values == ["n"] ? "'no-\(condition)'" : "'\(condition)'"
        } else if values.count == 1 {
            missing = "'\(condition)' = '\(values[0])'"
        } else {
            missing = "'\(condition)' in (\(values.map { "'\($0)'" }.joined(separator: ", ")))"
        }
        return RoostError(.optionInvalid, "option '\(name)' not valid without option \(missing)")
    }

    private func defaultText(_ option: OptionDeclaration, _ match: Match?) -> String? {
        switch option.defaultValue(for: command) {
        case .none: nil
        case .fixed(let text): text
        case .program: program
        case .matching(let defaults): defaults.first { $0.value == match?.value }?.is
        }
    }

    /// Drops indexes that were mentioned only in options that turned out not to count.
    ///
    /// As in pgBackRest, a single index that is left becomes 1 if the lowest was dropped.
    private mutating func dropUnusedIndexes() {
        for group in OptionGroup.allCases {
            let all = indexes[Int(group.rawValue)]
            guard all.count > 1 else {
                if !isUsed(group, 0) { indexes[Int(group.rawValue)] = [1] }
                continue
            }
            var kept = all.indices.filter { isUsed(group, $0) }
            if kept.isEmpty { kept = [0] }
            let isLowestDropped = !isUsed(group, 0)
            indexes[Int(group.rawValue)] = kept.count == 1 && isLowestDropped ? [1] : kept.map { all[$0] }
            for position in slots.indices where slots[position].isValid && Options.all[position].group == group {
                slots[position].entries = kept.map { slots[position].entries[$0] }
            }
        }
    }

    private func isUsed(_ group: OptionGroup, _ place: Int) -> Bool {
        Options.all.indices.contains { position in
            Options.all[position].group == group && slots[position].isValid
                && slots[position].entries[place].source != .defaultValue
        }
    }
}

/// The value of the option that another depends on.
struct Match: Sendable {
    let option: String
    let value: String
}
