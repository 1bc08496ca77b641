package import RoostSystem

extension ResolvedOptions {
    /// Finds out what the user asked for.
    ///
    /// Nothing is written or changed; files are read through ``OptionInput/files`` only.
    ///
    /// - Throws: The error, with code and message, that pgBackRest ends with for the same mistake; an option whose
    ///   feature does not exist yet is an error too.
    package static func resolve(_ input: OptionInput) throws(RoostError) -> ResolvedOptions {
        let scan = try CommandLineScan(input.arguments, dialect: input.dialect)
        if let help = try help(scan, input) { return help }
        var given = scan.given
        var command = scan.command ?? .version
        let purpose: Purpose
        if command == .config {
            purpose = .showConfiguration
            command = try configurationTarget(scan, &given)
        } else {
            purpose = .run
            if scan.command == nil { given[Options.version] = nil }
            guard scan.parameters.isEmpty || command.declaration.parameters != nil else {
                throw RoostError(.paramInvalid, "command does not allow parameters")
            }
        }

        var reader = SourceReader(command: command, role: scan.role, dialect: input.dialect, given: given)
        var entries: [ConfigurationEntry] = []
        if command != .version {
            try reader.read(environment: input.environment)
            entries = try ConfigurationSources.load(reader.given, from: input.files)
            reader.assumeStanza(input.assumedStanza, of: entries)
            try reader.read(entries)
        }
        if let stanza = reader.given[Options.stanza]?.texts.first { try checkStanza(stanza) }
        var resolver = Resolver(
            command: command,
            role: scan.role,
            dialect: input.dialect,
            program: input.program,
            given: reader.given,
            configuredStanzas: entries.stanzas.sorted(),
            isLenient: purpose == .showConfiguration
        )
        try resolver.resolve()

        let options = ResolvedOptions(
            program: input.program,
            dialect: input.dialect,
            purpose: purpose,
            command: command,
            role: scan.role,
            parameters: purpose == .run ? scan.parameters : [],
            warnings: reader.warnings + resolver.warnings,
            configuredStanzas: resolver.configuredStanzas,
            slots: resolver.slots,
            indexes: resolver.indexes
        )
        try options.checkSelection(.pg)
        try options.checkSelection(.repo)
        guard purpose == .run else { return options }
        if input.isRoot { try options.checkRoot() }
        if !input.acceptsUnsupported { try options.checkSupported() }
        return options
    }

    /// The name becomes that of directories and files.
    private static func checkStanza(_ name: String) throws(RoostError) {
        guard name == "." || name == ".." || name.utf8.contains(UInt8(ascii: "/")) else { return }
        throw RoostError(.optionInvalidValue, "'\(name)' is not the name of a stanza")
    }

    /// What is to be explained, nil if it is not help that was asked for.
    private static func help(_ scan: CommandLineScan, _ input: OptionInput) throws(RoostError) -> ResolvedOptions? {
        // Only Roost explains a command when `--help` stands behind it.
        let isFlag = scan.given[Options.help]?.isNegated == false && (scan.command == nil || input.dialect == .roost)
        if scan.command == nil, !scan.helpIsWanted {
            let strangers = scan.given.entries.contains { !Options.all[$0.position].commands.contains(.help, .main) }
            guard !strangers else { throw RoostError(.commandRequired, "no command found") }
            if scan.given[Options.version]?.isNegated == false, !isFlag { return nil }
        } else if !scan.helpIsWanted, !isFlag {
            return nil
        }
        if let command = scan.command, !isFlag {
            try refuseStrangers(scan.given, command, input.dialect)
        }
        var options = ResolvedOptions(
            program: input.program,
            dialect: input.dialect,
            purpose: .help(try HelpTopic(scan.command, scan.helpIsWanted ? scan.parameters : [], input.dialect)),
            command: .help,
            role: .main,
            parameters: scan.parameters,
            warnings: [],
            configuredStanzas: [],
            slots: [],
            indexes: [[1], [1]]
        )
        var resolver = Resolver(
            command: .help,
            role: .main,
            dialect: input.dialect,
            program: input.program,
            given: GivenValues(),
            configuredStanzas: [],
            isLenient: true
        )
        try resolver.resolve()
        options.slots = resolver.slots
        return options
    }

    /// Even help is not given for a line that the command would refuse.
    private static func refuseStrangers(
        _ given: GivenValues, _ command: Command, _ dialect: Dialect
    ) throws(RoostError) {
        let options = given.entries.map { Options.all[$0.position] }
        guard let stranger = options.first(where: { !$0.isValid(for: command, .main, in: dialect) }) else { return }
        throw RoostError(
            .optionInvalid,
            "option '\(stranger.name)' not valid for command '\(command.name)'"
        )
    }

    /// The command that `config show` is about.
    private static func configurationTarget(
        _ scan: CommandLineScan,
        _ given: inout GivenValues
    ) throws(RoostError) -> Command {
        guard scan.parameters == ["show"] else {
            throw RoostError(
                scan.parameters.isEmpty ? .paramRequired : .paramInvalid,
                "command 'config' expects the word 'show'",
                hints: ["use 'config show --stanza=NAME --for=COMMAND'"]
            )
        }
        defer { given[Options.configurationFor] = nil }
        guard let name = given[Options.configurationFor]?.texts.first else { return .backup }
        guard let words = Options.configurationFor.declaration.kind.words, words.contains(name),
            let command = Command(named: name)
        else {
            throw RoostError(
                .optionInvalidValue,
                "'\(name)' is not allowed for 'for' option",
                hints: Suggestion.hints(for: name, among: Command.visible(in: .pgbackrest).map(\.name))
            )
        }
        return command
    }

    /// `--repo=2` needs a second repository.
    private func checkSelection(_ group: OptionGroup) throws(RoostError) {
        let option = group == .pg ? Options.pg : Options.repo
        guard let selected = self[option], !indexes[Int(group.rawValue)].contains(selected) else { return }
        throw RoostError(
            .optionInvalidValue,
            "key '\(text(of: option) ?? "")' is not valid for '\(option.name)' option",
            hints: ["configured: \(indexes[Int(group.rawValue)].map { "\(group.name)\($0)" }.joined(separator: ", "))"]
        )
    }

    private func checkRoot() throws(RoostError) {
        guard isValid(Options.allowRoot), !self[Options.allowRoot] else { return }
        throw RoostError(
            .optionInvalid,
            "the '\(command.name)' command must not be run as the root user",
            hints: [
                "running as root can create files that the regular user cannot access, causing later commands to fail.",
                "set the 'allow-root' option to allow running this command as root.",
            ]
        )
    }
}
