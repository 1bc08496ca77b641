internal import RoostSystem

/// Writes an info file or manifest: sections and keys in the order given, which must be byte order, then the checksum.
package struct InfoFileWriter: ~Copyable {
    private let sink: (RawSpan) throws -> Void
    private let buffer = Chunk(capacity: 256 << 10)
    private var digest = InfoDigest()
    private var section: String?
    private var line: [UInt8] = []

    /// - Parameters:
    ///   - version: The release that the file claims to be written by.
    ///   - sink: Gets the text in pieces.
    package init(version: String, to sink: @escaping (RawSpan) throws -> Void) throws {
        self.sink = sink
        try entry("backrest", "backrest-format", .unsigned(InfoFileParser.format))
        try entry("backrest", "backrest-version", .string(version))
    }

    /// Writes one line; a section line before it where the section changes.
    package mutating func entry(_ section: String, _ key: String, _ value: JSONValue) throws {
        var text: [UInt8] = []
        value.append(to: &text)
        try entry(section, key: Array(key.utf8).span, value: text.span)
    }

    /// Writes one line from bytes; the value is JSON text.
    ///
    /// - Throws: ``ErrorCode/format`` for a key that no reader could read again.
    package mutating func entry(_ name: String, key: Span<UInt8>, value: Span<UInt8>) throws {
        guard key.count > 0, key.firstIndex(of: 0x0A, from: 0) == nil else {
            throw RoostError(
                .format, "'\(string(key))' is empty or has a line break and cannot be written to section '\(name)'")
        }
        try begin(name)
        digest.add(section: name, key: key, value: value)
        try put(key.raw)
        try put("=".utf8.span.raw)
        try put(value.raw)
        try put("\n".utf8.span.raw)
    }

    /// Writes the checksum and hands the last bytes to the sink.
    package mutating func finish() throws {
        let checksum = digest.finish()
        section = nil
        try put("\n[backrest]\nbackrest-checksum=\"\(checksum)\"\n".utf8.span.raw)
        try sink(buffer.bytes)
        buffer.removeAll()
    }

    private mutating func begin(_ name: String) throws {
        guard section != name else { return }
        try put("\(section == nil ? "" : "\n")[\(name)]\n".utf8.span.raw)
        section = name
    }

    private func put(_ bytes: RawSpan) throws {
        var rest = bytes
        while rest.byteCount > 0 {
            let taken = buffer.append(rest)
            rest = rest.extracting(droppingFirst: taken)
            guard buffer.isFull else { continue }
            try sink(buffer.bytes)
            buffer.removeAll()
        }
    }
}
