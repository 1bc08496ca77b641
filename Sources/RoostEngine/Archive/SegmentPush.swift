internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform
internal import Synchronization

/// Pushes one WAL segment into one repository.
struct SegmentPush {
    /// Up to this size a segment is held in memory, hashed and compressed at the same time; beyond it is read twice.
    private static let wholeLimit: UInt64 = 64 << 20

    private let settings: ArchivePushSettings
    private let segment: WALSegmentName
    private let partial: Bool
    private let info: ArchiveInfo
    private let repository: Repository

    init(
        _ settings: ArchivePushSettings, _ segment: WALSegmentName, partial: Bool, info: ArchiveInfo,
        repository: Repository
    ) {
        self.settings = settings
        self.segment = segment
        self.partial = partial
        self.info = info
        self.repository = repository
    }

    /// - Returns: The error that must end the command: the archive has another segment of this name.
    func run(_ log: any Log) throws(RoostError) -> RoostError? {
        var archive = ArchiveDirectory(repository, info.currentArchiveID)
        let existing = try archive.findOne(segment, partial: partial)
        guard let status = try FileStatus.of(settings.walPath, followingLinks: true) else {
            throw .missing(settings.walPath)
        }
        if let existing {
            if let conflict = compare(existing, with: try checksum(), log) { return conflict }
            // A push that was cut off after the rename may have left a name that is not durable yet.
            try makeDurable(archive.path(existing))
        } else if status.size <= Self.wholeLimit {
            try pushWhole(size: Int(status.size), archive)
        } else {
            try pushStream(archive)
        }
        return nil
    }

    private func compare(_ existing: StoredSegment, with checksum: SHA1, _ log: any Log) -> RoostError? {
        let name = "WAL file '\(segment)\(partial ? ".partial" : "")'"
        guard existing.checksum == checksum else {
            return RoostError(
                .archiveDuplicate,
                "\(name) already exists in the \(repository.name) archive with a different checksum",
                hints: [
                    "stored: \(existing.checksum), pushed: \(checksum)",
                    "are two clusters archiving to this stanza? A segment once archived is never replaced",
                ])
        }
        if settings.modeCheck {
            log.warn(
                "\(name) already exists in the \(repository.name) archive with the same checksum\n"
                    + "HINT: this is valid in some recovery scenarios but may also indicate a problem.")
        }
        return nil
    }

    private func makeDurable(_ path: String) throws(RoostError) {
        try repository.storage.syncDirectory(directoryPart(of: path))
    }

    /// SHA-1 and compression side by side: two cores for the few milliseconds that PostgreSQL waits.
    private func pushWhole(size: Int, _ archive: ArchiveDirectory) throws(RoostError) {
        let content = try readWhole(size: size)
        let digest = SideDigest(content)
        guard settings.compression != .none else {
            return try write(archive.path(name(digest.join())), through: []) { push throws(RoostError) in
                try push(content.bytes)
            }
        }
        let codec = try WholeBufferCodec(settings.compression, level: settings.level, raw: false)
        let stored = Chunk(capacity: codec.bound(content.count))
        try codec.compress(content.bytes, into: stored)
        try write(archive.path(name(digest.join())), through: []) { push throws(RoostError) in try push(stored.bytes) }
    }

    private func pushStream(_ archive: ArchiveDirectory) throws(RoostError) {
        let checksum = try checksum()
        let stored = DigestObserver()
        let stages = try [.observe(stored)] + compressing(settings.compression, level: settings.level)
        try write(archive.path(name(checksum)), through: stages, while: { stored.result.digest == checksum }) {
            push throws(RoostError) in try readPieces(push)
        }
    }

    private func name(_ checksum: SHA1) -> StoredSegment {
        StoredSegment(segment: segment, isPartial: partial, checksum: checksum, compression: settings.compression)
    }

    private func write(
        _ path: String, through stages: [Stage], while isUnchanged: () -> Bool = { true },
        _ body: ((RawSpan) throws(RoostError) -> Void) throws(RoostError) -> Void
    ) throws(RoostError) {
        let writer = try repository.storage.create(path, durability: .atomic)
        let pipeline = Pipeline(stages + (try encryption(info.cipherPass)), chunk: StreamPump.chunkSize)
        let sink = { (piece: RawSpan) throws(RoostError) in try writer.write(piece) }
        try body { piece throws(RoostError) in try pipeline.push(piece, to: sink) }
        try pipeline.finish(to: sink)
        guard isUnchanged() else {
            throw RoostError(.fileRead, "WAL file '\(settings.walPath)' has changed while it was read")
        }
        try writer.finish()
    }

    private func checksum() throws(RoostError) -> SHA1 {
        let hasher = SHA1Hasher()
        try readPieces { piece throws(RoostError) in hasher.update(piece) }
        return hasher.finish()
    }

    private func readPieces(_ body: (RawSpan) throws(RoostError) -> Void) throws(RoostError) {
        let file = try OwnedDescriptor.read(settings.walPath)
        file.adviseSequential()
        let chunk = Chunk(capacity: StreamPump.chunkSize)
        var more = true
        while more {
            try Interrupt.check()
            chunk.removeAll()
            more = try file.read(into: chunk)
            try body(chunk.bytes)
        }
    }

    private func readWhole(size: Int) throws(RoostError) -> Chunk {
        let file = try OwnedDescriptor.read(settings.walPath)
        let content = Chunk(capacity: size + 1)
        guard try !file.read(into: content), content.count == size else {
            throw RoostError(
                .fileRead, "WAL file '\(settings.walPath)' has changed its size while it was read",
                hints: ["is archive-push called by PostgreSQL's archive_command?"])
        }
        return content
    }
}

/// SHA-1 of a chunk on a thread of its own.
///
/// The chunk must not change until ``join()`` has returned or the object is gone.
private final class SideDigest {
    /// `@unchecked Sendable`: the thread alone touches it until it has been joined.
    private final class Work: @unchecked Sendable {
        let content: Chunk
        var result: SHA1?

        init(_ content: Chunk) { self.content = content }

        func run() -> SHA1 {
            let content = content
            return SHA1.hash(content.bytes)
        }
    }

    private let work: Work
    private var thread: WorkerThread?

    init(_ content: Chunk) {
        let work = Work(content)
        self.work = work
        // No thread to be had is no reason to fail: join() then does the work.
        thread = try? WorkerThread { work.result = work.run() }
    }

    deinit { thread?.join() }

    func join() -> SHA1 {
        thread?.join()
        thread = nil
        return work.result ?? work.run()
    }
}
