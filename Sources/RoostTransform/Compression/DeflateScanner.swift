/// Finds where the last block of deflated data begins and ends (RFC 1951), without producing what it holds.
///
/// It serves to join streams: the last block's first bit says that it is the last. Only data that the program has just
/// written comes here; the scanner nevertheless never reads past the end, and says when it does not understand.
@safe struct DeflateScanner {
    /// Positions in bits from the start of the data.
    struct LastBlock: Equatable {
        var start: Int
        var end: Int
    }

    /// Bytes that must be readable behind the data, for wide loads.
    static let slack = 8

    private var literals = HuffmanLengths(alphabet: 288)
    private var distances = HuffmanLengths(alphabet: 32)
    private var lengthCode = HuffmanLengths(alphabet: 19)
    private var lengths = [UInt8](repeating: 0, count: 288 + 32)

    /// Extra bits after the symbols 257 to 285.
    private static let lengthExtra: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    /// The order in which the lengths of the code for code lengths are stored.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// What a symbol of the literal and length alphabet asks for, and its extra bits.
    private static let literalMeaning: [UInt8] = (0..<288).map { symbol in
        switch symbol {
        case ..<256: HuffmanLengths.plain
        case 256: HuffmanLengths.end
        case ..<286: HuffmanLengths.pair | lengthExtra[symbol - 257]
        default: HuffmanLengths.unknown
        }
    }
    private static let distanceMeaning: [UInt8] = (0..<32).map { symbol in
        symbol < 30 ? HuffmanLengths.plain | UInt8(max(0, symbol / 2 - 1)) : HuffmanLengths.unknown
    }
    private static let plainMeaning = [UInt8](repeating: HuffmanLengths.plain, count: 19)

    /// Scans one complete stream.
    ///
    /// - Parameters:
    ///   - data: Followed by ``slack`` readable bytes.
    ///   - count: Bytes of the stream.
    /// - Returns: Nil if it is not deflated data or does not end within its last byte.
    mutating func lastBlock(of data: UnsafeRawPointer, count: Int) -> LastBlock? {
        var reader = unsafe BitReader(data: data, limit: count * 8)
        while reader.position + 3 <= reader.limit {
            let start = reader.position
            let isLast = reader.take(1) == 1
            switch reader.take(2) {
            case 0: guard skipStored(&reader) else { return nil }
            case 1:
                useFixedCodes()
                guard skipCoded(&reader) else { return nil }
            case 2: guard readCodes(&reader), skipCoded(&reader) else { return nil }
            default: return nil
            }
            guard isLast else { continue }
            return (reader.position + 7) / 8 == count ? LastBlock(start: start, end: reader.position) : nil
        }
        return nil
    }

    private func skipStored(_ reader: inout BitReader) -> Bool {
        reader.position = (reader.position + 7) & ~7
        guard reader.position + 32 <= reader.limit else { return false }
        let length = Int(reader.take(16))
        guard reader.take(16) == UInt64(~UInt16(length)) else { return false }
        reader.position += length * 8
        return reader.position <= reader.limit
    }

    private mutating func useFixedCodes() {
        for symbol in 0..<288 {
            lengths[symbol] =
                switch symbol {
                case ..<144: 8
                case ..<256: 9
                case ..<280: 7
                default: 8
                }
        }
        literals.build(lengths[0..<288], meaning: Self.literalMeaning)
        for symbol in 0..<32 { lengths[symbol] = 5 }
        distances.build(lengths[0..<32], meaning: Self.distanceMeaning)
    }

    private mutating func readCodes(_ reader: inout BitReader) -> Bool {
        let literalCount = Int(reader.take(5)) + 257
        let distanceCount = Int(reader.take(5)) + 1
        let orderCount = Int(reader.take(4)) + 4
        for index in 0..<19 { lengths[Self.order[index]] = index < orderCount ? UInt8(reader.take(3)) : 0 }
        lengthCode.build(lengths[0..<19], meaning: Self.plainMeaning)
        var filled = 0
        while filled < literalCount + distanceCount {
            guard let symbol = lengthCode.symbol(&reader), reader.position <= reader.limit else { return false }
            var (value, times) = (UInt8(truncatingIfNeeded: symbol), 1)
            switch symbol {
            case 16:
                guard filled > 0 else { return false }
                (value, times) = (lengths[filled - 1], 3 + Int(reader.take(2)))
            case 17: (value, times) = (0, 3 + Int(reader.take(3)))
            case 18: (value, times) = (0, 11 + Int(reader.take(7)))
            default: break
            }
            guard filled + times <= literalCount + distanceCount else { return false }
            for _ in 0..<times {
                lengths[filled] = value
                filled += 1
            }
        }
        literals.build(lengths[0..<literalCount], meaning: Self.literalMeaning)
        distances.build(lengths[literalCount..<filled], meaning: Self.distanceMeaning)
        return reader.position <= reader.limit
    }

    private func skipCoded(_ reader: inout BitReader) -> Bool {
        while reader.position <= reader.limit {
            // Most symbols are literals of short codes, and several of them lie in one window.
            reader.position += literals.plainRun(in: reader.window)
            let kind = literals.skip(&reader)
            if kind == HuffmanLengths.plain { continue }
            if kind == HuffmanLengths.end { return reader.position <= reader.limit }
            guard kind == HuffmanLengths.pair else { return false }
            guard distances.skip(&reader) == HuffmanLengths.plain else { return false }
        }
        return false
    }
}

/// Reads bits, the lowest of each byte first.
///
/// Invariant: the memory behind `limit` is readable for ``DeflateScanner/slack`` bytes; past that every bit is zero.
@safe struct BitReader {
    private let data: UnsafeRawPointer
    let limit: Int
    var position = 0

    init(data: UnsafeRawPointer, limit: Int) {
        unsafe self.data = data
        self.limit = limit
    }

    /// The next bits, at least 57, without taking them.
    var window: UInt64 {
        guard position <= limit else { return 0 }
        let word = unsafe data.loadUnaligned(fromByteOffset: position >> 3, as: UInt64.self)
        return word >> UInt64(position & 7)
    }

    mutating func take(_ count: Int) -> UInt64 {
        let bits = window & ((1 << UInt64(count)) - 1)
        position += count
        return bits
    }
}
