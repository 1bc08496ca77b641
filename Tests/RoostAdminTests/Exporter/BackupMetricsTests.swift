import RoostAdmin
import RoostFormat
import RoostPostgres
import RoostSystem
import RoostTesting
import Testing

@testable import RoostEngine

@Suite struct BackupMetricsTests {
    private func entry(_ label: String, _ type: BackupType, stop: Int64, blocks: Bool = false) throws -> BackupEntry {
        var entry = BackupEntry(
            label: try #require(BackupLabel(label)), version: "2.60.0", type: type, historyID: 1,
            timestampStart: stop - 7,
            timestampStop: stop, options: BackupOptions())
        entry.sizes.original = 100
        entry.sizes.originalDelta = 90
        entry.sizes.repository = 50
        entry.sizes.repositoryDelta = 40
        if blocks { (entry.sizes.map, entry.sizes.mapDelta) = (6, 5) }
        return entry
    }

    private func stanza(_ backups: [BackupEntry]) -> BackupMetrics.Stanza {
        var info = StanzaInfo(name: "ma\"i\\n", status: .ok, repositoryKey: 1)
        let cluster = BackupInfo.Cluster(
            identity: ClusterIdentity(systemID: SystemID(7), version: "15"), catalogVersion: 1, controlVersion: 1)
        info.history = [.init(id: 1, entry: cluster)]
        info.currentID = 1
        info.backups = backups
        info.archives = [StanzaInfo.Archive(id: ArchiveID(version: "15", historyID: 1))]
        return BackupMetrics.Stanza(info)
    }

    private func lines(_ stanzas: [BackupMetrics.Stanza]?, _ settings: BackupMetrics.Settings = .init()) -> [String] {
        BackupMetrics.page(stanzas, settings, now: 1000).text.split(separator: "\n").map(String.init)
    }

    @Test func `a newer full backup is the last differential and incremental one too`() throws {
        let full = try entry("20261122-141514F", .full, stop: 100)
        let diff = try entry("20261122-141514F_20261122-141600D", .diff, stop: 200, blocks: true)
        let next = try entry("20261122-141700F", .full, stop: 300)
        let incr = try entry("20261122-141700F_20261122-141800I", .incr, stop: 400)
        func ages(_ backups: [BackupEntry]) -> [String] {
            lines([stanza(backups)]).filter { $0.hasPrefix("pgbackrest_backup_since_last") }.map { line in
                line.replacing("pgbackrest_backup_since_last_completion_seconds", with: "").replacing(
                    #",stanza="ma\"i\\n""#, with: "")
            }
        }
        func age(_ type: String, _ block: String, _ value: Int) -> String {
            "{backup_type=\"\(type)\",block_incr=\"\(block)\"} \(value)"
        }
        #expect(ages([full]) == [age("full", "n", 900), age("diff", "n", 900), age("incr", "n", 900)])
        #expect(ages([full, diff]) == [age("full", "n", 900), age("diff", "y", 800), age("incr", "y", 800)])
        #expect(ages([full, diff, next]) == [age("full", "n", 700), age("diff", "n", 700), age("incr", "n", 700)])
        #expect(
            ages([full, diff, next, incr]) == [age("full", "n", 700), age("diff", "n", 700), age("incr", "n", 600)])
        #expect(ages([]) == [])
    }

    @Test func `labels hold every name, escaped, and block increments have no size of the set`() throws {
        let backup = try entry("20261122-141514F", .full, stop: 100, blocks: true)
        let found = lines([stanza([backup])])
        let base = #"backup_name="20261122-141514F",backup_type="full",block_incr="y",database_id="1""#
        let place = #"repo_key="1",stanza="ma\"i\\n""#
        for line in [
            "pgbackrest_backup_repo_size_bytes{\(base),\(place)} 0",
            "pgbackrest_backup_size_bytes{\(base),\(place)} 100",
            "pgbackrest_backup_repo_size_map_bytes{\(base),\(place)} 6",
            #"pgbackrest_backup_info{backrest_ver="2.60.0",\#(base),lsn_start="-",lsn_stop="-",pg_version="15",prior="",\#(place),wal_start="",wal_stop=""} 1"#,
            #"pgbackrest_wal_archive_status{database_id="1",pg_version="15",\#(place),wal_max="",wal_min=""} 0"#,
        ] { #expect(found.contains(line), "\(line) in \(found.joined(separator: "\n"))") }
        #expect(
            !found.contains { $0.hasPrefix("pgbackrest_backup_references{") || $0.hasPrefix("roost_archive_ready") })
    }

    @Test func `each metric is described once, before its samples`() throws {
        var settings = BackupMetrics.Settings()
        settings.countsReferences = true
        var one = stanza([try entry("20261122-141514F", .full, stop: 100)])
        one.backlog = ArchiveBacklog(count: 3, oldest: 990)
        let found = lines([one, one], settings)
        var described: [String] = []
        for line in found {
            let words = line.split(separator: " ")
            if words[0] == "#" {
                if words[1] == "TYPE" { described.append(String(words[2])) }
            } else {
                #expect(String(line.prefix { $0 != "{" && $0 != " " }) == described.last)
            }
        }
        #expect(Set(described).count == described.count)
        #expect(found.contains(#"roost_archive_ready_age_seconds{stanza="ma\"i\\n"} 10"#))
    }

    @Test func `a repository that cannot be asked leaves the status alone`() {
        let found = lines(nil).filter { !$0.hasPrefix("#") }
        #expect(found.count == 3)
        #expect(found.contains(#"pgbackrest_exporter_status{stanza="all-stanzas"} 0"#))
        #expect(found.contains("pgbackrest_version_info 2060000"))
    }

    @Test func `files that wait for the archive are counted with the age of the oldest`() throws {
        let directory = try TemporaryDirectory()
        #expect(try ArchiveBacklog.read(dataDirectory: directory.path) == nil)
        try FileSystem.createDirectory(directory.path("pg_wal/archive_status"))
        #expect(try ArchiveBacklog.read(dataDirectory: directory.path) == ArchiveBacklog(count: 0))
        for (name, time) in [("000000010000000000000001.ready", 50), ("00000002.history.ready", 40), ("x.done", 1)] {
            try directory.file("pg_wal/archive_status/\(name)", "")
            try FileSystem.setModified(directory.path("pg_wal/archive_status/\(name)"), Int64(time))
        }
        #expect(try ArchiveBacklog.read(dataDirectory: directory.path) == ArchiveBacklog(count: 2, oldest: 40))
    }
}
