/// The name of a WAL segment file: timeline, upper half of the position, number of the segment within that half.
///
///     00000001 0000000A 000000FE
///     timeline high     low
///
/// Names order as their text does: by timeline, then by position.
package struct WALSegmentName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var timeline: TimelineID
    package var high: UInt32
    package var low: UInt32

    package init(timeline: TimelineID, high: UInt32, low: UInt32) {
        self.timeline = timeline
        self.high = high
        self.low = low
    }

    /// Reads 24 upper-case hexadecimal digits; anything after them (`.partial`, a checksum) makes it nil.
    package init?(_ text: some StringProtocol) {
        let digits = text.utf8
        guard digits.count == 24 else { return nil }
        func part(_ position: Int) -> UInt32? {
            Hexadecimal.parse(digits.dropFirst(position).prefix(8), upperOnly: true)
        }
        guard let timeline = part(0), let high = part(8), let low = part(16) else { return nil }
        self.init(timeline: TimelineID(timeline), high: high, low: low)
    }

    /// The segment that holds the byte at a position; for a position on a boundary the one that begins there.
    ///
    /// - Parameter segmentSize: In bytes; a power of two of at most 1 GiB, as ``WALSegmentSize/check(_:)`` accepts.
    package init(timeline: TimelineID, lsn: LSN, segmentSize: UInt32) {
        self.init(
            timeline: timeline,
            high: UInt32(truncatingIfNeeded: lsn.value >> 32),
            low: UInt32(truncatingIfNeeded: lsn.value) / segmentSize
        )
    }

    package var description: String { directory + Hexadecimal.text(low) }

    /// The first 16 digits: the repository keeps the segments that share them in one directory.
    package var directory: String { timeline.description + Hexadecimal.text(high) }

    /// The segment that follows on the same timeline; after the last possible one the first.
    package func next(segmentSize: UInt32) -> WALSegmentName {
        low < UInt32.max / segmentSize
            ? WALSegmentName(timeline: timeline, high: high, low: low + 1)
            : WALSegmentName(timeline: timeline, high: high &+ 1, low: 0)
    }

    /// All segments from one to another, both included, on the timeline of the first; empty if the last lies before the first.
    package static func range(
        from first: WALSegmentName,
        to last: WALSegmentName,
        segmentSize: UInt32
    ) -> [WALSegmentName] {
        var names: [WALSegmentName] = []
        var current = first
        while (current.high, current.low) <= (last.high, last.low) {
            names.append(current)
            let next = current.next(segmentSize: segmentSize)
            guard current < next else { break }
            current = next
        }
        return names
    }

    package static func < (left: WALSegmentName, right: WALSegmentName) -> Bool {
        (left.timeline, left.high, left.low) < (right.timeline, right.high, right.low)
    }
}
