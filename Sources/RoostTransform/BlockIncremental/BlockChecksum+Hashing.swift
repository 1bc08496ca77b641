internal import CRoostKernels
package import RoostFormat

extension BlockChecksum {
    /// The checksum of a block, the last one of a file being as short as it is.
    ///
    /// - Parameter size: Bytes to keep of the hash, one of ``RoostFormat/BlockChecksum/sizes``.
    package init(of block: RawSpan, size: Int) {
        // The C function reads the span and nothing else.
        var (high, low): (UInt64, UInt64) = (0, 0)
        unsafe block.withUnsafeBytes { bytes in
            unsafe roost_block_checksum(bytes.baseAddress, bytes.count, &high, &low)
        }
        self.init(high: high, low: low, size: size)
    }
}
