internal import RoostFormat

/// Which stored bytes bring which parts of a file: the reads of one restore in blocks, newest backup first.
struct BlockRestorePlan: Equatable {
    /// Bytes of a super block that follow one another in the file too.
    struct Span: Equatable {
        /// In the uncompressed super block.
        var source: UInt64
        /// In the file.
        var destination: UInt64
        var length: UInt64
    }

    /// A super block of which something is needed.
    struct Piece: Equatable {
        var superBlock: BlockMap.SuperBlock
        /// By rising source.
        var spans: [Span]
    }

    /// Super blocks that lie so close together in one object that one read brings them all.
    struct Run: Equatable {
        var pieces: [Piece]
        /// Behind the last byte, in the object.
        var end: UInt64
    }

    var runs: [Run] = []

    /// - Parameters:
    ///   - needed: Positions of blocks, rising.
    ///   - gapLimit: Up to this distance in bytes, what lies between two super blocks is read too.
    init(_ map: BlockMap, needed: [Int], fileSize: UInt64, gapLimit: UInt64) {
        let blockSize = UInt64(map.blockSize)
        let order = needed.sorted { left, right in
            let (one, two) = (map.blocks[left], map.blocks[right])
            guard one.superBlock != two.superBlock else { return (one.position, left) < (two.position, right) }
            let (first, second) = (map.superBlocks[Int(one.superBlock)], map.superBlocks[Int(two.superBlock)])
            return (second.reference, first.offset) < (first.reference, second.offset)
        }
        var last: UInt32?
        for index in order {
            let block = map.blocks[index]
            let span = Span(
                source: UInt64(block.position) * blockSize, destination: UInt64(index) * blockSize,
                length: map.length(ofBlock: UInt64(index), in: fileSize))
            if block.superBlock == last {
                add(span)
            } else {
                begin(map.superBlocks[Int(block.superBlock)], span, gapLimit)
                last = block.superBlock
            }
        }
    }

    private mutating func begin(_ superBlock: BlockMap.SuperBlock, _ span: Span, _ gapLimit: UInt64) {
        let piece = Piece(superBlock: superBlock, spans: [span])
        let end = superBlock.offset + superBlock.storedSize
        if let run = runs.last, let before = run.pieces.last?.superBlock, before.reference == superBlock.reference,
            before.bundle == superBlock.bundle, superBlock.offset >= run.end, superBlock.offset - run.end <= gapLimit
        {
            runs[runs.count - 1].pieces.append(piece)
            runs[runs.count - 1].end = end
        } else {
            runs.append(Run(pieces: [piece], end: end))
        }
    }

    private mutating func add(_ span: Span) {
        let (run, piece) = (runs.count - 1, runs[runs.count - 1].pieces.count - 1)
        let last = runs[run].pieces[piece].spans.count - 1
        let before = runs[run].pieces[piece].spans[last]
        if before.source + before.length == span.source, before.destination + before.length == span.destination {
            runs[run].pieces[piece].spans[last].length += span.length
        } else {
            runs[run].pieces[piece].spans.append(span)
        }
    }
}
