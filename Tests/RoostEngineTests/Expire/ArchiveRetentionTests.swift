import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// Which WAL the kept backups need (specification `expire-verify-info-check`, section 1.6).
struct ArchiveRetentionTests {
    private func retention(
        _ entries: [BackupEntry], _ count: Int, type: RetentionSettings.ArchiveType = .full, id: UInt32 = 1,
        isCurrent: Bool = true
    ) -> ArchiveRetention {
        ArchiveRetention(historyID: id, isCurrent: isCurrent, retention: count, type: type, backups: entries)
    }

    private func keeps(_ retention: ArchiveRetention, _ segment: WALSegmentName) -> Bool {
        switch retention {
        case .keepAll: true
        case .removeAll: false
        case .keep(let kept): kept.keeps(segment)
        }
    }

    private func kept(_ retention: ArchiveRetention, _ numbers: ClosedRange<UInt32>) -> [UInt32] {
        numbers.filter { keeps(retention, segment($0)) }
    }

    /// F1 2-3, D2 5-5, I3 7-8, F4 10-11, D5 13-13, F6 16-17.
    private func sets() throws -> [BackupEntry] {
        let wal: [(UInt32, UInt32)] = [(2, 3), (5, 5), (7, 8), (10, 11), (13, 13), (16, 17)]
        return try zip(labels(["F1", "D2", "I3", "F4", "D5", "F6"]), wal).map { try entry($0, wal: $1) }
    }

    @Test(
        arguments: [
            (1, .full, [2, 3, 5, 7, 8, 10, 11, 13] + [UInt32](16...20)),
            (2, .full, [2, 3, 5, 7, 8] + [UInt32](10...20)),
            (3, .full, [UInt32](2...20)),
            (9, .full, [UInt32](2...20)),
            (2, .diff, [2, 3, 5, 7, 8, 10, 11] + [UInt32](13...20)),
            (4, .incr, [2, 3, 5] + [UInt32](7...20)),
        ] as [(Int, RetentionSettings.ArchiveType, [UInt32])])
    func `WAL stays from the retained backup on, and what older backups need`(
        count: Int, type: RetentionSettings.ArchiveType, expected: [UInt32]
    ) throws {
        #expect(kept(retention(try sets(), count, type: type), 0...20) == expected)
    }

    @Test func `the archive of a generation without backups goes, that of the current one stays`() throws {
        #expect(retention(try sets(), 1, id: 2, isCurrent: true) == .keepAll)
        #expect(retention(try sets(), 1, id: 2, isCurrent: false) == .removeAll)
    }

    @Test func `a generation none of whose backups are retained keeps from its newest on`() throws {
        let texts = labels(["F1", "F2", "F3"])
        let entries = [
            try entry(texts[0], wal: (2, 3)), try entry(texts[1], wal: (6, 7)),
            try entry(texts[2], historyID: 2, wal: (1, 1)),
        ]
        let older = KeptWAL.Range(label: entries[0].label, first: segment(2), last: segment(3))
        for count in 1...2 {
            #expect(
                retention(entries, count, id: 1, isCurrent: false)
                    == .keep(KeptWAL(from: segment(6), retainedBy: entries[1].label, ranges: [older])))
        }
        #expect(retention(entries, 1, id: 2) == .keep(KeptWAL(from: segment(1), retainedBy: entries[2].label)))
    }

    @Test func `an offline backup as the retained one keeps everything`() throws {
        let texts = labels(["F1", "F2"])
        let entries = [try entry(texts[0], wal: (2, 3)), try entry(texts[1])]
        #expect(retention(entries, 1) == .keepAll)
        #expect(kept(retention(entries, 2), 0...5) == [2, 3, 4, 5])
    }

    @Test func `an offline backup among the older ones needs no WAL`() throws {
        let texts = labels(["F1", "F2"])
        let entries = [try entry(texts[0]), try entry(texts[1], wal: (6, 7))]
        #expect(retention(entries, 1) == .keep(KeptWAL(from: segment(6), retainedBy: entries[1].label)))
    }

    @Test func `an entry whose WAL ends before it begins, or nowhere, keeps everything`() throws {
        let texts = labels(["F1", "F2"])
        var entries = [try entry(texts[0], wal: (3, 2)), try entry(texts[1], wal: (6, 7))]
        #expect(retention(entries, 1) == .keepAll)
        entries[0].archiveStop = nil
        #expect(retention(entries, 1) == .keepAll)
    }

    @Test func `names compare with their timeline: lower ones go unless needed, higher ones stay`() throws {
        let texts = labels(["F1", "F2"])
        let entries = [try entry(texts[0], wal: (2, 3)), try entry(texts[1], wal: (6, 7), timeline: 2)]
        let result = retention(entries, 1)
        #expect(!keeps(result, segment(9, timeline: 1)))
        #expect(keeps(result, segment(3, timeline: 1)))
        #expect(!keeps(result, segment(5, timeline: 2)))
        #expect(keeps(result, segment(6, timeline: 2)))
        #expect(keeps(result, segment(0, timeline: 3)))
    }

    @Test func `a newer backup on a lower timeline keeps the WAL behind it and the history files of its timeline`()
        throws
    {
        let texts = labels(["F1", "F2", "F3"])
        let entries = [
            try entry(texts[0], wal: (2, 3)), try entry(texts[1], wal: (6, 7), timeline: 3),
            try entry(texts[2], wal: (9, 9), timeline: 2),
        ]
        let result = retention(entries, 2)
        #expect(keeps(result, segment(3, timeline: 1)))
        #expect(!keeps(result, segment(4, timeline: 1)))
        #expect(!keeps(result, segment(8, timeline: 2)))
        #expect(keeps(result, segment(9, timeline: 2)) && keeps(result, segment(200, timeline: 2, high: 7)))
        #expect(!keeps(result, segment(5, timeline: 3)) && keeps(result, segment(6, timeline: 3)))
        guard case .keep(let kept) = result else { throw RoostError(.format, "\(result)") }
        #expect(kept.lowestTimeline == TimelineID(2))
        #expect(kept.keeps(directory: "0000000200000007") && !kept.keeps(directory: "0000000100000007"))
    }

    @Test func `no WAL goes from the segment on that the administrator names`() throws {
        func retention(_ entries: [BackupEntry], _ before: WALSegmentName, isCurrent: Bool = true) -> ArchiveRetention {
            ArchiveRetention(
                historyID: 1, isCurrent: isCurrent, retention: 1, type: .full, before: before, backups: entries)
        }
        #expect(kept(retention(try sets(), segment(12)), 0...20) == [2, 3, 5, 7, 8] + [UInt32](10...20))
        #expect(kept(retention(try sets(), segment(30)), 0...20) == kept(self.retention(try sets(), 1), 0...20))
        let none = retention([], segment(4))
        #expect(kept(none, 0...6) == [4, 5, 6])
        guard case .keep(let alone) = none else { throw RoostError(.format, "\(none)") }
        #expect(alone.lowestTimeline == nil)
        #expect(retention([], segment(4), isCurrent: false) == .removeAll)
    }
}
