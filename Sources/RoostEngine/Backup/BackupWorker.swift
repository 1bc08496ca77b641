internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// What every worker of a backup is made from.
struct WorkerSettings: Sendable {
    var repository: Repository
    var label: BackupLabel
    var compression: Compression
    var level: Int
    var isBundled: Bool
    var isBundleRaw: Bool
    var cipherPass: String?
    var pageSize: Int
    var pageHeaderCheck: Bool
    var dataDirectory: String
    var retry: JobRetry
    /// Outputs up to this size are compared with the prior backup before they are stored.
    var bufferSize: Int
    var clock: any WallClock
    /// What all workers of the backup share.
    let superBlocks = SuperBlockQueue()
}

/// Copies files: one thread, one set of buffers and codecs, used for every file in turn.
final class BackupWorker {
    private let settings: WorkerSettings
    private let input = Chunk(capacity: StreamPump.chunkSize)
    private let output: Chunk
    private let content = DigestObserver()
    private let stored = DigestObserver()
    private let hasTransform: Bool
    private let pages: PageCheckObserver
    private let singlePipeline: Pipeline
    private let bundlePipeline: Pipeline
    /// Shows a file that is stored in blocks to the observers.
    private let blockPipeline: Pipeline
    private let blocks: BlockWriter
    private let maps: BlockMapReader
    /// Made for blocks that are larger than the usual input.
    private var wideInput: Chunk?
    private var file: OwnedDescriptor?

    init(_ settings: WorkerSettings) throws(RoostError) {
        self.settings = settings
        output = Chunk(capacity: settings.bufferSize)
        pages = PageCheckObserver(pageSize: settings.pageSize, headerCheck: settings.pageHeaderCheck)
        hasTransform = settings.compression != .none || settings.cipherPass != nil
        let observers: [Stage] = [.observe(content), .observe(pages)]
        let makePipeline = { [stored] (raw: Bool) throws(RoostError) in
            var stages = observers
            stages += try compressing(settings.compression, level: settings.level, raw: raw)
            stages += try encryption(settings.cipherPass, raw: raw)
            // Without a transform what is stored is the content, whose digest is known.
            if stages.count > observers.count { stages.append(.observe(stored)) }
            return Pipeline(stages, chunk: StreamPump.chunkSize)
        }
        let single = try makePipeline(false)
        singlePipeline = single
        bundlePipeline = settings.isBundleRaw ? try makePipeline(true) : single
        blockPipeline = Pipeline(observers, chunk: StreamPump.chunkSize)
        blocks = try BlockWriter(
            settings.compression, level: settings.level, passphrase: settings.cipherPass, queue: settings.superBlocks)
        maps = try BlockMapReader(settings.repository.storage, passphrase: settings.cipherPass, chunk: input)
    }

    /// Does one job.
    func perform(_ tasks: [FileTask], bundle: UInt32?) throws(RoostError) -> [FileResult] {
        try settings.retry.run { attempt throws(RoostError) in
            var tasks = tasks
            if attempt > 0 {
                try removeUnfinished(tasks, bundle)
                for index in tasks.indices { tasks[index].resumed = nil }
            }
            let bundleTarget = bundle.map { id in
                StoreTarget(settings.repository, settings.repository.paths.bundle(settings.label, id))
            }
            var results: [FileResult] = []
            for task in tasks { results.append(try copy(task, bundleTarget, bundle)) }
            try bundleTarget?.finish()
            return results
        }
    }

    /// Compresses super blocks of the files that other workers read, until they have ended.
    func assist() { settings.superBlocks.serve(blocks.compress) }

    /// What a failed try stored must not stay if the next one finds that nothing is to be stored.
    private func removeUnfinished(_ tasks: [FileTask], _ bundle: UInt32?) throws(RoostError) {
        if let bundle {
            try settings.repository.storage.remove(settings.repository.paths.bundle(settings.label, bundle))
        } else {
            for task in tasks { try settings.repository.storage.remove(storedPath(task)) }
        }
    }

