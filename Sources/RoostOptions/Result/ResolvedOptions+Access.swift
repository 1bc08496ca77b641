extension ResolvedOptions {
    /// The value of an option; of a group, that at the default index.
    ///
    /// An option without a promise of a value that is not valid for the command reads as unset.
    ///
    /// - Precondition: An option that always has a value is valid for the command.
    package subscript<Value>(option: Option<Value>) -> Value {
        value(of: option, option.declaration.group.map(defaultIndex(of:)) ?? 1)
    }

    /// The value of an option of a group at an index as in `repo2-path`.
    ///
    /// - Precondition: The index is one of ``repoIndexes`` or ``pgIndexes``.
    package subscript<Value>(option: Option<Value>, index: Int) -> Value {
        value(of: option, index)
    }

    private func value<Value>(of option: Option<Value>, _ index: Int) -> Value {
        guard let entry = entry(option.declaration, index) else {
            guard let unset = Value.unset, Value.self != Bool.self else {
                preconditionFailure("option '\(option.name)' is not valid for command '\(command.name)'")
            }
            return unset
        }
        guard let data = entry.data else {
            guard let unset = Value.unset else { preconditionFailure("option '\(option.name)' has no value") }
            return unset
        }
        guard let value = Value(data) else {
            preconditionFailure("option '\(option.name)' is declared with the wrong type")
        }
        return value
    }

    /// True if the option has a value, from wherever, at the default index.
    package func isSet(_ option: Option<some OptionValue>) -> Bool {
        isSet(option, option.declaration.group.map(defaultIndex(of:)) ?? 1)
    }

    /// True if the option has a value, from wherever, at that index.
    package func isSet(_ option: Option<some OptionValue>, _ index: Int) -> Bool {
        entry(option.declaration, index)?.data != nil
    }

    /// True if the option means something to the command.
    package func isValid(_ option: Option<some OptionValue>) -> Bool {
        slots[Options.position(of: option.declaration)].isValid
    }

    /// Where the value comes from, at the default index.
    package func source(of option: Option<some OptionValue>) -> OptionSource {
        source(of: option, option.declaration.group.map(defaultIndex(of:)) ?? 1)
    }

    /// Where the value comes from, at that index.
    package func source(of option: Option<some OptionValue>, _ index: Int) -> OptionSource {
        entry(option.declaration, index)?.source ?? .defaultValue
    }

    /// The value as it was written, for messages.
    package func text(of option: Option<some OptionValue>, _ index: Int? = nil) -> String? {
        let declaration = option.declaration
        guard !declaration.isSecret else { return nil }
        return entry(declaration, index ?? declaration.group.map(defaultIndex(of:)) ?? 1)?.text
    }

    /// The indexes of repositories that exist, rising: 1 and 3 for `repo1-path` and `repo3-path`.
    package var repoIndexes: [Int] { indexes[Int(OptionGroup.repo.rawValue)] }

    /// The indexes of clusters that exist, rising.
    package var pgIndexes: [Int] { indexes[Int(OptionGroup.pg.rawValue)] }

    /// The repository of `--repo`, else the first.
    package var defaultRepo: Int { defaultIndex(of: .repo) }

    /// The cluster of `--pg`, else the first.
    package var defaultPg: Int { defaultIndex(of: .pg) }

    /// The repository of `--repo`, nil if none was chosen.
    package var selectedRepo: Int? { self[Options.repo] }

    /// Sets an option that the program itself decides, as if it had been given on the command line.
    ///
    /// - Precondition: The text is valid for the option.
    package mutating func assign(_ text: String, to option: Option<some OptionValue>) {
        let declaration = option.declaration
        guard let data = OptionText.data(of: text, declaration.kind) else {
            preconditionFailure("'\(text)' is no value of option '\(option.name)'")
        }
        let place = Options.position(of: declaration)
        for index in slots[place].entries.indices {
            slots[place].entries[index] = ResolvedValue(data: data, text: text, source: .commandLine)
        }
    }

    func defaultIndex(of group: OptionGroup) -> Int {
        let selected = group == .pg ? self[Options.pg] : self[Options.repo]
        return selected ?? indexes[Int(group.rawValue)].first ?? 1
    }

    func entry(_ declaration: OptionDeclaration, _ index: Int) -> ResolvedValue? {
        let slot = slots[Options.position(of: declaration)]
        guard slot.isValid else { return nil }
        guard let group = declaration.group else { return slot.entries.first }
        guard let place = indexes[Int(group.rawValue)].firstIndex(of: index) else { return nil }
        return slot.entries[place]
    }
}
