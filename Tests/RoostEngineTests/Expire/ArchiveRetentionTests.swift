import RoostFormat
import RoostPostgres
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

    private func kept(_ retention: ArchiveRetention, _ numbers: ClosedRange<UInt32>) -> [UInt32] {
        numbers.filter { retention.keeps(segment($0)) }
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
        #expect(!ArchiveRetention.removeAll.keeps(segment(1)))
        #expect(ArchiveRetention.keepAll.keeps(segment(1)))
    }

    @Test func `a generation none of whose backups are retained keeps from its newest on`() throws {
        let texts = labels(["F1", "F2", "F3"])
        let entries = [
            try entry(texts[0], wal: (2, 3)), try entry(texts[1], wal: (6, 7)),
            try entry(texts[2], historyID: 2, wal: (1, 1)),
        ]
        #expect(
            retention(entries, 1, id: 1, isCurrent: false)
                == .keep(from: segment(6), retainedBy: entries[1].label, ranges: [segment(2)...segment(3)]))
        #expect(
            retention(entries, 2, id: 1, isCurrent: false)
                == .keep(from: segment(6), retainedBy: entries[1].label, ranges: [segment(2)...segment(3)]))
        #expect(retention(entries, 1, id: 2) == .keep(from: segment(1), retainedBy: entries[2].label, ranges: []))
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
        #expect(retention(entries, 1) == .keep(from: segment(6), retainedBy: entries[1].label, ranges: []))
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
        #expect(!result.keeps(segment(9, timeline: 1)))
        #expect(result.keeps(segment(3, timeline: 1)))
        #expect(!result.keeps(segment(5, timeline: 2)))
        #expect(result.keeps(segment(6, timeline: 2)))
        #expect(result.keeps(segment(0, timeline: 3)))
    }
}
