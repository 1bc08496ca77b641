import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// What `roost` without arguments tells of a stanza.
struct OverviewTests {
    private func overview(_ bed: Bed, stanza: String = "demo") throws -> String {
        var settings = InfoQuery.Settings(lockPath: bed.lockPath)
        settings.stanza = stanza
        let found = try InfoQuery(settings, repository: bed.repository).run()
        return found.map { $0.overview(now: bed.clock.now().seconds) }.joined()
    }

    @Test func `a stanza that is not there yet, and one without backups, say what to do`() throws {
        let bed = try Bed.prepared()
        #expect(
            try overview(bed, stanza: "new")
                == "new: error (missing stanza path)\n    next: roost --stanza=new stanza-create\n")
        #expect(
            try overview(bed) == "demo: error (no valid backups)\n    next: roost --stanza=demo backup --type=full\n")
    }

    @Test func `the last backup and its age; after a week the next one is due`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        bed.clock.advance(7200)
        let text = """
            demo: ok
                last backup: full 20261122-141514F, 2 hours ago
                can be restored to: the end of a backup, as no WAL is archived

            """
        #expect(try overview(bed) == text)
        bed.clock.advance(8 * 86_400)
        #expect(
            try overview(bed)
                == text.replacing("2 hours", with: "8 days") + "    next: roost --stanza=demo backup\n")
    }

    @Test func `with WAL any time can be reached, and page errors are told`() throws {
        var info = StanzaInfo(name: "demo", status: .ok, repositoryKey: 1)
        info.currentID = 1
        info.archives = [
            .init(id: ArchiveID(version: "15", historyID: 1), min: segment(2), max: segment(9))
        ]
        info.backups = [
            try entry("20261121-120000F", stop: 1000, wal: (2, 2)),
            try entry("20261122-120000F", stop: 2000, wal: (6, 7)),
        ]
        info.backups[1].hasError = true
        #expect(
            info.overview(now: 2001) == """
                demo: ok
                    last backup: full 20261122-120000F, 1 second ago
                    can be restored to: any time since \(StanzaInfo.time(1000)), up to the end of WAL segment \(segment(9))
                    wrong: page errors were found by the last backup
                    next: roost --stanza=demo info --set=20261122-120000F

                """)
    }
}
