internal import RoostSystem

/// Reads the header before deflated data: of a gzip member (RFC 1952) or a zlib stream (RFC 1950).
///
/// ISA-L 2.30 could do it, but loses its place on the stack when a header with a file name comes in pieces.
struct DeflateHeader {
    private enum Part: Equatable {
        case fixed, extraLength, extra, name, comment, checksum, complete
    }

    private let raw: Bool
    private var part = Part.fixed
    /// Bytes of the part taken so far.
    private var position = 0
    private var flags: UInt8 = 0
    private var first: UInt8 = 0
    private var extraCount = 0

    init(raw: Bool) { self.raw = raw }

    var isComplete: Bool { part == .complete }

    /// Takes bytes until the header is complete.
    ///
    /// - Returns: How many belong to it.
    /// - Throws: ``ErrorCode/format`` if it is no such header, or one for data that needs a dictionary.
    mutating func take(_ input: RawSpan) throws(RoostError) -> Int {
        var taken = 0
        while !isComplete, taken < input.byteCount {
            try take(unsafe input.unsafeLoad(fromByteOffset: taken, as: UInt8.self))
            taken += 1
        }
        return taken
    }

    private mutating func take(_ byte: UInt8) throws(RoostError) {
        position += 1
        switch part {
        case .fixed: try raw ? takeZlib(byte) : takeGzip(byte)
        case .extraLength:
            extraCount |= Int(byte) << (8 * (position - 1))
            if position == 2 { begin(extraCount > 0 ? .extra : .name) }
        case .extra: if position == extraCount { begin(.name) }
        case .name: if byte == 0 { begin(.comment) }
        case .comment: if byte == 0 { begin(.checksum) }
        case .checksum: if position == 2 { begin(.complete) }
        case .complete: break
        }
    }

    private mutating func takeZlib(_ byte: UInt8) throws(RoostError) {
        if position == 1 {
            first = byte
            try check(byte & 0x8F == 0x08)
        } else {
            try check((Int(first) << 8 | Int(byte)) % 31 == 0 && byte & 0x20 == 0)
            begin(.complete)
        }
    }

    private mutating func takeGzip(_ byte: UInt8) throws(RoostError) {
        switch position {
        case 1: try check(byte == 0x1F)
        case 2: try check(byte == 0x8B)
        case 3: try check(byte == 8)
        case 4:
            try check(byte & 0xE0 == 0)
            flags = byte
        case 10: begin(.extraLength)
        default: break
        }
    }

    /// Goes on to a part, or past it if the flags say that it is not there.
    private mutating func begin(_ next: Part) {
        position = 0
        part = next
        if part == .extraLength, flags & 4 == 0 { part = .name }
        if part == .name, flags & 8 == 0 { part = .comment }
        if part == .comment, flags & 16 == 0 { part = .checksum }
        if part == .checksum, flags & 2 == 0 { part = .complete }
    }

    private func check(_ condition: Bool) throws(RoostError) {
        guard condition else { throw .damaged("gz", "incorrect header check") }
    }
}
