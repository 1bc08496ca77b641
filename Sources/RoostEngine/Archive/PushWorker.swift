package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import Synchronization

/// The background part of `archive-push`: archives all that PostgreSQL has ready and leaves word of each file in the spool.
///
/// One at a time for a stanza; the caller holds the lock. For each file the order of durable steps is: the segment in the
/// archive (`ArchivePush`), then `<name>.ok`. For a file that is dropped: the record of the gap, in the repository or, while
/// that is away, beside the cluster; then `<name>.ok`.
package struct PushWorker {
    package struct Settings: Sendable {
        /// `pg_wal` of the cluster.
        package var walDirectory: String
        package var dataDirectory: String
        package var cluster: ClusterIdentity
        package var compression: Compression
        package var level: Int
        package var headerCheck = true
        package var modeCheck = true
        /// At least 1.
        package var workers = 1
        /// How much is pushed before the queue is looked at again, in bytes.
        package var batchSize: UInt64 = 16 << 30
        /// How much may wait before WAL is dropped, in bytes; nil for no limit.
        package var queueLimit: UInt64?

        package init(
            walDirectory: String, dataDirectory: String, cluster: ClusterIdentity, compression: Compression, level: Int
        ) {
            self.walDirectory = walDirectory
            self.dataDirectory = dataDirectory
            self.cluster = cluster
            self.compression = compression
            self.level = level
        }
    }

    private let settings: Settings
    private let spool: ArchiveSpool
    private let repository: Repository
    private let context: CommandContext
    private let ready: ReadyList
    private let pending: PendingGaps

    package init(_ settings: Settings, spool: ArchiveSpool, repository: Repository, context: CommandContext) {
        self.settings = settings
        self.spool = spool
        self.repository = repository
        self.context = context
        ready = ReadyList(walDirectory: settings.walDirectory)
        pending = PendingGaps(walDirectory: settings.walDirectory, spool: spool)
    }

    private enum Batch { case empty, done, stopped }

    /// Works until nothing is ready, or until a file fails.
    ///
    /// - Parameter check: Called before each batch; what it throws ends the work.
    /// - Throws: What concerns no file alone, after leaving word of it in the spool.
    package func run(_ check: () throws -> Void) throws {
        do {
            try check()
            var batch = try runBatch()
            guard batch != .empty else { throw RoostError(.assert, "no WAL files to process") }
            // What became ready meanwhile needs no other process.
            while batch == .done {
                try check()
                batch = try runBatch()
            }
        } catch {
            try spool.writeFailure(nil, .push, RoostError.wrapping(error))
            throw error
        }
    }

    private func runBatch() throws -> Batch {
        let opened = Swift.Result { () throws(RoostError) in try openArchive() }
        var info: ArchiveInfo?
        if case .success(let value) = opened { info = value }
        try adopt(info)
        if let info { try pending.flushIfPossible(to: repository, info, context.log) }
        let names = try ready.names()
        let waiting = try clean(names, info)
        guard !waiting.isEmpty else { return .empty }
        if let limit = settings.queueLimit, try ready.exceeds(limit, names) {
            tell(waiting)
            try drop(waiting, of: names, limit: limit, info)
            return .done
        }
        let present = try opened.get()
        let batch = try limited(waiting)
        tell(batch)
        return try push(batch, present)
    }

    /// Loads `archive.info` and makes the directory that tells one life of the archive from another.
    private func openArchive() throws(RoostError) -> ArchiveInfo {
        let info = try ArchivePush.loadInfo(settings.cluster, repository)
        let directory = repository.paths.archive(info.currentArchiveID)
        if try !repository.storage.exists(directory) {
            try repository.storage.createDirectory(directory)
            try repository.storage.syncDirectory(repository.paths.archive)
        }
        return info
    }

    /// - Parameter info: Nil while the repository is away: the queue is then judged by what is at hand.
    private func adopt(_ info: ArchiveInfo?) throws(RoostError) {
        let witness = try SpoolWitness(
            spool, .push, cluster: settings.cluster, dataDirectory: settings.dataDirectory, repository: repository)
        let count = try witness.adopt(info.map { repository.paths.archive($0.currentArchiveID) })
        if count > 0 { context.log.info("removed \(count) file(s) from the spool that belong to an earlier life") }
    }

    /// Tidies the queue.
    ///
    /// - Returns: The files that are ready and not done yet, in the order of their names.
    private func clean(_ names: [String], _ info: ArchiveInfo?) throws(RoostError) -> [String] {
        var done: Set<String> = []
        for file in try FileSystem.list(spool.directory(.push)) {
            guard file.hasSuffix(ArchiveSpool.okExtension) else {
                try FileSystem.removeFile(spool.file(file, .push))
                continue
            }
            let name = String(file.dropLast(ArchiveSpool.okExtension.utf8.count))
            let wish = try ready.time(of: name)
            if let wish, try spool.timeOfOK(name, .push)?.acknowledges(wish) == true {
                done.insert(name)
                continue
            }
            // PostgreSQL has taken note, perhaps since its list was read; or the mark is of an earlier life.
            if wish == nil { done.insert(name) }
            if try keepLoss(of: name, info, isAcknowledged: wish == nil) { try spool.removeOK(name, .push) }
        }
        return names.filter { !done.contains($0) }
    }

    /// Records the loss of a segment that an administrator skipped, or that another tool dropped, before its mark goes.
    ///
    /// - Returns: Whether the mark may go.
    private func keepLoss(
        of name: String, _ info: ArchiveInfo?, isAcknowledged: Bool
    ) throws(RoostError) -> Bool {
        guard isAcknowledged, let mark = try spool.timeOfOK(name, .push), mark.size > 0,
            let message = try spool.messageOfOK(name, .push), message.isLost, let segment = WALSegmentName(name)
        else { return true }
        guard let info else { return false }
        let size = try ControlFile.read(dataDirectory: settings.dataDirectory, clock: context.clock).file.walSegmentSize
        let gaps = ArchiveGap.runs(
            [segment], archiveID: info.currentArchiveID, segmentSize: size, time: mark.modified,
            reason: message.code == 0 ? "archive queue exceeded its limit" : message.warning(of: name))
        do {
            try ArchiveGaps.record(gaps, in: repository)
            return true
        } catch {
            context.log.warn("unable to record the loss of '\(name)' in \(repository.name): \(error)")
            return false  // the mark stays, and the next run tries again
        }
    }

    private func limited(_ waiting: [String]) throws(RoostError) -> [String] {
        guard let size = try ready.segmentSize(waiting) else { return waiting }
        return Array(waiting.prefix(Int(clamping: max(1, settings.batchSize / size))))
    }

    private func tell(_ batch: [String]) {
        let range = batch.count == 1 ? batch[0] : "\(batch[0])...\(batch[batch.count - 1])"
        context.log.info("push \(batch.count) WAL file(s) to archive: \(range)")
    }

    // MARK: Dropping

    /// Gives up all that waits, since the disk would fill up otherwise; but not in silence.
    ///
    /// Small files are not given up: they are pushed, or kept until they can be.
    private func drop(
        _ waiting: [String], of names: [String], limit: UInt64, _ info: ArchiveInfo?
    ) throws(RoostError) {
        let drop = QueueDrop(
            pending: pending, cluster: settings.cluster, limit: limit,
            segmentSize: try ready.segmentSize(names) ?? 0, repository: repository, context: context)
        try drop.run(waiting.map { "\(settings.walDirectory)/\($0)" }, info)
        for name in waiting {
            guard ReadyList.isSegment(name) else {
                try spool.writeOK(name, .push, nil)
                continue
            }
            let message = SpoolMessage.dropped(name, limit: limit)
            try spool.writeOK(name, .push, message)
            context.log.warn(message.text)
        }
    }

    // MARK: Pushing

    private enum Result: Sendable { case pushed(String, warning: String?), failed(String, RoostError), skipped }

    private func push(_ batch: [String], _ info: ArchiveInfo) throws -> Batch {
        let (settings, spool, repository, ready) = (settings, spool, repository, ready)
        let failure = FailureFlag()
        try runJobs(
            batch, workers: settings.workers,
            makeState: { SegmentBuffers(sideBySide: settings.workers == 1) },
            perform: { buffers, name in
                guard !failure.isSet else { return Result.skipped }
                do throws(RoostError) {
                    // Acknowledged meanwhile, by another tool for one: the file may be gone, or begin to be another.
                    guard try ready.time(of: name) != nil else { return .skipped }
                    let file = settings.file(name)
                    let warning = try ArchivePush.push(file, info: info, repository: repository, buffers)
                    try spool.writeOK(name, .push, warning.map { SpoolMessage(code: 0, text: $0) })
                    return .pushed(name, warning: warning)
                } catch {
                    failure.set()
                    return .failed(name, error)
                }
            },
            collect: collect)
        guard failure.isSet else { return .done }
        context.log.warn("stopped archive-push after an error, remaining WAL will be processed on the next run")
        return .stopped
    }

    private func collect(_ result: Result) throws(RoostError) {
        switch result {
        case .skipped: return
        case .pushed(let name, let warning):
            if let warning { context.log.warn(warning) }
            context.log.detail("pushed WAL file '\(name)' to the archive")
        case .failed(let name, let error):
            context.log.warn(
                "could not push WAL file '\(name)' to the archive (will be retried): [\(error.code.exitStatus)] \(error)"
            )
            try spool.writeFailure(name, .push, error)
            if error.isFatal { throw error }
        }
    }
}

extension PushWorker.Settings {
    fileprivate func file(_ name: String) -> ArchivePushSettings {
        var file = ArchivePushSettings(
            walPath: "\(walDirectory)/\(name)", cluster: cluster, compression: compression, level: level)
        file.headerCheck = headerCheck
        file.modeCheck = modeCheck
        return file
    }
}

/// Tells all workers that one has failed: the queue must be looked at again before more is tried.
private final class FailureFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
