import RoostFormat
import RoostSystem
import RoostTransform
import Testing

/// What gzip, zlib, zstd, lz4 and bzip2 write, and whether they read what we write.
@Suite struct OtherToolsTests {
    /// A stream that another program made from ``text``.
    struct Vector: Sendable, CustomTestStringConvertible {
        var maker: String
        var compression: Compression
        var raw = false
        var hex: String

        var testDescription: String { maker }
    }

    private static let text = (0..<12).map { "line \($0 % 3) of a file that another tool wrote\n" }.joined()

    private static let vectors = [
        Vector(
            maker: "gzip -n -6",
            compression: .gz,
            hex: """
                1f8b0800000000000003cbc9cc4b553050c84f53485448cbcc495528c9482c5148cccb2fc9482d5228c9cfcf51282fca2f49e5ca
                0129342456a111b10a47ada69fd500b6ffcdb2ec010000
                """
        ),
        Vector(
            maker: "gzip -9 with a name",
            compression: .gz,
            hex: """
                1f8b08085e1e036b02037665632e74787400cbc9cc4b553050c84f53485448cbcc495528c9482c5148cccb2fc9482d5228c9cfcf
                51282fca2f49e5ca0129342456a111b10a47ada69fd500b6ffcdb2ec010000
                """
        ),
        Vector(
            maker: "zlib 6",
            compression: .gz,
            raw: true,
            hex: """
                789ccbc9cc4b553050c84f53485448cbcc495528c9482c5148cccb2fc9482d5228c9cfcf51282fca2f49e5ca0129342456a111b1
                0a47ada69fd500c444ab79
                """
        ),
        Vector(
            maker: "zstd -3",
            compression: .zst,
            hex: """
                28b52ffd0458ad020094036c696e652030206f6620612066696c65207468617420616e6f7468657220746f6f6c2077726f74650a
                6c696e652031323031323031323031320b000029417941c9825282f2829205a504e505250b4af1ac546596db8d43
                """
        ),
        Vector(
            maker: "zstd -19 --no-check",
            compression: .zst,
            hex: """
                28b52ffd0068b50100b2820910c0a703409c35476815adca4ffc8e2d3743002b51fac88eac94a76e956e67c835e1613be6020400
                6e7e5001202f282c4c507a
                """
        ),
        Vector(
            maker: "lz4 -1",
            compression: .lz4,
            hex: """
                04224d186440a742000000f11a6c696e652030206f6620612066696c65207468617420616e6f7468657220746f6f6c2077726f74
                650a29001f312900151f322900150f7b00ff5550726f74650a000000009ca6c656
                """
        ),
        Vector(
            maker: "lz4 -9 -BD -B4 --no-frame-crc",
            compression: .lz4,
            raw: true,
            hex: """
                04224d1860408242000000f11a6c696e652030206f6620612066696c65207468617420616e6f7468657220746f6f6c2077726f74
                650a29001f312900151f322900100f7b00ff5a50726f74650a00000000
                """
        ),
        Vector(
            maker: "bzip2 -9",
            compression: .bz2,
            hex: """
                425a6839314159265359adbb8509000097d98000104000700023659480200092052a9193f50100a554668d23351c0b92d164b272
                64e0b45d97c23e9745e16e5b168b058176582dcb45a2f45f4b0b52c2e4b92e8bf1617c2c2d0b417f177245385090adbb8509
                """
        ),
    ]

    @Test(arguments: vectors)
    func `streams of other tools are read`(vector: Vector) throws {
        let stored = bytes(hex: vector.hex)
        let reader = try #require(try vector.compression.makeDecompressor(raw: vector.raw))
        try verifyChunking(stored, with: reader, gives: Array(Self.text.utf8))
        let whole = try WholeBufferCodec(vector.compression, level: vector.compression.defaultLevel, raw: vector.raw)
        let output = Chunk(capacity: 1000)
        try whole.decompress(stored.span.bytes, into: output)
        #expect(output.bytes.array() == Array(Self.text.utf8))
    }

    @Test(arguments: Codec.all, [Sample.empty, .line, .noise, .table])
    func `other tools read our streams`(codec: Codec, sample: Sample) throws {
        guard let (tool, arguments) = Self.reader(of: codec) else { return }
        let stored = try transform(sample.bytes, with: codec.compressor())
        #expect(try Tool.run(tool, arguments, input: stored) == sample.bytes)
        guard codec.compression == .gz else { return }
        let whole = try WholeBufferCodec(codec.compression, level: codec.level, raw: codec.raw)
        let output = Chunk(capacity: whole.bound(sample.bytes.count))
        try whole.compress(sample.bytes.span.bytes, into: output)
        #expect(try Tool.run(tool, arguments, input: output.bytes.array()) == sample.bytes)
    }

    private static func reader(of codec: Codec) -> (tool: String, arguments: [String])? {
        switch codec.compression {
        case .none: nil
        case .gz where codec.raw:
            (
                "python3",
                ["-c", "import sys, zlib; f = sys.stdin.buffer; sys.stdout.buffer.write(zlib.decompress(f.read()))"]
            )
        case .gz: ("gzip", ["-dc"])
        case .lz4: ("lz4", ["-dc"])
        case .zst: ("zstd", ["-dc"])
        case .bz2: ("bzip2", ["-dc"])
        }
    }
}