    private func copy(_ task: FileTask, _ bundle: StoreTarget?, _ bundleID: UInt32?) throws(RoostError) -> FileResult {
        try Interrupt.check()
        if task.isControl { return try copyControl(task, bundle, bundleID) }
        do {
            file = try OwnedDescriptor.read(task.path)
        } catch let error where error.code == .fileMissing {
            if let resumed = task.resumed { try settings.repository.storage.remove(resumed.path) }
            return FileResult(index: task.index, outcome: .missing)
        }
        defer { file = nil }
        file?.adviseSequential()
        if task.checksDelta, try hasContent(task.priorChecksum, task) {
            return FileResult(index: task.index, outcome: .unchanged)
        }
        let isStored = try isStored(task)
        if isStored == true { return FileResult(index: task.index, outcome: .resumed) }
        var result =
            if let block = task.block {
                try copyBlocks(task, block, bundle, bundleID)
            } else {
                try copyWhole(task, bundle, bundleID)
            }
        result.replacesDamaged = isStored == false
        return result
    }

    private func copyWhole(
        _ task: FileTask, _ bundle: StoreTarget?, _ bundleID: UInt32?
    ) throws(RoostError) -> FileResult {
        let pipeline = try begin(bundle != nil)
        beginPages(task)
        let target = bundle ?? StoreTarget(settings.repository, storedPath(task))
        let start = target.position
        let sink = makeSink(target)
        output.removeAll()
        try read(task, into: input, multipleOf: 1) { bytes, isLast throws(RoostError) in
            if isLast { try pipeline.finish(bytes, to: sink) } else { try pipeline.push(bytes, to: sink) }
        }
        return try finish(task, target, bundleID, start: start, stored: hasTransform ? stored.result : nil)
    }

    /// Stores what has changed since the prior backup, block by block.
    private func copyBlocks(
        _ task: FileTask, _ block: BlockTask, _ bundle: StoreTarget?, _ bundleID: UInt32?
    ) throws(RoostError) -> FileResult {
        let target = bundle ?? StoreTarget(settings.repository, storedPath(task))
        let start = target.position
        try blocks.begin(block, prior: try block.prior.map(maps.read), bundle: bundleID, start: start)
        try blockPipeline.reset()
        beginPages(task)
        let sink = makeSink(target)
        output.removeAll()
        let blockSize = block.form.blockSize
        let (pipeline, writer) = (blockPipeline, blocks)
        try read(task, into: wideInput(for: blockSize), multipleOf: blockSize) { bytes, isLast throws(RoostError) in
            let take = { (piece: RawSpan) throws(RoostError) in try writer.take(piece, to: sink) }
            if isLast { try pipeline.finish(bytes, to: take) } else { try pipeline.push(bytes, to: take) }
        }
        try writer.finish(to: sink)
        let result = writer.result
        if result.size == 0, block.prior != nil, content.result.size > 0, !isPrior(task) {
            // Every block has the checksum of the one before, and yet the file is another: one of them must have changed.
            try file?.seek(to: 0)
            var complete = block
            complete.prior = nil
            return try copyBlocks(task, complete, bundle, bundleID)
        }
        return try finish(
            task, target, bundleID, start: start, stored: (result.digest, result.size), mapSize: result.mapSize)
    }

    /// Whether the content that was read is that of the prior backup.
    private func isPrior(_ task: FileTask) -> Bool {
        content.result.digest == task.priorChecksum && content.result.size == task.priorSize
    }

    /// Reads the open file as far as the task says, in pieces of a multiple of some bytes but for the last.
    private func read(
        _ task: FileTask, into input: Chunk, multipleOf unit: Int,
        _ body: (RawSpan, _ isLast: Bool) throws(RoostError) -> Void
    ) throws(RoostError) {
        let capacity = UInt64(input.capacity / unit * unit)
        var remaining = task.isReadToListedSize ? task.size : UInt64.max
        var more = true
        while more {
            try Interrupt.check()
            input.removeAll()
            more = try file?.read(into: input, limit: Int(min(remaining, capacity))) ?? false
            remaining -= UInt64(input.count)
            if remaining == 0 { more = false }
            try body(input.bytes, !more)
        }
    }

    private func wideInput(for blockSize: Int) -> Chunk {
        if blockSize <= input.capacity { return input }
        if let wideInput, wideInput.capacity >= blockSize { return wideInput }
        let chunk = Chunk(capacity: blockSize)
        wideInput = chunk
        return chunk
    }

    private func beginPages(_ task: FileTask) {
        guard task.checksPages else { return }
        pages.begin(segmentNumber: segmentNumber(ofFile: task.name)) { [unowned self] page, chunk throws(RoostError) in
            try self.reread(page, into: chunk)
        }
    }

