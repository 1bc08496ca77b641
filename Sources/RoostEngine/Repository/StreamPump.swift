internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Moves objects through a pipeline; made once by a worker and reused for each object.
final class StreamPump {
    /// Fits the cache of one core, so that every stage finds the bytes there.
    static let chunkSize = 256 << 10

    let pipeline: Pipeline
    private let chunk: Chunk

    init(_ stages: [Stage], chunk: Chunk = Chunk(capacity: StreamPump.chunkSize)) {
        self.chunk = chunk
        pipeline = Pipeline(stages, chunk: Self.chunkSize)
    }

    /// Makes the pipeline ready for the next stream.
    ///
    /// Also before the first: pumps of one worker may share an observer.
    func begin() throws(RoostError) { try pipeline.reset() }

    /// Reads to the end.
    ///
    /// One stream a call; ``begin()`` is included.
    func run(_ reader: any StorageReader, to sink: (RawSpan) throws(RoostError) -> Void) throws(RoostError) {
        try begin()
        let chunk = chunk
        var more = true
        while more {
            try Interrupt.check()
            chunk.removeAll()
            more = try reader.read(into: chunk)
            if more { try pipeline.push(chunk.bytes, to: sink) } else { try pipeline.finish(chunk.bytes, to: sink) }
        }
    }
}
