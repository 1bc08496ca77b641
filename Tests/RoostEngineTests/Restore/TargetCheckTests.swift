import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// What is refused because the archive proves that it cannot be reached, and what is only warned of.
///
/// The backup ended at 0/4000100, second 1000; its WAL goes from segment 4 to 6, archived at 600, 0/7000000.
struct TargetCheckTests {
    private func check(
        _ type: RestoreSettings.RecoveryType, _ target: String? = nil, missing: UInt32? = nil, version: String = "15",
        now: Int64 = 10_000, _ change: (inout RestoreSettings) -> Void = { _ in }
    ) throws -> [String] {
        var segments = ArchivedSegments(segmentSize: 16 << 20)
        for number in [UInt32(4), 5, 6] where number != missing {
            segments.add(segment(number))
        }
        var backup = try entry("20261122-141514F", stop: 1000, wal: (4, 4), lsnStop: "0/4000100")
        backup.lsnStart = LSN("0/4000028")
        var later = try entry("20261122-151514F", stop: 5500, wal: (6, 6), lsnStop: "0/6000100")
        later.lsnStart = LSN("0/6000028")
        let history = TimelineHistory(timeline: TimelineID(1))
        var wal = RecoverableWAL(segments, from: segment(4), along: history)
        wal.archived = wal.last.map { Int64($0.low) * 1000 }
        var settings = RestoreSettings(dataDirectory: "/data")
        (settings.type, settings.target) = (type, target)
        change(&settings)
        return try TargetCheck(
            settings: settings, version: try #require(PostgresVersion(version)), backup: backup, backups: [later],
            history: history, wal: wal, segmentSize: 16 << 20,
            now: now
        ).run()
    }

    private func refusal(
        _ type: RestoreSettings.RecoveryType, _ target: String? = nil, missing: UInt32? = nil, now: Int64 = 10_000,
        _ change: (inout RestoreSettings) -> Void = { _ in }
    ) -> String? {
        let error = failure { _ = try check(type, target, missing: missing, now: now, change) }
        return error.map { "\($0.code == .backupSetInvalid ? "" : "\($0.code) ")\($0.message)" }
    }

    @Test(arguments: ["0/4000100", "0/40000F0", "0/5000000", "0/6FFFFFF"])
    func `an LSN in the archive can be reached`(target: String) throws {
        #expect(try check(.lsn, target) == [])
    }

    @Test func `an LSN behind the archive is refused, but not in the segment that is being written`() throws {
        #expect(
            refusal(.lsn, "0/8000000") == "target LSN 0/8000000 lies behind the end of the archived WAL at 0/7000000")
        #expect(refusal(.lsn, "FF/0") == "target LSN FF/0 lies behind the end of the archived WAL at 0/7000000")
        let warnings = try check(.lsn, "0/7000028")
        #expect(warnings.count == 1)
        let expected = "target LSN 0/7000028 lies behind the end of the archived WAL at 0/7000000: unless"
        #expect(warnings.first?.hasPrefix(expected) == true)
    }

    @Test func `an LSN before the end of a chosen backup is refused`() {
        #expect(
            refusal(.lsn, "0/3000000") { $0.set = BackupLabel("20261122-141514F") }
                == "target LSN 0/3000000 lies before the end of backup '20261122-141514F' at 0/4000100, up to where "
                + "recovery must go")
    }

    @Test func `behind a gap nothing can be reached`() throws {
        #expect(
            refusal(.lsn, "0/6000028", missing: 5)
                == "target LSN 0/6000028 lies behind WAL segment 000000010000000000000005, which the archive lacks: recovery ends "
                + "before 0/5000000")
        #expect(try check(.lsn, "0/4F00000", missing: 5) == [], "the gap does not matter")
        #expect(try check(.immediate, missing: 5) == [])
        for type in [RestoreSettings.RecoveryType.default, .standby, .name, .xid] {
            #expect(
                try check(type, "x", missing: 5) == [
                    "the archive lacks WAL segment 000000010000000000000005: recovery ends before 0/5000000, 1 later segment(s) "
                        + "cannot be replayed"
                ])
        }
    }

    @Test func `a time behind a gap is refused where a later backup proves it`() throws {
        #expect(
            refusal(.time, zoned(5501), missing: 5)
                == "target time \(zoned(5501)) lies behind WAL segment 000000010000000000000005, which the archive lacks: backup "
                + "'20261122-151514F' began behind it and ended at \(zoned(5500))")
        #expect(try check(.time, zoned(5500), missing: 5).count == 1)
    }

    @Test func `a time in the future is refused, unless the clock is wrong`() throws {
        #expect(
            refusal(.time, zoned(10_301))
                == "target time \(zoned(10_301)) lies in the future: it is \(zoned(10_000))")
        #expect(try check(.time, zoned(10_300)).count == 1)
        #expect(try check(.time, zoned(10_301), now: 5499).count == 1, "a backup ended later than now")
        #expect(try check(.time, zoned(999_999), version: "12") == [])
    }

    @Test func `a time without zone may be an earlier one to the server`() throws {
        let spread: Int64 = 26 * 3600
        #expect(try check(.time, LocalTime(10_300 + spread).text).count == 1)
        #expect(refusal(.time, LocalTime(10_301 + spread).text)?.contains("lies in the future") == true)
        #expect(try check(.time, LocalTime(5500 + spread).text, missing: 5, now: 999_999).count == 1)
        #expect(
            refusal(.time, LocalTime(5501 + spread).text, missing: 5, now: 999_999)?.contains("the archive lacks")
                == true)
    }

    @Test func `a time after the last archived segment is only doubtful`() throws {
        #expect(try check(.time, LocalTime(6000).text) == [])
        let warnings = try check(.time, LocalTime(6001).text)
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("the last WAL that can be replayed was archived at \(zoned(6000)):") == true)
    }

    @Test func `a time before the end of a chosen backup is only doubtful`() throws {
        let warnings = try check(.time, LocalTime(999).text) { $0.set = BackupLabel("20261122-141514F") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("target time \(zoned(999)) lies before the end of backup") == true)
    }

    @Test func `a backup without its own WAL cannot reach any target`() throws {
        for type in [RestoreSettings.RecoveryType.immediate, .name, .xid, .time, .lsn] {
            let target = type == .lsn ? "0/5000000" : type == .time ? LocalTime(2000).text : "x"
            let expected = "the archive lacks WAL that backup '20261122-141514F' needs"
            #expect(refusal(type, target, missing: 4)?.hasPrefix(expected) == true)
        }
        for type in [RestoreSettings.RecoveryType.default, .standby] { #expect(try check(type, missing: 4).count == 1) }
        for type in [RestoreSettings.RecoveryType.none, .preserve] { #expect(try check(type, missing: 4) == []) }
    }

    @Test func `WAL from elsewhere proves nothing`() throws {
        #expect(try check(.lsn, "FF/0") { $0.recoveryOptions = ["restore-command": "cp /wal/%f %p"] } == [])
    }

    @Test func `an old server ends recovery without its target`() throws {
        #expect(try check(.lsn, "FF/0", version: "12").count == 1)
    }
}
