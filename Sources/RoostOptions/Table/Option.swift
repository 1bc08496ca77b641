/// An option as the rest of the program refers to it: a name that cannot be misspelt, and the type of its value.
///
/// `Option<Int>` always has a value where it is valid; `Option<Int?>` may be unset.
package struct Option<Value: OptionValue>: Sendable {
    package let declaration: OptionDeclaration

    init(
        _ name: String,
        _ kind: OptionKind,
        in section: OptionSection = .global,
        default defaultValue: OptionDefault = .none,
        for commands: CommandSet,
        roostAlsoFor roostCommands: CommandSet = .none,
        depends dependency: OptionDependency? = nil,
        overrides: [OptionOverride] = [],
        flags: OptionFlags = [],
        group: OptionGroup? = nil,
        formerly formerNames: [FormerName] = [],
        _ summary: String
    ) {
        declaration = OptionDeclaration(
            name,
            kind,
            section: section,
            flags: flags,
            defaultValue: defaultValue,
            dependency: dependency,
            commands: commands,
            roostCommands: roostCommands,
            overrides: overrides,
            formerNames: formerNames,
            summary: summary,
            promise: ValuePromise(type: Value.self, group: group)
        )
    }

    package var name: String { declaration.name }
}

/// A Swift type that values of options have.
package protocol OptionValue: Sendable {
    /// Which kind of option it belongs to.
    static var form: OptionForm { get }
    /// The value for an option that has none, if that can be expressed.
    static var unset: Self? { get }

    /// - Returns: Nil if the data is of another kind.
    init?(_ data: OptionData)
}

/// What a resolved option holds.
package enum OptionData: Sendable, Equatable {
    case boolean(Bool)
    /// An integer, a size in bytes or a time in milliseconds.
    case number(Int64)
    case text(String)
    case list([String])
    case hash(OptionPairs)
}

/// The kinds of options by the type of their values.
package enum OptionForm: Sendable, Hashable {
    case boolean, integer, size, time, text, secret, list, hash
}

/// What the declaration of a typed key says about its values.
struct ValuePromise: Sendable {
    let form: OptionForm
    let mayBeUnset: Bool
    let group: OptionGroup?

    init<Value: OptionValue>(type: Value.Type, group: OptionGroup?) {
        form = Value.form
        mayBeUnset = Value.unset != nil && Value.self != Bool.self
        self.group = group
    }
}

extension Bool: OptionValue {
    package static var form: OptionForm { .boolean }
    package static var unset: Bool? { false }

    package init?(_ data: OptionData) {
        guard case .boolean(let value) = data else { return nil }
        self = value
    }
}

extension Int: OptionValue {
    package static var form: OptionForm { .integer }
    package static var unset: Int? { nil }

    package init?(_ data: OptionData) {
        guard case .number(let value) = data else { return nil }
        self = Int(value)
    }
}

/// Bytes.
extension UInt64: OptionValue {
    package static var form: OptionForm { .size }
    package static var unset: UInt64? { nil }

    package init?(_ data: OptionData) {
        guard case .number(let value) = data else { return nil }
        self.init(exactly: value)
    }
}

/// Milliseconds.
extension Int64: OptionValue {
    package static var form: OptionForm { .time }
    package static var unset: Int64? { nil }

    package init?(_ data: OptionData) {
        guard case .number(let value) = data else { return nil }
        self = value
    }
}

extension String: OptionValue {
    package static var form: OptionForm { .text }
    package static var unset: String? { nil }

    package init?(_ data: OptionData) {
        guard case .text(let value) = data else { return nil }
        self = value
    }
}

/// A value that must not be seen: anything that prints it prints `<redacted>`.
package struct Secret: OptionValue, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself, for the one place that needs it.
    package let revealed: String

    package init(_ revealed: String) { self.revealed = revealed }

    package static var form: OptionForm { .secret }
    package static var unset: Secret? { nil }

    package init?(_ data: OptionData) {
        guard case .text(let value) = data else { return nil }
        revealed = value
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// All values of an option that may be given several times; empty if it was not given.
extension [String]: OptionValue {
    package static var form: OptionForm { .list }
    package static var unset: [String]? { [] }

    package init?(_ data: OptionData) {
        guard case .list(let value) = data else { return nil }
        self = value
    }
}

/// The keys and values of an option like `tablespace-map`, in the order in which they were given.
package struct OptionPairs: OptionValue, Equatable, RandomAccessCollection {
    package private(set) var pairs: [Pair] = []

    package struct Pair: Sendable, Equatable {
        package let key: String
        package var value: String
    }

    package init() {}

    package static var form: OptionForm { .hash }
    package static var unset: OptionPairs? { OptionPairs() }

    package init?(_ data: OptionData) {
        guard case .hash(let value) = data else { return nil }
        self = value
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { pairs.count }
    package subscript(position: Int) -> Pair { pairs[position] }

    package subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// Adds a pair; a key that is there keeps its place and gets the new value.
    ///
    /// - Returns: The value that was replaced.
    mutating func set(_ key: String, to value: String) -> String? {
        guard let place = pairs.firstIndex(where: { $0.key == key }) else {
            pairs.append(Pair(key: key, value: value))
            return nil
        }
        let old = pairs[place].value
        pairs[place].value = value
        return old
    }
}

extension Optional: OptionValue where Wrapped: OptionValue {
    package static var form: OptionForm { Wrapped.form }
    package static var unset: Wrapped?? { .some(nil) }

    package init?(_ data: OptionData) {
        guard let value = Wrapped(data) else { return nil }
        self = value
    }
}
