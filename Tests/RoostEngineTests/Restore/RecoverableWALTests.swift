import RoostFormat
import RoostPostgres
import Testing

@testable import RoostEngine

/// How far the archive lets recovery go: segments of 16 MiB, so that segment 5 begins at 0/5000000.
struct RecoverableWALTests {
    private func segments(_ numbers: [(timeline: UInt32, numbers: [UInt32])]) -> ArchivedSegments {
        var segments = ArchivedSegments(segmentSize: 16 << 20)
        for (timeline, list) in numbers {
            for number in list { segments.add(segment(number, timeline: timeline)) }
        }
        return segments
    }

    private func history(_ timeline: UInt32, _ ancestors: [(UInt32, String)] = []) throws -> TimelineHistory {
        TimelineHistory(
            timeline: TimelineID(timeline),
            ancestors: try ancestors.map { .init(timeline: TimelineID($0.0), end: try #require(LSN($0.1))) })
    }

    private func lsn(_ text: String) throws -> LSN { try #require(LSN(text)) }

    @Test func `without a gap recovery goes to the end`() throws {
        let wal = RecoverableWAL(segments([(1, [3, 4, 5, 6])]), from: segment(4), along: try history(1))
        #expect(wal.last == segment(6))
        #expect(wal.end == (try lsn("0/7000000")))
        #expect(wal.missing == nil)
        #expect(wal.behindGap == 0)
    }

    @Test func `a gap ends it, and what lies behind is counted`() throws {
        let wal = RecoverableWAL(segments([(1, [4, 5, 7, 8, 12])]), from: segment(4), along: try history(1))
        #expect(wal.last == segment(5))
        #expect(wal.end == (try lsn("0/6000000")))
        #expect(wal.missing == segment(6))
        #expect(wal.behindGap == 3)
    }

    @Test func `the first segment may be missing already`() throws {
        let wal = RecoverableWAL(segments([(1, [2, 3, 5])]), from: segment(4), along: try history(1))
        #expect(wal.last == nil)
        #expect(wal.end == (try lsn("0/4000000")))
        #expect(wal.missing == segment(4))
        let none = RecoverableWAL(segments([(1, [2, 3])]), from: segment(4), along: try history(1))
        #expect(none.last == nil && none.missing == nil)
    }

    @Test func `segments that the backup carries count`() throws {
        let wal = RecoverableWAL(
            segments([(1, [6])]), from: segment(4), along: try history(1), extra: [segment(4), segment(5)])
        #expect(wal.last == segment(6))
    }

    @Test func `a switch of timelines is followed where it happened`() throws {
        let along = try history(2, [(1, "0/5800000")])
        let stored = segments([(1, [4, 5, 6, 7]), (2, [5, 6])])
        let wal = RecoverableWAL(stored, from: segment(4), along: along)
        #expect(wal.last == segment(6, timeline: 2))
        #expect(wal.end == (try lsn("0/7000000")))
        #expect(wal.missing == nil, "segments of timeline 1 behind the switch are of no use")
        let own = RecoverableWAL(stored, from: segment(4), along: try history(1))
        #expect(own.last == segment(7))
    }

    @Test func `without the new timeline's segment recovery ends at the switch`() throws {
        let along = try history(2, [(1, "0/5800000")])
        let wal = RecoverableWAL(segments([(1, [4, 5, 6]), (2, [7])]), from: segment(4), along: along)
        #expect(wal.last == segment(5))
        #expect(wal.end == (try lsn("0/5800000")))
        #expect(wal.missing == segment(6, timeline: 2))
        #expect(wal.behindGap == 1)
    }

    @Test func `a switch on a boundary needs only the new timeline behind it`() throws {
        let along = try history(3, [(1, "0/5000000"), (2, "0/6000000")])
        let wal = RecoverableWAL(segments([(1, [4]), (2, [5]), (3, [6])]), from: segment(4), along: along)
        #expect(wal.last == segment(6, timeline: 3))
        #expect(wal.missing == nil)
    }

    @Test func `numbering goes on from one directory to the next`() throws {
        var stored = ArchivedSegments(segmentSize: 16 << 20)
        stored.add(segment(255))
        stored.add(segment(0, high: 1))
        let wal = RecoverableWAL(stored, from: segment(255), along: try history(1))
        #expect(wal.last == segment(0, high: 1))
        #expect(wal.end == (try lsn("1/1000000")))
    }

    @Test func `a window has a stretch for each run of WAL that holds a backup`() throws {
        let stored = segments([(1, [4, 5, 7, 8, 10])])
        let backups = try [
            ("F1", UInt32(4), "0/4000100"), ("F2", 5, "0/5000100"), ("F3", 7, "0/7000100"), ("F4", 9, "0/9000100"),
        ]
        .enumerated().map { position, row in
            var entry = try entry(
                labels(["F1", "F2", "F3", "F4"])[position], stop: Int64(position + 1) * 1000, wal: (row.1, row.1),
                lsnStop: row.2)
            entry.lsnStart = LSN("0/\(row.1)000028")
            return entry
        }
        var window = RecoveryWindow(TimelineID(1), backups, stored, try history(1))
        #expect(window.spans.map(\.last) == [segment(5), segment(8)])
        window.spans[0].archived = 500
        #expect(window.spans.map(\.backup.text) == [labels(["F1"])[0], labels(["F1", "F2", "F3"])[2]])
        #expect(window.spans.map(\.end) == [try lsn("0/6000000"), try lsn("0/9000000")])
        #expect(
            window.lines.first
                == "timeline 1: from \(zoned(1000)) (end of backup \(labels(["F1"])[0])), LSN 0/4000100, to the WAL before LSN "
                + "0/6000000, archived at \(zoned(500))")
    }
}
