import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// What `expire` removes (specification `expire-verify-info-check`, sections 1.5 to 1.7).
struct ArchiveExpireTests {
    private let bed: Bed
    private static let root = "archive/demo/15-1"

    init() throws {
        bed = try Bed()
    }

    /// Lists backups and gives each its manifest.
    private func list(_ entries: [BackupEntry], generations: UInt32 = 1) throws {
        let info = try info(entries, generations: generations)
        try bed.repository.save(info)
        let history = info.history.generations.map {
            ClusterHistory<ClusterIdentity>.Generation(id: $0.id, entry: $0.entry.identity)
        }
        try bed.repository.save(
            ArchiveInfo(
                history: try ClusterHistory(history, currentID: info.history.currentID, object: "test"), cipherPass: nil
            ))
        for entry in entries {
            try bed.storage.write(bed.repository.paths.manifest(entry.label), [])
            try bed.storage.write("\(bed.repository.paths.label(entry.label))/pg_data/a", [])
        }
    }

    private func archive(_ names: [WALSegmentName], id: String = "15-1") throws {
        for name in names {
            try bed.storage.write("archive/demo/\(id)/\(name.directory)/\(name)-\(digest([1])).gz", [])
        }
    }

    /// The names in the archive without checksums.
    private func archived() throws -> [String] {
        try bed.objects(below: "archive/demo").filter { !$0.contains("archive.info") }
            .map { String(lastPart(of: $0).prefix { $0 != "-" }) }
    }

    private func settings(_ change: (inout RetentionSettings) -> Void) -> RetentionSettings {
        var settings = RetentionSettings()
        change(&settings)
        return settings
    }

