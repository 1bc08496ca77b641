import RoostSystem
import Testing

@testable import RoostTransform

@Suite struct DeflateScannerTests {
    /// Deflated data of several writers, without header and trailer.
    private static func streams(of sample: Sample) throws -> [[UInt8]] {
        try [
            (GzipCompressor.Library.zlib, 0), (.zlib, 1), (.zlib, 6), (.libdeflate, 1), (.libdeflate, 6),
            (.libdeflate, 9),
        ]
        .map { library, level in
            let writer = try GzipCompressor(level: level, raw: true, library: library)
            return try Array(transform(sample.bytes, with: writer).dropFirst(2).dropLast(4))
        }
    }

    private func scan(_ stream: [UInt8]) -> DeflateScanner.LastBlock? {
        var scanner = DeflateScanner()
        let padded = stream + [UInt8](repeating: 0xFF, count: DeflateScanner.slack)
        return padded.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { scanner.lastBlock(of: $0, count: stream.count) }
        }
    }

    @Test(arguments: Sample.allCases)
    func `the last block is marked as the last and ends in the last byte`(sample: Sample) throws {
        for stream in try Self.streams(of: sample) {
            let block = try #require(scan(stream))
            #expect(stream[block.start / 8] >> UInt8(block.start % 8) & 1 == 1)
            #expect(block.start < block.end && (block.end + 7) / 8 == stream.count)
        }
    }

    @Test func `the fixed code is known`() {
        // Python: zlib.compressobj(9, 8, -15, 9, zlib.Z_FIXED), of nothing and of "aaaaaaaaaa".
        #expect(scan(bytes(hex: "0300")) == DeflateScanner.LastBlock(start: 0, end: 10))
        #expect(scan(bytes(hex: "4b4c840100"))?.start == 0)
    }

    @Test(arguments: Sample.allCases)
    func `what is cut or damaged is not understood, or taken for something else`(sample: Sample) throws {
        var generator = SeededGenerator(seed: 6)
        for stream in try Self.streams(of: sample) {
            for _ in 0..<8 {
                #expect(scan(Array(stream.prefix(Int.random(in: 0..<stream.count, using: &generator)))) == nil)
                var damaged = stream
                damaged[Int.random(in: 0..<stream.count, using: &generator)] ^= UInt8.random(
                    in: 1...255, using: &generator)
                _ = scan(damaged)
            }
        }
        for _ in 0..<2000 { _ = scan(generator.bytes(Int.random(in: 0..<300, using: &generator))) }
    }
}
