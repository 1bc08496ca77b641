import RoostFormat
import RoostSystem
import Testing

/// The worked examples of specification `block-incremental`, section 8, which pgBackRest 2.60 wrote.
struct BlockMapTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: String
        /// Reference, bundle, offset, stored size, size, block in the super block; for each block of the file.
        var places: [[UInt64]]
        var testDescription: String { name }
    }

    static let examples = [
        Example(
            name: "full",
            bytes: """
                00 07 02 86c3a901 838014 0a
                9581388310b7 d99d3ecec1e3 e7709d81e5fe 986234647810 9af27b2250f3
                """,
            places: (0..<5).map { [0, 2, 2_777_478, 40960, 40960, $0] }),
        Example(
            name: "all blocks changed",
            bytes: """
                00 0b 01 838014 0a
                9581388310b7 d99d3ecec1e3 e7709d81e5fe 986234647810 9af27b2250f3
                """,
            places: (0..<5).map { [1, 1, 0, 40960, 40960, $0] }),
        Example(
            name: "the last block changed",
            bytes: """
                00 0a 01 878014 0a 06 176871715eb0 512981b2db85 f4cca6c6ddd3 ee02138272c7
                13 01 f9ff1f 3f3f707a7128
                """,
            places: (0..<4).map { [1, 1, 0, 40960, 40960, $0] } + [[2, 1, 0, 8192, 8192, 0]]),
        Example(
            name: "blocks 2 and 4 changed",
            bytes: """
                00 0a 01 878014 0a 02 176871715eb0 512981b2db85 1e 01 a143 ffff17 04 00 2538adf49cd5
                0e 01 01 ee02138272c7 1f 00 4343a9e9aef6
                """,
            places: [
                [1, 1, 0, 40960, 40960, 0], [1, 1, 0, 40960, 40960, 1], [3, 1, 8609, 16384, 16384, 0],
                [1, 1, 0, 40960, 40960, 3], [3, 1, 8609, 16384, 16384, 1],
            ]),
        Example(
            name: "blocks 1 and 4 changed",
            bytes: """
                00 0a 01 878014 0a 00 176871715eb0 26 01 cece29 ffff17 04 00 508aeb8963ba 1e 01 a143 07 04 00 2538adf49cd5
                0e 01 02 ee02138272c7 27 00 0dbf8efb9b7b
                """,
            places: [
                [1, 1, 0, 40960, 40960, 0], [4, 1, 681_806, 16384, 16384, 0], [3, 1, 8609, 16384, 16384, 0],
                [1, 1, 0, 40960, 40960, 3], [4, 1, 681_806, 16384, 16384, 1],
            ]),
        Example(
            name: "compressed, with a short last block",
            bytes: "00 07 02 e0e505 c3b404 07 9f29 286b08feab0b a849a5be3889 6a8ef57f8213 57a438cd17f2",
            places: (0..<4).map { [0, 2, 94944, 9032, 29855, $0] }),
    ]

    @Test(arguments: examples) func `what 2.60 wrote is read, and written again byte for byte`(example: Example) throws
    {
        let bytes = hexadecimal(example.bytes)
        let map = try parse(bytes)
        let places = map.blocks.map { block -> [UInt64] in
            let place = map.superBlocks[Int(block.superBlock)]
            return [
                UInt64(place.reference), UInt64(place.bundle ?? 0), place.offset, place.storedSize, place.size,
                UInt64(block.position),
            ]
        }
        #expect(places == example.places)
        #expect(map.render() == bytes)
        #expect(throws: Never.self) { try map.check(fileSize: example.name.hasPrefix("compressed") ? 29855 : 40960) }
        #expect(code { try map.check(fileSize: 29854) } == .format)
        #expect(code { try map.check(fileSize: 49152) } == .format)
    }

    @Test(arguments: examples) func `a map that ends early is refused, wherever it ends`(example: Example) {
        let bytes = hexadecimal(example.bytes)
        for count in 0..<bytes.count { #expect(code { _ = try parse(Array(bytes[0..<count])) } == .format) }
        #expect(code { _ = try parse(bytes + [0]) } == .format)
    }

    @Test(arguments: [
        ("another version", "01 07 02 86c3a901 838014 00 9581388310b7"),
        ("a backup that the manifest does not name", "00 2b 01 838014 0a"),
        ("bundle 0", "00 03 00 838014 00 9581388310b7"),
        ("a bundle of more than 32 bits", "00 03 8080808010 838014 00 9581388310b7"),
        ("a number of 65 bits", "00 0780808080808080808002 01"),
        ("a super block without stored bytes", "00 01 01 9581388310b7"),
        ("a super block smaller than nothing", "00 01 0c 00 9581388310b7 09 19 9581388310b7"),
        ("more blocks than the super block has", "00 01 858002 02 9581388310b7 9581388310b7"),
        ("a block behind the end of the super block", "00 01 858002 01 01 9581388310b7"),
        ("billions of blocks", "00 01 c78002 feffffffffffffff7f feffffffffffffff7f 9581388310b7"),
        ("an offset that no file has", "00 05 808080808080808040 818002 9581388310b7"),
        ("an offset that overflows", "00 05 ffffffffffffffffff01 818002 9581388310b7"),
        ("the rest of a super block that is all used", "00 00 818002 9581388310b7 03 00 9581388310b7"),
        ("two runs of one backup", "00 04 00 878002 04 00 9581388310b7 07 01 01 9581388310b7"),
    ])
    func `what no writer writes is refused`(what: String, bytes: String) {
        #expect(code { _ = try parse(hexadecimal(bytes)) } == .format, "\(what)")
    }

    @Test(arguments: [(0, 6), (8192, 5), (8192, 17), (-8192, 6)])
    func `sizes that no manifest has are refused`(blockSize: Int, checksumSize: Int) {
        #expect(
            code {
                _ = try BlockMap(
                    parsing: hexadecimal("00").span, blockSize: blockSize, checksumSize: checksumSize, referenceCount: 1
                )
            } == .format)
    }

    @Test func `checksums are cut to their size`() {
        for size in BlockChecksum.sizes {
            let whole = BlockChecksum(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10, size: size)
            var map = BlockMap(blockSize: 8192, checksumSize: size)
            map.superBlocks = [.init(reference: 0, bundle: nil, offset: 0, storedSize: 5, size: 8192)]
            map.blocks = [.init(superBlock: 0, position: 0, checksum: whole)]
            #expect(Array(map.render().suffix(size)) == Array(1...UInt8(size)))
        }
    }

    private func parse(_ bytes: [UInt8]) throws(RoostError) -> BlockMap {
        try BlockMap(parsing: bytes.span, blockSize: 8192, checksumSize: 6, referenceCount: 5)
    }
}

func hexadecimal(_ text: String) -> [UInt8] {
    let digits = text.utf8.filter { $0 > 0x20 }.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
