import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// WAL that is lost, and what follows from it.
struct ArchiveGapTests {
    private static let id = ArchiveID(version: "15", historyID: 1)
    private static let size: UInt32 = 16 << 20

    private func gap(_ first: UInt32, _ last: UInt32, timeline: UInt32 = 1, time: Int64 = 100) -> ArchiveGap {
        ArchiveGap(
            archiveID: Self.id, first: segment(first, timeline: timeline), last: segment(last, timeline: timeline),
            segmentSize: Self.size, time: time, reason: "archive queue exceeded 1GB")
    }

    @Test func `consecutive segments are one gap, over the end of a log file too`() {
        let names = [
            segment(254), segment(0, high: 1), segment(255), segment(7), segment(255), segment(1, timeline: 2),
        ]
        let runs = ArchiveGap.runs(names, archiveID: Self.id, segmentSize: Self.size, time: 1, reason: "x")
        #expect(
            runs.map { "\($0.first)-\($0.last) \($0.count)" } == [
                "000000010000000000000007-000000010000000000000007 1",
                "0000000100000000000000FE-000000010000000100000000 3",
                "000000020000000000000001-000000020000000000000001 1",
            ])
    }

    @Test func `gaps that touch are one, the time is the earliest`() {
        #expect(ArchiveGap.merged([gap(5, 6, time: 9), gap(3, 4), gap(8, 9)]) == [gap(3, 6, time: 9), gap(8, 9)])
        #expect(ArchiveGap.merged([gap(3, 6), gap(4, 5)]).count == 1)
        #expect(ArchiveGap.merged([gap(3, 4), gap(5, 6, timeline: 2)]).count == 2)
    }

    @Test func `a record comes back as it was, and a damaged one is no gap that is not there`() throws {
        let bytes = gap(3, 6).render()
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "{\"archive-id\":\"15-1\",\"count\":4,\"first\":\"000000010000000000000003\",\"last\":\"000000010000000000000006\","
                + "\"reason\":\"archive queue exceeded 1GB\",\"segment-size\":16777216,\"time\":100}\n")
        #expect(try ArchiveGap(parsing: bytes, object: "x") == gap(3, 6))
        for cut in 0..<(bytes.count - 1) {
            #expect(failure { _ = try ArchiveGap(parsing: Array(bytes.prefix(cut)), object: "x") }?.code == .format)
        }
        for text in ["{}", "[]", "null", String(decoding: bytes, as: UTF8.self).replacing("000003", with: "000009")] {
            #expect(failure { _ = try ArchiveGap(parsing: Array(text.utf8), object: "x") }?.code == .format)
        }
    }

    @Test(arguments: [
        ("000000010000000000000003", "0000000100000000000000FF", true),
        ("0000000100000000000000FF", "000000010000000100000000", true),
        ("000000010000000000000003", "000000010000000000000100", false),
        ("00000001000000000000FFFF", "000000010000000100000000", false),
        ("0000000100000000FFFFFFFF", "0000000100000000FFFFFFFF", false),
        ("000000010000000000000004", "000000010000000000000003", false),
        ("000000010000000100000000", "0000000100000000000000FF", false),
        ("000000010000000000000003", "000000020000000000000003", false),
    ])
    func `a record of segments that cannot be is refused`(first: String, last: String, isGood: Bool) throws {
        let text =
            "{\"archive-id\":\"15-1\",\"count\":4,\"first\":\"\(first)\",\"last\":\"\(last)\",\"reason\":\"x\","
            + "\"segment-size\":16777216,\"time\":100}\n"
        let error = failure {
            let gap = try ArchiveGap(parsing: Array(text.utf8), object: "x")
            #expect(gap.description.contains(first))
        }
        #expect(error?.code == (isGood ? nil : .format))
    }

    @Test func `files that cannot be segments are no gap`() {
        let names = [segment(0x1FF), segment(0, high: 1), segment(.max)]
        let runs = ArchiveGap.runs(names, archiveID: Self.id, segmentSize: Self.size, time: 1, reason: "x")
        #expect(runs.map(\.first) == [segment(0, high: 1)])
    }

    @Test func `a record that is joined by another command while it is looked for is found in its new place`() throws {
        let memory = MemoryStorage()
        let bed = try Bed.prepared(base: memory)
        try ArchiveGaps.record([gap(3, 4), gap(9, 9)], in: bed.repository)
        let (old, new) = (gap(3, 4), gap(3, 6))
        let directory = bed.repository.paths.gaps
        bed.storage.at(
            1, of: [.open], on: old.fileName,
            .call {
                do {
                    try memory.write("\(directory)/\(new.fileName)", new.render())
                    _ = try memory.remove("\(directory)/\(old.fileName)")
                } catch {
                    Issue.record(error)
                }
            })
        #expect(try ArchiveGaps.load(bed.repository).all == [new, gap(9, 9)])
    }

    @Test(arguments: [
        (1, 2, 1, false), (1, 3, 1, true), (4, 4, 1, true), (6, 9, 1, true), (7, 9, 1, false), (1, 9, 2, false),
    ])
    func `a recovery that reads a lost segment is blocked`(first: Int, last: Int, timeline: Int, blocked: Bool) {
        let (from, to) = (UInt32(first), UInt32(last))
        let line = UInt32(timeline)
        #expect(gap(3, 6).blocks(from: segment(from, timeline: line), to: segment(to, timeline: line)) == blocked)
    }

    @Test(arguments: [nil, "secret"])
    func `the repository keeps gaps, joins neighbours, and forgets what retention has passed`(cipher: String?) throws {
        let bed = try Bed.prepared(cipherPass: cipher)
        #expect(try ArchiveGaps.load(bed.repository).all == [])
        try ArchiveGaps.record([gap(3, 4)], in: bed.repository)
        try ArchiveGaps.record([gap(9, 9), gap(5, 6)], in: bed.repository)
        #expect(try ArchiveGaps.load(bed.repository).all == [gap(3, 6), gap(9, 9)])
        #expect(
            try bed.objects(below: "archive/demo/roost.gap").map { String($0.dropFirst(23)) } == [
                "15-1-000000010000000000000003-000000010000000000000006",
                "15-1-000000010000000000000009-000000010000000000000009",
            ])
        let plain = try bed.storage.read(bed.objects(below: "archive/demo/roost.gap")[0])
        #expect(String(decoding: plain, as: UTF8.self).contains("archive-id") == (cipher == nil))
        try ArchiveGaps.remove(from: bed.repository) { $0.last >= segment(8) }
        #expect(try ArchiveGaps.load(bed.repository).all == [gap(9, 9)])
    }

    @Test func `a record that cannot be read stops what depends on it`() throws {
        let bed = try Bed.prepared()
        try ArchiveGaps.record([gap(3, 4)], in: bed.repository)
        try bed.damage(bed.objects(below: "archive/demo/roost.gap")[0]) { $0[3] = 0 }
        #expect(failure { _ = try ArchiveGaps.load(bed.repository) }?.code == .format)
    }

    @Test func `what another power cut leaves of a join is joined again`() throws {
        let bed = try Bed.prepared()
        try ArchiveGaps.record([gap(3, 4)], in: bed.repository)
        bed.storage.at(1, of: [.remove], .fail(diskFailure))
        #expect(failure { try ArchiveGaps.record([gap(5, 6)], in: bed.repository) } != nil)
        #expect(try ArchiveGaps.load(bed.repository).all == [gap(3, 6)])
        try ArchiveGaps.record([gap(5, 6)], in: bed.repository)
        #expect(try bed.objects(below: "archive/demo/roost.gap").count == 1)
    }

    @Test func `an increment does not build on a backup before a gap`() throws {
        let bed = try Bed.prepared()
        let full = try entry("20261122-141514F", wal: (3, 3))
        let later = try entry("20261123-141514F", wal: (8, 8))
        let branch = try entry("20261124-141514F", wal: (4, 4), timeline: 2)
        let list = try info([full, later, branch])
        let gaps = ArchiveGaps([gap(5, 6)])
        #expect(gaps.behind(full, list) == gap(5, 6))
        #expect(gaps.behind(later, list) == nil)
        #expect(gaps.behind(branch, list) == nil, "timeline 2 left timeline 1 before its gap")
        #expect(ArchiveGaps([gap(5, 6, timeline: 2)]).behind(full, list) != nil)
        let prior = try PriorBackup.select(.incr, try info([full]), gaps, bed.repository, bed.log)
        #expect(prior == nil)
        #expect(
            bed.log.contains(
                "missing from the archive behind backup 20261122-141514F, incr backup has been changed to full"))
    }

    @Test func `info shows a gap, in one further key`() throws {
        let bed = try Bed.prepared()
        try bed.push("000000010000000000000002", Fixture.segment(fill: 1))
        func described() throws -> StanzaInfo {
            var settings = InfoQuery.Settings(lockPath: bed.lockPath)
            settings.stanza = "demo"
            return try #require(try InfoQuery(settings, repository: bed.repository).run().first)
        }
        let before = try described()
        try ArchiveGaps.record([gap(3, 6)], in: bed.repository)
        let after = try described()
        #expect(!before.text(showsDetails: false).contains("gap"))
        #expect(
            after.text(showsDetails: false).contains(
                "        wal archive gap (15): 000000010000000000000003/000000010000000000000006, 4 segment(s) lost "))
        let shown = after.json.text
        let member =
            ",\"gap\":[{\"count\":4,\"first\":\"000000010000000000000003\",\"last\":\"000000010000000000000006\","
            + "\"reason\":\"archive queue exceeded 1GB\",\"time\":100}]"
        #expect(shown.contains(member))
        #expect(shown.replacing(member, with: "") == before.json.text)
    }
}
