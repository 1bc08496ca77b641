internal import CBzip2
package import RoostSystem

/// Writes one bzip2 stream.
///
/// The library has no reset: each stream takes its memory anew. The allocator gives back the same.
@safe package final class Bzip2Compressor: Transform {
    /// At a fixed address, which the library remembers.
    private let stream: UnsafeMutablePointer<bz_stream>
    private let level: Int
    private var isBegun = false

    /// - Parameter level: 1 to 9.
    package init(level: Int) throws(RoostError) {
        self.level = level
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: bz_stream())
    }

    deinit {
        reset()
        unsafe stream.deallocate()
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        if !isBegun {
            guard unsafe BZ2_bzCompressInit(stream, Int32(level), 0, 0) == BZ_OK else { throw .noMemory(for: "bz2") }
            isBegun = true
        }
        // The library calls it an error to be run with nothing to do.
        if output.isFull { return Progress(consumed: 0, state: .needsOutput) }
        if input.isEmpty, !atEnd { return Progress(consumed: 0, state: .needsInput) }
        var status = BZ_OK
        let consumed = unsafe stream.step(input, into: output) { stream in
            status = unsafe BZ2_bzCompress(stream, atEnd ? BZ_FINISH : BZ_RUN)
        }
        switch status {
        case BZ_STREAM_END: return Progress(consumed: consumed, state: .finished)
        case BZ_RUN_OK, BZ_FINISH_OK:
            let isDone = consumed == input.byteCount && !atEnd
            return Progress(consumed: consumed, state: isDone ? .needsInput : .needsOutput)
        default: throw .codecFailed("bz2", "status \(status)")
        }
    }

    package func reset() {
        if isBegun { _ = unsafe BZ2_bzCompressEnd(stream) }
        isBegun = false
    }
}

extension UnsafeMutablePointer<bz_stream> {
    /// Lets the library work on the bytes of `input` and the free part of `output`.
    ///
    /// - Returns: Bytes consumed.
    func step(_ input: RawSpan, into output: Chunk, _ body: (Self) -> Void) -> Int {
        var consumed = 0
        unsafe output.fill(from: input) { bytes, free in
            unsafe pointee.next_in = bytes.mutableBytes(as: CChar.self)
            unsafe pointee.avail_in = UInt32(bytes.count)
            unsafe pointee.next_out = free.assumingMemoryBound(to: CChar.self).baseAddress
            unsafe pointee.avail_out = UInt32(free.count)
            unsafe body(self)
            consumed = unsafe bytes.count - Int(pointee.avail_in)
            return unsafe free.count - Int(pointee.avail_out)
        }
        return consumed
    }
}