    /// `pg_control` is read so that it is never torn, and stored as that many bytes.
    private func copyControl(
        _ task: FileTask, _ bundle: StoreTarget?, _ bundleID: UInt32?
    ) throws(RoostError) -> FileResult {
        let reading = try ControlFile.read(dataDirectory: settings.dataDirectory, clock: settings.clock)
        let pipeline = try begin(bundle != nil)
        let target = bundle ?? StoreTarget(settings.repository, storedPath(task))
        let start = target.position
        output.removeAll()
        try pipeline.finish(reading.fileBytes.span.raw, to: makeSink(target))
        return try finish(task, target, bundleID, start: start, stored: hasTransform ? stored.result : nil)
    }

    private func begin(_ isBundled: Bool) throws(RoostError) -> Pipeline {
        let pipeline = isBundled ? bundlePipeline : singlePipeline
        // Before its first file too: the other pipeline has fed the observers that both share.
        try pipeline.reset()
        return pipeline
    }

    private func storedPath(_ task: FileTask) -> String {
        let fileExtension = task.block == nil ? settings.compression.fileExtension : BlockMap.fileExtension
        return "\(settings.repository.paths.label(settings.label))/\(task.name)\(fileExtension)"
    }

    /// Keeps what a file becomes until it is known to be worth storing, or too much to keep.
    private func makeSink(_ target: StoreTarget) -> (RawSpan) throws(RoostError) -> Void {
        { [output] piece throws(RoostError) in
            if piece.byteCount <= output.free {
                _ = output.append(piece)
                return
            }
            try target.write(output.bytes)
            output.removeAll()
            if piece.byteCount <= output.free { _ = output.append(piece) } else { try target.write(piece) }
        }
    }

    /// - Parameters:
    ///   - stored: Digest and size of what was stored, if it is not the content.
    ///   - mapSize: Of the block map in it.
    private func finish(
        _ task: FileTask, _ target: StoreTarget, _ bundleID: UInt32?, start: UInt64,
        stored: (digest: SHA1, size: UInt64)?, mapSize: UInt32 = 0
    ) throws(RoostError) -> FileResult {
        let (checksum, size) = content.result
        if target.position == start, size > 0, isPrior(task) {
            return FileResult(index: task.index, outcome: .unchanged)
        }
        var copied = FileResult.Copied(size: size, repoSize: stored?.size ?? size, checksum: checksum)
        if task.checksPages { copied.pages = pages.result }
        if size == 0, settings.isBundled {
            copied.repoSize = 0
            return FileResult(index: task.index, outcome: .copied(copied))
        }
        let output = output
        try target.write(output.bytes)
        copied.repoChecksum = stored?.digest
        copied.mapSize = mapSize
        if let bundleID {
            copied.bundle = .init(id: bundleID, offset: start)
        } else {
            try target.create()
            try target.finish()
        }
        return FileResult(index: task.index, outcome: .copied(copied))
    }

    /// Whether what an interrupted backup has stored of a file is whole; nil if there is nothing, or the file has changed.
    private func isStored(_ task: FileTask) throws(RoostError) -> Bool? {
        guard let resumed = task.resumed else { return nil }
        if resumed.isDelta, try !hasContent(resumed.content, task) { return nil }
        if try resumed.isWhole(in: settings.repository.storage, using: input) { return true }
        try file?.seek(to: 0)
        return false
    }

    /// Whether the file in the cluster still is what a backup has stored of it; if not, it can be read again.
    private func hasContent(_ checksum: SHA1?, _ task: FileTask) throws(RoostError) -> Bool {
        guard let checksum else { return false }
        let hasher = SHA1Hasher()
        let input = input
        var remaining = task.size
        while remaining > 0 {
            try Interrupt.check()
            input.removeAll()
            let more = try file?.read(into: input, limit: Int(min(remaining, UInt64(input.capacity)))) ?? false
            hasher.update(input.bytes)
            remaining -= UInt64(input.count)
            if !more { break }
        }
        if remaining == 0, hasher.finish() == checksum { return true }
        try file?.seek(to: 0)
        return false
    }

    private func reread(_ page: UInt64, into chunk: Chunk) throws(RoostError) {
        let size = min(settings.pageSize, chunk.free)
        try chunk.fill { free throws(RoostError) in
            try file?.read(
                at: Int64(page) * Int64(settings.pageSize),
                into: UnsafeMutableRawBufferPointer(rebasing: free[0..<size])) ?? 0
        }
    }
}
