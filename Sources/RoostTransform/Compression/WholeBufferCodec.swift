internal import CLibdeflate
package import RoostFormat
package import RoostSystem

/// Compresses and decompresses what is in memory as a whole: small files, super blocks, WAL segments.
///
/// gz goes through libdeflate at the levels where a stream would, without the detour that a stream takes, and is always
/// decompressed by it; the others go through the same codecs as streams do, which copy nothing when they get everything at
/// once. The bytes are those of one stream.
@safe package final class WholeBufferCodec {
    private enum Engine {
        case copy
        case stream(compressor: any Transform, decompressor: any Transform)
        /// With a compressor where another library serves the level better.
        case deflate(compressor: (any Transform)?)
    }

    private let engine: Engine
    private let raw: Bool
    /// Both set for `deflate`, freed with the object.
    private let deflater: OpaquePointer?
    private let inflater: OpaquePointer?

    /// - Parameters:
    ///   - level: One of ``RoostFormat/Compression/levels``.
    ///   - raw: As for streams.
    package init(_ compression: Compression, level: Int, raw: Bool) throws(RoostError) {
        self.raw = raw
        try compression.check(level: level)
        if compression == .gz {
            let isServedByISAL = GzipCompressor.library(for: level) == .isal
            engine = .deflate(compressor: isServedByISAL ? try GzipCompressor(level: level, raw: raw) : nil)
            unsafe deflater = libdeflate_alloc_compressor(Int32(level < 0 ? compression.defaultLevel : level))
            unsafe inflater = libdeflate_alloc_decompressor()
            guard unsafe deflater != nil, unsafe inflater != nil else { throw .noMemory(for: "gz") }
            return
        }
        unsafe (deflater, inflater) = (nil, nil)
        if let compressor = try compression.makeCompressor(level: level, raw: raw),
            let decompressor = try compression.makeDecompressor(raw: raw)
        {
            engine = .stream(compressor: compressor, decompressor: decompressor)
        } else {
            engine = .copy
        }
    }

    deinit {
        unsafe libdeflate_free_compressor(deflater)
        unsafe libdeflate_free_decompressor(inflater)
    }

    /// The room that the output of an input of this size may need.
    package func bound(_ inputCount: Int) -> Int {
        switch engine {
        case .copy: inputCount
        case .deflate(nil):
            unsafe raw
                ? libdeflate_zlib_compress_bound(deflater, inputCount)
                : libdeflate_gzip_compress_bound(deflater, inputCount)
        // bzip2's worst case is 1 % and 600 bytes; the others stay below, but like to see more than they will need.
        case .stream(let compressor, _), .deflate(let compressor?):
            compressor.outputCapacity(forInput: inputCount + inputCount / 64 + 1024)
        }
    }

    /// Appends one complete stream.
    ///
    /// - Parameter output: Has at least ``bound(_:)`` bytes free.
    package func compress(_ input: RawSpan, into output: Chunk) throws(RoostError) {
        precondition(output.free >= bound(input.byteCount), "no room for compressed data")
        switch engine {
        case .copy: _ = output.append(input)
        case .stream(let compressor, _), .deflate(let compressor?):
            try compressor.reset()
            try run(compressor, input, into: output)
        case .deflate(nil):
            let compress = unsafe raw ? libdeflate_zlib_compress : libdeflate_gzip_compress
            unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
                let written = unsafe compress(deflater, bytes.baseAddress, bytes.count, free.baseAddress, free.count)
                guard written > 0 else { throw .codecFailed("gz", "no room") }
                return written
            }
        }
    }

    /// Appends what one complete stream holds.
    ///
    /// - Throws: ``ErrorCode/format`` if the input is damaged, truncated, longer than one stream, or holds more than fits
    ///   into the free part of `output`.
    package func decompress(_ input: RawSpan, into output: Chunk) throws(RoostError) {
        switch engine {
        case .copy:
            guard output.append(input) == input.byteCount else { throw .tooLong() }
        case .stream(_, let decompressor):
            try decompressor.reset()
            try run(decompressor, input, into: output)
        case .deflate: try inflate(input, into: output)
        }
    }

    private func run(_ transform: any Transform, _ input: RawSpan, into output: Chunk) throws(RoostError) {
        var consumed = 0
        while true {
            let progress = try transform.run(input.extracting(droppingFirst: consumed), into: output, atEnd: true)
            consumed += progress.consumed
            if progress.state == .finished { break }
            guard !output.isFull else { throw .tooLong() }
        }
        guard consumed == input.byteCount else { throw .trailingData(input.byteCount - consumed) }
    }

    private func inflate(_ input: RawSpan, into output: Chunk) throws(RoostError) {
        var (consumed, written) = (0, 0)
        let decompress = unsafe raw ? libdeflate_zlib_decompress_ex : libdeflate_gzip_decompress_ex
        unsafe try output.fill(from: input) { bytes, free throws(RoostError) in
            let status = unsafe decompress(
                inflater,
                bytes.baseAddress,
                bytes.count,
                free.baseAddress,
                free.count,
                &consumed,
                &written
            )
            switch status {
            case LIBDEFLATE_SUCCESS: return written
            case LIBDEFLATE_INSUFFICIENT_SPACE: throw .tooLong()
            default: throw .damaged("gz", "it is truncated, invalid or its checksum does not match")
            }
        }
        guard consumed == input.byteCount else { throw .trailingData(input.byteCount - consumed) }
    }
}
