/// The facts about one option: everything that parsing, resolution, help and sub-processes need.
package final class OptionDeclaration: Sendable {
    /// Without an index: `repo-path` is written `repo1-path`.
    package let name: String
    package let kind: OptionKind
    package let section: OptionSection
    package let flags: OptionFlags
    package let defaultValue: OptionDefault
    package let dependency: OptionDependency?
    package let commands: CommandSet
    /// Where Roost alone accepts it.
    let roostCommands: CommandSet
    package let overrides: [OptionOverride]
    package let formerNames: [FormerName]
    /// One line for help, lower case, no full stop.
    package let summary: String
    /// What the typed key in ``Options`` promises; a test compares it with the other facts.
    let promise: ValuePromise

    init(
        _ name: String,
        _ kind: OptionKind,
        section: OptionSection,
        flags: OptionFlags,
        defaultValue: OptionDefault,
        dependency: OptionDependency?,
        commands: CommandSet,
        roostCommands: CommandSet,
        overrides: [OptionOverride],
        formerNames: [FormerName],
        summary: String,
        promise: ValuePromise
    ) {
        self.name = name
        self.kind = kind
        self.section = section
        self.flags = flags
        self.defaultValue = defaultValue
        self.dependency = dependency
        self.commands = commands
        self.roostCommands = roostCommands
        self.overrides = overrides
        self.formerNames = formerNames
        self.summary = summary
        self.promise = promise
    }
}

/// Options of a group exist once per index: `repo1-path`, `repo2-path`.
package enum OptionGroup: UInt8, Sendable, Hashable, CaseIterable {
    case pg, repo

    package var name: String { self == .pg ? "pg" : "repo" }
}

/// How the text of an option becomes a value.
package enum OptionKind: Sendable {
    case boolean
    /// A word of a list that may also be given like a boolean: `--backup-standby`, `--no-backup-standby`.
    case booleanOrChoice([String])
    case choice([String])
    case integer(OptionRange)
    case size(OptionRange)
    /// One of a few sizes.
    case sizeChoice([String])
    case time(OptionRange)
    case string
    case path
    case list
    case hash

    /// May be given several times.
    var isMultiple: Bool {
        switch self {
        case .list, .hash: true
        default: false
        }
    }

    var isBoolean: Bool { if case .boolean = self { true } else { false } }

    var isBooleanOrChoice: Bool { if case .booleanOrChoice = self { true } else { false } }

    /// The words that are allowed, nil if it is not a matter of words.
    package var words: [String]? {
        switch self {
        case .choice(let words), .booleanOrChoice(let words), .sizeChoice(let words): words
        default: nil
        }
    }

    var range: OptionRange? {
        switch self {
        case .integer(let range), .size(let range), .time(let range): range
        default: nil
        }
    }
}

/// The inclusive limits of a number, in the notation of the command line.
package enum OptionRange: Sendable {
    case any
    case from(String, to: String)
    /// Limits that depend on the value of the option that this one depends on.
    case matching([(value: String, from: String, to: String)])
}

/// Where an option may be set besides the command line and the environment.
package enum OptionSection: Sendable, Hashable {
    /// Not in configuration files.
    case commandLine
    /// In any section.
    case global
    /// In sections of a stanza only.
    case stanza
}

/// Properties that few options have.
package struct OptionFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Must have a value for a command it is valid for.
    static let required = OptionFlags(rawValue: 1)
    /// Refused on the command line, never shown.
    static let secret = OptionFlags(rawValue: 2)
    /// Accepted, but not shown by help.
    static let hidden = OptionFlags(rawValue: 4)
    /// May be negated although it is no boolean of a configuration file.
    static let negatable = OptionFlags(rawValue: 8)
    /// Unknown to pgBackRest: lives in sections that it ignores.
    static let roostOnly = OptionFlags(rawValue: 16)
}

