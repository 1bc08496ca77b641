package import RoostSystem

/// A JSON value as a tree, for the small documents: entries of info files, targets, the output of `info`.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case string(String)
    case array([JSONValue])
    /// Rendered with its keys in byte order.
    case object([String: JSONValue])

    /// Parses one value and nothing after it.
    package init(parsing bytes: Span<UInt8>) throws(RoostError) {
        var cursor = JSONCursor(bytes)
        self = try Self.take(&cursor, depth: 0)
        try cursor.expectEnd()
    }

    /// Parses one value and nothing after it.
    package init(parsing text: String) throws(RoostError) {
        try self.init(parsing: Array(text.utf8).span)
    }

    /// Parses what another program or a person wrote: keys in any order, every escape.
    ///
    /// Numbers are integers here too.
    package init(parsingForeign text: String) throws(RoostError) {
        let bytes = Array(text.utf8)
        var cursor = JSONCursor(bytes.span, isForeign: true)
        self = try Self.take(&cursor, depth: 0)
        try cursor.expectEnd()
    }

    /// The value of a key, if this is an object that has it.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// Compact text, keys in byte order, escapes as upstream writes them.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the compact text.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .unsigned(let value): bytes += String(value).utf8
        case .string(let value): appendJSONString(value.utf8, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for (index, key) in keys.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSONString(key.utf8, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                members[key]?.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func take(_ cursor: inout JSONCursor, depth: Int) throws(RoostError) -> JSONValue {
        guard depth < 32 else { throw cursor.failure("value is nested too deeply") }
        switch cursor.peek() {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            try cursor.object { cursor, key throws(RoostError) in
                let name = cursor.text(key)
                let value = try take(&cursor, depth: depth + 1)
                // Equal to Swift are also two spellings of one Unicode text: better refused than one of them lost.
                guard members.updateValue(value, forKey: name) == nil else {
                    throw cursor.failure("key '\(name)' is there twice")
                }
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try cursor.array { cursor throws(RoostError) in elements.append(try take(&cursor, depth: depth + 1)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try cursor.string())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try cursor.bool())
        case UInt8(ascii: "n"):
            guard try cursor.null() else { throw cursor.failure("expected null") }
            return .null
        case UInt8(ascii: "-"): return .integer(try cursor.signed())
        default: return .unsigned(try cursor.unsigned())
        }
    }
}

/// Appends a string in quotes, with the escapes that upstream writes and no others.
package func appendJSONString(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(0x22)
    for byte in text {
        switch byte {
        case 0x22: bytes += [0x5C, 0x22]
        case 0x5C: bytes += [0x5C, 0x5C]
        case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
        case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
        case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
        case 0x08: bytes += [0x5C, UInt8(ascii: "b")]
        case 0x0C: bytes += [0x5C, UInt8(ascii: "f")]
        default: bytes.append(byte)
        }
    }
    bytes.append(0x22)
}
