internal import RoostFormat
internal import RoostSystem
internal import RoostTransform

/// How one file is to be stored in blocks.
struct BlockTask: Sendable {
    var form: ManifestFile.BlockIncremental
    /// Bytes at which a super block ends, whole blocks.
    var superBlockSize: Int
    /// The new backup's position in the manifest's references.
    var reference: Int
    /// Where the map of the prior backup lies, if the file has one.
    var prior: BlockMapPlace?
}

/// Turns files into super blocks of what has changed and a map of all (specification `block-incremental`, section 10).
///
/// One set of buffers and codecs, used for every file in turn; nothing is allocated for a block. Workers without a file help
/// with the super blocks of a large one: see ``SuperBlockQueue``.
final class BlockWriter {
    private let compression: Compression
    private let level: Int
    private let passphrase: String?
    private let digest = DigestObserver()
    /// Encrypts the map, which is never compressed.
    private let mapPipeline: Pipeline
    private let queue: SuperBlockQueue
    /// Made anew for larger super blocks than before.
    private var pipeline: Pipeline
    private var pipelineSize = 0
    /// The super block that is filled.
    private var open = SuperBlock(capacity: 1)
    /// Handed over, in the order of the file, and not stored yet.
    private var pending: [SuperBlock] = []
    /// To be filled again.
    private var spare: [SuperBlock] = []

    private var task: BlockTask?
    private var prior: BlockMap?
    private var map = BlockMap(blockSize: BlockIncrements.unit, checksumSize: BlockChecksum.sizes.lowerBound)
    private var bundle: UInt32?
    /// In the bundle or file, of the first byte of this file.
    private var start: UInt64 = 0
    /// Bytes stored so far.
    private var stored: UInt64 = 0
    private var mapSize: UInt32 = 0

    /// - Parameter level: Of the compression.
    init(
        _ compression: Compression, level: Int, passphrase: String?, queue: SuperBlockQueue
    ) throws(RoostError) {
        self.compression = compression
        self.level = level
        self.passphrase = passphrase
        self.queue = queue
        mapPipeline = Pipeline(try encryption(passphrase, raw: true), chunk: 64 << 10)
        pipeline = Pipeline([], chunk: 1)
    }

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - prior: The map with which blocks are compared; nil to store all.
    ///   - start: Where in the bundle the file's bytes will lie; 0 for a file by itself.
    func begin(_ task: BlockTask, prior: BlockMap?, bundle: UInt32?, start: UInt64) throws(RoostError) {
        // Of a file that failed, somebody may still compress what was handed over.
        pending = []
        if open.content.capacity < task.superBlockSize {
            open = SuperBlock(capacity: task.superBlockSize)
            spare = []
        }
        open.content.removeAll()
        self.task = task
        self.prior = prior
        self.bundle = bundle
        self.start = start
        map = BlockMap(blockSize: task.form.blockSize, checksumSize: task.form.checksumSize)
        map.superBlocks = prior?.superBlocks ?? []
        map.blocks.reserveCapacity(prior?.blocks.count ?? 0)
        stored = 0
        mapSize = 0
        digest.reset()
    }

    /// Takes the next blocks of the file: whole ones, of which the last of the file may be short.
    func take(_ blocks: RawSpan, to sink: Pipeline.Sink) throws(RoostError) {
        var position = 0
        while position < blocks.byteCount {
            let end = min(position + map.blockSize, blocks.byteCount)
            let block = blocks.extracting(position..<end)
            let checksum = BlockChecksum(of: block, size: map.checksumSize)
            let index = map.blocks.count
            if let known = priorBlock(index), known.checksum == checksum {
                map.blocks.append(known)
            } else {
                try store(block, checksum, to: sink)
            }
            position = end
        }
    }

    /// Ends the file: the open super block, and the map if there is anything new to tell.
    func finish(to sink: Pipeline.Sink) throws(RoostError) {
        if open.content.count > 0 { try finishSuperBlock(to: sink) }
        try storePending(downTo: 0, to: sink)
        if stored > 0 || map.blocks.count < prior?.blocks.count ?? 0, !map.blocks.isEmpty {
            let before = stored
            let bytes = map.render()
            try mapPipeline.reset()
            try mapPipeline.finish(bytes.span.raw) { [self] piece throws(RoostError) in try pass(piece, to: sink) }
            guard let size = UInt32(exactly: stored - before) else {
                throw RoostError(.assert, "a block map of \(stored - before) bytes does not fit into a manifest")
            }
            mapSize = size
        }
        digest.finish()
        prior = nil
    }

