import RoostFormat
import RoostSystem
import RoostTransform
import Testing

@Suite struct WholeBufferCodecTests {
    private static let codecs = Codec.all + [Codec(compression: .none, level: 0), Codec(compression: .zst, level: 22)]

    @Test(arguments: codecs, Sample.allCases)
    func `whole buffers and streams are the same format`(codec: Codec, sample: Sample) throws {
        let whole = try WholeBufferCodec(codec.compression, level: codec.level, raw: codec.raw)
        let input = Array(sample.bytes.prefix(codec.level > 20 ? 20_000 : .max))
        // The chunks hold something already, which stays.
        let before = Array("abc".utf8)
        let stored = Chunk(capacity: 3 + whole.bound(input.count))
        let restored = Chunk(capacity: 3 + input.count)
        for chunk in [stored, restored] { _ = chunk.append(before.span.bytes) }
        try whole.compress(input.span.bytes, into: stored)
        let stream = Array(stored.bytes.array().dropFirst(3))
        try whole.decompress(stream.span.bytes, into: restored)
        #expect(restored.bytes.array() == before + input)
        guard codec.compression != .none else { return }
        #expect(try transform(stream, with: codec.decompressor()) == input)
        restored.keepLast(0)
        let other = try transform(input, with: codec.compressor())
        try whole.decompress(other.span.bytes, into: restored)
        #expect(restored.bytes.array() == input)
    }

    @Test(arguments: codecs)
    func `what does not fit is an error`(codec: Codec) throws {
        let whole = try WholeBufferCodec(codec.compression, level: codec.level, raw: codec.raw)
        let input = Array(Sample.table.bytes.prefix(20_000))
        let chunk = Chunk(capacity: whole.bound(input.count))
        try whole.compress(input.span.bytes, into: chunk)
        let stored = chunk.bytes.array()
        for room in [1, 1000, 19_999] {
            let error = #expect(throws: RoostError.self) { try decompress(stored, with: whole, room: room) }
            #expect(error?.code == .format)
        }
    }

    @Test(arguments: Codec.formats)
    func `cut, lengthened or damaged streams are errors`(codec: Codec) throws {
        let whole = try WholeBufferCodec(codec.compression, level: codec.level, raw: codec.raw)
        let input = Array(Sample.table.bytes.prefix(500))
        let chunk = Chunk(capacity: whole.bound(input.count))
        try whole.compress(input.span.bytes, into: chunk)
        let stored = chunk.bytes.array()
        for bad in stored.indices.map({ Array(stored[..<$0]) }) + [stored + [0], stored + stored] {
            let error = #expect(throws: RoostError.self) { try decompress(bad, with: whole, room: 1000) }
            #expect(error?.code == .format)
        }
    }

    private func decompress(_ stored: [UInt8], with codec: WholeBufferCodec, room: Int) throws {
        let output = Chunk(capacity: room)
        try codec.decompress(stored.span.bytes, into: output)
    }
}
