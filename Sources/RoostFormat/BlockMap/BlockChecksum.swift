/// The checksum of one block: the first bytes, as many as the manifest says, of its XXH3-128 in canonical form.
package struct BlockChecksum: Sendable, Hashable {
    /// The sizes that the format can carry.
    package static let sizes = 6...16

    /// Bytes 0 to 7 and 8 to 15, big-endian; those that are not kept are zero.
    let high: UInt64
    let low: UInt64

    /// - Parameters:
    ///   - high: The upper half of the whole hash.
    ///   - low: The lower half.
    ///   - size: Bytes to keep, one of ``sizes``.
    package init(high: UInt64, low: UInt64, size: Int) {
        precondition(Self.sizes.contains(size), "no block checksum has \(size) bytes")
        self.high = high & (size >= 8 ? .max : ~(.max >> UInt64(size * 8)))
        self.low = size <= 8 ? 0 : low & (size >= 16 ? .max : ~(.max >> UInt64((size - 8) * 8)))
    }

    /// The byte at a position of the canonical form.
    subscript(position: Int) -> UInt8 {
        let half = position < 8 ? high : low
        return UInt8(truncatingIfNeeded: half >> UInt64(56 - position % 8 * 8))
    }
}
