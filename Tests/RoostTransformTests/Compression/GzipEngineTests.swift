import RoostSystem
import Testing

@testable import RoostTransform

/// gz has more than one library behind it: each must read what the others write.
@Suite struct GzipEngineTests {
    /// Who compresses or decompresses.
    enum Library: CaseIterable, Sendable { case zlib, isal }

    private func library(_ library: Library) -> ISAL? { library == .isal ? ISAL.shared : nil }

    @Test(arguments: Library.allCases, Library.allCases)
    func `both libraries read each other`(writing: Library, reading: Library) throws {
        for raw in [false, true] {
            let writer = try GzipCompressor(level: 6, raw: raw, library: library(writing))
            let reader = try GzipDecompressor(raw: raw, library: library(reading))
            for sample in Sample.allCases { try verifyRoundTrip(sample.bytes, writer: writer, reader: reader) }
        }
    }

    @Test(arguments: [false, true])
    func `zlib reports damage like ISA-L`(raw: Bool) throws {
        let input = Array(Sample.table.bytes.prefix(2000))
        let stored = try transform(input, with: GzipCompressor(level: 9, raw: raw, library: nil))
        for library in Library.allCases {
            let reader = try GzipDecompressor(raw: raw, library: self.library(library))
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

    @Test func `a missing library is not an error`() {
        #expect(ISAL(library: "libroost-has-no-such.so.1") == nil)
        #expect(ISAL(library: "libc.so.6") == nil)
    }

    @Test func `storing without compression is left to zlib`() {
        #expect(GzipCompressor.isalLevel(for: 0) == nil)
    }
}
