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
    /// - Throws: What the worker reports of the segment, or of all; ``ErrorCode/archiveTimeout``; what a synchronous
    ///   `archive-get` throws, where no worker is there to wait for.
    package func run() throws(RoostError) -> Bool {
        var pause = ShortPause(timeout: settings.timeout, clock: context.clock)
        let begin = monotonicMilliseconds()
        var isOurs = try witness.isPresent()
        var isFirst = true
        repeat {
            let hadWorker = workers.isRunning()
            if isOurs, try isQueued() { return try take() }
            if isOurs, let found = try judge(isFirst: isFirst) { return found }
            if try startWorker(found: false) { isOurs = true }
            if !isFirst, try workers.hasStarted ? !hadWorker : isLeftAlone(since: begin) {
                return try ArchiveGet.run(
                    name, destination: settings.destination, cluster: cluster, repository: repository,
                    context: context)
            }
            isFirst = false
        } while try pause.again()
        throw RoostError(
            .archiveTimeout,
            "unable to get WAL file '\(name)' from the archive asynchronously after \(seconds(settings.timeout)) second(s)",
            hints: ["check '\(settings.workerLog)' for errors."])
    }

    private func isQueued() throws(RoostError) -> Bool { try FileStatus.of(spool.file(name, .get)) != nil }

    /// Whether a worker that somebody else has started does not come to the segment.
    private func isLeftAlone(since begin: Int64) throws(RoostError) -> Bool {
        guard monotonicMilliseconds() - begin > Self.patience else { return false }
        return try FileStatus.of(spool.file(name + DurableFile.temporarySuffix, .get)) == nil
    }

    /// What status files tell of a segment that is not queued.
    ///
    /// At the first look it is of an earlier search: whether the archive has the segment now only another one can tell.
    ///
    /// - Returns: False if the archive does not have it; nil if nothing is known.
    private func judge(isFirst: Bool) throws(RoostError) -> Bool? {
        switch try spool.status(of: name, .get) {
        case nil: return nil
        case .failed(let message):
            // It may have come meanwhile.
            guard !isFirst, try !isQueued() else { return nil }
            throw message.error
        case .ok(let message):
            guard try !isQueued() else { return nil }
            try spool.removeOK(name, .get)
            if isFirst, settings.missingRetry { return nil }
            if let message { context.log.warn(message.text) }
            context.log.info("unable to find \(name) in the archive asynchronously")
            return false
        }
    }

    private func take() throws(RoostError) -> Bool {
        if case .ok(let message) = try spool.status(of: name, .get) {
            if let message { context.log.warn(message.text) }
            try spool.removeOK(name, .get)
        }
        try Self.move(spool.file(name, .get), to: settings.destination)
        context.log.info("found \(name) in the archive asynchronously")
        do {
            if try !isHalfFull() { _ = try startWorker(found: true) }
        } catch {
            // Recovery has what it asked for.
            context.log.warn("unable to fetch WAL in advance: \(error)")
        }
        return true
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
        return UInt64(queued) * UInt64(settings.segmentSize) > settings.queueSize / 2
    }

    /// - Returns: Whether the queue is of this life now.
    private func startWorker(found: Bool) throws(RoostError) -> Bool {
        var isOurs = false
        let queue = GetQueue(spool, segmentSize: settings.segmentSize, size: settings.queueSize)
        let next = found ? settings.segment.next(segmentSize: settings.segmentSize) : settings.segment
        try workers.startIfNoneRuns { () throws(RoostError) in
            try spool.create(.get)
            _ = try witness.adopt(repository.paths.archive)
            isOurs = true
            let needed = try queue.tidy(from: next)
            try spool.clearFailures(of: name, .get)
            return needed
        }
        return isOurs
    }
}

/// Which segments the queue should hold.
struct GetQueue {
    private let spool: ArchiveSpool
    private let segmentSize: UInt32
    private let count: Int

    /// - Parameter size: Of the queue in bytes; two segments are held at least, or it would make no sense.
    init(_ spool: ArchiveSpool, segmentSize: UInt32, size: UInt64) {
        self.spool = spool
        self.segmentSize = segmentSize
        count = Int(clamping: max(2, size / UInt64(segmentSize)))
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
