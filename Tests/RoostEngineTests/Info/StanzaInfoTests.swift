import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// What `info` shows, by the samples of specification `expire-verify-info-check`, sections 8 and 9.
struct StanzaInfoTests {
    private static let systemID = SystemID(7_710_998_906_567_630_426)

    /// The full backup of the samples.
    private func full() throws -> BackupEntry {
        var backup = try entry("20261122-141514F", wal: (4, 4))
        backup.version = "2.60.0dev"
        (backup.timestampStart, backup.timestampStop) = (1_795_356_914, 1_795_356_918)
        (backup.lsnStart, backup.lsnStop) = (LSN("0/4000028"), LSN("0/4000100"))
        backup.hasError = false
        (backup.sizes.original, backup.sizes.originalDelta) = (39_720_770, 39_720_770)
        (backup.sizes.repository, backup.sizes.repositoryDelta) = (8_656_369, 8_656_369)
        return backup
    }

    private func incremental() throws -> BackupEntry {
        var backup = try entry(
            "20261122-141514F_20261122-141535I", prior: "20261122-141514F_20261122-141533D", wal: (8, 9))
        (backup.timestampStart, backup.timestampStop) = (1_795_356_935, 1_795_356_937)
        backup.references = try ["20261122-141514F", "20261122-141514F_20261122-141533D"].map(label)
        (backup.sizes.original, backup.sizes.originalDelta) = (47_290_778, 16_700)
        (backup.sizes.repository, backup.sizes.repositoryDelta) = (9_646_899, 725)
        return backup
    }

    private func stanza(_ backups: [BackupEntry]) throws -> StanzaInfo {
        var stanza = StanzaInfo(name: "demo", status: .ok, repositoryKey: 1)
        let cluster = BackupInfo.Cluster(
            identity: ClusterIdentity(systemID: Self.systemID, version: "15"), catalogVersion: 202_209_061,
            controlVersion: 1300)
        stanza.history = [.init(id: 1, entry: cluster)]
        stanza.currentID = 1
        stanza.archives = [
            .init(id: ArchiveID(version: "15", historyID: 1), min: segment(1), max: segment(0x45))
        ]
        stanza.backups = backups
        return stanza
    }

    @Test func `the JSON of the specification's example`() throws {
        var backup = try full()
        backup.annotations = ["source": "spec", "key2": "value-two"]
        var stanza = try stanza([backup])
        var manifest = try manifest()
        manifest.databases = [
            "postgres": .init(oid: 5, lastSystemOID: 4), "template0": .init(oid: 4, lastSystemOID: 4),
            "template1": .init(oid: 1, lastSystemOID: 4),
        ]
        var tablespace = Manifest.Target(kind: .link, path: "/mnt/ts1")
        (tablespace.tablespaceID, tablespace.tablespaceName) = ("16384", "ts1")
        manifest.targets["pg_tblspc/16384"] = tablespace
        var link = Manifest.Target(kind: .link, path: "../link")
        link.file = "pg_hba.conf"
        manifest.targets["pg_data/pg_hba.conf"] = link
        stanza.manifest = manifest
        #expect("[\(stanza.json.text)]" == Self.sample)
    }

    private static let sample =
        #"[{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000045","#
        + #""min":"000000010000000000000001"}],"backup":[{"annotation":{"key2":"value-two","source":"spec"},"#
        + #""archive":{"start":"000000010000000000000004","stop":"000000010000000000000004"},"#
        + #""backrest":{"format":5,"version":"2.60.0dev"},"database":{"id":1,"repo-key":1},"#
        + #""database-ref":[{"name":"postgres","oid":5}],"error":false,"info":{"delta":39720770,"#
        + #""repository":{"delta":8656369,"size":8656369},"size":39720770},"label":"20261122-141514F","#
        + #""link":[{"destination":"../link/pg_hba.conf","name":"pg_hba.conf"}],"#
        + #""lsn":{"start":"0/4000028","stop":"0/4000100"},"prior":null,"reference":null,"#
        + #""tablespace":[{"destination":"/mnt/ts1","name":"ts1","oid":16384}],"#
        + #""timestamp":{"start":1795356914,"stop":1795356918},"type":"full"}],"cipher":"none","#
        + #""db":[{"id":1,"repo-key":1,"system-id":7710998906567630426,"version":"15"}],"name":"demo","#
        + #""repo":[{"cipher":"none","key":1,"status":{"code":0,"message":"ok"}}],"#
        + #""status":{"code":0,"lock":{"backup":{"held":false},"restore":{"held":false}},"message":"ok"}}]"#

