extension BlockMap {
    /// The bytes of the map, before they are encrypted (specification `block-incremental`, section 7).
    ///
    /// - Precondition: Super blocks of one reference lie at rising offsets in the order in which the file first needs them,
    ///   which holds where changed blocks are packed in the order of the file and others are kept in place.
    package func render() -> [UInt8] {
        var writer = BlockMapWriter()
        writer.bytes.reserveCapacity(blocks.count * (checksumSize + 1) + 64)
        writer.add(0)
        var states: [Int: ReferenceState] = [:]
        var start = 0
        while start < blocks.count {
            let reference = superBlock(of: start).reference
            var end = start + 1
            while end < blocks.count, superBlock(of: end).reference == reference { end += 1 }
            render(start..<end, of: reference, &states, &writer)
            start = end
        }
        return writer.bytes
    }

    private struct ReferenceState {
        /// Of its uncompressed super blocks, until that changes.
        var size: UInt64
        /// The newest super block.
        var offset: UInt64
        var storedSize: UInt64
        /// The next block of it.
        var position: UInt32
    }

    private func superBlock(of block: Int) -> SuperBlock { superBlocks[Int(blocks[block].superBlock)] }

    /// Writes a run of blocks of one reference.
    private func render(
        _ run: Range<Int>, of reference: Int, _ states: inout [Int: ReferenceState], _ writer: inout BlockMapWriter
    ) {
        let first = superBlock(of: run.lowerBound)
        let header = UInt64(reference) << 3 | (run.upperBound == blocks.count ? 1 : 0)
        var continued: UInt64?
        var state: ReferenceState
        if let known = states[reference] {
            state = known
            if first.offset == state.offset {
                continued = header | 2
            } else {
                let end = state.offset + state.storedSize
                precondition(first.offset >= end, "a block map goes back within a backup")
                writer.add(header | (first.offset > end ? 4 : 0))
                if first.offset > end { writer.add(first.offset - end) }
            }
        } else {
            state = ReferenceState(size: UInt64(blockSize), offset: first.offset, storedSize: 0, position: 0)
            writer.add(header | (first.bundle == nil ? 0 : 2) | (first.offset == 0 ? 0 : 4))
            if let bundle = first.bundle { writer.add(UInt64(bundle)) }
            if first.offset > 0 { writer.add(first.offset) }
        }
        var start = run.lowerBound
        while start < run.upperBound {
            var end = start + 1
            while end < run.upperBound, blocks[end].superBlock == blocks[start].superBlock { end += 1 }
            render(start..<end, isLast: end == run.upperBound, continued, &state, &writer)
            continued = nil
            start = end
        }
        states[reference] = state
    }

    /// Writes a run of blocks of one super block.
    ///
    /// - Parameter continued: The header of the reference, held back until it is known whether the run goes on.
    private func render(
        _ run: Range<Int>, isLast: Bool, _ continued: UInt64?, _ state: inout ReferenceState,
        _ writer: inout BlockMapWriter
    ) {
        let (first, block) = (superBlock(of: run.lowerBound), blocks[run.lowerBound])
        let available = Self.blockCount(first.size, blockSize: blockSize)
        let hasTotal = continued != nil || block.position != 0 || UInt64(run.count) != available
        if let continued {
            writer.add(continued | (isLast ? 4 : 0))
        } else {
            state.offset = first.offset
            state.storedSize = first.storedSize
            state.position = 0
            let bits: UInt64 = (isLast ? 1 : 0) | (first.size != state.size ? 2 : 0) | (hasTotal ? 4 : 0)
            let delta = Int64(first.storedSize) - Int64(writer.lastSize)
            let size = writer.lastSize == 0 ? first.storedSize : UInt64(bitPattern: (delta << 1) ^ (delta >> 63))
            writer.add(size << 3 | bits)
            if first.size != state.size {
                let remainder = first.size % UInt64(blockSize)
                writer.add((first.size / UInt64(blockSize)) << 1 | (remainder == 0 ? 0 : 1))
                if remainder > 0 { writer.add(remainder) }
                state.size = first.size
            }
        }
        writer.lastSize = first.storedSize
        if hasTotal {
            precondition(block.position >= state.position, "a block map goes back within a super block")
            let skip = block.position - state.position
            writer.add(UInt64(run.count - 1) << 1 | (skip == 0 ? 0 : 1))
            if skip > 0 { writer.add(UInt64(skip)) }
            state.position = block.position
        }
        state.position += UInt32(run.count)
        for index in run {
            let checksum = blocks[index].checksum
            for position in 0..<checksumSize { writer.bytes.append(checksum[position]) }
        }
    }
}

private struct BlockMapWriter {
    var bytes: [UInt8] = []
    /// Stored, of the super block that was written before.
    var lastSize: UInt64 = 0

    mutating func add(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
