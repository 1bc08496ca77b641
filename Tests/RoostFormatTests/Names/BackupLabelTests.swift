import RoostFormat
import Testing

@Suite struct BackupLabelTests {
    @Test(arguments: [
        ("20261122-141514F", BackupType.full, "20261122-141514F", "2026"),
        ("20261122-141514F_20270101-000000D", .diff, "20261122-141514F", "2026"),
        ("20261231-235959F_20270101-000000I", .incr, "20261231-235959F", "2026"),
    ])
    func `a label tells its type, its full backup and the year of that`(
        text: String, type: BackupType, full: String, year: String
    ) throws {
        let label = try #require(BackupLabel(text))
        #expect(label.text == text)
        #expect(label.type == type)
        #expect(label.full.text == full)
        #expect(label.year == year)
    }

    @Test(arguments: [
        "", "F", "20261122-141514", "20261122-141514D", "20261122-141514f", "20261122_141514F", "2026112a-141514F",
        "20261122-141514F_", "20261122-141514F_20261122-141533F", "20261122-141514D_20261122-141533D",
        "20261122-141514F-20261122-141533D", "20261122-141514F_20261122-141533D_20261122-141535I", "../../../../etc/pa",
        "20261122-141514F\n", " 20261122-141514F", "２0261122-141514F", "20261122-141514\u{0}",
    ])
    func `other text is no label`(text: String) {
        #expect(BackupLabel(text) == nil)
    }

    @Test func `labels sort as a full, its dependants by age, then the next full`() {
        let sorted = [
            "20261122-141514F", "20261122-141514F_20261122-141533D", "20261122-141514F_20261122-141535I",
            "20261122-141514F_20261123-000000D", "20261123-141514F",
        ]
        #expect(sorted.reversed().compactMap { BackupLabel($0) }.sorted().map(\.text) == sorted)
    }

    @Test func `a new label of any type begins with the full backup of its set`() throws {
        let full = try #require(BackupLabel(type: .full, stamp: "20261122-141514", full: nil))
        #expect(full.text == "20261122-141514F")
        let diff = try #require(BackupLabel(type: .diff, stamp: "20261123-141514", full: full))
        #expect(diff.text == "20261122-141514F_20261123-141514D")
        let incr = try #require(BackupLabel(type: .incr, stamp: "20261124-141514", full: diff))
        #expect(incr.text == "20261122-141514F_20261124-141514I")
        #expect(BackupLabel(type: .diff, stamp: "20261122-141514", full: nil) == nil)
        #expect(BackupLabel(type: .full, stamp: "today", full: nil) == nil)
    }
}
