internal import RoostFormat
internal import RoostSystem
internal import RoostTransform

/// The memory and codec for segments that are pushed as a whole; made once by a worker and used for each.
final class SegmentBuffers {
    /// Hash on a thread of its own.
    ///
    /// For one segment, for the few milliseconds that PostgreSQL waits, two cores are better than one; where several workers
    /// share the cores it costs more than it gains.
    private let sideBySide: Bool
    /// The directory of segments whose name, and those above it, this worker knows to be durable.
    var durableDirectory: String?
    private var content: Chunk?
    private var stored: Chunk?
    private var codec: (compression: Compression, level: Int, codec: WholeBufferCodec)?

    init(sideBySide: Bool) { self.sideBySide = sideBySide }

    /// Reads a whole file.
    ///
    /// - Returns: Memory that the next call overwrites.
    func read(_ path: String, size: Int) throws(RoostError) -> Chunk {
        let content = Self.room(size + 1, in: &content)
        let file = try OwnedDescriptor.read(path)
        guard try !file.read(into: content), content.count == size else {
            throw RoostError(
                .fileRead, "WAL file '\(path)' has changed its size while it was read",
                hints: ["is archive-push called by PostgreSQL's archive_command?"])
        }
        return content
    }

    /// Begins to compute the checksum of what was read.
    func digest(_ content: Chunk) -> SideDigest { SideDigest(content, onOwnThread: sideBySide) }

    /// - Returns: Memory that the next call overwrites; the content itself if nothing is to be compressed.
    func compress(_ content: Chunk, _ compression: Compression, level: Int) throws(RoostError) -> Chunk {
        guard compression != .none else { return content }
        let codec = try codec(compression, level)
        let stored = Self.room(codec.bound(content.count), in: &stored)
        try codec.compress(content.bytes, into: stored)
        return stored
    }

    private func codec(_ compression: Compression, _ level: Int) throws(RoostError) -> WholeBufferCodec {
        if let codec, codec.compression == compression, codec.level == level { return codec.codec }
        let made = try WholeBufferCodec(compression, level: level, raw: false)
        codec = (compression, level, made)
        return made
    }

    private static func room(_ size: Int, in chunk: inout Chunk?) -> Chunk {
        if let chunk, chunk.capacity >= size {
            chunk.removeAll()
            return chunk
        }
        let made = Chunk(capacity: size)
        chunk = made
        return made
    }
}

/// SHA-1 of a chunk, beside what the caller does meanwhile.
///
/// The chunk must not change until ``join()`` has returned or the object is gone.
final class SideDigest {
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

    init(_ content: Chunk, onOwnThread: Bool) {
        let work = Work(content)
        self.work = work
        // No thread to be had is no reason to fail: join() then does the work.
        if onOwnThread { thread = try? WorkerThread { work.result = work.run() } }
    }

    deinit { thread?.join() }

    func join() -> SHA1 {
        thread?.join()
        thread = nil
        return work.result ?? work.run()
    }
}