    @Test func `segments go with the files beside them, what older backups need stays`() throws {
        let texts = labels(["F1", "F2"])
        try list([try entry(texts[0], wal: (2, 3)), try entry(texts[1], wal: (6, 7))])
        try archive((0...9).map { segment($0) })
        for name in [
            "\(segment(1)).00000028.backup", "\(segment(2)).00000028.backup", "\(segment(5)).partial-\(digest([2]))",
        ] {
            try bed.storage.write("\(Self.root)/0000000100000000/\(name)", [])
        }
        try bed.storage.write("\(Self.root)/0000000100000000/note", [])
        try bed.expire(settings { $0.archive = 1 })
        #expect(
            try archived() == [
                "\(segment(2))", "\(segment(2)).00000028.backup", "\(segment(3))", "\(segment(6))", "\(segment(7))",
                "\(segment(8))", "\(segment(9))", "note",
            ])
        #expect(
            bed.log.lines == [
                "detail: repo1: 15-1 archive retention on backup \(texts[1]), start = \(segment(6))",
                "detail: repo1: 15-1 archive retention, start = \(segment(2)), stop = \(segment(3))",
                "info: repo1: 15-1 remove archive, start = \(segment(0)), stop = \(segment(1))",
                "info: repo1: 15-1 remove archive, start = \(segment(4)), stop = \(segment(5))",
            ])
        bed.log = CollectedLog()
        try bed.expire(settings { $0.archive = 1 })
        #expect(bed.log.lines.last == "info: repo1: 15-1 no archive to remove")
    }

    @Test func `whole directories go where nothing in them is needed`() throws {
        let texts = labels(["F1", "F2"])
        var first = try entry(texts[0], wal: (1, 1))
        (first.archiveStart, first.archiveStop) = (segment(0xFE, high: 1), segment(1, high: 3))
        var second = try entry(texts[1], wal: (1, 1))
        (second.archiveStart, second.archiveStop) = (segment(5, high: 6), segment(5, high: 6))
        try list([first, second])
        for high in 0...7 as ClosedRange<UInt32> { try archive([segment(0, high: high), segment(0xFF, high: high)]) }
        try archive([segment(0, timeline: 2)])
        try bed.expire(settings { $0.archive = 1 })
        let kept = [
            segment(0xFF, high: 1), segment(0, high: 2), segment(0xFF, high: 2), segment(0, high: 3),
            segment(0xFF, high: 6),
            segment(0, high: 7), segment(0xFF, high: 7), segment(0, timeline: 2),
        ]
        #expect(try archived() == kept.map(\.description))
        #expect(
            try bed.storage.list(Self.root).map(\.name)
                == [
                    "0000000100000001", "0000000100000002", "0000000100000003", "0000000100000006", "0000000100000007",
                    "0000000200000000",
                ])
    }

    @Test func `history files of lower timelines go`() throws {
        let texts = labels(["F1"])
        try list([try entry(texts[0], wal: (6, 7), timeline: 3)])
        for timeline in 2...4 { try bed.storage.write("\(Self.root)/0000000\(timeline).history", []) }
        try bed.storage.write("\(Self.root)/2.history", [])
        try archive([
            segment(9, timeline: 1), segment(9, timeline: 2), segment(5, timeline: 3), segment(6, timeline: 3),
        ])
        try bed.expire(settings { $0.archive = 1 })
        #expect(try archived() == ["00000003.history", "\(segment(6, timeline: 3))", "00000004.history", "2.history"])
        #expect(bed.log.contains("info: repo1: 15-1 remove history file 00000002.history"))
    }

    @Test func `the archive of a former generation goes with its last backup`() throws {
        let texts = labels(["F1", "F2"])
        try list(
            [try entry(texts[0], historyID: 2, wal: (1, 1)), try entry(texts[1], historyID: 2, wal: (3, 3))],
            generations: 3)
        for id in ["15-1", "16-2", "16-3"] { try archive([segment(0), segment(2), segment(9)], id: id) }
        try archive([segment(0)], id: "14-9")
        try bed.expire(settings { $0.archive = 1 })
        #expect(
            try bed.storage.list("archive/demo").map(\.name) == [
                "14-9", "16-2", "16-3", "archive.info", "archive.info.copy",
            ])
        #expect(try archived() == [segment(0), segment(9), segment(0), segment(2), segment(9)].map(\.description))
    }

    @Test(
        arguments: [
            (
                nil, RetentionSettings.FullType.count,
                "option 'repo1-retention-archive' is not set - archive logs will not be expired"
            ),
            (nil, .time, "repo1: time-based archive retention not met - archive logs will not be expired"),
            (3, .count, nil),
        ] as [(Int?, RetentionSettings.FullType, String?)])
    func `nothing goes without a number, or with too few backups`(
        retention: Int?, type: RetentionSettings.FullType, line: String?
    ) throws {
        let texts = labels(["F1", "F2"])
        let now = FakeClock.start
        try list([try entry(texts[0], stop: now, wal: (2, 3)), try entry(texts[1], stop: now, wal: (6, 7))])
        try archive((0...9).map { segment($0) })
        try bed.expire(settings { ($0.archive, $0.fullType, $0.full) = (retention, type, 9) })
        #expect(try archived().count == 10)
        #expect(bed.log.lines == (line.map { ["info: \($0)"] } ?? []))
    }

    @Test func `info files of different clusters stop it before any WAL goes`() throws {
        let texts = labels(["F1"])
        try list([try entry(texts[0], wal: (6, 7))])
        try archive([segment(0)])
        let other = ClusterIdentity(systemID: SystemID(1), version: "15")
        try bed.repository.save(ArchiveInfo(history: ClusterHistory(first: other), cipherPass: nil))
        let error = failure { try bed.expire(settings { $0.archive = 1 }) }
        #expect(error?.code == .format)
        #expect(error?.message.hasPrefix("archive expiration cannot continue") == true)
        #expect(try archived().count == 1)
    }

    @Test func `a dry run tells the same and changes nothing`() throws {
        let texts = labels(["F1", "D2", "F3"])
        try list(try zip(texts, [(2, 2), (4, 4), (6, 7)]).map { try entry($0, wal: $1) })
        try archive((0...9).map { segment($0) })
        let before = try bed.objects()
        bed.storage.clear()
        let wanted = settings { ($0.full, $0.archive) = (1, 1) }
        try bed.expire(wanted, dryRun: true)
        #expect(bed.storage.changes.isEmpty)
        #expect(try bed.objects() == before)
        #expect(bed.log.contains("info: repo1: expire full backup set \(texts[0]), \(texts[1])"))
        let dry = bed.log.lines.filter { $0.contains("remove archive") }
        bed.log = CollectedLog()
        try bed.expire(wanted)
        #expect(bed.log.lines.filter { $0.contains("remove archive") } == dry)
        #expect(try bed.listed() == [texts[2]])
        #expect(try archived() == (6...9).map { segment($0).description })
    }

    @Test func `directories that nobody lists go, but for the newest if it may be under way`() throws {
        let texts = labels(["F1", "F2", "F3", "F4"])
        try list([try entry(texts[1], wal: (2, 2))])
        for text in [texts[0], texts[2], texts[3]] {
            try bed.storage.write("backup/demo/\(text)/backup.manifest.copy", [])
        }
        try bed.storage.write("backup/demo/other/file", [])
        try bed.expire(settings { $0.full = 1 })
        #expect(
            try bed.storage.list("backup/demo").filter { $0.kind == .directory }.map(\.name)
                == [texts[1], texts[3], "other"])
        try bed.remove("backup/demo/\(texts[3])/backup.manifest.copy")
        try bed.expire(settings { $0.full = 1 })
        #expect(
            try bed.storage.list("backup/demo").filter { $0.kind == .directory }.map(\.name) == [texts[1], "other"])
    }

    @Test func `a set whose full backup cannot be read is neither listed nor removed`() throws {
        let texts = labels(["F1", "I2", "F3", "F4"])
        try list([try entry(texts[2], wal: (2, 2)), try entry(texts[3], wal: (6, 7))])
        for suffix in ["", ".copy"] {
            try bed.storage.write("backup/demo/\(texts[0])/backup.manifest\(suffix)", [1])
            try bed.storage.write("backup/demo/\(texts[1])/backup.manifest\(suffix)", [1])
        }
        try archive([segment(0), segment(1), segment(6)])
        try bed.expire(settings { ($0.full, $0.archive) = (1, 1) })
        #expect(try bed.listed() == [texts[3]])
        #expect(
            try bed.storage.list("backup/demo").filter { $0.kind == .directory }.map(\.name)
                == [texts[0], texts[1], texts[3]])
        #expect(try bed.objects(below: "archive/demo/15-1").count == 3, "nobody knows what the set needs")
        #expect(bed.log.contains("WAL is not expired as long as"))
        #expect(bed.log.contains("warn: backup '\(texts[0])' is not in backup.info and cannot be added"))
    }

    @Test func `a list that a former run left wrong is saved, also if nothing else expires`() throws {
        let texts = labels(["F1", "F2"])
        try list(try texts.map { try entry($0, wal: (2, 2)) })
        try bed.remove("backup/demo/\(texts[0])/backup.manifest")
        try bed.expire(settings { $0.full = 1 })
        #expect(try bed.listed() == [texts[1]])
        #expect(try !bed.storage.exists("backup/demo/\(texts[0])"))
    }

    @Test func `the steps come in the order that never leaves a listed backup without files`() throws {
        let texts = labels(["F1", "F2"])
        try list([try entry(texts[0], wal: (2, 2)), try entry(texts[1], wal: (6, 7))])
        try archive([segment(0), segment(6)])
        bed.storage.clear()
        try bed.expire(settings { ($0.full, $0.archive) = (1, 1) })
        let steps = bed.storage.changes.filter { $0.operation != .write && $0.operation != .create }
        #expect(
            steps.map { "\($0.operation) \($0.path)" } == [
                "finish backup/demo/backup.info", "finish backup/demo/backup.info.copy",
                "remove backup/demo/\(texts[0])/backup.manifest", "remove backup/demo/\(texts[0])/backup.manifest.copy",
                "syncDirectory backup/demo/\(texts[0])", "removeTree backup/demo/\(texts[0])",
                "remove \(Self.root)/0000000100000000/\(segment(0))-\(digest([1])).gz",
            ])
    }

    @Test(arguments: [(0, []), (1, [3]), (30, [2, 3]), (400, [1, 2, 3]), (3000, [0, 1, 2, 3])] as [(Int, [Int])])
    func `manifests in the history go by age, never those of listed backups`(days: Int, kept: [Int]) throws {
        let texts = ["20200101-120000F", "20251101-120000F", "20261101-120000F", "20261122-120000F"]
        let listed = "20260101-120000F"
        try list([try entry(listed, wal: (2, 2))])
        for text in texts + [listed] {
            try bed.storage.write("backup/demo/backup.history/\(text.prefix(4))/\(text).manifest.gz", [])
        }
        try bed.expire(settings { $0.history = days })
        let left = try bed.objects(below: "backup/demo/backup.history").map { lastPart(of: $0) }
        #expect(left == (kept.map { texts[$0] } + [listed]).sorted().map { "\($0).manifest.gz" })
    }
}