    /// What the finished file became: no size if nothing was to be stored.
    var result: (size: UInt64, digest: SHA1, mapSize: UInt32) { (stored, digest.result.digest, mapSize) }

    private func priorBlock(_ index: Int) -> BlockMap.Block? {
        guard let count = prior?.blocks.count, index < count else { return nil }
        return prior?.blocks[index]
    }

    private func store(_ block: RawSpan, _ checksum: BlockChecksum, to sink: Pipeline.Sink) throws(RoostError) {
        guard let task else { preconditionFailure("a file is begun before its blocks are taken") }
        let content = open.content
        if content.count == 0 {
            open.index = map.superBlocks.count
            // Offset and sizes are known when it is stored.
            map.superBlocks.append(
                .init(reference: task.reference, bundle: bundle, offset: 0, storedSize: 0, size: 0))
        }
        let position = UInt32(content.count / map.blockSize)
        map.blocks.append(.init(superBlock: UInt32(open.index), position: position, checksum: checksum))
        let taken = content.append(block)
        precondition(taken == block.byteCount, "a super block is finished before it overflows")
        if content.count >= task.superBlockSize { try finishSuperBlock(to: sink) }
    }

    /// Stores the open super block, or hands it over if somebody has time for it.
    private func finishSuperBlock(to sink: Pipeline.Sink) throws(RoostError) {
        let assistants = queue.assistants
        guard assistants > 0 || !pending.isEmpty else {
            let (before, superBlock, content) = (stored, open, open.content)
            try preparePipeline(superBlock)
            try pipeline.finish(content.bytes) { [self] piece throws(RoostError) in
                try pass(piece, to: sink)
            }
            finish(superBlock, from: before)
            return
        }
        pending.append(open)
        queue.offer(open)
        open = spare.popLast() ?? SuperBlock(capacity: open.content.capacity)
        // As many again as are in work, so that nobody has to wait for the reader.
        try storePending(downTo: 2 * assistants, to: sink)
    }

    private func storePending(downTo count: Int, to sink: Pipeline.Sink) throws(RoostError) {
        while pending.count > count {
            let superBlock = pending.removeFirst()
            try queue.wait(for: superBlock, meanwhile: compress)
            let before = stored
            try pass(superBlock.compressed.span.bytes, to: sink)
            finish(superBlock, from: before)
            spare.append(superBlock)
        }
    }

    private func finish(_ superBlock: SuperBlock, from before: UInt64) {
        let content = superBlock.content
        map.superBlocks[superBlock.index].offset = start + before
        map.superBlocks[superBlock.index].storedSize = stored - before
        map.superBlocks[superBlock.index].size = UInt64(content.count)
        content.removeAll()
    }

    /// Compresses, and encrypts, a super block of whichever worker.
    func compress(_ superBlock: SuperBlock) throws(RoostError) {
        let content = superBlock.content
        try preparePipeline(superBlock)
        superBlock.compressed.removeAll(keepingCapacity: true)
        try pipeline.finish(content.bytes) { piece throws(RoostError) in
            unsafe piece.withUnsafeBytes { unsafe superBlock.compressed.append(contentsOf: $0) }
        }
    }

    private func preparePipeline(_ superBlock: SuperBlock) throws(RoostError) {
        if pipelineSize < superBlock.content.capacity {
            let stages = try compressing(compression, level: level, raw: true) + encryption(passphrase, raw: true)
            // After what can fail, so that a retry does not take the old one for it.
            pipelineSize = superBlock.content.capacity
            pipeline = Pipeline(stages, chunk: pipelineSize)
        }
        try pipeline.reset()
    }

    private func pass(_ piece: RawSpan, to sink: Pipeline.Sink) throws(RoostError) {
        digest.observe(piece)
        stored += UInt64(piece.byteCount)
        try sink(piece)
    }
}
