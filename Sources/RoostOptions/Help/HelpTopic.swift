internal import RoostSystem

/// What help is wanted about.
package enum HelpTopic: Sendable, Equatable {
    case general
    case command(Command)
    /// An option of a command, by its name without index.
    case option(Command, String)

    /// - Throws: ``ErrorCode/paramInvalid`` for too many words, ``ErrorCode/optionInvalid`` for an option that the
    ///   command does not have.
    init(_ command: Command?, _ parameters: [String], _ dialect: Dialect) throws(RoostError) {
        guard let command else {
            self = .general
            return
        }
        guard let word = parameters.first else {
            self = .command(command)
            return
        }
        guard parameters.count == 1 else {
            throw RoostError(.paramInvalid, "only one option allowed for option help")
        }
        let name = try OptionName.parse(word, abbreviated: true, roostOnly: true, indexRequired: false)
        guard let option = name?.declaration, option.isValid(for: command, .main, in: dialect) else {
            throw RoostError(
                .optionInvalid,
                "option '\(word)' is not valid for command '\(command.name)'",
                hints: Suggestion.hints(
                    for: word,
                    among: Options.all.lazy.filter { $0.isValid(for: command, .main, in: dialect) }.map(\.name)
                )
            )
        }
        self = .option(command, option.name)
    }
}
