/// What the user asked for, with a value for every option that is valid for it.
///
/// ``resolve(_:)`` makes it before anything is logged or locked; ``applyRules()`` follows once the command has begun and
/// holds its lock, because some rules come after these steps in pgBackRest.
package struct ResolvedOptions: Sendable {
    /// What to do with the result.
    package enum Purpose: Sendable, Equatable {
        case run
        /// Print what ``helpText`` returns.
        case help(HelpTopic)
        /// Print what ``renderConfiguration()`` returns; ``ResolvedOptions/command`` is the one that was asked about.
        case showConfiguration
    }

    package let program: String
    package let dialect: Dialect
    package let purpose: Purpose
    package let command: Command
    package let role: Role
    /// The words behind the command.
    package let parameters: [String]
    /// To be logged as warnings before the line that says that the command begins.
    package internal(set) var warnings: [String]
    /// The stanzas that have settings in the configuration, sorted.
    package let configuredStanzas: [String]

    /// One for each of ``Options/all``.
    var slots: [Slot]
    /// The indexes of ``OptionGroup/pg`` and ``OptionGroup/repo`` that exist, rising.
    var indexes: [[Int]]

    /// An option with its values.
    struct Slot: Sendable {
        /// False if the option means nothing to the command.
        var isValid = false
        /// One for each index of the group; exactly one without a group.
        var entries: [ResolvedValue] = []
    }
}

/// A value and how it came about.
struct ResolvedValue: Sendable, Equatable {
    /// Nil if unset.
    var data: OptionData?
    /// As it was written, for logs and sub-processes.
    var text: String?
    var source: OptionSource = .defaultValue
    var isNegated = false
    var isReset = false
}

/// Where the value of an option comes from.
package enum OptionSource: Sendable, Hashable {
    case defaultValue
    case commandLine
    case environment
    case file(path: String, section: String)
}

extension OptionSource: CustomStringConvertible {
    package var description: String {
        switch self {
        case .defaultValue: "default"
        case .commandLine: "command line"
        case .environment: "environment"
        case .file(let path, let section): "\(path) [\(section)]"
        }
    }
}
