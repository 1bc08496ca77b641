/// A configuration file of PostgreSQL as lines, some of which are to be other ones: `postgresql.auto.conf` of a copy.
///
/// Bytes, since PostgreSQL writes values in the encoding of whatever database they were set from. Lines that are kept stay as
/// they are.
package struct ServerSettingsText: Equatable {
    private var lines: [ArraySlice<UInt8>]

    package init(_ bytes: [UInt8]) {
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
    }

    /// With a line end after each line.
    package var bytes: [UInt8] { lines.reduce(into: []) { $0 += $1 + [UInt8(ascii: "\n")] } }

    /// Whether a setting has a line of its own.
    package func has(_ name: String) -> Bool { lines.contains { Self.name(in: $0) == name } }

    /// Takes the lines of settings out.
    package mutating func drop(where isDropped: (String) -> Bool) {
        lines.removeAll { line in Self.name(in: line).map(isDropped) ?? false }
    }

    /// Makes the lines of settings comments.
    package mutating func comment(_ names: Set<String>, because reason: String) {
        lines = lines.map { line in
            guard let name = Self.name(in: line), names.contains(name) else { return line }
            return Array("# \(reason): ".utf8) + line
        }
    }

    /// Gives a setting one line, at the end.
    package mutating func set(_ name: String, _ value: String) {
        drop { $0 == name }
        lines.append(ArraySlice("\(name) = \(Self.quoted(value))".utf8))
    }

    /// A value in quotes, in which quotes and backslashes are doubled and a line end is written `\n`.
    package static func quoted(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "'") { text, scalar in
            switch scalar {
            case "'", "\\": text.unicodeScalars.append(contentsOf: [scalar, scalar])
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        } + "'"
    }

    /// The name that a line sets, in lower case: names count in either; nil for comments and empty lines.
    private static func name(in line: ArraySlice<UInt8>) -> String? {
        let start = line.drop { [0x20, 0x09, 0x0D].contains($0) }
        let name = start.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self).lowercased()
    }
}

extension ServerSettingsText {
    /// Whether a setting belongs to a recovery or to replication from another server: nothing that a copy may keep.
    package static func isOfRecovery(_ name: String) -> Bool {
        name.hasPrefix("recovery_target")
            || [
                "restore_command", "archive_cleanup_command", "recovery_end_command", "primary_conninfo",
                "primary_slot_name", "promote_trigger_file", "recovery_min_apply_delay",
            ].contains(name)
    }
}
