import RoostFormat
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
        return try BackupSetSelection(settings, repository).select(from: info).label.text
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
