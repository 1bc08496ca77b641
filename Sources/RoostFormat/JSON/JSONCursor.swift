package import RoostSystem

/// Reads one JSON value from bytes, token by token, without building a tree.
///
/// The dialect is the repository format's: integers only, object keys without escapes in rising byte order
/// (specification `info-files`, section 2). Every read checks bounds; malformed input throws ``ErrorCode/jsonFormat``.
package struct JSONCursor: ~Escapable {
    package let bytes: Span<UInt8>
    package private(set) var position = 0
    /// Of another program: keys in any order, and every escape that JSON knows.
    private let isForeign: Bool

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, isForeign: Bool = false) {
        self.bytes = bytes
        self.isForeign = isForeign
    }

    /// The next byte after white space; nil at the end.
    package mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
            position += 1
        }
        return nil
    }

    /// Takes one expected byte.
    package mutating func expect(_ byte: UInt8) throws(RoostError) {
        guard peek() == byte else { throw failure("expected '\(Character(UnicodeScalar(byte)))'") }
        position += 1
    }

    /// Checks that nothing follows.
    package mutating func expectEnd() throws(RoostError) {
        guard peek() == nil else { throw failure("unexpected characters after the value") }
    }

    /// Takes a string without escapes and returns where its content lies.
    package mutating func rawString() throws(RoostError) -> Range<Int> {
        try expect(0x22)
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                defer { position += 1 }
                return start..<position
            }
            guard byte != 0x5C else { throw failure("escape where none is allowed") }
            position += 1
        }
        throw failure("string without end")
    }

    /// Takes a string that is expected to have a known length and no escapes, such as a checksum.
    ///
    /// - Returns: Where the content lies. It may hold quotes and backslashes: the caller checks what it may hold. Nil, and
    ///   nothing is taken, if the string has another length.
    mutating func rawString(ofLength count: Int) -> Range<Int>? {
        guard peek() == 0x22, position + count + 1 < bytes.count, bytes[position + count + 1] == 0x22 else {
            return nil
        }
        let start = position + 1
        position += count + 2
        return start..<start + count
    }

    /// Takes a string, decoding escapes.
    ///
    /// - Throws: ``ErrorCode/jsonFormat`` also for bytes that are not UTF-8, which would silently become other ones.
    package mutating func string() throws(RoostError) -> String {
        try expect(0x22)
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 0x22 {
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw failure("string is not valid UTF-8")
                }
                return text
            }
            if byte == 0x5C {
                try appendEscape(to: &content)
            } else {
                content.append(byte)
            }
        }
        throw failure("string without end")
    }

    /// Takes a number without sign.
    package mutating func unsigned() throws(RoostError) -> UInt64 {
        _ = peek()
        return try digits()
    }

    private mutating func digits() throws(RoostError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit <= 9 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { throw failure("number is too large") }
            value = sum
            position += 1
        }
        guard position > start else { throw failure("expected a number") }
        if position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): throw failure("number is not an integer")
            default: break
            }
        }
        return value
    }

    /// Takes a number with optional sign.
    package mutating func signed() throws(RoostError) -> Int64 {
        guard peek() == UInt8(ascii: "-") else {
            guard let value = Int64(exactly: try unsigned()) else { throw failure("number is too large") }
            return value
        }
        position += 1
        let magnitude = try digits()
        guard magnitude <= Int64.min.magnitude else { throw failure("number is too small") }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }

    /// Takes a number of a smaller type.
    package mutating func unsigned<T: FixedWidthInteger>(as type: T.Type) throws(RoostError) -> T {
        guard let value = T(exactly: try unsigned()) else { throw failure("number is too large") }
        return value
    }

    /// Takes `true` or `false`.
    package mutating func bool() throws(RoostError) -> Bool {
        if try word("true") { return true }
        if try word("false") { return false }
        throw failure("expected true or false")
    }

    /// Takes `null` if it is next.
    package mutating func null() throws(RoostError) -> Bool { try word("null") }

    /// Takes an object: calls `body` at each value with the range of its key.
    ///
    /// - Parameter body: Must take exactly one value.
    /// - Throws: ``ErrorCode/jsonFormat`` also for keys that do not rise.
    package mutating func object(
        _ body: (inout JSONCursor, Range<Int>) throws(RoostError) -> Void
    ) throws(RoostError) {
        try members(ordered: !isForeign, body)
    }

    private mutating func members(
        ordered: Bool, _ body: (inout JSONCursor, Range<Int>) throws(RoostError) -> Void
    ) throws(RoostError) {
        try expect(UInt8(ascii: "{"))
        guard peek() != UInt8(ascii: "}") else { return position += 1 }
        var previous: Range<Int>?
        while true {
            let key = try rawString()
            if ordered, let previous, !precedes(previous, key) { throw failure("keys are not in ascending order") }
            previous = key
            try expect(UInt8(ascii: ":"))
            try body(&self, key)
            guard peek() == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect(UInt8(ascii: "}"))
    }

    /// Takes an array: calls `body` at each element.
    package mutating func array(_ body: (inout JSONCursor) throws(RoostError) -> Void) throws(RoostError) {
        try expect(UInt8(ascii: "["))
        guard peek() != UInt8(ascii: "]") else { return position += 1 }
        while true {
            try body(&self)
            guard peek() == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect(UInt8(ascii: "]"))
    }

    /// Takes any value without looking at it; keys of objects in any order, since nobody looks for one.
    package mutating func skip(depth: Int = 0) throws(RoostError) {
        guard depth < 32 else { throw failure("value is nested too deeply") }
        switch peek() {
        case UInt8(ascii: "{"):
            try members(ordered: false) { cursor, _ throws(RoostError) in try cursor.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array { cursor throws(RoostError) in try cursor.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): guard try null() else { throw failure("expected null") }
        case UInt8(ascii: "-"): _ = try signed()
        default: _ = try unsigned()
        }
    }

    /// Whether bytes are one value and nothing else.
    static func isValue(_ bytes: Span<UInt8>) -> Bool {
        var cursor = JSONCursor(bytes)
        do {
            try cursor.skip()
            try cursor.expectEnd()
            return true
        } catch {
            return false  // which is the answer
        }
    }

    /// Whether the bytes of a range are those of a text.
    package func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { buffer in
            for offset in 0..<buffer.count {
                let expected = unsafe buffer[offset]
                if bytes[range.lowerBound + offset] != expected { return false }
            }
            return true
        }
    }

    /// The bytes of a range as text.
    package func text(_ range: Range<Int>) -> String { RoostFormat.string(bytes.extracting(range)) }

    /// An error that says where in the value it stands.
    package func failure(_ what: String) -> RoostError {
        RoostError(.jsonFormat, "invalid JSON: \(what) at character \(position + 1)")
    }

    private mutating func word(_ text: StaticString) throws(RoostError) -> Bool {
        _ = peek()
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count, matches(position..<end, text) else { return false }
        position = end
        return true
    }

    private mutating func appendEscape(to content: inout [UInt8]) throws(RoostError) {
        guard isForeign, position < bytes.count, bytes[position] == UInt8(ascii: "u") else {
            return content.append(try escape())
        }
        position += 1
        var value = UInt32(try codeUnit())
        // What lies beyond 16 bits is written as two halves.
        if (0xD800..<0xDC00).contains(value), position + 2 <= bytes.count, bytes[position] == 0x5C,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = UInt32(try codeUnit())
            guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a character in a \\u escape") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(value) else { throw failure("half of a character in a \\u escape") }
        content += String(scalar).utf8
    }

    private mutating func codeUnit() throws(RoostError) -> UInt16 {
        guard position + 4 <= bytes.count, case let digits = text(position..<position + 4),
            digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }), let value = UInt16(digits, radix: 16)
        else { throw failure("\\u is not followed by four digits") }
        position += 4
        return value
    }

    private mutating func escape() throws(RoostError) -> UInt8 {
        guard position < bytes.count else { throw failure("string without end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return byte
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"):
            // Only code points below 0x100, each one byte, as upstream reads them.
            guard position + 4 <= bytes.count, case let digits = text(position..<position + 4), digits.hasPrefix("00"),
                let value = UInt8(digits.dropFirst(2), radix: 16), digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") })
            else { throw failure("unsupported \\u escape") }
            position += 4
            return value
        default: throw failure("unknown escape")
        }
    }

    private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        bytes.extracting(left).precedes(bytes.extracting(right))
    }
}
