import RoostFormat
import RoostSystem
import RoostTransform
import Testing

/// Damage must end in an error that says so, or in other content where the format has no checksum; never in a trap.
@Suite struct DamageTests {
    private static let input = Array(Sample.table.bytes.prefix(3000))

    @Test(arguments: Codec.formats)
    func `a stream cut at any length is an error`(codec: Codec) throws {
        let stored = try transform(Self.input, with: codec.compressor())
        let reader = try codec.decompressor()
        for length in 0..<stored.count {
            for division in [Division.whole, Division(pieces: [100], output: 100)] {
                try reader.reset()
                let error = #expect(throws: RoostError.self, "cut to \(length) of \(stored.count)") {
                    try transform(Array(stored.prefix(length)), with: reader, divided: division)
                }
                #expect(error?.code == .format)
            }
        }
    }

    @Test(arguments: Codec.formats)
    func `flipped bits are an error where the format can tell`(codec: Codec) throws {
        var generator = SeededGenerator(seed: 3)
        let stored = try transform(Self.input, with: codec.compressor())
        let reader = try codec.decompressor()
        // zst and lz4 are written without checksum; a few header bits of the others carry no meaning.
        let isChecked = codec.compression == .gz || codec.compression == .bz2
        var unnoticed = 0
        for _ in 0..<2000 {
            var damaged = stored
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let bit = Int.random(in: 0..<damaged.count * 8, using: &generator)
                damaged[bit / 8] ^= 1 << (bit % 8)
            }
            guard damaged != stored else { continue }
            try reader.reset()
            do {
                let output = try transform(damaged, with: reader, divided: Division(pieces: [600], output: 700))
                if isChecked { #expect(output == Self.input) }
                unnoticed += 1
            } catch let error as RoostError {
                #expect(error.code == .format)
            }
        }
        if isChecked { #expect(unnoticed < 100) }
    }

    @Test(arguments: Codec.formats)
    func `noise is an error`(codec: Codec) throws {
        var generator = SeededGenerator(seed: 4)
        let reader = try codec.decompressor()
        let stored = try transform(Self.input, with: codec.compressor())
        for header in [0, 2, 6, 15] {
            for _ in 0..<100 {
                let noise = Array(stored.prefix(header)) + generator.bytes(2000)
                try reader.reset()
                do {
                    // By chance it may be a short valid stream with something behind it.
                    _ = try transform(noise, with: reader)
                    Issue.record("noise was taken for a stream")
                } catch let error as RoostError {
                    #expect(error.code == .format)
                }
            }
        }
    }

    @Test(arguments: Codec.formats)
    func `a reader is usable after an error`(codec: Codec) throws {
        let stored = try transform(Self.input, with: codec.compressor())
        let reader = try codec.decompressor()
        var damaged = stored
        for index in stored.indices.dropFirst(stored.count / 2) { damaged[index] ^= 0x55 }
        _ = try? transform(damaged, with: reader)
        try reader.reset()
        #expect(try transform(stored, with: reader) == Self.input)
    }
}
