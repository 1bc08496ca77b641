package import RoostFormat
package import RoostPostgres
internal import RoostStorage
package import RoostSystem

/// The foreground of asynchronous `archive-get`: takes a segment out of the queue that the worker fills ahead of recovery.
package struct AsyncGet {
    package struct Settings {
        package var segment: WALSegmentName
        /// Absolute.
        package var destination: String
        /// How long to wait, in milliseconds.
        package var timeout: Int64
        /// How much WAL the queue holds, in bytes.
        package var queueSize: UInt64
        package var segmentSize: UInt32
        /// Whether what an earlier search did not find is searched for again.
        package var missingRetry = true
        /// Where the worker writes its log, for the hint of an error.
        package var workerLog: String

        package init(
            segment: WALSegmentName, destination: String, timeout: Int64, queueSize: UInt64, segmentSize: UInt32,
            workerLog: String
        ) {
            self.segment = segment
            self.destination = destination
            self.timeout = timeout
            self.queueSize = queueSize
            self.segmentSize = segmentSize
            self.workerLog = workerLog
        }
    }

    /// How long a worker that somebody else has started may take to come to the segment, in milliseconds.
    private static let patience: Int64 = 100

    private let settings: Settings
    private let cluster: ClusterIdentity
    private let spool: ArchiveSpool
    private let witness: SpoolWitness
    private let repository: Repository
    private let context: CommandContext
    private let workers: WorkerStarter
    private var name: String { settings.segment.description }

    package init(
        _ settings: Settings, cluster: ClusterIdentity, spool: ArchiveSpool, witness: SpoolWitness,
        repository: Repository, context: CommandContext, start: @escaping WorkerStart
    ) {
        self.settings = settings
        self.cluster = cluster
        self.spool = spool
        self.witness = witness
        self.repository = repository
        self.context = context
        workers = WorkerStarter(start)
    }

    /// - Returns: False if the archive does not have the segment.
    /// - Throws: ``ErrorCode/archiveTimeout``; what a synchronous `archive-get` throws, where there is no worker to wait for,
    ///   where it has failed, or where there is no queue.
    package func run() throws(RoostError) -> Bool {
        var pause = ShortPause(timeout: settings.timeout, clock: context.clock)
        let begin = monotonicMilliseconds()
        var isFirst = true
        repeat {
            switch try look(isFirst: isFirst, since: begin) {
            case .taken: return true
            case .missing: return false
            case .left:
                return try ArchiveGet.run(
                    name, destination: settings.destination, cluster: cluster, repository: repository,
                    context: context)
            case .nothing: break
            }
            isFirst = false
        } while try pause.again()
        throw RoostError(
            .archiveTimeout,
            "unable to get WAL file '\(name)' from the archive asynchronously after \(seconds(settings.timeout)) second(s)",
            hints: ["check '\(settings.workerLog)' for errors."])
    }

    private enum Finding {
        case taken, missing, nothing
        /// The queue is of no use for this segment.
        case left
    }

    /// One look at the queue, and a worker if there is none.
    ///
    /// Neither a queue that cannot be used nor a worker that fails may end a recovery: the archive is there all the same.
    private func look(isFirst: Bool, since begin: Int64) throws(RoostError) -> Finding {
        do throws(RoostError) {
            let hadWorker = workers.isRunning()
            // At each look: the worker that is waited for may be of another life, a clone's that shares the spool.
            if try witness.isPresent() {
                if try isQueued() { return try take() }
                let finding = try judge(isFirst: isFirst)
                guard case .nothing = finding else { return finding }
            }
            try startWorker(from: settings.segment)
            guard !isFirst else { return .nothing }
            let isLeft = try workers.hasStarted ? !hadWorker : isLeftAlone(since: begin)
            return isLeft ? .left : .nothing
        } catch {
            if error.isFatal { throw error }
            context.log.warn("unable to get \(name) through the spool, getting it directly: \(error)")
            return .left
        }
    }

    private func isQueued() throws(RoostError) -> Bool { try FileStatus.of(spool.file(name, .get)) != nil }

    private func isBeingFetched() throws(RoostError) -> Bool {
        try FileStatus.of(spool.file(name + DurableFile.temporarySuffix, .get)) != nil
    }

    /// Whether a worker that somebody else has started does not come to the segment.
    private func isLeftAlone(since begin: Int64) throws(RoostError) -> Bool {
        guard monotonicMilliseconds() - begin > Self.patience else { return false }
        return try !isBeingFetched()
    }

    /// What status files tell of a segment that is not queued.
    ///
    /// At the first look it is of an earlier search: whether the archive has the segment now only another one can tell.
    private func judge(isFirst: Bool) throws(RoostError) -> Finding {
        switch try spool.status(of: name, .get) {
        case nil: return .nothing
        case .failed(let message):
            // It may have come meanwhile.
            guard !isFirst, try !isQueued() else { return .nothing }
            context.log.warn("\(name) was not fetched in advance: [\(message.code)] \(message.text)")
            return .left
        case .ok(let message):
            // A warning is there before the segment has its name: no longer being fetched, it must be queued.
            guard try !isBeingFetched(), try !isQueued() else { return .nothing }
            try spool.removeOK(name, .get)
            if isFirst, settings.missingRetry { return .nothing }
            if let message { context.log.warn(message.text) }
            context.log.info("unable to find \(name) in the archive asynchronously")
            return .missing
        }
    }

    private func take() throws(RoostError) -> Finding {
        if case .ok(let message) = try spool.status(of: name, .get) {
            if let message { context.log.warn(message.text) }
            try spool.removeOK(name, .get)
        }
        try Self.move(spool.file(name, .get), to: settings.destination)
        context.log.info("found \(name) in the archive asynchronously")
        do {
            if try !isHalfFull() { try startWorker(from: settings.segment.next(segmentSize: settings.segmentSize)) }
        } catch {
            // Recovery has what it asked for.
            context.log.warn("unable to fetch WAL in advance: \(error)")
        }
        return .taken
    }

    /// Renames, or copies where the queue lies on another file system; no sync: after a crash PostgreSQL asks again.
    private static func move(_ source: String, to destination: String) throws(RoostError) {
        guard try !FileSystem.moveWithinDevice(source, to: destination) else { return }
        let chunk = Chunk(capacity: StreamPump.chunkSize)
        let reader = try OwnedDescriptor.read(source)
        let writer = try OwnedDescriptor.create(destination, mode: 0o640)
        var more = true
        while more {
            chunk.removeAll()
            more = try reader.read(into: chunk)
            try writer.write(chunk.bytes)
        }
        try writer.close()
        try FileSystem.removeFile(source)
    }

    private func isHalfFull() throws(RoostError) -> Bool {
        let queued = try FileSystem.list(spool.directory(.get)).count { WALSegmentName($0) != nil }
        return queued > queue.count / 2
    }

    private var queue: GetQueue { GetQueue(spool, segmentSize: settings.segmentSize, size: settings.queueSize) }

    /// - Parameter next: What recovery will ask for.
    private func startWorker(from next: WALSegmentName) throws(RoostError) {
        try workers.startIfNoneRuns { () throws(RoostError) in
            try spool.create(.get)
            _ = try witness.adopt(repository.paths.archive)
            let needed = try queue.tidy(from: next)
            try spool.clearFailures(of: name, .get)
            return needed
        }
    }
}

