internal import RoostPostgres
internal import RoostSystem

/// The segments that an archive holds, by timeline and position.
struct ArchivedSegments: Equatable, Sendable {
    /// In bytes.
    let segmentSize: UInt32
    private var numbers: [TimelineID: Set<UInt64>] = [:]

    init(segmentSize: UInt32) { self.segmentSize = segmentSize }

    mutating func add(_ segment: WALSegmentName) { numbers[segment.timeline, default: []].insert(number(segment)) }

    func number(_ segment: WALSegmentName) -> UInt64 {
        UInt64(segment.high) * (1 << 32 / UInt64(segmentSize)) + UInt64(segment.low)
    }

    func contains(_ timeline: TimelineID, _ number: UInt64) -> Bool { numbers[timeline]?.contains(number) == true }

    func numbers(of timeline: TimelineID) -> Set<UInt64> { numbers[timeline] ?? [] }

    func name(_ timeline: TimelineID, _ number: UInt64) -> WALSegmentName {
        WALSegmentName(timeline: timeline, lsn: start(of: number), segmentSize: segmentSize)
    }

    /// Where a segment begins; the last position for a number that no server reaches.
    func start(of number: UInt64) -> LSN {
        let product = number.multipliedReportingOverflow(by: UInt64(segmentSize))
        return LSN(product.overflow ? .max : product.partialValue)
    }
}

/// How far the archive lets recovery go from one position along a line of timelines.
struct RecoverableWAL: Equatable, Sendable {
    var first: WALSegmentName
    /// The last segment before a gap or the end; nil if already the first is missing.
    var last: WALSegmentName?
    /// Up to here, not included, there is WAL without a gap.
    var end: LSN
    /// When the last segment came into the archive, as its file tells; ``RecoveryOutlook`` looks it up.
    ///
    /// No transaction in it ended later, by that clock.
    var archived: Int64?
    /// The first segment that is missing although later ones are there; nil without a gap.
    var missing: WALSegmentName?
    /// How many segments lie behind the gap.
    var behindGap = 0

    /// Follows the segments in the way that PostgreSQL looks for them: on the newest timeline that has begun, then on older ones.
    ///
    /// - Parameters:
    ///   - first: Where replay begins.
    ///   - extra: Segments that a backup carries itself.
    init(
        _ segments: ArchivedSegments, from first: WALSegmentName, along history: TimelineHistory,
        extra: Set<WALSegmentName> = []
    ) {
        let size = UInt64(segments.segmentSize)
        let line = ([history.timeline] + history.ancestors.reversed().map(\.timeline)).compactMap { timeline in
            history.range(of: timeline).map { (timeline: timeline, range: $0) }
        }
        let find = { (number: UInt64) -> (timeline: TimelineID, end: LSN)? in
            for (timeline, range) in line where !range.isEmpty {
                guard range.lowerBound.value / size <= number, number <= (range.upperBound.value - 1) / size else {
                    continue
                }
                guard
                    segments.contains(timeline, number) || extra.contains(segments.name(timeline, number))
                else { continue }
                return (timeline, min(segments.start(of: number + 1), range.upperBound))
            }
            return nil
        }
        self.first = first
        var number = segments.number(first)
        end = segments.start(of: number)
        while let found = find(number) {
            last = segments.name(found.timeline, number)
            end = found.end
            number += 1
            // The rest of the segment is on a timeline that the archive lacks.
            if found.end < segments.start(of: number) { break }
        }
        var later: Set<UInt64> = []
        for (timeline, range) in line where !range.isEmpty {
            let numbers = range.lowerBound.value / size...(range.upperBound.value - 1) / size
            later.formUnion(segments.numbers(of: timeline).filter { $0 >= number && numbers.contains($0) })
        }
        guard !later.isEmpty else { return }
        behindGap = later.count
        let expected = line.first { $0.range.contains(segments.start(of: number)) }?.timeline ?? history.timeline
        missing = segments.name(expected, number)
    }
}
