package import RoostSystem

/// Gets the lines of an info file or manifest, in file order.
package protocol InfoFileHandler: AnyObject {
    /// A section line, not for `[backrest]`.
    func begin(section: String) throws(RoostError)

    /// A key line of the section.
    ///
    /// - Parameter value: JSON text. If it is not, the handler throws *before* it changes anything: the key may contain a
    ///   `=`, and the line is then offered again, split at the next one.
    func entry(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError)
}

/// Splits an info file or manifest into lines, checks format number and checksum (specification `info-files`, sections 1 to 4).
///
/// Takes the file in chunks of any size, so that a manifest of any length never lies in memory as text.
package final class InfoFileParser {
    /// The only repository format there is.
    package static let format: UInt64 = 5
    private static let ownSection = "backrest"
    /// Longer than any path; ends the search for a `=` in garbage.
    private static let maximumKeyLength = Int(UInt16.max)

    private let handler: any InfoFileHandler
    private let object: String
    private var partial: [UInt8] = []
    private var section: String?
    private var hasFormat = false
    private var digest = InfoDigest()
    private var checksum: String?
    /// From the first section; nil until it was read.
    package private(set) var version: String?

    /// - Parameter object: What is parsed, for error messages.
    package init(object: String, handler: any InfoFileHandler) {
        self.object = object
        self.handler = handler
    }

    /// Takes the next part of the file.
    package func push(_ bytes: Span<UInt8>) throws(RoostError) {
        var start = 0
        while let index = bytes.firstIndex(of: 0x0A, from: start) {
            if partial.isEmpty {
                try line(bytes.extracting(start..<index))
            } else {
                try completeLine(with: bytes.extracting(start..<index))
            }
            start = index + 1
        }
        partial.append(bytes.extracting(start..<bytes.count))
        guard partial.count <= 16 << 20 else { throw failure("a line is longer than 16MB") }
    }

    /// Ends the file.
    ///
    /// - Throws: ``ErrorCode/checksum`` if the checksum is missing or wrong.
    package func finish() throws(RoostError) {
        if !partial.isEmpty { try completeLine(with: [UInt8]().span) }
        guard hasFormat, version != nil else { throw failure("no format version found") }
        let actual = digest.finish()
        guard let checksum else {
            throw RoostError(.checksum, "invalid checksum in '\(object)': expected '\(actual)' but no checksum found")
        }
        guard checksum == actual.description else {
            throw RoostError(
                .checksum, "invalid checksum in '\(object)': actual '\(actual)' but expected '\(checksum)'",
                hints: ["was the file changed by hand or damaged?"])
        }
    }

    private func completeLine(with rest: Span<UInt8>) throws(RoostError) {
        partial.append(rest)
        var whole: [UInt8] = []
        swap(&whole, &partial)
        try line(whole.span)
        whole.removeAll(keepingCapacity: true)
        swap(&whole, &partial)
    }

    private func line(_ text: Span<UInt8>) throws(RoostError) {
        guard text.count > 0 else { return }
        if text[0] == UInt8(ascii: "["), text[text.count - 1] == UInt8(ascii: "]") {
            let name = string(text.extracting(1..<text.count - 1))
            section = name
            if name != Self.ownSection { try handler.begin(section: name) }
            return
        }
        guard let section else { throw failure("key/value found outside of section at \(excerpt(text))") }
        var start = 0
        while let index = text.firstIndex(of: UInt8(ascii: "="), from: start) {
            guard index > 0 else { throw failure("key is zero-length at \(excerpt(text))") }
            guard index <= Self.maximumKeyLength else { break }
            if try entry(section, key: text.extracting(0..<index), value: text.extracting(index + 1..<text.count)) {
                return
            }
            start = index + 1
        }
        throw failure("missing '=' or invalid value at \(excerpt(text))")
    }

    /// - Returns: False if the value is no JSON, so that the line must be split elsewhere.
    private func entry(_ section: String, key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) -> Bool {
        do {
            if section == Self.ownSection {
                guard try ownEntry(key: key, value: value) else { return true }
            } else {
                try handler.entry(key: key, value: value)
            }
        } catch {
            guard JSONCursor.isValue(value) else { return false }
            throw error.code == .jsonFormat ? error.during("invalid '\(object)' at \(excerpt(key))") : error
        }
        digest.add(section: section, key: key, value: value)
        return true
    }

    /// - Returns: Whether the line counts for the checksum.
    private func ownEntry(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) -> Bool {
        let parsed = try JSONValue(parsing: value)
        switch (string(key), parsed) {
        case ("backrest-checksum", .string(let text)):
            checksum = text
            return false
        case ("backrest-format", .unsigned(let number)):
            guard number == Self.format else {
                throw failure("expected format \(Self.format) but found \(number)")
            }
            hasFormat = true
        case ("backrest-version", .string(let text)): version = text
        default: break
        }
        return true
    }

    private func failure(_ what: String) -> RoostError { RoostError(.format, "invalid '\(object)': \(what)") }

    /// The beginning of a line's key: enough to find the line, never a value, which may be a passphrase, and little of what
    /// may be the garbage of a wrong one.
    private func excerpt(_ text: Span<UInt8>) -> String {
        let end = text.firstIndex(of: UInt8(ascii: "="), from: 0) ?? text.count
        let visible = (0..<min(end, 40)).map { index in
            (0x20..<0x7F).contains(text[index]) ? Character(UnicodeScalar(text[index])) : "?"
        }
        return "line '\(String(visible))\(visible.count < text.count ? "..." : "")'"
    }
}