    @Test func `the JSON of an incremental, of one with block maps, of an offline one`() throws {
        var incremental = try incremental()
        let first = try stanza([incremental]).json["backup"]
        guard case .array(let shown) = first else { throw RoostError(.format, "no array") }
        #expect(shown[0]["prior"] == .string("20261122-141514F_20261122-141533D"))
        #expect(
            shown[0]["reference"]
                == .array([.string("20261122-141514F"), .string("20261122-141514F_20261122-141533D")]))
        #expect(shown[0]["lsn"] == nil)
        #expect(shown[0]["error"] == nil)
        #expect(shown[0]["annotation"] == nil)
        #expect(shown[0]["database-ref"] == nil)
        (incremental.sizes.map, incremental.sizes.mapDelta) = (100, 10)
        (incremental.archiveStart, incremental.archiveStop) = (nil, nil)
        guard case .array(let mapped) = try stanza([incremental]).json["backup"] else {
            throw RoostError(.format, "no array")
        }
        #expect(
            mapped[0]["info"]?["repository"]
                == .object(["delta": .unsigned(725), "size-map": .unsigned(100), "delta-map": .unsigned(10)]))
        #expect(mapped[0]["archive"] == .object(["start": .null, "stop": .null]))
    }

    @Test func `the JSON tells of a running backup with its progress`() throws {
        var stanza = try stanza([])
        stanza.backupRunning = .init(size: 1000, complete: 250)
        stanza.restoreRunning = .init()
        #expect(
            stanza.json["status"]?["lock"]?.text
                == #"{"backup":{"held":true,"repo":[{"key":1,"size":1000,"size-cplt":250}],"size":1000,"size-cplt":250},"restore":{"held":true}}"#
        )
    }

    @Test func `the text of the specification's example, for one repository`() throws {
        let shown = try stanza([try full(), try incremental()]).text(showsDetails: false)
        func time(_ seconds: Int64) -> String { LocalTime(seconds).text + LocalTime(seconds).offsetText }
        #expect(
            shown == """
                stanza: demo
                    status: ok
                    cipher: none

                    db (current)
                        wal archive min/max (15): 000000010000000000000001/000000010000000000000045

                        full backup: 20261122-141514F
                            timestamp start/stop: \(time(1_795_356_914)) / \(time(1_795_356_918))
                            wal start/stop: 000000010000000000000004 / 000000010000000000000004
                            database size: 37.9MB, database backup size: 37.9MB
                            repo1: backup set size: 8.3MB, backup size: 8.3MB

                        incr backup: 20261122-141514F_20261122-141535I
                            timestamp start/stop: \(time(1_795_356_935)) / \(time(1_795_356_937))
                            wal start/stop: 000000010000000000000008 / 000000010000000000000009
                            database size: 45.1MB, database backup size: 16.3KB
                            repo1: backup set size: 9.2MB, backup size: 725B
                            backup reference total: 1 full, 1 diff

                """)
    }

    @Test func `the text with details`() throws {
        var backup = try incremental()
        backup.annotations = ["b": "2", "a": "1"]
        (backup.lsnStart, backup.lsnStop) = (LSN("0/8000028"), LSN("0/9000100"))
        var stanza = try stanza([backup])
        var manifest = try manifest()
        manifest.databases = ["postgres": .init(oid: 5, lastSystemOID: 4), "app": .init(oid: 16400, lastSystemOID: 4)]
        var tablespace = Manifest.Target(kind: .link, path: "/mnt/ts1")
        (tablespace.tablespaceID, tablespace.tablespaceName) = ("16384", "ts1")
        manifest.targets["pg_tblspc/16384"] = tablespace
        manifest.targets["pg_data/pg_wal"] = Manifest.Target(kind: .link, path: "/wal")
        try manifest.add("pg_data/base/5/1") { $0.pageCheck = .invalid }
        stanza.manifest = manifest
        let lines = stanza.text(showsDetails: true).split(separator: "\n").map(String.init)
        #expect(lines.contains("            lsn start/stop: 0/8000028 / 0/9000100"))
        let tail = try #require(lines.firstIndex { $0.contains("backup reference list") })
        #expect(
            Array(lines[tail...]) == [
                "            backup reference list: 20261122-141514F, 20261122-141514F_20261122-141533D",
                "            database list: app (16400), postgres (5)", "            symlinks:",
                "                pg_wal => /wal",
                "            tablespaces:", "                ts1 (16384) => /mnt/ts1",
                "            error list: base/5/1",
                "            annotation(s)", "                a: 1", "                b: 2",
            ])
    }

    @Test(arguments: [
        (StanzaInfo.Status.ok, "    status: ok"), (.missingPath, "    status: error (missing stanza path)"),
        (.noBackup, "    status: error (no valid backups)"), (.missingData, "    status: error (missing stanza data)"),
        (.requestedBackupMissing, "    status: error (requested backup not found)"),
        (.other("[X] a\nHINT: b"), "    status: error (other)"),
    ])
    func `the line of the status`(status: StanzaInfo.Status, line: String) throws {
        var stanza = StanzaInfo(name: "demo", status: status, repositoryKey: 1)
        let lines = stanza.text(showsDetails: false).split(separator: "\n").map(String.init)
        #expect(lines[1] == line)
        #expect(lines.contains("    cipher: none") == (status != .missingPath))
        if case .other = status { #expect(lines[2...3] == ["            [X] a", "            HINT: b"]) }
        func expectRunning(_ words: String) {
            let expected = status == .ok ? "\(line) (\(words))" : "\(line.dropLast()), \(words))"
            #expect(stanza.heading == "stanza: demo\n\(expected)\n")
        }
        stanza.backupRunning = .init(size: 100_000, complete: 32_636)
        expectRunning("backup/expire running - 32.64% complete")
        stanza.restoreRunning = .init()
        stanza.backupRunning = .init(size: 10, complete: 10)
        expectRunning("backup/expire running - 100.00% complete, restore running")
        stanza.backupRunning = .init(size: 0, complete: 0)
        expectRunning("backup/expire running - 100.00% complete, restore running")
        stanza.backupRunning = .init(percentage: 7)
        expectRunning("backup/expire running - 0.07% complete, restore running")
    }

    @Test func `former generations are shown as long as they have anything`() throws {
        var stanza = try stanza([try full()])
        let next = BackupInfo.Cluster(
            identity: ClusterIdentity(systemID: SystemID(2), version: "16"), catalogVersion: 1, controlVersion: 1)
        stanza.history.append(.init(id: 2, entry: next))
        stanza.currentID = 2
        let shown = stanza.text(showsDetails: false)
        #expect(shown.contains("    db (prior)\n        wal archive min/max (15): 0000"))
        #expect(shown.contains("    db (current)\n        wal archive min/max (16): none present\n"))
        stanza.backups = []
        stanza.archives = []
        #expect(!stanza.text(showsDetails: false).contains("db (prior)"))
    }

    @Test func `a cluster that came back to a former generation is shown once, and last`() throws {
        var stanza = try stanza([try full()])
        let other = BackupInfo.Cluster(
            identity: ClusterIdentity(systemID: SystemID(2), version: "16"), catalogVersion: 1, controlVersion: 1)
        stanza.history = [stanza.history[0], .init(id: 2, entry: other), .init(id: 3, entry: stanza.history[0].entry)]
        stanza.currentID = 3
        stanza.archives.append(.init(id: ArchiveID(version: "16", historyID: 2), min: segment(1), max: segment(2)))
        stanza.archives.append(.init(id: ArchiveID(version: "15", historyID: 3), min: segment(0), max: segment(9)))
        let groups = stanza.text(showsDetails: false).split(separator: "\n").filter {
            $0.contains("db (") || $0.contains("min/max")
        }
        #expect(
            groups == [
                "    db (prior)", "        wal archive min/max (16): \(segment(1))/\(segment(2))", "    db (current)",
                "        wal archive min/max (15): \(segment(0))/\(segment(0x45))",
            ])
        stanza.isOfOneBackup = true
        #expect(!stanza.text(showsDetails: true).contains("db (prior)"))
    }

    @Test func `an error of the repository has its words in the part of the repository`() throws {
        let stanza = StanzaInfo(name: "demo", status: .other("[X] a"), repositoryKey: 1)
        #expect(stanza.json["status"]?["message"] == .string("other"))
        #expect(
            stanza.briefJSON.text
                == #"{"name":"demo","status":{"code":99,"lock":{"backup":{"held":false},"restore":{"held":false}},"message":"other"}}"#
        )
        guard case .array(let repositories) = stanza.json["repo"] else { throw RoostError(.format, "no array") }
        #expect(repositories[0]["status"]?["message"] == .string("[X] a"))
    }

    @Test(
        arguments: [
            (0, "0B"), (1023, "1023B"), (1024, "1KB"), (16_700, "16.3KB"), (13 << 20, "13MB"), (1 << 40, "1024GB"),
            (1075, "1KB"), (1076, "1.1KB"),
        ] as [(UInt64, String)])
    func `sizes`(bytes: UInt64, text: String) { #expect(ByteCount(bytes).description == text) }
}
