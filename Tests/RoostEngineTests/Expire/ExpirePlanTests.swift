import RoostFormat
import RoostSystem
import Testing

@testable import RoostEngine

/// Which backups retention gives up (specification `expire-verify-info-check`, section 1.3).
struct ExpirePlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var backups: [String]
        var full: Int?
        var diff: Int?
        /// The sets that go, each newest first.
        var expired: [[String]]
        var testDescription: String {
            "\(backups) full \(full.map(String.init) ?? "-") diff \(diff.map(String.init) ?? "-")"
        }
    }

    @Test(arguments: [
        Case(backups: ["F1"], full: 1, expired: []),
        Case(backups: ["F1", "F2"], full: 2, expired: []),
        Case(backups: ["F1", "F2", "F3"], full: 2, expired: [["F1"]]),
        Case(backups: ["F1", "F2", "F3"], full: 1, expired: [["F1"], ["F2"]]),
        Case(backups: ["F1", "D2", "I3", "F4"], full: 1, expired: [["I3", "D2", "F1"]]),
        Case(backups: ["F1", "F2"], full: nil, expired: []),
        // The specification's example: fulls count but never go for a differential.
        Case(backups: ["F1", "D2", "D3", "F4"], diff: 2, expired: [["D2"]]),
        Case(backups: ["F1", "D2", "D3"], diff: 1, expired: [["D2"]]),
        Case(backups: ["F1", "D2", "I3", "D4"], diff: 1, expired: [["I3", "D2"]]),
        Case(backups: ["F1", "I2", "I3", "I4"], diff: 1, expired: []),
        Case(backups: ["F1", "D2", "F3", "D4", "D5"], full: 1, diff: 1, expired: [["D2", "F1"], ["D4"]]),
        Case(backups: [], full: 1, diff: 1, expired: []),
    ])
    func `backups beyond the number go, with all that need them`(row: Case) throws {
        let texts = labels(row.backups)
        var prior: String?
        let entries = try texts.map { text in
            // An incremental builds on the backup before it.
            let made = try entry(text, prior: text.hasSuffix("I") ? prior : nil)
            prior = text
            return made
        }
        var settings = RetentionSettings()
        settings.full = row.full
        settings.diff = row.diff
        let names = Dictionary(uniqueKeysWithValues: zip(texts, row.backups))
        let plan = ExpirePlan(settings, try info(entries), now: 0)
        #expect(plan.sets.map { $0.map { names[$0.text] ?? "" } } == row.expired)
    }

    @Test(
        arguments: [
            // Days since the stop of each full, the days kept, how many go, the archive retention that follows.
            ([30, 20, 10, 1], 15, 1, 3),
            ([30, 20, 10, 1], 25, 0, 4),
            ([30, 20, 10, 1], 31, 0, nil),
            ([30, 20, 10, 1], 1, 2, 2),
            ([30, 20, 10, 2], 1, 3, 1),
            ([5], 1, 0, 1),
            ([], 1, 0, nil),
        ] as [([Int64], Int, Int, Int?)])
    func `by time one full older than the period always stays`(
        ages: [Int64], days: Int, expired: Int, archive: Int?
    ) throws {
        let now: Int64 = 1_800_000_000
        let texts = labels(ages.map { _ in "F" })
        let entries = try zip(texts, ages).map { try entry($0, stop: now - $1 * 86_400) }
        var settings = RetentionSettings()
        settings.fullType = .time
        settings.full = days
        let plan = ExpirePlan(settings, try info(entries), now: now)
        #expect(plan.sets.map { $0.map(\.text) } == texts.prefix(expired).map { [$0] })
        #expect(plan.archiveRetention == archive)
    }

    @Test func `a full that stopped exactly at the limit is not older than the period`() throws {
        let texts = labels(["F1", "F2"])
        let entries = [try entry(texts[0], stop: 1000), try entry(texts[1], stop: 2000)]
        var settings = RetentionSettings()
        settings.fullType = .time
        settings.full = 1
        #expect(ExpirePlan(settings, try info(entries), now: 2000 + 86_400).sets.isEmpty)
        #expect(ExpirePlan(settings, try info(entries), now: 2001 + 86_400).sets == [[entries[0].label]])
    }

    @Test func `archive retention that was given is not replaced by that of time`() throws {
        let texts = labels(["F1", "F2", "F3"])
        let entries = try texts.map { try entry($0, stop: 1000) }
        var settings = RetentionSettings()
        settings.fullType = .time
        settings.full = 1
        settings.archive = 7
        #expect(ExpirePlan(settings, try info(entries), now: 1_000_000).archiveRetention == 7)
        settings.archive = nil
        settings.archiveType = .diff
        #expect(ExpirePlan(settings, try info(entries), now: 1_000_000).archiveRetention == nil)
    }

    @Test(arguments: [UInt64](1...30))
    func `whatever there is, no kept backup needs one that goes, and the newest full stays`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var names = ["F1"]
        for number in 2...20 { names.append("\(["F", "D", "I"][Int(generator.next() % 3)])\(number)") }
        let texts = labels(names)
        var ofSet: [String] = []
        let entries = try texts.map { text in
            if text.hasSuffix("F") { ofSet = [] }
            let made = try entry(text, prior: text.hasSuffix("I") ? ofSet.randomElement(using: &generator) : nil)
            ofSet.append(text)
            return made
        }
        var settings = RetentionSettings()
        settings.full = Int(generator.next() % 4) + 1
        settings.diff = generator.next() % 2 == 0 ? nil : Int(generator.next() % 4) + 1
        let plan = ExpirePlan(settings, try info(entries), now: 0)
        let gone = Set(plan.sets.joined())
        #expect(gone.count == plan.sets.joined().count, "no backup is expired twice")
        for kept in entries where !gone.contains(kept.label) { #expect(kept.prior.map { !gone.contains($0) } ?? true) }
        let newest = try #require(entries.last { $0.type == .full })
        #expect(!gone.contains(newest.label))
    }
}
