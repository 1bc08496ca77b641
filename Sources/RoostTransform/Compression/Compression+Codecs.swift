package import RoostFormat
package import RoostSystem

extension Compression {
    /// The levels of the option `compress-level`.
    package var levels: ClosedRange<Int> {
        switch self {
        case .none: 0...0
        case .gz: -1...9
        case .bz2: 1...9
        case .lz4: -5...12
        case .zst: -7...22
        }
    }

    /// Makes a compressor, none for ``none``.
    ///
    /// - Parameters:
    ///   - level: One of ``levels``.
    ///   - raw: Leaves out what a bundle does not need (specification `bundle`, section 5).
    /// - Throws: ``ErrorCode/optionInvalidValue`` for a level out of range, ``ErrorCode/memory``.
    package func makeCompressor(level: Int, raw: Bool) throws(RoostError) -> (any Transform)? {
        try check(level: level)
        return switch self {
        case .none: nil
        case .gz: try GzipCompressor(level: level, raw: raw)
        case .bz2: try Bzip2Compressor(level: level)
        case .lz4: try LZ4Compressor(level: level)
        case .zst: try ZstdCompressor(level: level)
        }
    }

    /// Makes a decompressor, none for ``none``.
    ///
    /// It stops after the first stream (gzip member, frame) and consumes nothing of what follows.
    ///
    /// - Parameter raw: As it was for the compressor.
    package func makeDecompressor(raw: Bool) throws(RoostError) -> (any Transform)? {
        switch self {
        case .none: nil
        case .gz: try GzipDecompressor(raw: raw)
        case .bz2: try Bzip2Decompressor()
        case .lz4: try LZ4Decompressor()
        case .zst: try ZstdDecompressor()
        }
    }

    func check(level: Int) throws(RoostError) {
        guard self == .none || levels.contains(level) else {
            throw RoostError(
                .optionInvalidValue,
                "compression level \(level) of \(rawValue) is not in \(levels.lowerBound) to \(levels.upperBound)"
            )
        }
    }
}
