import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Which backup a restore starts from (specification `restore`, section 3).
struct BackupSetSelectionTests {
    private static let texts = labels(["F1", "D2", "I3", "F4"])

    /// Stops at 1000, 2000, 3000 and 4000; LSN 0/1000000, 0/2000000, ...
    private static func entries() throws -> [BackupEntry] {
        try texts.enumerated().map { position, text in
            try entry(text, stop: Int64(position + 1) * 1000, lsnStop: "0/\(position + 1)000000")
        }
    }

    private func select(
        _ info: BackupInfo, _ change: (inout RestoreSettings) -> Void = { _ in }
    ) throws -> String {
        var settings = RestoreSettings(dataDirectory: "/data")
        change(&settings)
        let repository = Repository(key: 1, storage: MemoryStorage(), stanza: "demo", cipherPass: nil)
        return try BackupSetSelection(settings, TimelineLookup(repository)).select(from: info).entry.label.text
    }

    @Test(arguments: [.default, .immediate, .name, .xid, .standby, .none, .preserve] as [RestoreSettings.RecoveryType])
    func `without a place in time the newest backup is taken`(type: RestoreSettings.RecoveryType) throws {
        let chosen = try select(try info(try Self.entries())) {
            $0.type = type
            $0.target = "12"
        }
        #expect(chosen == Self.texts[3])
    }

    @Test(arguments: [(1001, 0), (2000, 0), (2001, 1), (3999, 2), (4001, 3), (99_999, 3)] as [(Int64, Int)])
    func `by time the newest that stopped before the target`(time: Int64, index: Int) throws {
        let chosen = try select(try info(try Self.entries())) {
            $0.type = .time
            $0.target = LocalTime(time).text
        }
        #expect(chosen == Self.texts[index])
    }

    @Test func `by LSN a backup of a former cluster is no choice`() throws {
        let old = try entry(Self.texts[0], stop: 1000, lsnStop: "0/1000000")
        let new = try entry(Self.texts[3], historyID: 2, stop: 2000, lsnStop: "0/5000000")
        let choose = { (lsn: String) throws -> String in
            try select(try info([old, new], generations: 2)) { ($0.type, $0.target) = (.lsn, lsn) }
        }
        #expect(try choose("0/5000000") == Self.texts[3])
        #expect(failure { _ = try choose("0/4000000") }?.code == .backupSetInvalid)
    }

    @Test func `no backup is old enough for the time`() throws {
        let error = failure {
            _ = try select(try info(try Self.entries())) {
                $0.type = .time
                $0.target = LocalTime(1000).text
            }
        }
        #expect(error?.code == .backupSetInvalid)
        #expect(error?.message == "unable to find backup set with stop time less than '\(LocalTime(1000).text)'")
        #expect(error?.hints == ["the first moment that can be reached is \(LocalTime(1001).text)"])
    }

    @Test(arguments: [("0/1000000", 0), ("0/1FFFFFF", 0), ("0/2000000", 1), ("0/04000000", 3), ("1/0", 3)])
    func `by LSN the newest that stopped at or before the target`(lsn: String, index: Int) throws {
        let chosen = try select(try info(try Self.entries())) {
            $0.type = .lsn
            $0.target = lsn
        }
        #expect(chosen == Self.texts[index])
    }

    @Test func `targets that lead nowhere`() throws {
        let info = try info(try Self.entries())
        func code(_ type: RestoreSettings.RecoveryType, _ target: String) -> ErrorCode? {
            failure {
                _ = try select(info) {
                    $0.type = type
                    $0.target = target
                }
            }?.code
        }
        #expect(code(.lsn, "0/FFFFFF") == .backupSetInvalid)
        #expect(code(.lsn, "4000028") == .format)
        #expect(code(.time, "tomorrow") == .format)
    }

    @Test func `an offline backup that is met first ends the search by LSN`() throws {
        var entries = try Self.entries()
        entries[2].lsnStop = nil
        let info = try info(entries)
        let newest = try select(info) {
            $0.type = .lsn
            $0.target = "0/4000000"
        }
        #expect(newest == Self.texts[3])
        let error = failure {
            _ = try select(info) {
                $0.type = .lsn
                $0.target = "0/2000000"
            }
        }
        #expect(error?.code == .backupSetInvalid)
        #expect(error?.message.contains(Self.texts[2]) == true)
    }

