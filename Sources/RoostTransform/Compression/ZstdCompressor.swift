internal import CZstd
package import RoostSystem

/// Writes one Zstandard frame.
@safe package final class ZstdCompressor: Transform {
    /// Never nil, freed with the object.
    private let context: OpaquePointer

    /// - Parameter level: -7 to 22.
    package init(level: Int) throws(RoostError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw .noMemory(for: "zst") }
        unsafe self.context = context
        let status = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        precondition(ZSTD_isError(status) == 0, "zstd does not know level \(level)")
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        var pending = 0
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: free.baseAddress, size: free.count, pos: 0)
            pending = unsafe ZSTD_compressStream2(context, &target, &source, atEnd ? ZSTD_e_end : ZSTD_e_continue)
            guard ZSTD_isError(pending) == 0 else {
                throw .codecFailed("zst", unsafe String(cString: ZSTD_getErrorName(pending)))
            }
            consumed = unsafe source.pos
            return unsafe target.pos
        }
        // `pending` counts what zstd holds back, by its own choice unless the stream ends.
        let isDone = atEnd ? pending == 0 : consumed == input.byteCount
        guard isDone else { return Progress(consumed: consumed, state: .needsOutput) }
        return Progress(consumed: consumed, state: atEnd ? .finished : .needsInput)
    }

    package func reset() {
        _ = unsafe ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
    }

    /// With this much room the whole of a short input is compressed from where it lies.
    package func outputCapacity(forInput input: Int) -> Int { ZSTD_compressBound(input) }
}
