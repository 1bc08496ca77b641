import RoostFormat
import Testing

@testable import RoostEngine

/// Which files go in blocks, and in which (specification `block-incremental`, sections 2 and 3).
struct BlockFormTests {
    private static let day: Int64 = 86_400
    private static let mebibyte: UInt64 = 1 << 20

    @Test(
        arguments: [
            (16 << 10 - 1, 0), (16 << 10, 8), (11 * mebibyte - 1, 8), (11 * mebibyte, 16), (43 * mebibyte, 24),
            (96 * mebibyte, 32), (146 * mebibyte, 40), (228 * mebibyte, 48), (329 * mebibyte, 56), (448 * mebibyte, 64),
            (585 * mebibyte, 72), (740 * mebibyte, 80), (914 * mebibyte, 88), (1 << 40, 88),
        ] as [(UInt64, Int)])
    func `larger files have larger blocks`(size: UInt64, kibibytes: Int) {
        #expect(BlockIncrements().form(size: size, age: 0)?.blockSize ?? 0 == kibibytes << 10)
    }

    @Test(
        arguments: [
            (-5, 1), (0, 1), (7 * day - 1, 1), (7 * day, 2), (14 * day - 1, 2), (14 * day, 4), (28 * day - 1, 4),
            (28 * day, 0), (9999 * day, 0),
        ] as [(Int64, Int)])
    func `older files have larger blocks, and then none`(age: Int64, factor: Int) {
        #expect(BlockIncrements().form(size: 16 << 10, age: age)?.blockSize ?? 0 == factor * 8192)
    }

    @Test(
        arguments: [
            (8 << 10, 6), (24 << 10, 6), (32 << 10, 7), (120 << 10, 7), (128 << 10, 8), (512 << 10, 9), (1 << 20, 10),
            (2 << 20, 11), (4 << 20, 12), (64 << 20, 12),
        ] as [(UInt64, Int)])
    func `larger blocks have longer checksums`(blockSize: UInt64, checksumSize: Int) {
        var blocks = BlockIncrements()
        blocks.blockSizes = .init([1: blockSize])
        #expect(blocks.form(size: 5, age: 0)?.checksumSize == checksumSize)
    }

    @Test func `a block that no manifest could name is made as large as one can`() {
        var blocks = BlockIncrements()
        blocks.blockSizes = .init([1: 400 << 20])
        #expect(blocks.form(size: 1 << 40, age: 15 * Self.day)?.blockSize == 65535 * 8192)
    }

    @Test func `super blocks are whole blocks`() {
        let blocks = BlockIncrements()
        #expect(blocks.superBlockSize(.full, blockSize: 8192) == 1 << 20)
        #expect(blocks.superBlockSize(.full, blockSize: 88 << 10) == 12 * 88 << 10)
        #expect(blocks.superBlockSize(.incr, blockSize: 88 << 10) == 3 * 88 << 10)
        #expect(blocks.superBlockSize(.diff, blockSize: 1 << 20) == 1 << 20)
    }
}
