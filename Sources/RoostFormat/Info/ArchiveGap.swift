package import RoostPostgres
package import RoostSystem

/// WAL that will never be in the archive: consecutive segments of one timeline, from the first lost to the last.
///
/// Kept as one small object for each gap, below `roost.gap` beside `archive.info`; no recovery passes it.
package struct ArchiveGap: Sendable, Hashable {
    package var archiveID: ArchiveID
    package var first: WALSegmentName
    /// On the timeline of the first, and not before it.
    package var last: WALSegmentName
    /// In bytes.
    package let segmentSize: UInt32
    /// When the first of the segments was given up; seconds since 1970.
    package var time: Int64
    /// Why, in words for the administrator.
    package var reason: String

    package init(
        archiveID: ArchiveID, first: WALSegmentName, last: WALSegmentName, segmentSize: UInt32, time: Int64,
        reason: String
    ) {
        precondition(first.timeline == last.timeline && first <= last, "a gap has a first and a last segment")
        precondition(
            first.isPossible(segmentSize: segmentSize) && last.isPossible(segmentSize: segmentSize),
            "a gap is of segments that PostgreSQL can make")
        self.archiveID = archiveID
        self.first = first
        self.last = last
        self.segmentSize = segmentSize
        self.time = time
        self.reason = reason
    }

    /// How many segments are lost.
    package var count: UInt64 {
        let perHigh = (1 << 32) / UInt64(segmentSize)
        return (UInt64(last.high) - UInt64(first.high)) * perHigh + UInt64(last.low) + 1 - UInt64(first.low)
    }

    /// Runs of consecutive segments, each as one gap.
    ///
    /// - Parameter segments: In any order; one that is there twice counts once. A file whose name PostgreSQL cannot give to
    ///   segments of this size holds no WAL: it is left out.
    package static func runs(
        _ segments: [WALSegmentName], archiveID: ArchiveID, segmentSize: UInt32, time: Int64, reason: String
    ) -> [ArchiveGap] {
        merged(
            Set(segments).filter { $0.isPossible(segmentSize: segmentSize) }.map {
                ArchiveGap(
                    archiveID: archiveID, first: $0, last: $0, segmentSize: segmentSize, time: time, reason: reason)
            })
    }

    /// The same gaps, in order, with those that touch or overlap made one.
    package static func merged(_ gaps: [ArchiveGap]) -> [ArchiveGap] {
        var result: [ArchiveGap] = []
        for gap in gaps.sorted(by: { ($0.archiveID, $0.first) < ($1.archiveID, $1.first) }) {
            if let last = result.last, let joined = last.joined(with: gap) {
                result[result.count - 1] = joined
            } else {
                result.append(gap)
            }
        }
        return result
    }

    /// Both as one, if the other begins inside or right behind this one.
    package func joined(with next: ArchiveGap) -> ArchiveGap? {
        guard archiveID == next.archiveID, segmentSize == next.segmentSize, first.timeline == next.first.timeline,
            first <= next.first, next.first <= last || next.first == last.next(segmentSize: segmentSize)
        else { return nil }
        var joined = self
        joined.last = max(last, next.last)
        joined.time = min(time, next.time)
        return joined
    }

    /// Whether a recovery that reads these segments of one timeline would need one that is lost.
    ///
    /// A recovery that passes several timelines asks for the part of each.
    ///
    /// - Parameters:
    ///   - start: The first segment that is read.
    ///   - end: The last, on the same timeline; nil for all that there are.
    package func blocks(from start: WALSegmentName, to end: WALSegmentName?) -> Bool {
        guard first.timeline == start.timeline, last.position >= start.position else { return false }
        return end.map { first.position <= $0.position } ?? true
    }

    /// Whether WAL was lost after a segment, so that what begins there does not lead on to the present.
    ///
    /// A timeline of a higher number began on a lower one and left it before what that one lost later.
    package func isBehind(_ segment: WALSegmentName) -> Bool {
        first.timeline >= segment.timeline && last.position >= segment.position
    }
}

extension WALSegmentName {
    fileprivate var position: UInt64 { UInt64(high) << 32 | UInt64(low) }

    /// Whether PostgreSQL can have made a segment of this name: of 16 MiB there are 256 to a high half.
    fileprivate func isPossible(segmentSize: UInt32) -> Bool { low <= UInt32.max / segmentSize }
}

extension ArchiveGap: CustomStringConvertible {
    package var description: String {
        count == 1 ? "WAL segment \(first) is" : "WAL segments \(first) to \(last) (\(count)) are"
    }
}

extension ArchiveGap {
    /// The name of its object: `15-1-000000010000000000000004-000000010000000000000009`.
    package var fileName: String { "\(archiveID)-\(first)-\(last)" }

    /// Whether an object of that name may be one.
    package static func isFileName(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 4 && ArchiveID("\(parts[0])-\(parts[1])") != nil && WALSegmentName(parts[2]) != nil
            && WALSegmentName(parts[3]) != nil
    }

    /// The members that `info` shows and the object holds.
    package var members: [String: JSONValue] {
        [
            "count": .unsigned(count), "first": .string(first.description), "last": .string(last.description),
            "reason": .string(reason), "time": .integer(time),
        ]
    }

    package func render() -> [UInt8] {
        var all = members
        all["archive-id"] = .string(archiveID.description)
        all["segment-size"] = .unsigned(UInt64(segmentSize))
        return Array(JSONValue.object(all).text.utf8) + [0x0A]
    }

    /// Reads what ``render()`` wrote.
    ///
    /// - Throws: ``ErrorCode/format`` for anything else.
    package init(parsing bytes: [UInt8], object: String) throws(RoostError) {
        let end = bytes.last == 0x0A ? bytes.count - 1 : bytes.count
        let value: JSONValue
        do {
            value = try JSONValue(parsing: String(decoding: bytes[..<end], as: UTF8.self))
        } catch {
            throw RoostError(.format, "invalid record of an archive gap '\(object)': \(error.message)")
        }
        guard case .string(let id) = value["archive-id"], let archiveID = ArchiveID(id),
            case .string(let begin) = value["first"], let first = WALSegmentName(begin),
            case .string(let close) = value["last"], let last = WALSegmentName(close),
            case .unsigned(let size) = value["segment-size"], let segmentSize = UInt32(exactly: size),
            case .unsigned(let seconds) = value["time"], let time = Int64(exactly: seconds),
            case .string(let reason) = value["reason"]
        else { throw Self.damaged(object) }
        try WALSegmentSize.check(segmentSize)
        guard first.timeline == last.timeline, first <= last, first.isPossible(segmentSize: segmentSize),
            last.isPossible(segmentSize: segmentSize)
        else { throw Self.damaged(object) }
        self.init(
            archiveID: archiveID, first: first, last: last, segmentSize: segmentSize, time: time, reason: reason)
    }

    private static func damaged(_ object: String) -> RoostError {
        RoostError(
            .format, "invalid record of an archive gap '\(object)'",
            hints: ["it says which WAL is lost: do not remove it before a newer full backup exists"])
    }
}