/// The value of an option that nobody set, in the notation of the command line.
package enum OptionDefault: Sendable, ExpressibleByStringLiteral {
    case none
    case fixed(String)
    /// The name or path by which the program was called.
    case program
    /// Depends on the value of the option that this one depends on.
    case matching([(value: String, is: String)])

    package init(stringLiteral text: String) { self = .fixed(text) }
}

/// A condition under which an option is valid.
package struct OptionDependency: Sendable {
    package let option: OptionDeclaration
    /// One of these values; empty if any will do.
    package let values: [String]
    /// What the option is when the condition is not met; nil if it is unset then.
    package let otherwise: String?

    static func on(_ option: Option<some OptionValue>, _ values: String..., otherwise: String? = nil)
        -> OptionDependency
    {
        OptionDependency(option: option.declaration, values: values, otherwise: otherwise)
    }
}

/// How an option differs for one command.
package struct OptionOverride: Sendable {
    package let command: Command
    let defaultValue: String?
    let isRequired: Bool?
    let words: [String]?
    let dependency: OptionDependency?
    let isHidden: Bool

    init(
        _ command: Command,
        default defaultValue: String? = nil,
        required isRequired: Bool? = nil,
        words: [String]? = nil,
        depends dependency: OptionDependency? = nil,
        hidden isHidden: Bool = false
    ) {
        self.command = command
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.words = words
        self.dependency = dependency
        self.isHidden = isHidden
    }
}

/// A name an option had in earlier releases, still accepted everywhere.
package struct FormerName: Sendable, ExpressibleByStringLiteral {
    /// Without index: `db-path`.
    package let name: String
    /// `db2-path` is accepted.
    package let takesIndex: Bool
    /// `db-path` is accepted and means index 1.
    package let standsAlone: Bool

    /// `db-path`: alone only.
    package init(stringLiteral name: String) {
        self.init(name, takesIndex: false, standsAlone: true)
    }

    private init(_ name: String, takesIndex: Bool, standsAlone: Bool) {
        self.name = name
        self.takesIndex = takesIndex
        self.standsAlone = standsAlone
    }

    /// With an index or without.
    static func eitherWay(_ name: String) -> FormerName { FormerName(name, takesIndex: true, standsAlone: true) }

    /// With an index only.
    static func indexed(_ name: String) -> FormerName { FormerName(name, takesIndex: true, standsAlone: false) }
}

extension OptionDeclaration {
    /// The group, told by the first part of the name of an option that takes an index.
    package var group: OptionGroup? { promise.group }

    var isSecret: Bool { flags.contains(.secret) }

    package var isRoostOnly: Bool { flags.contains(.roostOnly) }

    /// Whether the option means something to a command, by the name under which the program was called.
    package func isValid(for command: Command, _ role: Role, in dialect: Dialect) -> Bool {
        commands.contains(command, role) || dialect == .roost && roostCommands.contains(command, role)
    }

    /// `--no-` is allowed.
    var isNegatable: Bool {
        flags.contains(.negatable) || (section != .commandLine && (kind.isBoolean || kind.isBooleanOrChoice))
    }

    /// `--reset-` is allowed.
    var isResettable: Bool { section != .commandLine }

    /// The name as users write it: `repo2-path`.
    package func name(at index: Int) -> String {
        guard let group else { return name }
        return "\(group.name)\(index)\(name.dropFirst(group.name.utf8.count))"
    }

    private func override(for command: Command) -> OptionOverride? {
        overrides.first { $0.command == command }
    }

    func defaultValue(for command: Command) -> OptionDefault {
        if let text = override(for: command)?.defaultValue { return .fixed(text) }
        return defaultValue
    }

    func isRequired(for command: Command) -> Bool {
        override(for: command)?.isRequired ?? flags.contains(.required)
    }

    package func words(for command: Command) -> [String]? {
        override(for: command)?.words ?? kind.words
    }

    package func dependency(for command: Command) -> OptionDependency? {
        override(for: command)?.dependency ?? dependency
    }

    package func isHidden(for command: Command) -> Bool {
        flags.contains(.hidden) || override(for: command)?.isHidden == true
    }
}
