import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// Which names mean what in a data directory.
struct NameRulesTests {
    @Test(arguments: [
        ("16385", "16385", "", false, 0), ("16385.1", "16385", "", false, 1), ("16385_fsm", "16385", "fsm", false, 0),
        ("16385_vm.12", "16385", "vm", false, 12), ("16385_init", "16385", "init", false, 0),
        ("t3_16386", "16386", "", true, 0), ("t3_16386_fsm", "16386", "fsm", true, 0),
        ("t12_1_vm.2", "1", "vm", true, 2),
        ("1", "1", "", false, 0),
    ])
    func `names of relations`(name: String, filenode: String, fork: String, temporary: Bool, segment: UInt32) throws {
        let relation = try #require(RelationFileName(name[...]))
        #expect(relation.filenode == filenode[...])
        #expect(relation.fork.rawValue == fork)
        #expect(relation.isTemporary == temporary)
        #expect(relation.segment == segment)
    }

    @Test(arguments: [
        "", "PG_VERSION", "pg_filenode.map", "16385_", "16385_main", "16385_fsm_vm", "16385.", "16385.a", "16385.1.2",
        "16385.-1",
        "t_16385", "t3_", "t3", "t3_a", "T3_16385", "16385 ", "16385~", "1638a", "pgsql_tmp1", "١٢", "16385_fsm.",
        "_fsm",
        "16385.+1",
    ])
    func `names of anything else`(name: String) { #expect(RelationFileName(name[...]) == nil) }

    @Test(arguments: [("16385", 0), ("16385.3", 3), ("a.b.7", 7), ("16385.x", 0), ("16385.", 0)] as [(String, UInt32)])
    func `the number of a segment`(name: String, number: UInt32) { #expect(segmentNumber(ofFile: name) == number) }

    @Test(arguments: [
        ("pg_internal.init", true), ("pg_internal.init.123", true), ("pg_internal.initX.5", true),
        ("pg_internal.init.x", false), ("pg_internal.init.", false), ("pg_internal.init1", false),
        ("xpg_internal.init", false),
    ])
    func `the relation cache and its temporary forms`(name: String, isCache: Bool) {
        #expect(ScanRules.isRelationCache(name) == isCache)
    }

    private func rules(_ version: String = "15", online: Bool = true, _ excludes: [String] = []) throws -> ScanRules {
        ScanRules(version: try #require(PostgresVersion(version)), isOnline: online, excludes: excludes)
    }

    @Test(arguments: [
        ("pg_data/global", true), ("pg_data/base/16384", true), ("pg_tblspc/16384/PG_15_202209061/16400", true),
        ("pg_data/base", false), ("pg_data/base/pgsql_tmp", false), ("pg_data/base/16384/1", false),
        ("pg_data/pg_xact", false),
        ("pg_tblspc/16384/PG_15_202209061", false), ("pg_data/other/16384", false),
    ])
    func `database directories`(name: String, isDatabase: Bool) throws {
        #expect(try rules().isDatabaseDirectory(name) == isDatabase)
    }

    @Test(arguments: [
        ("backup_label", ["9.6", "11", "12", "15", "18"]), ("backup_label.old", ["9.6", "11", "12", "15", "18"]),
        ("postgresql.auto.conf.tmp", ["9.6", "11", "12", "15", "18"]),
        ("postmaster.opts", ["9.6", "11", "12", "15", "18"]),
        ("postmaster.pid", ["9.6", "11", "12", "15", "18"]), ("recovery.signal", ["12", "15", "18"]),
        ("standby.signal", ["12", "15", "18"]), ("recovery.conf", ["9.6", "11"]), ("recovery.done", ["9.6", "11"]),
        ("backup_manifest", ["15", "18"]), ("backup_manifest.tmp", ["15", "18"]), ("PG_VERSION", []),
        ("postgresql.conf", []),
    ])
    func `files of the server in the data directory, by version`(name: String, versions: [String]) throws {
        for version in ["9.6", "11", "12", "15", "18"] {
            let rules = try rules(version)
            #expect(
                (rules.excludes(name, in: "pg_data", kind: .file) != nil) == versions.contains(version), "\(version)")
            #expect(rules.excludes(name, in: "pg_data/base", kind: .file) == nil)
            #expect(rules.excludes(name, in: "pg_data", kind: .directory) == nil)
        }
    }

    @Test func `temporary files of queries are left out everywhere, whatever they are`() throws {
        for kind in [.file, .directory, .symbolicLink] as [FileStatus.Kind] {
            #expect(try rules().excludes("pgsql_tmp", in: "pg_data/base", kind: kind) != nil)
            #expect(try rules().excludes("pgsql_tmp12.3", in: "pg_tblspc/1/PG_15_202209061", kind: kind) != nil)
        }
        #expect(try rules().excludes("xpgsql_tmp", in: "pg_data/base", kind: .file) == nil)
    }

    @Test(arguments: [("9.6", "pg_xlog"), ("10", "pg_wal"), ("15", "pg_wal")])
    func `WAL is left out online only, its other directories are kept`(version: String, directory: String) throws {
        let name = "pg_data/\(directory)"
        #expect(try rules(version).excludes("000000010000000000000001", in: name, kind: .file) != nil)
        #expect(try rules(version, online: false).excludes("000000010000000000000001", in: name, kind: .file) == nil)
        #expect(try rules(version).excludes("summaries", in: name, kind: .directory) == nil)
        #expect(try rules(version).excludesContents(of: "\(name)/archive_status") != nil)
        #expect(try rules(version, online: false).excludesContents(of: "\(name)/archive_status") == nil)
        #expect(try rules(version).excludesContents(of: "\(name)/summaries") == nil)
    }

    @Test(arguments: [
        "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans",
    ])
    func `directories that are kept empty`(name: String) throws {
        for online in [true, false] {
            #expect(try rules(online: online).excludesContents(of: "pg_data/\(name)") != nil)
            #expect(try rules(online: online).excludesContents(of: "pg_data/base/\(name)") == nil)
        }
    }

    @Test func `configured exclusions are literal: a name, or with a slash what is in it`() throws {
        let rules = try rules("15", ["pg_log/", "base/16384/16385", "/abs", "../up", "pg_lo"])
        #expect(rules.excludesContents(of: "pg_data/pg_log") != nil)
        #expect(rules.excludes("pg_log", in: "pg_data", kind: .directory) == nil)
        #expect(rules.excludes("16385", in: "pg_data/base/16384", kind: .file) != nil)
        #expect(rules.excludes("16385.1", in: "pg_data/base/16384", kind: .file) == nil)
        #expect(rules.excludes("16385", in: "pg_data/base/16386", kind: .file) == nil)
    }

    private func rules(_ version: String, _ excludes: [String]) throws -> ScanRules {
        try rules(version, online: true, excludes)
    }

    @Test(arguments: [
        ("pg_data/base/5/1", true), ("pg_data/global/1262", true), ("pg_data/global/pg_control", false),
        ("pg_data/pg_xact/0000", true), ("pg_data/pg_multixact/members/0000", true), ("pg_tblspc/1/PG_15_1/5/1", true),
        ("pg_data/pg_wal/1", false), ("pg_data/postgresql.conf", false), ("pg_data/pg_clog/0000", false),
    ])
    func `files that WAL brings up to date are read only to their listed size`(name: String, isLimited: Bool) throws {
        #expect(ScanRules.isReadToListedSize(name, version: try #require(PostgresVersion("15"))) == isLimited)
    }
}
