import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// The plan that `--dry-run` prints, which the restore then carries out.
struct RestorePlanTests {
    private let bed: Bed
    private let label: BackupLabel

    init() throws {
        bed = try Bed.prepared()
        bed.clock.advance(100)
        try bed.put("base/5/PG_VERSION", "15\n")
        label = try bed.backup().entry.label
        bed.log = CollectedLog()
    }

    private func plan(_ change: (inout RestoreSettings) -> Void = { _ in }) throws -> String {
        var settings = RestoreSettings(dataDirectory: bed.target)
        settings.restoreCommand = "get %f"
        change(&settings)
        let lock = try StanzaLock(
            [.restore], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        return try Restore(settings, repository: bed.repository, context: bed.context, lock: lock).plan()
    }

    /// The lines of a fact.
    private func fact(_ title: String, _ text: String) -> [String] {
        let lines = text.split(separator: "\n").map(String.init)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("  \(title) ") }) else { return [] }
        let rest = lines[(first + 1)...].prefix { $0.hasPrefix("               ") }
        return ([lines[first]] + rest).map { String($0.dropFirst(15)) }
    }

    @Test func `nothing is touched and nothing is left to be told`() throws {
        let objects = try bed.objects()
        let text = try plan()
        #expect(try FileStatus.of(bed.target) == nil)
        #expect(try bed.objects() == objects)
        #expect(
            text == """
                restore into \(bed.target)
                  backup set   \(label) of repo1: the newest
                  made         from \(zoned(FakeClock.start + 100)) to \(zoned(bed.clock.now().seconds))
                  recovery     none: the files as the backup has them
                  fetch        72.1KB in 11 files (72.1KB as stored)
                  delete       nothing: the directories are empty
                  settings     postgresql.auto.conf: targets of a former recovery become comments

                """)
    }

    @Test func `a used directory is told what will go, and keeps it`() throws {
        try bed.restore()
        try write("\(bed.target)/extra/below/file", [1])
        try write("\(bed.target)/base/5/extra", [1])
        try FileSystem.link("\(bed.target)/stray", to: "/etc")
        try write("\(bed.target)/base/5/1247", [1])
        let before = try image(of: bed.target)
        let text = try plan { $0.delta = true }
        #expect(differences(try image(of: bed.target), before) == [])
        #expect(
            fact("delete", text) == [
                "\(bed.target)/base/5/extra", "\(bed.target)/extra/ with all that is in it", "\(bed.target)/stray",
            ])
        #expect(fact("fetch", text).count == 2)
        #expect(fact("fetch", text)[1].contains("only where the checksum of what is there is wrong"))
        let trusting = try plan { ($0.delta, $0.force) = (true, true) }
        #expect(fact("fetch", trusting).last?.hasSuffix("files stay: size and time are the backup's") == true)
        try bed.restore { $0.delta = true }
        #expect(try FileStatus.of("\(bed.target)/extra") == nil)
        #expect(fact("delete", try plan { $0.delta = true }) == ["nothing"])
    }

    @Test func `the settings that will be written are shown`() throws {
        let text = try plan {
            ($0.type, $0.isTypeGiven, $0.target) = (.xid, true, "12")
            ($0.targetExclusive, $0.targetAction) = (true, .promote)
            $0.recoveryOptions = ["recovery-end-command": "e"]
        }
        #expect(fact("recovery", text) == ["just before xid '12', then promote"])
        #expect(
            fact("settings", text) == [
                "postgresql.auto.conf: recovery_end_command = 'e'", "postgresql.auto.conf: restore_command = 'get %f'",
                "postgresql.auto.conf: recovery_target_xid = '12'",
                "postgresql.auto.conf: recovery_target_inclusive = 'false'",
                "postgresql.auto.conf: recovery_target_action = 'promote'", "recovery.signal",
            ])
        let standby = try plan { ($0.type, $0.isTypeGiven) = (.standby, true) }
        #expect(fact("settings", standby).last == "standby.signal")
        #expect(fact("settings", try plan { ($0.type, $0.isTypeGiven) = (.preserve, true) }) == [])
    }

    @Test func `what refuses a restore refuses its plan`() throws {
        try write("\(bed.target)/precious", [1])
        #expect(failure { _ = try plan() }?.code == .pathNotEmpty)
        #expect(failure { _ = try plan { $0.dbInclude = ["nothere"] } }?.code == .dbMissing)
    }

    @Test func `a time without zone is told as it was read, to those who want to know`() throws {
        let time = LocalTime(bed.clock.now().seconds + 10)
        for (target, expected) in [(time.text, 1), ("\(time.text)\(time.offsetText)", 0)] {
            bed.log = CollectedLog()
            try bed.restore(to: "\(bed.directory.path)/zone\(expected)") {
                ($0.type, $0.isTypeGiven, $0.target, $0.explainsTimes) = (.time, true, target, true)
            }
            let told = bed.log.lines.filter { $0.contains("has no time zone") }
            #expect(told.count == expected)
            if expected == 1 { #expect(told[0].contains("it was read as \(time.text)\(time.offsetText),")) }
        }
        bed.log = CollectedLog()
        _ = try plan { ($0.type, $0.isTypeGiven, $0.target) = (.time, true, time.text) }
        #expect(!bed.log.contains("time zone"))
    }

    @Test func `the text of an online restore with all its parts`() throws {
        var manifest = try manifest()
        manifest.timestampStop = 2000
        (manifest.archiveStart, manifest.archiveStop) = (segment(4), segment(5))
        (manifest.lsnStart, manifest.lsnStop) = (LSN("0/4000028"), LSN("0/5000100"))
        manifest.targets["pg_data/pg_wal"] = Manifest.Target(kind: .link, path: "/wal")
        manifest.links["pg_data/pg_wal"] = Manifest.Link(destination: "/wal", user: .unknown, group: .unknown)
        try manifest.add("pg_data/base/5/1", size: 8192)
        try manifest.add("pg_data/base/16400/1", size: 16384)
        manifest.databases["app"] = Manifest.Database(oid: 16400, lastSystemOID: 0)
        try manifest.add("pg_data/base/16400/PG_VERSION", size: 3)
        let version = try #require(PostgresVersion("15"))
        var settings = RestoreSettings(dataDirectory: "/data")
        settings.restoreCommand = "get"
        (settings.type, settings.target) = (.lsn, "0/6000000")
        var segments = ArchivedSegments(segmentSize: 16 << 20)
        for number in [UInt32(4), 5, 7] { segments.add(segment(number)) }
        let history = TimelineHistory(timeline: TimelineID(1))
        var wal = RecoverableWAL(segments, from: segment(4), along: history)
        wal.archived = 3000
        let plan = RestorePlan(
            repository: "repo1", choice: BackupChoice(entry: manifest.entry, reason: "it was asked for"),
            manifest: manifest, version: version,
            places: RestorePlaces(manifest, version, dataDirectory: "/data"),
            zeroed: try DatabaseSelection(manifest, CollectedLog()).zeroedFiles(include: [], exclude: ["app"]),
            existing: .replace, isContinued: true, removals: [Removal(kind: .link, path: "/data/x")], type: .lsn,
            recovery: try RecoverySettings(settings, version: version), history: history,
            wal: wal)
        var window = RecoveryWindow(TimelineID(1), [manifest.entry], segments, history)
        window.spans[0].archived = 3000
        #expect(
            plan.text(try plan.transfer(), windows: [window]) == """
                restore into /data
                  backup set   20261122-141514F of repo1: it was asked for
                  made         from \(zoned(1000)) to \(zoned(2000))
                  recovery     to lsn '0/6000000' along timeline 1, then pause
                  WAL          000000010000000000000004 to 000000010000000000000005 until consistent at LSN 0/5000100
                               in the archive without a gap to 000000010000000000000005 (before LSN 0/6000000), archived at \
                \(zoned(3000))
                               000000010000000000000006 is missing: 1 later segment(s) cannot be replayed
                  can reach    timeline 1: from \(zoned(2000)) (end of backup 20261122-141514F), LSN 0/5000100, to the WAL \
                before LSN 0/6000000, archived at \(zoned(3000))
                  fetch        8KB in 2 files (8KB as stored)
                               16KB in 1 files of databases that are left out become holes
                               a restore that did not end is continued
                  directories  pg_wal -> /wal
                  delete       /data/x
                  settings     postgresql.auto.conf: restore_command = 'get'
                               postgresql.auto.conf: recovery_target_lsn = '0/6000000'
                               recovery.signal

                """)
    }
}