/// Which segments the queue should hold.
struct GetQueue {
    /// The worker is told the names as arguments: 25 bytes each, and as little as 128 KiB may hold all of them.
    private static let limit: UInt64 = 1024

    private let spool: ArchiveSpool
    private let segmentSize: UInt32
    /// How many segments it holds when it is full.
    let count: Int

    /// - Parameter size: Of the queue in bytes; two segments are held at least, or it would make no sense.
    init(_ spool: ArchiveSpool, segmentSize: UInt32, size: UInt64) {
        self.spool = spool
        self.segmentSize = segmentSize
        count = Int(min(max(2, size / UInt64(segmentSize)), Self.limit))
    }

    /// Removes what recovery will not ask for.
    ///
    /// - Parameter first: The segment that it will ask for next.
    /// - Returns: What is still to be fetched, in order.
    func tidy(from first: WALSegmentName) throws(RoostError) -> [String] {
        var ideal: [String] = []
        var segment = first
        for _ in 0..<count {
            ideal.append(segment.description)
            segment = segment.next(segmentSize: segmentSize)
        }
        let wanted = Set(ideal)
        let present = Set(try FileSystem.list(spool.directory(.get)))
        for name in present where !wanted.contains(name) {
            let isWarning =
                name.hasSuffix(ArchiveSpool.okExtension)
                && present.contains(String(name.dropLast(ArchiveSpool.okExtension.utf8.count)))
            if !isWarning { try FileSystem.removeFile(spool.file(name, .get)) }
        }
        return ideal.filter { !present.contains($0) }
    }
}
