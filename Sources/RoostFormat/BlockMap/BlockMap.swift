package import RoostSystem

/// Where each block of a block-incremental file lies (specification `block-incremental`, sections 1 and 5).
///
/// A block is a slice of the file, the unit in which changes are noticed. A super block is a run of changed blocks that one
/// backup stored, compressed and encrypted together. The map of a file names for each block of it the super block that
/// holds it, of this backup or of one before, and the block's checksum.
package struct BlockMap: Sendable {
    package struct SuperBlock: Sendable, Hashable {
        /// Position in the manifest's list of references.
        package var reference: Int
        /// Nil if the file is stored by itself in that backup.
        package var bundle: UInt32?
        /// In the bundle or file, of the first stored byte.
        package var offset: UInt64
        /// Bytes as stored.
        package var storedSize: UInt64
        /// Bytes of its blocks.
        package var size: UInt64

        package init(reference: Int, bundle: UInt32?, offset: UInt64, storedSize: UInt64, size: UInt64) {
            self.reference = reference
            self.bundle = bundle
            self.offset = offset
            self.storedSize = storedSize
            self.size = size
        }
    }

    package struct Block: Sendable, Hashable {
        /// Position in ``BlockMap/superBlocks``.
        package var superBlock: UInt32
        /// In the super block, counted in blocks.
        package var position: UInt32
        package var checksum: BlockChecksum

        package init(superBlock: UInt32, position: UInt32, checksum: BlockChecksum) {
            self.superBlock = superBlock
            self.position = position
            self.checksum = checksum
        }
    }

    /// Of a block-incremental file that is stored by itself.
    package static let fileExtension = ".pgbi"

    /// In bytes.
    package let blockSize: Int
    /// In bytes, one of ``BlockChecksum/sizes``.
    package let checksumSize: Int
    /// In no order; some may hold no block of the file any more.
    package var superBlocks: [SuperBlock] = []
    /// In the order of the file.
    package var blocks: [Block] = []

    /// An empty map.
    package init(blockSize: Int, checksumSize: Int) {
        precondition(blockSize > 0 && BlockChecksum.sizes.contains(checksumSize), "impossible sizes of a block map")
        self.blockSize = blockSize
        self.checksumSize = checksumSize
    }

    /// - Throws: ``ErrorCode/format`` for sizes that no map has.
    init(checkedBlockSize blockSize: Int, checksumSize: Int) throws(RoostError) {
        guard blockSize > 0, BlockChecksum.sizes.contains(checksumSize) else {
            throw RoostError(
                .format, "a block map with blocks of \(blockSize) bytes and checksums of \(checksumSize) is impossible")
        }
        self.init(blockSize: blockSize, checksumSize: checksumSize)
    }

    /// How many blocks a file or super block of a size has.
    package static func blockCount(_ size: UInt64, blockSize: Int) -> UInt64 {
        size / UInt64(blockSize) + (size % UInt64(blockSize) == 0 ? 0 : 1)
    }

    /// The bytes of one block of a file or super block; the last one may be short.
    package func length(ofBlock index: UInt64, in size: UInt64) -> UInt64 {
        min(UInt64(blockSize), size - index * UInt64(blockSize))
    }

    /// Whether the map describes a file of this size block for block.
    ///
    /// - Throws: ``ErrorCode/format``.
    package func check(fileSize: UInt64) throws(RoostError) {
        guard UInt64(blocks.count) == Self.blockCount(fileSize, blockSize: blockSize) else {
            throw RoostError(
                .format, "a block map lists \(blocks.count) blocks of \(blockSize) bytes for a file of \(fileSize)")
        }
        for (index, block) in blocks.enumerated() {
            let size = superBlocks[Int(block.superBlock)].size
            let expected = length(ofBlock: UInt64(index), in: fileSize)
            let found = length(ofBlock: UInt64(block.position), in: size)
            guard expected == found else {
                throw RoostError(
                    .format,
                    "block \(index) of a file of \(fileSize) bytes has \(expected) bytes, its super block holds \(found)"
                )
            }
        }
    }
}

extension BlockMap: Equatable {
    /// Maps are equal if they place the same blocks at the same places.
    package static func == (left: BlockMap, right: BlockMap) -> Bool {
        left.blockSize == right.blockSize && left.checksumSize == right.checksumSize
            && left.blocks.elementsEqual(right.blocks) { one, two in
                one.position == two.position && one.checksum == two.checksum
                    && left.superBlocks[Int(one.superBlock)] == right.superBlocks[Int(two.superBlock)]
            }
    }
}
