internal import CZstd
package import RoostSystem

/// Reads one Zstandard frame.
@safe package final class ZstdDecompressor: Transform {
    /// Never nil, freed with the object.
    private let context: OpaquePointer

    package init() throws(RoostError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .noMemory(for: "zst") }
        unsafe self.context = context
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        while true {
            let (taken, written, pending) = try step(input.extracting(droppingFirst: consumed), into: output)
            consumed += taken
            if pending == 0 { return Progress(consumed: consumed, state: .finished) }
            if output.isFull { return Progress(consumed: consumed, state: .needsOutput) }
            guard consumed < input.byteCount else { break }
            guard taken > 0 || written > 0 else { throw .damaged("zst", "the decoder does not get on") }
        }
        guard !atEnd else { throw .truncated("zst") }
        return Progress(consumed: consumed, state: .needsInput)
    }

    package func reset() {
        _ = unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    }

    private func step(
        _ input: RawSpan,
        into output: Chunk
    ) throws(RoostError) -> (taken: Int, written: Int, pending: Int) {
        var taken = 0
        var written = 0
        var pending = 0
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: free.baseAddress, size: free.count, pos: 0)
            pending = unsafe ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(pending) == 0 else {
                throw .damaged("zst", unsafe String(cString: ZSTD_getErrorName(pending)))
            }
            taken = unsafe source.pos
            written = unsafe target.pos
            return written
        }
        return (taken, written, pending)
    }
}
