import RoostFormat
import RoostSystem
import Testing

@testable import RoostEngine

/// Which databases become empty shells (specification `restore`, section 8).
struct DatabaseSelectionTests {
    /// `postgres` (5), `app` (16400) with a tablespace, `log` (16500) and a database (16600) without name.
    private func manifest() throws -> Manifest {
        var manifest = try RoostEngineTests.manifest()
        for (name, oid) in [("postgres", UInt32(5)), ("app", 16400), ("log", 16500), ("template1", 1)] {
            manifest.databases[name] = Manifest.Database(oid: oid, lastSystemOID: 0)
        }
        try manifest.add("pg_data/PG_VERSION", size: 3)
        for oid in [1, 5, 16400, 16500, 16600] {
            try manifest.add("pg_data/base/\(oid)/PG_VERSION", size: 3)
            try manifest.add("pg_data/base/\(oid)/1259")
        }
        try manifest.add("pg_data/base/16400/2600", size: 0)
        try manifest.add("pg_data/base/164000")
        try manifest.add("pg_data/global/16400")
        try manifest.add("pg_tblspc/16384/PG_15_202209061/16400/9")
        try manifest.add("pg_tblspc/16384/PG_15_202209061/16500/9")
        return manifest
    }

    private func zeroed(_ include: [String] = [], _ exclude: [String] = [], _ log: CollectedLog = CollectedLog()) throws
        -> [String]
    {
        let manifest = try manifest()
        let files = try DatabaseSelection(manifest, log).zeroedFiles(include: include, exclude: exclude)
        let names = (0..<manifest.files.count).filter(files.contains).map { manifest.files.name(at: $0) }
        #expect(names.count == files.count)
        return names
    }

    @Test func `excluded databases become holes, but for their version`() throws {
        #expect(
            try zeroed([], ["app", "16600"]) == [
                "pg_data/base/16400/1259", "pg_data/base/16600/1259", "pg_tblspc/16384/PG_15_202209061/16400/9",
            ])
        #expect(try zeroed([], ["postgres"]) == ["pg_data/base/5/1259"])
    }

    @Test func `all but the included and the system's become holes`() throws {
        #expect(
            try zeroed(["app"]) == [
                "pg_data/base/16500/1259", "pg_data/base/16600/1259", "pg_tblspc/16384/PG_15_202209061/16500/9",
            ])
        #expect(try zeroed(["16400", "log"], ["5"]) == ["pg_data/base/16600/1259", "pg_data/base/5/1259"])
    }

    @Test func `where all are included nothing is filtered`() throws {
        let log = CollectedLog()
        #expect(try zeroed(["app", "log", "16600"], [], log) == [])
        #expect(log.lines.last == "info: nothing to filter - all user databases have been selected")
        #expect(try zeroed() == [])
    }

    @Test(
        arguments: [
            (["nothere"], [], ErrorCode.dbMissing), ([], ["nothere"], .dbMissing), ([], ["16401"], .dbMissing),
            (["postgres"], [], .dbInvalid), (["1"], [], .dbInvalid), (["app"], ["16400"], .dbInvalid),
        ] as [([String], [String], ErrorCode)])
    func `what cannot be meant is refused`(include: [String], exclude: [String], code: ErrorCode) {
        #expect(failure { _ = try zeroed(include, exclude) }?.code == code)
    }

    @Test func `a missing database is told with those that there are`() {
        let error = failure { _ = try zeroed(["apq"]) }
        #expect(error?.message == "database to include 'apq' does not exist")
        #expect(error?.hints == ["the backup has: app (16400), log (16500), postgres (5), template1 (1)"])
    }

    @Test func `a manifest without databases is no cluster`() throws {
        var manifest = try RoostEngineTests.manifest()
        try manifest.add("pg_data/base/16400/1259")
        let error = failure {
            _ = try DatabaseSelection(manifest, CollectedLog()).zeroedFiles(include: [], exclude: ["a"])
        }
        #expect(error?.code == .format)
    }
}
