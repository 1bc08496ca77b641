internal import CXXHash
package import RoostFormat

extension BlockChecksum {
    /// The checksum of a block, the last one of a file being as short as it is.
    ///
    /// - Parameter size: Bytes to keep of the hash, one of ``RoostFormat/BlockChecksum/sizes``.
    package init(of block: RawSpan, size: Int) {
        // The C function reads the span and nothing else.
        let hash = unsafe block.withUnsafeBytes { bytes in unsafe XXH3_128bits(bytes.baseAddress, bytes.count) }
        self.init(high: hash.high64, low: hash.low64, size: size)
    }
}
