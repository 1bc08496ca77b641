import Glibc
import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// What of a data directory is listed (specification `backup`, section 5).
///
/// The rules that only count online are tested by name in `NameRulesTests`.
struct ClusterScanTests {
    private let bed: Bed

    init() throws {
        bed = try Bed()
        try bed.writeCluster()
    }

    private func scan(_ excludes: [String] = []) throws -> Manifest {
        var settings = BackupSettings(type: .full, dataDirectory: bed.data)
        settings.excludes = excludes
        var result = try manifest()
        result.options.checksumPage = true
        result.targets = [:]
        result.paths = [:]
        try ClusterScan(settings, try BackupServer(settings, try Fixture.controlFile(), bed.context), bed.log).run(
            into: &result)
        return result
    }

    @Test func `a stopped cluster: everything but what the server makes anew`() throws {
        let result = try scan()
        #expect(
            result.fileNames == [
                "pg_data/PG_VERSION", "pg_data/base/5/1247", "pg_data/base/5/1249", "pg_data/base/5/2600",
                "pg_data/base/5/PG_VERSION", "pg_data/global/1262", "pg_data/global/pg_control",
                "pg_data/pg_wal/000000010000000000000001", "pg_data/pg_xact/0000", "pg_data/postgresql.auto.conf",
                "pg_data/postgresql.conf",
            ])
        #expect(
            result.paths.keys.sorted() == [
                "pg_data", "pg_data/base", "pg_data/base/5", "pg_data/global", "pg_data/pg_notify", "pg_data/pg_tblspc",
                "pg_data/pg_wal", "pg_data/pg_wal/archive_status", "pg_data/pg_xact",
            ])
        #expect(result.targets == ["pg_data": .init(kind: .path, path: bed.data)])
        #expect(result.links.isEmpty)
        #expect(bed.log.lines.isEmpty)
    }

    @Test func `size, time, mode and owner are those of the file; pages are checked where there are pages`() throws {
        try bed.put("base/5/1", Fixture.page(1, count: 2), mode: 0o640, modified: 1234)
        let result = try scan()
        let file = try #require(result.file("pg_data/base/5/1"))
        #expect((file.size, file.timestamp, file.mode) == (16384, 1234, 0o640))
        var accounts = AccountNames()
        let name = accounts.user(CurrentProcess.effectiveUser)
        let user = try #require(name)
        #expect(result.owners[Int(file.user)] == .name(user))
        #expect(result.paths["pg_data"] == .init(mode: 0o700, user: .name(user), group: result.owners[Int(file.group)]))
        let checked = result.fileNames.filter { result.file($0)?.pageCheck == .valid }
        #expect(
            checked == ["base/5/1", "base/5/1247", "base/5/1249", "base/5/2600", "global/1262"].map { "pg_data/\($0)" })
        #expect(result.file("pg_data/base/5/2600")?.checksum == .ofNothing)
        #expect(file.checksum == nil)
    }

    @Test func `temporary and unlogged relations and the relation cache are left out of database directories`() throws {
        let gone = [
            "t3_16386", "t3_16386_fsm", "t3_16386.1", "16390", "16390_fsm", "16390_vm", "16390.1", "16390_fsm.2",
            "pg_internal.init", "pg_internal.init.123",
        ]
        let kept = ["16390_init", "16391", "16391_fsm", "t3_16386x", "pg_internal.initx", "163900", "t1_2_init"]
        for name in gone + kept { for directory in ["base/5", "pg_xact"] { try bed.put("\(directory)/\(name)", [1]) } }
        try bed.put("global/pg_internal.init", [1])
        let names = Set(try scan().fileNames)
        for name in gone {
            #expect(!names.contains("pg_data/base/5/\(name)"), "\(name)")
            #expect(names.contains("pg_data/pg_xact/\(name)"), "\(name)")
        }
        for name in kept { #expect(names.contains("pg_data/base/5/\(name)"), "\(name)") }
        #expect(!names.contains("pg_data/global/pg_internal.init"))
    }

    @Test func `temporary files of queries are left out everywhere`() throws {
        try bed.put("base/pgsql_tmp/pgsql_tmp1.0", [1])
        try bed.put("pg_wal/pgsql_tmp2", [1])
        let result = try scan()
        #expect(result.paths["pg_data/base/pgsql_tmp"] == nil)
        #expect(!result.fileNames.contains { $0.contains("pgsql_tmp") })
    }

    @Test func `exclusions that were asked for are told`() throws {
        try bed.put("log/a", [1])
        try bed.put("log2/a", [1])
        let result = try scan(["log/", "log2", "base/5/1249", "/abs", ".."])
        #expect(result.paths["pg_data/log"] != nil)
        #expect(result.paths["pg_data/log2"] == nil)
        #expect(result.file("pg_data/base/5/1249") == nil)
        #expect(!result.fileNames.contains { $0.hasPrefix("pg_data/log") })
        #expect(
            bed.log.lines == [
                "info: exclude '\(bed.data)/base/5/1249' from backup using 'base/5/1249' exclusion",
                "info: exclude contents of '\(bed.data)/log' from backup using 'log/' exclusion",
                "info: exclude '\(bed.data)/log2' from backup using 'log2' exclusion",
            ])
    }

    @Test func `a special file is left out with a warning`() throws {
        #expect(mkfifo("\(bed.data)/pipe", 0o600) == 0)
        #expect(try !scan().fileNames.contains("pg_data/pipe"))
        #expect(bed.log.lines == ["warn: exclude special file '\(bed.data)/pipe' from backup"])
    }

    private func link(_ name: String, to destination: String) throws {
        try FileSystem.link("\(bed.data)/\(name)", to: destination)
    }

    @Test func `a tablespace is listed under its own name, with this version's directory alone`() throws {
        let place = "\(bed.directory.path)/ts"
        try write("\(place)/PG_15_202209061/5/16390", [1])
        try write("\(place)/PG_15_202209061/5/t1_2", [1])
        try write("\(place)/PG_14_202107181/5/1", [1])
        try write("\(place)/other", [1])
        try link("pg_tblspc/16384", to: place)
        let result = try scan()
        #expect(result.fileNames.filter { $0.hasPrefix("pg_tblspc") } == ["pg_tblspc/16384/PG_15_202209061/5/16390"])
        #expect(
            result.paths.keys.filter { $0.hasPrefix("pg_tblspc") }.sorted() == [
                "pg_tblspc", "pg_tblspc/16384", "pg_tblspc/16384/PG_15_202209061", "pg_tblspc/16384/PG_15_202209061/5",
            ])
        var target = Manifest.Target(kind: .link, path: place)
        (target.tablespaceID, target.tablespaceName) = ("16384", "ts16384")
        #expect(result.targets["pg_tblspc/16384"] == target)
        #expect(result.links["pg_data/pg_tblspc/16384"]?.destination == place)
    }

    @Test func `a tablespace without its directory is not backed up as empty`() throws {
        try write("\(bed.directory.path)/ts/PG_14_202107181/5/1", [1])
        try link("pg_tblspc/16384", to: "\(bed.directory.path)/ts")
        let error = failure { _ = try scan() }
        #expect(error?.code == .fileOpen)
        #expect(error?.message.contains("pg_tblspc/16384/PG_15_202209061'") == true)
    }

    @Test func `exclusions do not reach into tablespaces`() throws {
        try write("\(bed.directory.path)/ts/PG_15_202209061/5/16390", [1])
        try link("pg_tblspc/16384", to: "\(bed.directory.path)/ts")
        let inside = "16384/PG_15_202209061/5/16390"
        #expect(try scan(["c/\(inside)", "pg_tblspc/\(inside)"]).file("pg_tblspc/\(inside)") != nil)
        #expect(try scan(["pg_tblspc/16384"]).file("pg_tblspc/\(inside)") == nil)
    }

    @Test func `a walk that would come back to where it began is refused`() throws {
        try write("\(bed.directory.path)/loop/a", [1])
        try FileSystem.link("\(bed.directory.path)/loop/back", to: "\(bed.directory.path)/loop")
        for destination in ["..", "../loop", bed.directory.path] {
            try link("zlink", to: destination)
            #expect(failure { _ = try scan() }?.code == .linkDestination, "\(destination)")
            try FileSystem.removeFile("\(bed.data)/zlink")
        }
    }

    @Test func `directories and files behind links are listed in their place`() throws {
        try write("\(bed.directory.path)/log/a", [1])
        try write("\(bed.directory.path)/etc/pg_hba.conf", [1, 2])
        try link("log", to: "../log")
        try link("pg_hba.conf", to: "\(bed.directory.path)/etc/pg_hba.conf")
        let result = try scan()
        #expect(result.file("pg_data/log/a")?.size == 1)
        #expect(result.file("pg_data/pg_hba.conf")?.size == 2)
        #expect(result.targets["pg_data/log"] == .init(kind: .link, path: "../log"))
        var target = Manifest.Target(kind: .link, path: "\(bed.directory.path)/etc")
        target.file = "pg_hba.conf"
        #expect(result.targets["pg_data/pg_hba.conf"] == target)
        #expect(
            result.links.mapValues(\.destination) == [
                "pg_data/log": "../log", "pg_data/pg_hba.conf": "\(bed.directory.path)/etc/pg_hba.conf",
            ])
        #expect(result.fileNames == result.fileNames.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    @Test func `a linked directory that is kept empty is not descended into`() throws {
        try FileSystem.removeTree("\(bed.data)/pg_notify")
        try write("\(bed.directory.path)/notify/0000", [1])
        try link("pg_notify", to: "../notify")
        let result = try scan()
        #expect(result.paths["pg_data/pg_notify"] != nil)
        #expect(!result.fileNames.contains { $0.contains("notify") })
    }

    @Test func `links that cannot be backed up`() throws {
        try write("\(bed.directory.path)/dir/a", [1])
        func code(_ destination: String, also other: String? = nil) throws -> ErrorCode? {
            try link("zlink", to: destination)
            if let other { try link("zzlink", to: other) }
            defer { for name in ["zlink", "zzlink"] { _ = try? FileSystem.removeFile("\(bed.data)/\(name)") } }
            return failure { _ = try scan() }?.code
        }
        try FileSystem.link("\(bed.directory.path)/indirect", to: "dir")
        #expect(try code("../indirect") == .linkDestination)
        #expect(try code("base") == .linkDestination)
        #expect(try code("\(bed.data)/base/5/1247") == .linkDestination)
        #expect(try code("../dir", also: "\(bed.directory.path)/dir") == .linkDestination)
        #expect(try code("../missing") == .fileOpen)
        #expect(try code("../missing", also: "../dir") == .fileOpen)
        #expect(try code("base/missing") == .linkDestination)
        #expect(try code("../dir") == nil)
    }

    @Test func `pg_tblspc holds links only`() throws {
        try FileSystem.createDirectory("\(bed.data)/pg_tblspc/16384")
        #expect(failure { _ = try scan() }?.code == .linkExpected)
        try FileSystem.removeTree("\(bed.data)/pg_tblspc/16384")
        try bed.put("pg_tblspc/note", [1])
        #expect(failure { _ = try scan() }?.code == .linkExpected)
    }

    @Test func `a server that seems to run is not backed up offline unless forced`() throws {
        try bed.put("postmaster.pid", "123\n")
        #expect(failure { _ = try scan() }?.code == .pgRunning)
        var settings = BackupSettings(type: .full, dataDirectory: bed.data)
        settings.force = true
        _ = try BackupServer(settings, try Fixture.controlFile(), bed.context)
        #expect(bed.log.contains("but --force was passed so backup will continue"))
    }
}
