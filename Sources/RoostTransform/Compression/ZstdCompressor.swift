internal import CZstd
package import RoostSystem

/// Writes one Zstandard frame.
///
/// Up to level 9 input is kept in a ring of four windows and compressed from there. The library's own stream has room for
/// little more than one window: its buffer wraps so often that almost all matching goes through the slower path for
/// content in two places, which cost a fifth of the time.
@safe package final class ZstdCompressor: Transform {
    /// The largest piece of input that one call to the library gets.
    private static let pieceSize = 256 << 10
    /// A frame's header and checksum.
    private static let frameOverhead = 32
    private static let ringLevels = 1...9

    /// Never nil, freed with the object.
    private let context: OpaquePointer
    private let level: Int32
    private let ringSize: Int
    private let usesRing: Bool
    private let overflow = OverflowBuffer(capacity: ZSTD_compressBound(pieceSize) + frameOverhead)
    /// Made for the first stream that is longer than one piece.
    private var ring: Chunk?
    private var isBegun = false
    private var isEnded = false

    /// - Parameter level: -7 to 22.
    package init(level: Int) throws(RoostError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw .noMemory(for: "zst") }
        unsafe self.context = context
        let status = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        precondition(ZSTD_isError(status) == 0, "zstd does not know level \(level)")
        usesRing = Self.ringLevels.contains(level)
        self.level = Int32(level)
        ringSize = max(4 << Int(ZSTD_getCParams(Int32(level), 0, 0).windowLog), 4 * Self.pieceSize)
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        if atEnd, !isBegun, output.free >= ZSTD_compressBound(input.byteCount) { return try whole(input, output) }
        return usesRing ? try runRing(input, output, atEnd: atEnd) : try runStream(input, output, atEnd: atEnd)
    }

    package func reset() {
        isBegun = false
        isEnded = false
        overflow.removeAll()
        _ = unsafe ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
    }

    /// With this much room a whole short input is compressed from where it lies.
    package func outputCapacity(forInput input: Int) -> Int { ZSTD_compressBound(input) + Self.frameOverhead }

    private func whole(_ input: RawSpan, _ output: Chunk) throws(RoostError) -> Progress {
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            try check(unsafe ZSTD_compress2(context, free.baseAddress, free.count, bytes.baseAddress, bytes.count))
        }
        isBegun = true
        isEnded = true
        return Progress(consumed: input.byteCount, state: .finished)
    }

    private func runRing(_ input: RawSpan, _ output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        while true {
            guard overflow.drain(into: output) else { return Progress(consumed: consumed, state: .needsOutput) }
            if isEnded { return Progress(consumed: consumed, state: .finished) }
            let count = min(input.byteCount - consumed, Self.pieceSize)
            if count == 0, !atEnd { return Progress(consumed: consumed, state: .needsInput) }
            let room = ZSTD_compressBound(count) + Self.frameOverhead
            guard let target = overflow.target(output, needing: room) else {
                return Progress(consumed: consumed, state: .needsOutput)
            }
            let isLast = atEnd && consumed + count == input.byteCount
            try step(input.extracting(consumed..<consumed + count), isLast: isLast, into: target)
            consumed += count
        }
    }

    /// Copies one piece into the ring and compresses it there; the window before it stays where it is.
    private func step(_ piece: RawSpan, isLast: Bool, into output: Chunk) throws(RoostError) {
        if !isBegun {
            _ = try check(unsafe ZSTD_compressBegin(context, level))
            isBegun = true
        }
        let ring = ring ?? Chunk(capacity: ringSize)
        self.ring = ring
        if ring.free < piece.byteCount { ring.removeAll() }
        let start = ring.count
        _ = ring.append(piece)
        unsafe try output.fill(from: ring.bytes.extracting(start..<ring.count)) { bytes, free throws(RoostError) in
            let compress = isLast ? ZSTD_compressEnd : ZSTD_compressContinue
            return try check(unsafe compress(context, free.baseAddress, free.count, bytes.baseAddress, bytes.count))
        }
        isEnded = isLast
    }

    private func runStream(_ input: RawSpan, _ output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        isBegun = true
        var consumed = 0
        var pending = 0
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: free.baseAddress, size: free.count, pos: 0)
            let directive = atEnd ? ZSTD_e_end : ZSTD_e_continue
            pending = try check(unsafe ZSTD_compressStream2(context, &target, &source, directive))
            consumed = unsafe source.pos
            return unsafe target.pos
        }
        // `pending` counts what zstd holds back, by its own choice unless the stream ends.
        let isDone = atEnd ? pending == 0 : consumed == input.byteCount
        guard isDone else { return Progress(consumed: consumed, state: .needsOutput) }
        return Progress(consumed: consumed, state: atEnd ? .finished : .needsInput)
    }

    private func check(_ status: Int) throws(RoostError) -> Int {
        guard ZSTD_isError(status) == 0 else {
            throw .codecFailed("zst", unsafe String(cString: ZSTD_getErrorName(status)))
        }
        return status
    }
}
