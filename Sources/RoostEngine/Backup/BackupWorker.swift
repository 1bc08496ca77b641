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
    }

    /// Does one job.
    func perform(_ tasks: [FileTask], bundle: UInt32?) throws(RoostError) -> [FileResult] {
        try settings.retry.run { attempt throws(RoostError) in
            if attempt > 0 { try removeUnfinished(tasks, bundle) }
            let bundleTarget = bundle.map { id in
                StoreTarget(settings.repository, settings.repository.paths.bundle(settings.label, id))
            }
            var results: [FileResult] = []
            for task in tasks { results.append(try copy(task, bundleTarget, bundle)) }
            try bundleTarget?.finish()
            return results
        }
    }

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
            return FileResult(index: task.index, outcome: .missing)
        }
        defer { file = nil }
        file?.adviseSequential()
        if task.checksDelta, try isUnchanged(task) { return FileResult(index: task.index, outcome: .unchanged) }
        let pipeline = try begin(bundle != nil)
        if task.checksPages {
            pages.begin(segmentNumber: segmentNumber(ofFile: task.name)) {
                [unowned self] page, chunk throws(RoostError) in
                try self.reread(page, into: chunk)
            }
        }
        let target = bundle ?? StoreTarget(settings.repository, storedPath(task))
        let start = target.position
        let sink = makeSink(target)
        output.removeAll()
        let input = input
        var remaining = task.isReadToListedSize ? task.size : UInt64.max
        var more = true
        while more {
            try Interrupt.check()
            input.removeAll()
            let limit = Int(min(remaining, UInt64(input.capacity)))
            more = try file?.read(into: input, limit: limit) ?? false
            remaining -= UInt64(input.count)
            if remaining == 0 { more = false }
            if more { try pipeline.push(input.bytes, to: sink) } else { try pipeline.finish(input.bytes, to: sink) }
        }
        return try finish(task, target, bundleID, start: start)
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
        return try finish(task, target, bundleID, start: start)
    }

    private func begin(_ isBundled: Bool) throws(RoostError) -> Pipeline {
        let pipeline = isBundled ? bundlePipeline : singlePipeline
        // Before its first file too: the other pipeline has fed the observers that both share.
        try pipeline.reset()
        return pipeline
    }

    private func storedPath(_ task: FileTask) -> String {
        "\(settings.repository.paths.label(settings.label))/\(task.name)\(settings.compression.fileExtension)"
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

    private func finish(
        _ task: FileTask, _ target: StoreTarget, _ bundleID: UInt32?, start: UInt64
    ) throws(RoostError) -> FileResult {
        let (checksum, size) = content.result
        let isComplete = target.position == start
        if isComplete, size > 0, checksum == task.priorChecksum, size == task.size {
            return FileResult(index: task.index, outcome: .unchanged)
        }
        let storedResult = hasTransform ? stored.result : content.result
        var copied = FileResult.Copied(size: size, repoSize: storedResult.size, checksum: checksum)
        if task.checksPages { copied.pages = pages.result }
        if size == 0, settings.isBundled {
            copied.repoSize = 0
            return FileResult(index: task.index, outcome: .copied(copied))
        }
        let output = output
        try target.write(output.bytes)
        if hasTransform { copied.repoChecksum = storedResult.digest }
        if let bundleID {
            copied.bundle = .init(id: bundleID, offset: start)
        } else {
            try target.create()
            try target.finish()
        }
        return FileResult(index: task.index, outcome: .copied(copied))
    }

    private func isUnchanged(_ task: FileTask) throws(RoostError) -> Bool {
        guard let prior = task.priorChecksum else { return false }
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
        if remaining == 0, hasher.finish() == prior { return true }
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

/// A repository file that is created by the first byte written to it.
final class StoreTarget {
    private let repository: Repository
    private let path: String
    private var writer: (any StorageWriter)?
    /// Bytes written.
    private(set) var position: UInt64 = 0

    init(_ repository: Repository, _ path: String) {
        self.repository = repository
        self.path = path
    }

    func write(_ bytes: RawSpan) throws(RoostError) {
        guard bytes.byteCount > 0 else { return }
        if writer == nil { writer = try repository.storage.create(path, durability: .bulk) }
        try writer?.write(bytes)
        position += UInt64(bytes.byteCount)
    }

    /// Closes the file, if anything was written to it.
    func finish() throws(RoostError) {
        try writer?.finish()
        writer = nil
    }

    /// Makes the file also if nothing is to be written to it.
    func create() throws(RoostError) {
        if writer == nil { writer = try repository.storage.create(path, durability: .bulk) }
    }
}
