import RoostFormat
import RoostSystem
import RoostTransform
import Testing

/// One way to compress.
struct Codec: Sendable, CustomTestStringConvertible {
    var compression: Compression
    var level: Int
    var raw = false

    var testDescription: String { "\(compression) \(level)\(raw ? " raw" : "")" }

    /// Every format at the ends of its levels and at the default, without the highest of zst: 700 MiB a stream.
    static let all: [Codec] =
        [(.gz, [-1, 0, 1, 6, 9]), (.lz4, [-5, 1, 12]), (.zst, [-7, 3, 17]), (.bz2, [1, 9])]
        .flatMap { (compression: Compression, levels: [Int]) in
            levels.flatMap { level in [false, true].map { Codec(compression: compression, level: level, raw: $0) } }
        }
    /// One of each format and form.
    static let formats: [Codec] = all.filter { $0.level == $0.compression.defaultLevel }

    func compressor() throws -> any Transform { try #require(try compression.makeCompressor(level: level, raw: raw)) }
    func decompressor() throws -> any Transform { try #require(try compression.makeDecompressor(raw: raw)) }
}

@Suite struct CodecTests {
    @Test(arguments: Codec.all, Sample.allCases)
    func `a stream comes back, however it is divided`(codec: Codec, sample: Sample) throws {
        try verifyRoundTrip(sample.bytes, writer: codec.compressor(), reader: codec.decompressor())
    }

    @Test(arguments: Sample.allCases)
    func `an lz4 frame that stands alone has a checksum and comes back, however it is divided`(sample: Sample) throws {
        let writer = try LZ4Compressor(level: 1, frame: .file)
        try verifyRoundTrip(sample.bytes, writer: writer, reader: LZ4Decompressor())
        writer.reset()
        var stored = try transform(sample.bytes, with: writer)
        // Version 1, independent blocks, checksum of the content; blocks of up to 4 MiB.
        #expect(stored[4..<6] == [0x64, 0x70])
        stored[stored.count - 1] ^= 1
        let error = #expect(throws: RoostError.self) { try transform(stored, with: LZ4Decompressor()) }
        #expect(error?.code == .format)
    }

    @Test(arguments: [Compression.gz, .lz4, .zst, .bz2])
    func `every level works`(compression: Compression) throws {
        let input = Array(Sample.table.bytes.prefix(20_000))
        for level in compression.levels {
            let codec = Codec(compression: compression, level: level)
            let stored = try transform(input, with: codec.compressor())
            #expect(try transform(stored, with: codec.decompressor()) == input)
        }
    }

    @Test func `no compression has no transform`() throws {
        #expect(try Compression.none.makeCompressor(level: 3, raw: false) == nil)
        #expect(try Compression.none.makeDecompressor(raw: true) == nil)
    }

    @Test(arguments: [(Compression.gz, 10), (.gz, -2), (.lz4, 13), (.zst, 23), (.zst, -8), (.bz2, 0)])
    func `a level out of range is refused`(compression: Compression, level: Int) throws {
        let error = #expect(throws: RoostError.self) { try compression.makeCompressor(level: level, raw: false) }
        #expect(error?.code == .optionInvalidValue)
    }

    @Test(arguments: Codec.formats)
    func `a decoder leaves what follows its stream`(codec: Codec) throws {
        let stored = try transform(Sample.line.bytes, with: codec.compressor())
        let followed = stored + stored
        let output = Chunk(capacity: 1000)
        let progress = try codec.decompressor().run(followed.span.bytes, into: output, atEnd: true)
        #expect(progress == Progress(consumed: stored.count, state: .finished))
        #expect(output.bytes.array() == Sample.line.bytes)
    }

    @Test(arguments: Codec.formats, [1, 5, 200])
    func `a pipeline refuses what follows a stream`(codec: Codec, extra: Int) throws {
        let stored = try transform(Sample.line.bytes, with: codec.compressor()) + [UInt8](repeating: 7, count: extra)
        for pieces in [1, 10, 1000] {
            let pipeline = try Pipeline([.transform(codec.decompressor())], chunk: 1000)
            let error = #expect(throws: RoostError.self) { try run(stored, through: pipeline, pieces: pieces) }
            #expect(error?.code == .format)
        }
    }

    @Test(arguments: Codec.formats)
    func `a compressor is usable after a stream that was given up`(codec: Codec) throws {
        let writer = try codec.compressor()
        let reader = try codec.decompressor()
        _ = try writer.run(Sample.noise.bytes.span.bytes, into: Chunk(capacity: 100), atEnd: false)
        try writer.reset()
        let stored = try transform(Sample.table.bytes, with: writer)
        _ = try reader.run(stored.span.bytes, into: Chunk(capacity: 5000), atEnd: false)
        try reader.reset()
        #expect(try transform(stored, with: reader) == Sample.table.bytes)
    }

    @Test func `raw forms leave out what a bundle does not need`() throws {
        func stored(_ compression: Compression, raw: Bool) throws -> [UInt8] {
            try transform(
                Sample.line.bytes,
                with: Codec(compression: compression, level: compression.defaultLevel, raw: raw).compressor()
            )
        }
        #expect(try stored(.gz, raw: false).starts(with: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]))
        let zlib = try stored(.gz, raw: true)
        #expect(zlib[0] == 0x78 && (Int(zlib[0]) << 8 | Int(zlib[1])) % 31 == 0 && zlib[1] & 0x20 == 0)
        // The third bit of the frame's flags would announce a checksum of the content.
        #expect(try stored(.lz4, raw: false)[4] & 4 == 0)
        #expect(try stored(.lz4, raw: false) == stored(.lz4, raw: true))
        #expect(try stored(.zst, raw: false) == stored(.zst, raw: true))
        #expect(try stored(.bz2, raw: false) == stored(.bz2, raw: true))
    }
}
