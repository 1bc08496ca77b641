internal import CISAL
internal import RoostSystem

/// ISA-L's decompressor.
@safe final class ISALInflater: Transform {
    private let library: ISAL
    private let raw: Bool
    private var header: DeflateHeader
    /// Too large for an object's own storage.
    private let state: UnsafeMutablePointer<inflate_state>

    init(_ library: ISAL, raw: Bool) {
        self.library = library
        self.raw = raw
        header = DeflateHeader(raw: raw)
        unsafe state = .allocate(capacity: 1)
        unsafe UnsafeMutableRawPointer(state).initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: MemoryLayout<inflate_state>.size
        )
        unsafe library.inflateInit(state)
        unsafe state.pointee.crc_flag = UInt32(raw ? ISAL_ZLIB_NO_HDR_VER : ISAL_GZIP_NO_HDR_VER)
    }

    deinit { unsafe state.deallocate() }

    func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = try header.take(input)
        guard header.isComplete else {
            guard !atEnd else { throw .truncated("gz") }
            return Progress(consumed: consumed, state: .needsInput)
        }
        var status: Int32 = 0
        unsafe output.fill(from: input.extracting(droppingFirst: consumed)) { bytes, free in
            unsafe state.pointee.next_in = bytes.mutableBytes(as: UInt8.self)
            unsafe state.pointee.avail_in = UInt32(bytes.count)
            unsafe state.pointee.next_out = free.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe state.pointee.avail_out = UInt32(free.count)
            status = unsafe library.inflate(state)
            consumed += unsafe bytes.count - Int(state.pointee.avail_in)
            return unsafe free.count - Int(state.pointee.avail_out)
        }
        switch status {
        case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
        case ISAL_INCORRECT_CHECKSUM: throw .damaged("gz", "incorrect data check")
        case ISAL_INVALID_LOOKBACK: throw .damaged("gz", "invalid distance too far back")
        default: throw .damaged("gz", "invalid block or code (status \(status))")
        }
        if unsafe state.pointee.block_state == ISAL_BLOCK_FINISH {
            // The library has looked ahead: whole bytes in its bit buffer are not part of the stream.
            consumed -= unsafe Int(state.pointee.read_in_length / 8)
            guard consumed >= 0 else { throw .trailingData(-consumed) }
            return Progress(consumed: consumed, state: .finished)
        }
        if output.isFull { return Progress(consumed: consumed, state: .needsOutput) }
        guard !atEnd else { throw .truncated("gz") }
        return Progress(consumed: consumed, state: .needsInput)
    }

    func reset() {
        unsafe library.inflateReset(state)
        header = DeflateHeader(raw: raw)
    }
}
