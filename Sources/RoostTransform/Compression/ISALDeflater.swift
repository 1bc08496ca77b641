internal import CISAL
internal import RoostSystem

/// ISA-L's compressor, several times as fast as zlib's.
@safe final class ISALDeflater: Transform {
    private let library: ISAL
    private let raw: Bool
    /// Too large for an object's own storage; hash tables and tokens are a second block, as the library wants it.
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let tables: UnsafeMutableRawBufferPointer

    /// - Parameter level: 1 to 3.
    init(_ library: ISAL, level: Int, raw: Bool) {
        self.library = library
        self.raw = raw
        unsafe stream = .allocate(capacity: 1)
        unsafe UnsafeMutableRawPointer(stream).initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: MemoryLayout<isal_zstream>.size
        )
        unsafe tables = .allocate(byteCount: Self.tableSize(level: level), alignment: 64)
        unsafe library.deflateInit(stream)
        unsafe stream.pointee.level = UInt32(level)
        unsafe stream.pointee.level_buf = tables.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.level_buf_size = UInt32(tables.count)
        unsafe stream.pointee.flush = UInt16(NO_FLUSH)
        reset()
    }

    deinit {
        unsafe stream.deallocate()
        unsafe tables.deallocate()
    }

    func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            unsafe stream.pointee.next_in = bytes.mutableBytes(as: UInt8.self)
            unsafe stream.pointee.avail_in = UInt32(bytes.count)
            unsafe stream.pointee.next_out = free.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe stream.pointee.avail_out = UInt32(free.count)
            unsafe stream.pointee.end_of_stream = atEnd ? 1 : 0
            let status = unsafe library.deflate(stream)
            guard status == COMP_OK else { throw .codecFailed("gz", "status \(status)") }
            consumed = unsafe bytes.count - Int(stream.pointee.avail_in)
            return unsafe free.count - Int(stream.pointee.avail_out)
        }
        if unsafe stream.pointee.internal_state.state == ZSTATE_END {
            return Progress(consumed: consumed, state: .finished)
        }
        let isDone = consumed == input.byteCount && !atEnd && !output.isFull
        return Progress(consumed: consumed, state: isDone ? .needsInput : .needsOutput)
    }

    func reset() {
        unsafe library.deflateReset(stream)
        // Each stream turns this into the value that means that the header is written.
        unsafe stream.pointee.gzip_flag = UInt16(raw ? IGZIP_ZLIB : IGZIP_GZIP)
    }

    /// The sizes that `igzip_lib.h` recommends, in macros that Swift cannot see: a header, hash tables, 64 Ki tokens.
    private static func tableSize(level: Int) -> Int {
        let tokens = 64 << 12
        return switch level {
        case 1: (4 << 10) + 2 * (8 << 10) + tokens
        case 2: (4 << 10) + 2 * (32 << 10) + tokens
        default: (4 << 10) + 4 * (4 << 10) + 2 * (32 << 10) + tokens
        }
    }
}
