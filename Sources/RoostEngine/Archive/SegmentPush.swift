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

    enum Outcome {
        /// Durable, with what the administrator should hear of it.
        case archived(warning: String?)
        /// The archive has another segment of this name: nothing else may be tried.
        case conflict(RoostError)
    }

    func run(_ buffers: SegmentBuffers) throws(RoostError) -> Outcome {
        var archive = ArchiveDirectory(repository, info.currentArchiveID)
        let existing = try archive.findOne(segment, partial: partial)
        guard let status = try FileStatus.of(settings.walPath, followingLinks: true) else {
            throw .missing(settings.walPath)
        }
        if let existing {
            let outcome = compare(existing, with: try checksum())
            // A push that was cut off after the rename may have left a name that is not durable yet.
            if case .archived = outcome {
                try repository.storage.syncDirectory(directoryPart(of: archive.path(existing)))
                try makeDirectoryDurable(buffers)
            }
            return outcome
        }
        if status.size <= Self.wholeLimit {
            try pushWhole(size: Int(status.size), archive, buffers)
        } else {
            try pushStream(archive)
        }
        try makeDirectoryDurable(buffers)
        return .archived(warning: nil)
    }

    private func compare(_ existing: StoredSegment, with checksum: SHA1) -> Outcome {
        let name = "WAL file '\(segment)\(partial ? ".partial" : "")'"
        guard existing.checksum == checksum else {
            return .conflict(
                RoostError(
                    .archiveDuplicate,
                    "\(name) already exists in the \(repository.name) archive with a different checksum",
                    hints: [
                        "stored: \(existing.checksum), pushed: \(checksum)",
                        "are two clusters archiving to this stanza? A segment once archived is never replaced",
                    ]))
        }
        guard settings.modeCheck else { return .archived(warning: nil) }
        return .archived(
            warning: "\(name) already exists in the \(repository.name) archive with the same checksum\n"
                + "HINT: this is valid in some recovery scenarios but may also indicate a problem.")
    }

    /// Whoever made the directory of the segment, another thread or a process that was cut off, may not have made its name
    /// durable.
    private func makeDirectoryDurable(_ buffers: SegmentBuffers) throws(RoostError) {
        let archive = repository.paths.archive(info.currentArchiveID)
        let directory = "\(archive)/\(segment.directory)"
        guard buffers.durableDirectory != directory else { return }
        try repository.storage.syncDirectory(archive)
        try repository.storage.syncDirectory(repository.paths.archive)
        buffers.durableDirectory = directory
    }

    private func pushWhole(size: Int, _ archive: ArchiveDirectory, _ buffers: SegmentBuffers) throws(RoostError) {
        let content = try buffers.read(settings.walPath, size: size)
        let digest = buffers.digest(content)
        let stored = try buffers.compress(content, settings.compression, level: settings.level)
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
}
