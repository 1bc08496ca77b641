internal import CLZ4
package import RoostSystem

/// Reads one LZ4 frame.
@safe package final class LZ4Decompressor: Transform {
    /// Never nil, freed with the object.
    private let context: OpaquePointer

    package init() throws(RoostError) {
        var context: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0,
            let context = unsafe context
        else { throw .noMemory(for: "lz4") }
        unsafe self.context = context
    }

    deinit { _ = unsafe LZ4F_freeDecompressionContext(context) }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        while true {
            let (taken, written, pending) = try step(input.extracting(droppingFirst: consumed), into: output)
            consumed += taken
            if pending == 0 { return Progress(consumed: consumed, state: .finished) }
            if output.isFull { return Progress(consumed: consumed, state: .needsOutput) }
            guard taken == 0, written == 0 else { continue }
            guard !atEnd else { throw .truncated("lz4") }
            return Progress(consumed: consumed, state: .needsInput)
        }
    }

    package func reset() { unsafe LZ4F_resetDecompressionContext(context) }

    private func step(
        _ input: RawSpan,
        into output: Chunk
    ) throws(RoostError) -> (taken: Int, written: Int, pending: Int) {
        var taken = input.byteCount
        var written = 0
        var pending = 0
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            written = free.count
            pending = unsafe LZ4F_decompress(context, free.baseAddress, &written, bytes.baseAddress, &taken, nil)
            guard LZ4F_isError(pending) == 0 else {
                throw .damaged("lz4", unsafe String(cString: LZ4F_getErrorName(pending)))
            }
            return written
        }
        return (taken, written, pending)
    }
}
