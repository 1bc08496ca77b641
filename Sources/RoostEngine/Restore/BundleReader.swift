internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Reads files out of one bundle, or super blocks out of one object, in rising order, opening it once as long as they lie close together.
final class BundleReader {
    /// Up to this distance bytes between two files are read and thrown away.
    static let gapLimit: UInt64 = 64 << 10

    private let repository: Repository
    private let path: String
    private let end: UInt64
    private let chunk: Chunk
    private var reader: (any StorageReader)?
    /// In the bundle, of the next byte to be taken.
    private var position: UInt64 = 0
    /// In the chunk, of the same byte.
    private var cursor = 0

    /// - Parameters:
    ///   - end: Behind the last byte that will be wanted.
    ///   - chunk: Nobody else uses it as long as the reader lives.
    init(_ repository: Repository, _ path: String, end: UInt64, _ chunk: Chunk) {
        self.repository = repository
        self.path = path
        self.end = end
        self.chunk = chunk
    }

    /// Sends a range through a pipeline that is ready for a new stream.
    func read(
        _ range: Range<UInt64>, through pipeline: Pipeline, to sink: (RawSpan) throws(RoostError) -> Void
    ) throws(RoostError) {
        guard !range.isEmpty else { return try pipeline.finish(to: sink) }
        try move(to: range.lowerBound)
        let chunk = chunk
        while position < range.upperBound {
            try fill()
            let count = Int(min(range.upperBound - position, UInt64(chunk.count - cursor)))
            let piece = chunk.bytes.extracting(cursor..<cursor + count)
            cursor += count
            position += UInt64(count)
            if position < range.upperBound {
                try pipeline.push(piece, to: sink)
            } else {
                try pipeline.finish(piece, to: sink)
            }
        }
    }

    private func move(to offset: UInt64) throws(RoostError) {
        if reader == nil || offset < position || offset - position > Self.gapLimit {
            guard offset < end else {
                throw RoostError(.fileRead, "a file in '\(repository.storage.displayPath(path))' lies past its end")
            }
            reader = try repository.storage.open(path, range: offset..<end)
            chunk.removeAll()
            (position, cursor) = (offset, 0)
        }
        while position < offset {
            try fill()
            let skipped = Int(min(offset - position, UInt64(chunk.count - cursor)))
            cursor += skipped
            position += UInt64(skipped)
        }
    }

    private func fill() throws(RoostError) {
        guard cursor == chunk.count else { return }
        chunk.removeAll()
        cursor = 0
        _ = try reader?.read(into: chunk)
        guard chunk.count > 0 else {
            throw RoostError(
                .fileRead, "'\(repository.storage.displayPath(path))' ends before the files that lie in it")
        }
    }
}
