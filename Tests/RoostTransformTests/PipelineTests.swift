import RoostFormat
import RoostSystem
import RoostTransform
import Testing

@Suite struct PipelineTests {
    @Test(arguments: Codec.formats, [1000, 8192, 256 << 10])
    func `all stages work together, stream after stream`(codec: Codec, chunk: Int) throws {
        let passphrase = Array("secret".utf8)
        let (content, packed, stored) = (DigestObserver(), SizeObserver(), DigestObserver())
        let writer = try Pipeline(
            [
                .observe(content), .transform(codec.compressor()), .observe(packed),
                .transform(CipherEncryptor(passphrase: passphrase, raw: codec.raw)), .observe(stored),
            ],
            chunk: chunk
        )
        let restored = DigestObserver()
        let reader = try Pipeline(
            [
                .transform(CipherDecryptor(passphrase: passphrase, raw: codec.raw)), .transform(codec.decompressor()),
                .observe(restored),
            ],
            chunk: chunk
        )
        for sample in Sample.allCases {
            try writer.reset()
            try reader.reset()
            let output = try run(sample.bytes, through: writer, pieces: chunk)
            #expect(content.result == (SHA1.hash(sample.bytes.span.bytes), UInt64(sample.bytes.count)))
            #expect(stored.result == (SHA1.hash(output.span.bytes), UInt64(output.count)))
            #expect(stored.result.size == (codec.raw ? 8 : 16) + (packed.size / 16 + 1) * 16)
            #expect(try run(output, through: reader, pieces: chunk) == sample.bytes)
            #expect(restored.result == content.result)
        }
    }

    @Test func `without transforms the bytes are not copied`() throws {
        let digest = DigestObserver()
        let pipeline = Pipeline([.observe(digest)], chunk: 1000)
        let input = Sample.line.bytes
        var addresses: [UInt] = []
        let note: (RawSpan) -> UInt = { bytes in bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        let span = input.span.bytes
        try pipeline.push(span) { bytes throws(RoostError) in addresses.append(note(bytes)) }
        try pipeline.finish { _ throws(RoostError) in Issue.record("there is nothing left") }
        #expect(addresses == [note(span)])
        #expect(digest.result.digest == SHA1.hash(span))
    }

    @Test func `nothing at all is a stream`() throws {
        let digest = DigestObserver()
        let pipeline = Pipeline([.observe(digest)], chunk: 1000)
        #expect(try run([], through: pipeline) == [])
        #expect(digest.result == (.ofNothing, 0))
    }

    @Test func `an error of the sink ends the stream, and reset begins another`() throws {
        let digest = DigestObserver()
        let compressor = try #require(try Compression.lz4.makeCompressor(level: 1, raw: false))
        let pipeline = Pipeline([.observe(digest), .transform(compressor)], chunk: 1000)
        let full = RoostError(.fileWrite, "the disk is full")
        let error = #expect(throws: RoostError.self) {
            try pipeline.push(Sample.noise.bytes.span.bytes) { _ throws(RoostError) in throw full }
        }
        #expect(error?.code == .fileWrite)
        try pipeline.reset()
        let stored = try run(Sample.line.bytes, through: pipeline)
        #expect(digest.result.digest == SHA1.hash(Sample.line.bytes.span.bytes))
        let reader = try #require(try Compression.lz4.makeDecompressor(raw: false))
        #expect(try transform(stored, with: reader) == Sample.line.bytes)
    }
}
