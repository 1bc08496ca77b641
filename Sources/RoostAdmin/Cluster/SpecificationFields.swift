package import RoostFormat

/// Takes typed values out of a JSON object, and in the end knows which keys nobody asked for.
package struct SpecificationFields {
    private let name: String
    private let members: [String: JSONValue]
    private var taken: Set<String> = []

    /// - Parameter name: For messages: `the specification`.
    /// - Throws: ``AdminRefusal/Reason/usage`` if it is no object, as all do here.
    package init(_ value: JSONValue, _ name: String) throws(AdminRefusal) {
        guard case .object(let members) = value else {
            throw AdminRefusal(.usage, "\(name) is not an object", hints: ["it looks like {\"cluster\": \"pg-meta\"}"])
        }
        self.name = name
        self.members = members
    }

    /// The value of a key; nil also for `null` and empty text.
    package mutating func value(_ key: String) throws(AdminRefusal) -> JSONValue? {
        taken.insert(key)
        return has(key) ? members[key] : nil
    }

    /// Whether a key has a value.
    package func has(_ key: String) -> Bool {
        switch members[key] {
        case .null, .string(""), nil: false
        default: true
        }
    }

    package mutating func text(_ key: String) throws(AdminRefusal) -> String? {
        guard let value = try value(key) else { return nil }
        guard let text = Self.text(value) else { throw wrong(key, "text") }
        return text
    }

    package mutating func texts(_ key: String) throws(AdminRefusal) -> [String]? {
        guard let value = try value(key) else { return nil }
        guard case .array(let elements) = value else { throw wrong(key, "a list of texts") }
        var texts: [String] = []
        for element in elements {
            guard let text = Self.text(element) else { throw wrong(key, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// An absolute path, without slashes at its end.
    package mutating func path(_ key: String) throws(AdminRefusal) -> String? {
        guard var path = try text(key) else { return nil }
        guard path.hasPrefix("/") else { throw wrong(key, "an absolute path") }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    package mutating func number(_ key: String) throws(AdminRefusal) -> Int? {
        guard let text = try text(key) else { return nil }
        guard let number = Int(text), number >= 0 else { throw wrong(key, "a number that is not negative") }
        return number
    }

    package mutating func truth(_ key: String) throws(AdminRefusal) -> Bool? {
        guard let text = try text(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "y", "1": return true
        case "false", "no", "off", "n", "0": return false
        default: throw wrong(key, "true or false")
        }
    }

    package mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(AdminRefusal) -> C? where C.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let choice = C(rawValue: text) else {
            throw wrong(key, "one of \(C.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    package mutating func object(_ key: String) throws(AdminRefusal) -> SpecificationFields? {
        guard let value = try value(key) else { return nil }
        return try SpecificationFields(value, "'\(key)' of \(name)")
    }

    /// All that nobody took, as text; what is `null` or empty is left out.
    package mutating func remainingTexts() throws(AdminRefusal) -> [String: String] {
        var texts: [String: String] = [:]
        for key in members.keys where !taken.contains(key) { texts[key] = try text(key) }
        return texts
    }

    /// - Throws: ``AdminRefusal/Reason/usage`` naming a key that nobody took.
    package func expectNothingElse() throws(AdminRefusal) {
        guard let key = members.keys.filter({ !taken.contains($0) }).min() else { return }
        throw AdminRefusal(
            .usage, "\(name) has the unknown key '\(key)'",
            hints: ["known are \(taken.sorted().joined(separator: ", "))"])
    }

    private func wrong(_ key: String, _ expected: String) -> AdminRefusal {
        AdminRefusal(.usage, "'\(key)' of \(name) is not \(expected)")
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        default: nil
        }
    }
}
