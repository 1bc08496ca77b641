internal import CZlib
internal import RoostSystem

/// zlib's compressor.
@safe final class ZlibDeflater: Transform {
    /// At a fixed address, which the library remembers.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int, raw: Bool) throws(RoostError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe deflateInit2_(
            stream,
            Int32(level),
            Z_DEFLATED,
            windowBits(raw: raw),
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw .noMemory(for: "gz") }
    }

    deinit {
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var status = Z_OK
        let consumed = unsafe stream.step(input, into: output) { stream in
            status = unsafe deflate(stream, atEnd ? Z_FINISH : Z_NO_FLUSH)
        }
        switch status {
        case Z_STREAM_END: return Progress(consumed: consumed, state: .finished)
        case Z_OK, Z_BUF_ERROR:
            let isDone = consumed == input.byteCount && !atEnd && !output.isFull
            return Progress(consumed: consumed, state: isDone ? .needsInput : .needsOutput)
        default: throw .codecFailed("gz", "status \(status)")
        }
    }

    func reset() { _ = unsafe deflateReset(stream) }
}

/// zlib's decompressor.
@safe final class ZlibInflater: Transform {
    /// At a fixed address, which the library remembers.
    private let stream: UnsafeMutablePointer<z_stream>

    init(raw: Bool) throws(RoostError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream,
            windowBits(raw: raw),
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw .noMemory(for: "gz") }
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var status = Z_OK
        var detail: String?
        let consumed = unsafe stream.step(input, into: output) { stream in
            status = unsafe inflate(stream, Z_NO_FLUSH)
            if let message = unsafe stream.pointee.msg { detail = unsafe String(cString: message) }
        }
        switch status {
        case Z_STREAM_END: return Progress(consumed: consumed, state: .finished)
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .noMemory(for: "gz")
        default: throw .damaged("gz", detail ?? "status \(status)")
        }
        if output.isFull { return Progress(consumed: consumed, state: .needsOutput) }
        guard !atEnd else { throw .truncated("gz") }
        return Progress(consumed: consumed, state: .needsInput)
    }

    func reset() { _ = unsafe inflateReset(stream) }
}

/// zlib's code for a window of 32 KiB, plus 16 where gzip's header and trailer are wanted.
private func windowBits(raw: Bool) -> Int32 { raw ? 15 : 31 }

extension UnsafeMutablePointer<z_stream> {
    /// Lets the library work on the bytes of `input` and the free part of `output`.
    ///
    /// - Returns: Bytes consumed.
    fileprivate func step(_ input: RawSpan, into output: Chunk, _ body: (Self) -> Void) -> Int {
        var consumed = 0
        unsafe output.fill(from: input) { bytes, free in
            unsafe pointee.next_in = bytes.mutableBytes(as: UInt8.self)
            unsafe pointee.avail_in = UInt32(bytes.count)
            unsafe pointee.next_out = free.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe pointee.avail_out = UInt32(free.count)
            unsafe body(self)
            consumed = unsafe bytes.count - Int(pointee.avail_in)
            return unsafe free.count - Int(pointee.avail_out)
        }
        return consumed
    }
}
