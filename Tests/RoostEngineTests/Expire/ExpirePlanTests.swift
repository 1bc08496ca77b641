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
        let plan = try ExpirePlan(settings, try info(entries), now: 0)
        #expect(plan.sets.map { $0.labels.map { names[$0.text] ?? "" } } == row.expired)
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
        let plan = try ExpirePlan(settings, try info(entries), now: now)
        #expect(plan.sets.map { $0.labels.map(\.text) } == texts.prefix(expired).map { [$0] })
        #expect(plan.settings.archive == archive)
    }

    @Test func `a full that stopped exactly at the limit is not older than the period`() throws {
        let texts = labels(["F1", "F2"])
        let entries = [try entry(texts[0], stop: 1000), try entry(texts[1], stop: 2000)]
        var settings = RetentionSettings()
        settings.fullType = .time
        settings.full = 1
        #expect(try ExpirePlan(settings, try info(entries), now: 2000 + 86_400).sets.isEmpty)
        let sets = try ExpirePlan(settings, try info(entries), now: 2001 + 86_400).sets
        #expect(sets.map(\.labels) == [[entries[0].label]])
    }

    @Test func `archive retention that was given is not replaced by that of time`() throws {
        let texts = labels(["F1", "F2", "F3"])
        let entries = try texts.map { try entry($0, stop: 1000) }
        var settings = RetentionSettings()
        settings.fullType = .time
        settings.full = 1
        settings.archive = 7
        #expect(try ExpirePlan(settings, try info(entries), now: 1_000_000).settings.archive == 7)
        settings.archive = nil
        settings.archiveType = .diff
        #expect(try ExpirePlan(settings, try info(entries), now: 1_000_000).settings.archive == nil)
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
        let plan = try ExpirePlan(settings, try info(entries), now: 0)
        let gone = Set(plan.sets.flatMap(\.labels))
        #expect(gone.count == plan.sets.flatMap(\.labels).count, "no backup is expired twice")
        for kept in entries where !gone.contains(kept.label) { #expect(kept.prior.map { !gone.contains($0) } ?? true) }
        let newest = try #require(entries.last { $0.type == .full })
        #expect(!gone.contains(newest.label))
    }

    /// F1 D2 I3 (on D2) F4 D5, stopped 30, 29, 28, 10 and 9 days before `now`.
    private func life() throws -> (texts: [String], info: BackupInfo, now: Int64) {
        let now: Int64 = 1_800_000_000
        let texts = labels(["F1", "D2", "I3", "F4", "D5"])
        let priors = [nil, nil, texts[1], nil, nil]
        let entries = try zip(zip(texts, priors), [30, 29, 28, 10, 9] as [Int64]).map { pair, age in
            try entry(pair.0, prior: pair.1, stop: now - age * 86_400)
        }
        return (texts, try info(entries), now)
    }

    private func fates(_ change: (inout RetentionSettings) -> Void) throws -> [String] {
        var settings = RetentionSettings()
        change(&settings)
        let (texts, info, now) = try life()
        let plan = try ExpirePlan(settings, info, now: now)
        #expect(plan.fates.map(\.label.text) == texts)
        return plan.fates.map { "\(plan.expires($0.label) ? "goes" : "stays"): \($0.fate.sentence("repo1"))" }
    }

    @Test func `each backup has a sentence that says why it goes or stays`() throws {
        let texts = try life().texts
        #expect(
            try fates { ($0.full, $0.diff) = (1, 1) } == [
                "goes: 1 full backup newer than it is kept (repo1-retention-full=1)",
                "goes: it builds on \(texts[0]), which expires", "goes: it builds on \(texts[1]), which expires",
                "stays: it is among the newest 1 full backup (repo1-retention-full=1)",
                "stays: it is among the newest 1 full or differential backup (repo1-retention-diff=1)",
            ])
        #expect(
            try fates { ($0.full, $0.diff) = (9, 2) } == [
                "stays: it is among the newest 9 full backups (repo1-retention-full=9)",
                "goes: 2 full or differential backups newer than it are kept (repo1-retention-diff=2)",
                "goes: it builds on \(texts[1]), which expires",
                "stays: it is among the newest 9 full backups (repo1-retention-full=9)",
                "stays: it is among the newest 2 full or differential backups (repo1-retention-diff=2)",
            ])
        let byTime = try fates { ($0.fullType, $0.full) = (.time, 9) }
        #expect(
            byTime[0] == "goes: \(texts[3]) already reaches back 9 days (repo1-retention-full-type=time, "
                + "repo1-retention-full=9)")
        #expect(byTime[3].hasPrefix("stays: it is the newest full backup older than 9 days"))
        #expect(
            try fates { ($0.fullType, $0.full) = (.time, 20) }[3]
                == "stays: it is not older than 20 days (repo1-retention-full-type=time, repo1-retention-full=20)")
        #expect(
            try fates { _ in }.first == "stays: repo1-retention-full is not set, so full backups never expire")
        #expect(try fates { _ in }[2] == "stays: it stays as long as \(texts[1]), on which it builds")
    }

    @Test func `a set that is asked for goes with what needs it, and no other backup`() throws {
        let (texts, info, now) = try life()
        var settings = RetentionSettings()
        (settings.full, settings.diff) = (1, 1)
        settings.request = .set(try label(texts[1]))
        let plan = try ExpirePlan(settings, info, now: now)
        #expect(plan.sets.map { $0.labels.map(\.text) } == [[texts[2], texts[1]]])
        #expect(
            plan.fates.map(\.fate) == [
                .notRequested, .requested, .needs(try label(texts[1])), .notRequested, .notRequested,
            ])
        settings.request = .set(try label("20200101-000000F"))
        let missing = try ExpirePlan(settings, info, now: now)
        #expect(missing.isRequestedMissing && missing.sets.isEmpty)
    }

    @Test func `the newest full goes only if there is another one of its cluster`() throws {
        let texts = labels(["F1", "F2"])
        func plan(_ entries: [BackupEntry], _ text: String) throws -> ExpirePlan {
            var settings = RetentionSettings()
            settings.request = .set(try label(text))
            return try ExpirePlan(settings, try info(entries, generations: 2), now: 0)
        }
        let (first, second) = (try entry(texts[0]), try entry(texts[1]))
        #expect(try plan([first, second], texts[1]).sets.map(\.labels) == [[second.label]])
        #expect(failure { _ = try plan([first], texts[0]) }?.code == .backupSetInvalid)
        let other = try entry(texts[1], historyID: 2)
        #expect(failure { _ = try plan([first, other], texts[1]) }?.code == .backupSetInvalid)
        #expect(try plan([first, other], texts[0]).sets.map(\.labels) == [[first.label]])
    }

    @Test func `the oldest set goes alone, whatever the numbers say, but never the only full`() throws {
        let (texts, info, now) = try life()
        var settings = RetentionSettings()
        (settings.fullType, settings.full, settings.archiveType, settings.archive) = (.time, 99, .diff, 7)
        settings.request = .oldest
        let plan = try ExpirePlan(settings, info, now: now)
        #expect(plan.sets.map { $0.labels.map(\.text) } == [[texts[2], texts[1], texts[0]]])
        #expect(plan.sets.first?.cause == .oldest)
        #expect((plan.settings.archiveType, plan.settings.archive) == (.full, 1))
        let single = try ExpirePlan(settings, try self.info([try entry(texts[0])]), now: now)
        #expect(single.sets.isEmpty)
        #expect(single.settings == settings)
    }

    private func info(_ entries: [BackupEntry], generations: UInt32 = 1) throws -> BackupInfo {
        try RoostEngineTests.info(entries, generations: generations)
    }
}
