/// Tells how many bits the next symbol of a Huffman code takes, with those that follow it, and what kind it is.
///
/// Short codes are found in a table by their bits; the rare longer ones one bit at a time.
struct HuffmanLengths {
    /// The kinds, in the two high bits of a meaning; the others count bits.
    static let plain: UInt8 = 0x00
    static let pair: UInt8 = 0x40
    static let end: UInt8 = 0x80
    static let unknown: UInt8 = 0xC0

    private static let tableBits = 11
    private static let longest = 15

    /// By the next bits: kind and bits in all, or `unknown`.
    private var table = [UInt8](repeating: unknown, count: 1 << tableBits)
    /// By length: how many codes there are.
    private var counts = [Int](repeating: 0, count: longest + 1)
    private var next = [Int](repeating: 0, count: longest + 1)
    /// In the order of their codes.
    private var symbols: [Int]
    private var meaning: [UInt8] = []

    init(alphabet: Int) { symbols = [Int](repeating: 0, count: alphabet) }

    /// Takes a code.
    ///
    /// - Parameters:
    ///   - lengths: Of each symbol's code, 0 for none.
    ///   - meaning: Of each symbol: its kind and its extra bits.
    mutating func build(_ lengths: ArraySlice<UInt8>, meaning: [UInt8]) {
        self.meaning = meaning
        for index in table.indices { table[index] = Self.unknown }
        for index in counts.indices { counts[index] = 0 }
        for length in lengths { counts[Int(length)] += 1 }
        counts[0] = 0
        var offset = 0
        for length in 1...Self.longest {
            next[length] = offset
            offset += counts[length]
        }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            symbols[next[Int(length)]] = symbol
            next[Int(length)] += 1
        }
        fillTable()
    }

    /// Takes a symbol with its extra bits.
    ///
    /// - Returns: Its kind, ``unknown`` if the code has none such.
    @inline(__always) func skip(_ reader: inout BitReader) -> UInt8 {
        let entry = table[Int(truncatingIfNeeded: reader.window) & ((1 << Self.tableBits) - 1)]
        guard entry < Self.unknown else { return skipLong(&reader) }
        reader.position += Int(entry & 0x3F)
        return entry & 0xC0
    }

    /// The bits of the plain symbols with which a window begins, as far as that can be told from its 57 certain bits.
    @inline(__always) func plainRun(in window: UInt64) -> Int {
        // The index is a remainder of the table's size, so each load is within it.
        unsafe table.withUnsafeBufferPointer { table in
            var used = 0
            while used <= 57 - Self.tableBits {
                let entry = unsafe table[Int(truncatingIfNeeded: window >> UInt64(used)) & ((1 << Self.tableBits) - 1)]
                guard entry < Self.pair else { break }
                used += Int(entry)
            }
            return used
        }
    }

    /// Takes a symbol alone, bit by bit.
    func symbol(_ reader: inout BitReader) -> Int? {
        var window = reader.window
        var (code, first, index) = (0, 0, 0)
        for length in 1...Self.longest {
            code |= Int(window & 1)
            window >>= 1
            let count = counts[length]
            if code - first < count {
                reader.position += length
                return symbols[index + code - first]
            }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        return nil
    }

    private func skipLong(_ reader: inout BitReader) -> UInt8 {
        guard let symbol = symbol(&reader) else { return Self.unknown }
        reader.position += Int(meaning[symbol] & 0x3F)
        return meaning[symbol] & 0xC0
    }

    private mutating func fillTable() {
        var (code, index) = (0, 0)
        for length in 1...Self.tableBits {
            for _ in 0..<counts[length] {
                let meaning = meaning[symbols[index]]
                index += 1
                // A code that oversubscribes its alphabet is not filled in; it then comes out as unknown.
                let bits = Int(UInt16(truncatingIfNeeded: code).reversed >> (16 - UInt16(length)))
                code += 1
                guard meaning < Self.unknown, code <= 1 << length else { continue }
                for position in stride(from: bits, to: table.count, by: 1 << length) {
                    table[position] = meaning + UInt8(length)
                }
            }
            code <<= 1
        }
    }
}

extension UInt16 {
    fileprivate var reversed: UInt16 {
        var value = self
        value = (value >> 1 & 0x5555) | (value & 0x5555) << 1
        value = (value >> 2 & 0x3333) | (value & 0x3333) << 2
        value = (value >> 4 & 0x0F0F) | (value & 0x0F0F) << 4
        return value.byteSwapped
    }
}
