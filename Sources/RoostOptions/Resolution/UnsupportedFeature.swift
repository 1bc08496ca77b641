internal import RoostSystem

/// A feature of pgBackRest that does not exist here yet and must not be ignored in silence.
struct UnsupportedFeature: Sendable {
    enum Condition: Sendable {
        /// The option has a value at any index.
        case set
        /// The option has this value at any index.
        case value(String)
        /// The option has another value than this at any index.
        case otherThan(String)
    }

    let option: OptionDeclaration
    let condition: Condition
    /// Empty for all commands.
    let commands: [Command]

    init(_ option: Option<some OptionValue>, _ condition: Condition, _ commands: Command...) {
        self.option = option.declaration
        self.condition = condition
        self.commands = commands
    }

    /// Remove a row when the feature exists.
    static let options: [UnsupportedFeature] = [
        UnsupportedFeature(Options.repoType, .otherThan("posix")),
        UnsupportedFeature(Options.repoHost, .set),
        UnsupportedFeature(Options.pgHost, .set),
        UnsupportedFeature(Options.pgVersionForce, .set),
        UnsupportedFeature(Options.repoTargetTime, .set),
        UnsupportedFeature(Options.report, .value("y"), .check),
        UnsupportedFeature(Options.backupStandby, .otherThan("n")),
    ]

    /// Remove a name when the command exists.
    static let commands: [Command] = [.server, .serverPing]

    /// Remove a role when its processes exist.
    static let roles: [Role] = [.local, .remote]

    /// Remove when commands work with several.
    static let severalRepositories = true

    func applies(to value: ResolvedValue) -> Bool {
        guard value.data != nil else { return false }
        return switch condition {
        case .set: true
        case .value(let text): value.text == text
        case .otherThan(let text): value.text != text
        }
    }
}

extension ResolvedOptions {
    /// Ends in an error if the user relies on something that does not exist yet.
    func checkSupported() throws(RoostError) {
        guard !UnsupportedFeature.commands.contains(command), !UnsupportedFeature.roles.contains(role) else {
            throw RoostError(.commandInvalid, "command '\(command.name(in: role))' is not supported yet")
        }
        if UnsupportedFeature.severalRepositories, repoIndexes.count > 1 {
            let names = repoIndexes.map { "repo\($0)" }.joined(separator: ", ")
            throw RoostError(
                .optionInvalid,
                "more than one repository is not supported yet: \(names)",
                hints: ["remove the options of all but one repository"]
            )
        }
        for feature in UnsupportedFeature.options where feature.commands.isEmpty || feature.commands.contains(command) {
            let slot = slots[Options.position(of: feature.option)]
            guard slot.isValid, let place = slot.entries.firstIndex(where: feature.applies) else { continue }
            let index = feature.option.group.map { indexes[Int($0.rawValue)][place] } ?? 1
            let value = slot.entries[place]
            throw RoostError(
                .optionInvalid,
                "option '\(feature.option.name(at: index))' = '\(value.text ?? "")' is not supported yet for command "
                    + "'\(command.name)'",
                hints: ["it comes from: \(value.source)"]
            )
        }
    }
}
