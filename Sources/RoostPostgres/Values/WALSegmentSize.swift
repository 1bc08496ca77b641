package import RoostSystem

/// What PostgreSQL allows as the size of a WAL segment.
package enum WALSegmentSize {
    package static let allowed: ClosedRange<UInt32> = (1 << 20)...(1 << 30)

    /// - Throws: ``ErrorCode/format`` unless the size is a power of two from 1 MiB to 1 GiB.
    package static func check(_ bytes: UInt32) throws(RoostError) {
        guard allowed.contains(bytes), bytes.nonzeroBitCount == 1 else {
            throw RoostError(
                .format,
                "wal segment size is \(bytes) but must be a power of two between \(allowed.lowerBound) and "
                    + "\(allowed.upperBound) inclusive"
            )
        }
    }
}
