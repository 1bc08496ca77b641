package import RoostSystem

/// One `key=value` of a configuration file.
package struct ConfigurationEntry: Sendable, Equatable {
    package let section: String
    package let key: String
    package let value: String
    package let path: String
}

extension [ConfigurationEntry] {
    /// The stanzas that have settings, in the order in which they first appear.
    package var stanzas: [String] {
        var stanzas: [String] = []
        for entry in self {
            let name = String(entry.section.prefix { $0 != ":" })
            if name != "global", !name.isEmpty, !stanzas.contains(name) { stanzas.append(name) }
        }
        return stanzas
    }
}

/// The syntax of configuration files: sections, keys and values, nothing quoted, nothing continued.
package enum ConfigurationText {
    /// - Throws: ``ErrorCode/format`` for a line that is none of section, setting, comment and empty.
    package static func parse(_ content: [UInt8], path: String) throws(RoostError) -> [ConfigurationEntry] {
        var entries: [ConfigurationEntry] = []
        var section = ""
        var number = 0
        for bytes in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = trim(bytes)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw broken("line is not valid UTF-8", number, String(decoding: line, as: UTF8.self), path)
            }
            if first == UInt8(ascii: "[") {
                guard line.count > 1, line.last == UInt8(ascii: "]") else {
                    throw broken("ini section should end with ]", number, text, path)
                }
                section = String(text.dropFirst().dropLast())
                guard !section.isEmpty else { throw broken("invalid empty section", number, text, path) }
                continue
            }
            guard !section.isEmpty else { throw broken("key/value found outside of section", number, text, path) }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
                throw broken("missing '=' in key/value", number, text, path)
            }
            let key = String(decoding: trim(line[..<equals]), as: UTF8.self)
            guard !key.isEmpty else { throw broken("key is zero-length", number, text, path) }
            let value = String(decoding: trim(line[line.index(after: equals)...]), as: UTF8.self)
            entries.append(ConfigurationEntry(section: section, key: key, value: value, path: path))
        }
        return entries
    }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
        }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func broken(_ what: String, _ line: Int, _ text: String, _ path: String) -> RoostError {
        RoostError(.format, "\(what) at line \(line): \(text)", hints: ["is '\(path)' the right file?"])
    }
}
