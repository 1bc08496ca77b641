import RoostSystem
import Testing

@testable import RoostTransform

/// gz has several libraries behind it: each must read what the others write.
@Suite struct GzipEngineTests {
    private static let writers = GzipCompressor.Library.allCases.filter { $0 != .isal || ISAL.shared != nil }

    /// Longer than several of the pieces that libdeflate gets, of each kind of block.
    private static let long: [[UInt8]] = {
        var generator = SeededGenerator(seed: 5)
        let rows = Sample.table.bytes
        let noise = Sample.noise.bytes
        return [
            (0..<6).flatMap { _ in rows.shuffledBlocks(using: &generator) },
            (0..<9).flatMap { _ in noise },
            [UInt8](repeating: 0, count: 3 << 20),
            (0..<4).flatMap { _ in rows + noise + [UInt8](repeating: 7, count: 100_000) },
            [UInt8](repeating: 1, count: 1 << 20),
            [UInt8](repeating: 1, count: 1 << 20 + 1),
        ]
    }()

    @Test(arguments: writers, [false, true])
    func `all libraries read each other`(writing: GzipCompressor.Library, raw: Bool) throws {
        let writer = try GzipCompressor(level: 6, raw: raw, library: writing)
        for library in [nil, ISAL.shared] {
            let reader = try GzipDecompressor(raw: raw, library: library)
            for sample in Sample.allCases { try verifyRoundTrip(sample.bytes, writer: writer, reader: reader) }
        }
    }

    @Test(arguments: writers)
    func `long streams are whole`(writing: GzipCompressor.Library) throws {
        for raw in [false, true] {
            let writer = try GzipCompressor(level: 3, raw: raw, library: writing)
            for input in Self.long {
                try writer.reset()
                let stored = try transform(input, with: writer, divided: Division(pieces: [300_000], output: 50_000))
                for library in [nil, ISAL.shared] {
                    let reader = try GzipDecompressor(raw: raw, library: library)
                    #expect(try transform(stored, with: reader) == input)
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `zlib reports damage like ISA-L`(raw: Bool) throws {
        let input = Array(Sample.table.bytes.prefix(2000))
        let stored = try transform(input, with: GzipCompressor(level: 9, raw: raw, library: .zlib))
        for library in [nil, ISAL.shared] {
            let reader = try GzipDecompressor(raw: raw, library: library)
            for position in stored.indices {
                try reader.reset()
                #expect(throws: RoostError.self) { try transform(Array(stored[..<position]), with: reader) }
            }
            for position in stored.indices.suffix(raw ? 4 : 8) {
                var damaged = stored
                damaged[position] ^= 1
                try reader.reset()
                #expect(throws: RoostError.self) { try transform(damaged, with: reader) }
            }
        }
    }

    @Test func `headers with all fields are read in any division`() throws {
        let member = try transform(Sample.line.bytes, with: GzipCompressor(level: 6, raw: false, library: .zlib))
        for flags in UInt8(0)..<32 {
            var header = Array(member.prefix(10))
            header[3] = flags
            if flags & 4 != 0 { header += [3, 0, 1, 0, 2] }
            if flags & 8 != 0 { header += Array("name".utf8) + [0] }
            if flags & 16 != 0 { header += Array("a comment".utf8) + [0] }
            if flags & 2 != 0 { header += [9, 9] }
            try verifyChunking(
                header + member.dropFirst(10), with: GzipDecompressor(raw: false), gives: Sample.line.bytes)
        }
    }

    @Test func `a missing library is not an error`() {
        #expect(ISAL(library: "libroost-has-no-such.so.1") == nil)
        #expect(ISAL(library: "libc.so.6") == nil)
    }
}

extension [UInt8] {
    /// The same bytes in another order of pieces.
    fileprivate func shuffledBlocks(using generator: inout SeededGenerator) -> [UInt8] {
        stride(from: 0, to: count, by: 1000).shuffled(using: &generator).flatMap {
            self[$0..<Swift.min($0 + 1000, count)]
        }
    }
}