    @Test func `a given set is taken whatever the target, or refused`() throws {
        let info = try info(try Self.entries())
        let set = try label(Self.texts[1])
        let chosen = try select(info) {
            $0.set = set
            $0.type = .time
            $0.target = "not even a time"
        }
        #expect(chosen == Self.texts[1])
        let missing = try label("20200101-000000F")
        let error = failure { _ = try select(info) { $0.set = missing } }
        #expect(error?.code == .backupSetInvalid)
        #expect(error?.message == "backup set 20200101-000000F is not valid")
    }

    /// Backups of timeline 1 at 0/1000000 and 0/8000000; timeline 2 left it at 0/5000000.
    private func choose(
        _ change: (inout RestoreSettings) -> Void, histories: [String: String] = ["00000002": "1\t0/5000000\tx\n"]
    ) throws -> BackupChoice {
        let bed = try Bed()
        let identity = ClusterIdentity(systemID: SystemID(101), version: "15")
        try bed.repository.save(ArchiveInfo(history: ClusterHistory(first: identity), cipherPass: nil))
        for (name, text) in histories {
            try bed.storage.write("archive/demo/15-1/\(name).history", Array(text.utf8))
        }
        let entries = try [("F", UInt32(1)), ("F", 8), ("F", 6)].enumerated().map { position, backup in
            var entry = try entry(
                "2026110\(position + 1)-120000\(backup.0)", stop: Int64(position + 1) * 1000,
                wal: (backup.1, backup.1), timeline: position == 2 ? 2 : 1, lsnStop: "0/\(backup.1)000100")
            entry.lsnStart = LSN("0/\(backup.1)000028")
            return entry
        }
        var settings = RestoreSettings(dataDirectory: "/data")
        change(&settings)
        return try BackupSetSelection(settings, TimelineLookup(bed.repository)).select(from: try info(entries))
    }

    @Test(
        arguments: [
            (RestoreSettings.RecoveryType.time, LocalTime(2500).text, nil, "20261101-120000F"),
            (.time, LocalTime(2500).text, "2", "20261101-120000F"),
            (.time, LocalTime(2500).text, "1", "20261102-120000F"),
            (.time, LocalTime(2500).text, "current", "20261102-120000F"),
            (.time, LocalTime(3500).text, nil, "20261103-120000F"), (.lsn, "0/5800000", nil, "20261101-120000F"),
            (.lsn, "0/6800000", nil, "20261103-120000F"), (.lsn, "0/9000000", "1", "20261102-120000F"),
        ] as [(RestoreSettings.RecoveryType, String, String?, String)])
    func `of several timelines a backup on the way to the wanted one is taken`(
        type: RestoreSettings.RecoveryType, target: String, timeline: String?, expected: String
    ) throws {
        let choice = try choose { ($0.type, $0.target, $0.targetTimeline) = (type, target, timeline) }
        #expect(choice.entry.label.text == expected)
        // A backup that its position or time would allow, but that is on another timeline, is passed over with a warning.
        let passedOver: [String: String] = [
            "20261101-120000F": "20261102-120000F", "20261102-120000F": "20261103-120000F",
        ]
        if let newer = passedOver[expected],
            target == LocalTime(2500).text ? timeline != "1" && timeline != "current" : target == "0/9000000"
        {
            #expect(
                choice.warnings.map { $0.hasPrefix("backup set '\(newer)' is newer than '\(expected)' but not") } == [
                    true
                ])
            #expect(choice.reason.contains(" on the way to timeline "))
        } else {
            #expect(choice.warnings == [])
        }
    }

    @Test func `where no backup is on the way the newest is left for the timeline check to refuse`() throws {
        let choice = try choose(
            { ($0.type, $0.target) = (.time, LocalTime(2500).text) }, histories: ["00000009": "8\t0/1\tx\n"])
        #expect(choice.entry.label.text == "20261102-120000F")
        #expect(choice.warnings == [])
    }

    @Test func `without backups there is nothing to restore`() throws {
        let error = failure { _ = try select(try info([])) }
        #expect(error?.code == .backupSetInvalid)
        #expect(error?.message == "no backup set found to restore")
    }

    @Test func `a newest backup from before an upgrade is not taken unasked`() throws {
        let entries = [try entry(Self.texts[0], stop: 1000)]
        let upgraded = try info(entries, generations: 2)
        #expect(failure { _ = try select(upgraded) }?.code == .backupSetInvalid)
        let set = entries[0].label
        #expect(try select(upgraded) { $0.set = set } == Self.texts[0])
    }
}
