internal import CBzip2
package import RoostSystem

/// Reads one bzip2 stream.
@safe package final class Bzip2Decompressor: Transform {
    /// At a fixed address, which the library remembers.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var isBegun = false

    package init() throws(RoostError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: bz_stream())
    }

    deinit {
        reset()
        unsafe stream.deallocate()
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        if !isBegun {
            guard unsafe BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .noMemory(for: "bz2") }
            isBegun = true
        }
        var status = BZ_OK
        let consumed = unsafe stream.step(input, into: output) { stream in
            status = unsafe BZ2_bzDecompress(stream)
        }
        switch status {
        case BZ_STREAM_END: return Progress(consumed: consumed, state: .finished)
        case BZ_OK: break
        case BZ_DATA_ERROR_MAGIC: throw .damaged("bz2", "it does not begin with the mark of bzip2")
        case BZ_DATA_ERROR: throw .damaged("bz2", "a block is invalid or its checksum does not match")
        case BZ_MEM_ERROR: throw .noMemory(for: "bz2")
        default: throw .damaged("bz2", "status \(status)")
        }
        if output.isFull { return Progress(consumed: consumed, state: .needsOutput) }
        guard !atEnd else { throw .truncated("bz2") }
        return Progress(consumed: consumed, state: .needsInput)
    }

    package func reset() {
        if isBegun { _ = unsafe BZ2_bzDecompressEnd(stream) }
        isBegun = false
    }
}
