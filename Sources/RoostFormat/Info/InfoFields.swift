package import RoostSystem

/// The fields of one JSON object or section, taken with their types checked.
package struct InfoFields {
    private let object: String
    private let members: [String: JSONValue]
    /// Upstream tells a bad JSON object from a bad section.
    private let code: ErrorCode

    /// - Parameter object: What the fields belong to, for error messages.
    package init(_ value: JSONValue, of object: String) throws(RoostError) {
        guard case .object(let members) = value else {
            throw RoostError(.jsonFormat, "expected a JSON object for \(object)")
        }
        self.object = object
        self.members = members
        code = .jsonFormat
    }

    package init(_ members: [String: JSONValue], of object: String) {
        self.object = object
        self.members = members
        code = .format
    }

    package func contains(_ key: String) -> Bool { members[key] != nil }

    package func string(_ key: String) throws(RoostError) -> String { try required(key, optionalString(key)) }

    package func optionalString(_ key: String) throws(RoostError) -> String? {
        switch members[key] {
        case .string(let text): text
        case nil, .null: nil
        default: throw wrongType(key, "a string")
        }
    }

    package func unsigned(_ key: String) throws(RoostError) -> UInt64 { try required(key, optionalUnsigned(key)) }

    package func optionalUnsigned(_ key: String) throws(RoostError) -> UInt64? {
        switch members[key] {
        case .unsigned(let value): value
        case nil: nil
        default: throw wrongType(key, "a number")
        }
    }

    package func unsigned32(_ key: String) throws(RoostError) -> UInt32 {
        guard let value = UInt32(exactly: try unsigned(key)) else { throw wrongType(key, "a 32-bit number") }
        return value
    }

    package func signed(_ key: String) throws(RoostError) -> Int64 {
        switch members[key] {
        case .unsigned(let value):
            guard let value = Int64(exactly: value) else { throw wrongType(key, "a 64-bit number") }
            return value
        case .integer(let value): return value
        default: throw members[key] == nil ? missing(key) : wrongType(key, "a number")
        }
    }

    /// Seconds since 1970, near enough that sums and differences stay far from the limits of the type.
    package func time(_ key: String) throws(RoostError) -> Int64 {
        let value = try signed(key)
        guard value.magnitude <= 1 << 40 else { throw wrongType(key, "a moment in time") }
        return value
    }

    package func bool(_ key: String) throws(RoostError) -> Bool { try required(key, optionalBool(key)) }

    package func optionalBool(_ key: String) throws(RoostError) -> Bool? {
        switch members[key] {
        case .bool(let value): value
        case nil: nil
        default: throw wrongType(key, "true or false")
        }
    }

    package func strings(_ key: String) throws(RoostError) -> [String]? {
        guard let value = members[key] else { return nil }
        guard case .array(let elements) = value else { throw wrongType(key, "an array") }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw wrongType(key, "an array of strings") }
            texts.append(text)
        }
        return texts
    }

    package func stringMap(_ key: String) throws(RoostError) -> [String: String] {
        guard let value = members[key] else { return [:] }
        guard case .object(let members) = value else { throw wrongType(key, "an object") }
        var map: [String: String] = [:]
        for (name, value) in members {
            guard case .string(let text) = value else { throw wrongType(key, "an object of strings") }
            map[name] = text
        }
        return map
    }

    private func required<T>(_ key: String, _ value: T?) throws(RoostError) -> T {
        guard let value else { throw missing(key) }
        return value
    }

    private func missing(_ key: String) -> RoostError { RoostError(code, "missing '\(key)' for \(object)") }

    private func wrongType(_ key: String, _ expected: String) -> RoostError {
        RoostError(code, "expected \(expected) for '\(key)' of \(object)")
    }
}

/// Collects the small sections of an info file as JSON values.
package final class InfoSections: InfoFileHandler {
    private var section = ""
    private var sections: [String: [String: JSONValue]] = [:]

    package init() {}

    package func begin(section: String) { self.section = section }

    package func entry(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) {
        let parsed = try JSONValue(parsing: value)
        let name = string(key)
        guard let earlier = sections[section]?.index(forKey: name).flatMap({ sections[section]?[$0].key }) else {
            sections[section, default: [:]][name] = parsed
            return
        }
        // Equal to Swift are also two spellings of one Unicode text, which are two databases to PostgreSQL: better refused
        // than one of them lost. Of repeated lines the last counts, as it does upstream.
        guard earlier.utf8.elementsEqual(name.utf8) else {
            throw RoostError(.format, "'\(name)' is there twice in section '\(section)', in two Unicode spellings")
        }
        sections[section]?[name] = parsed
    }

    /// The fields of a section; none if it is absent.
    package func fields(_ section: String) -> InfoFields {
        InfoFields(sections[section] ?? [:], of: "section '\(section)'")
    }

    /// The lines of a section whose keys are data.
    package func lines(_ section: String) -> [(key: String, value: JSONValue)] {
        (sections[section] ?? [:]).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    package func contains(_ section: String) -> Bool { sections[section] != nil }

    /// Parses a whole file.
    ///
    /// - Returns: The sections and the version that the file says it was written by.
    package static func parse(
        _ bytes: [UInt8], object: String
    ) throws(RoostError) -> (sections: InfoSections, version: String) {
        let sections = InfoSections()
        let parser = InfoFileParser(object: object, handler: sections)
        try parser.push(bytes.span)
        try parser.finish()
        return (sections, parser.version ?? "")
    }
}
