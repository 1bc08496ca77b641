import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// Where a restore puts things on this host, and what it refuses (specification `restore`, sections 5 and 6).
struct RestoreMappingTests {
    /// A manifest with the tablespaces `fast` and `slow`.
    private func withTablespaces() throws -> Manifest {
        var manifest = try manifest()
        for (oid, name) in [("16384", "fast"), ("16385", "slow")] {
            var target = Manifest.Target(kind: .link, path: "/mnt/\(name)")
            target.tablespaceID = oid
            target.tablespaceName = name
            manifest.targets["pg_tblspc/\(oid)"] = target
            manifest.links["pg_data/pg_tblspc/\(oid)"] = Manifest.Link(
                destination: "/mnt/\(name)", user: .unknown, group: .unknown)
            try manifest.add("pg_tblspc/\(oid)/PG_15_202209061/5/16390")
        }
        return manifest
    }

    private func map(
        _ manifest: Manifest, _ log: CollectedLog = CollectedLog(), _ change: (inout RestoreSettings) -> Void = { _ in }
    ) throws -> Manifest {
        var manifest = manifest
        var settings = RestoreSettings(dataDirectory: "/data")
        change(&settings)
        try RestoreMapping(settings, log).apply(to: &manifest)
        return manifest
    }

    @Test func `another data directory is told`() throws {
        let log = CollectedLog()
        let result = try map(try manifest(), log) { $0.dataDirectory = "/other" }
        #expect(result.targets["pg_data"]?.path == "/other")
        #expect(log.lines == ["info: remap data directory to '/other'"])
    }

    @Test func `tablespaces move by name or by oid, with their links`() throws {
        let log = CollectedLog()
        let result = try map(try withTablespaces(), log) {
            $0.tablespaceMap = ["fast": "/new/fast", "16385": "/new/slow"]
        }
        #expect(result.targets["pg_tblspc/16384"]?.path == "/new/fast")
        #expect(result.links["pg_data/pg_tblspc/16384"]?.destination == "/new/fast")
        #expect(result.targets["pg_tblspc/16385"]?.path == "/new/slow")
        #expect(result.links["pg_data/pg_tblspc/16385"]?.destination == "/new/slow")
        #expect(
            log.lines.sorted() == [
                "info: map tablespace 'pg_tblspc/16384' to '/new/fast'",
                "info: map tablespace 'pg_tblspc/16385' to '/new/slow'",
            ])
    }

    @Test(arguments: [
        ["fast": "/a", "16384": "/b"], ["fats": "/a"], ["16386": "/a"], ["fast": "relative/path"], ["fast": ""],
    ])
    func `maps that cannot be meant are refused`(map: [String: String]) throws {
        let manifest = try withTablespaces()
        #expect(failure { _ = try self.map(manifest) { $0.tablespaceMap = map } }?.code == .tablespaceMap)
    }

    @Test func `name and oid may agree`() throws {
        let result = try map(try withTablespaces()) { $0.tablespaceMap = ["fast": "/a", "16384": "/a"] }
        #expect(result.targets["pg_tblspc/16384"]?.path == "/a")
    }

    @Test(arguments: [
        ["fast": "/data/inside"], ["fast": "/data"], ["fast": "/x", "slow": "/x"],
        ["fast": "/x/y/../z", "slow": "/x/z/below"],
        ["fast": "/mnt/slow/below"],
    ])
    func `tablespaces that would lie in each other or in the data directory are refused`(map: [String: String]) throws {
        let manifest = try withTablespaces()
        #expect(failure { _ = try self.map(manifest) { $0.tablespaceMap = map } }?.code == .linkDestination)
    }

    @Test func `tablespaces that no map names move together`() throws {
        let result = try map(try withTablespaces()) {
            $0.tablespaceMap = ["slow": "/other"]
            $0.tablespaceMapAll = "/all"
        }
        #expect(result.targets["pg_tblspc/16384"]?.path == "/all/fast")
        #expect(result.links["pg_data/pg_tblspc/16384"]?.destination == "/all/fast")
        #expect(result.targets["pg_tblspc/16385"]?.path == "/other")
    }

    /// A manifest with `pg_wal` behind a directory link and `pg_hba.conf` behind a file link.
    private func withLinks() throws -> Manifest {
        var manifest = try manifest()
        manifest.targets["pg_data/pg_wal"] = Manifest.Target(kind: .link, path: "/wal")
        var file = Manifest.Target(kind: .link, path: "/etc/postgresql")
        file.file = "pg_hba.conf"
        manifest.targets["pg_data/pg_hba.conf"] = file
        for (name, destination) in [("pg_wal", "/wal"), ("pg_hba.conf", "/etc/postgresql/pg_hba.conf")] {
            manifest.links["pg_data/\(name)"] = Manifest.Link(destination: destination, user: .unknown, group: .unknown)
        }
        for name in ["pg_wal", "pg_xact"] {
            manifest.paths["pg_data/\(name)"] = Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
        }
        try manifest.add("pg_data/pg_hba.conf")
        try manifest.add("pg_data/pg_ident.conf")
        return manifest
    }

    @Test func `all links stay when all are wanted`() throws {
        let manifest = try withLinks()
        let log = CollectedLog()
        let result = try map(manifest, log) { $0.linkAll = true }
        #expect(result.links == manifest.links)
        #expect(result.targets == manifest.targets)
        #expect(log.lines == [])
    }

    @Test func `links that a map names move and stay, others are dropped`() throws {
        let log = CollectedLog()
        let result = try map(try withLinks(), log) { $0.linkMap = ["pg_hba.conf": "../conf/hba"] }
        #expect(result.links.mapValues(\.destination) == ["pg_data/pg_hba.conf": "../conf/hba"])
        #expect(result.targets["pg_data/pg_hba.conf"]?.path == "../conf")
        #expect(result.targets["pg_data/pg_hba.conf"]?.file == "hba")
        #expect(result.targets["pg_data/pg_wal"] == nil)
        #expect(
            log.lines == [
                "info: map link 'pg_hba.conf' to '../conf/hba'",
                "warn: contents of directory link 'pg_wal' will be restored in a directory at the same location",
            ])
    }

    @Test func `a file or directory of the backup can be put behind a new link`() throws {
        let result = try map(try withLinks()) {
            $0.linkAll = true
            $0.linkMap = ["pg_ident.conf": "/conf/ident", "pg_xact": "/fast/xact"]
        }
        #expect(result.targets["pg_data/pg_ident.conf"]?.destination == "/conf/ident")
        #expect(result.targets["pg_data/pg_ident.conf"]?.file == "ident")
        #expect(result.links["pg_data/pg_ident.conf"]?.destination == "/conf/ident")
        #expect(result.targets["pg_data/pg_xact"]?.path == "/fast/xact")
        #expect(result.targets["pg_data/pg_xact"]?.file == nil)
        #expect(result.links.count == 4)
    }

    @Test(arguments: [
        (["pg_xactt": "/x"], ErrorCode.linkMap), (["": "/x"], .linkMap), (["pg_tblspc/16384": "/x"], .linkMap),
        (["pg_hba.conf": "hba"], .linkMap), (["pg_hba.conf": "/x/"], .linkMap), (["pg_ident.conf": "ident"], .linkMap),
        (["pg_xact": "/data/inside"], .linkDestination), (["pg_xact": "base"], .linkDestination),
        (["pg_xact": "/wal/below"], .linkDestination),
        (["pg_ident.conf": "/etc/postgresql/pg_hba.conf"], .linkDestination),
    ])
    func `link maps that cannot be meant are refused`(map: [String: String], code: ErrorCode) throws {
        let manifest = try withLinks()
        let error = failure {
            _ = try self.map(manifest) {
                $0.linkMap = map
                $0.linkAll = true
            }
        }
        #expect(error?.code == code)
    }

    @Test func `files behind a link lie at its destination, the rest in the data directory`() throws {
        let manifest = try map(try withLinks()) { $0.linkAll = true }
        let version = try #require(PostgresVersion("15"))
        let places = RestorePlaces(manifest, version, dataDirectory: "/data")
        #expect(places.path(of: "pg_data/pg_hba.conf") == "/etc/postgresql/pg_hba.conf")
        #expect(places.path(of: "pg_data/pg_wal/x") == "/data/pg_wal/x")
        #expect(places.path(of: "pg_data") == "/data")
        #expect(places.path(of: "pg_tblspc/16384/PG_15_202209061/5/1") == "/data/pg_tblspc/16384/PG_15_202209061/5/1")
        #expect(places.targets.map(\.path) == ["/data", "/etc/postgresql/pg_hba.conf", "/wal"])
    }

    @Test func `other links are dropped with a warning`() throws {
        let manifest = try withLinks()
        let log = CollectedLog()
        let result = try map(manifest, log)
        #expect(result.links.isEmpty)
        #expect(result.targets.keys.sorted() == ["pg_data"])
        #expect(
            log.lines.sorted() == [
                "warn: contents of directory link 'pg_wal' will be restored in a directory at the same location",
                "warn: file link 'pg_hba.conf' will be restored as a file at the same location",
            ])
    }

    @Test func `a sound manifest passes the check`() throws {
        try RestoreCheck.validate(try withTablespaces())
    }

    @Test func `the target of a tablespace is its directory`() throws {
        var file = try withTablespaces()
        file.targets["pg_tblspc/16384"]?.file = "x"
        #expect(failure { try RestoreCheck.validate(file) }?.code == .format)
        var elsewhere = try withTablespaces()
        elsewhere.targets["pg_data/pg_wal"] = elsewhere.targets["pg_tblspc/16384"]
        #expect(failure { try RestoreCheck.validate(elsewhere) }?.code == .format)
    }

    @Test func `manifests that tell too little or too much`() throws {
        #expect(failure { try RestoreCheck.validate(try manifest()) }?.code == .format)
        var noChecksum = try withTablespaces()
        try noChecksum.add("pg_data/base/5/1") { $0.checksum = nil }
        #expect(failure { try RestoreCheck.validate(noChecksum) }?.message.contains("'pg_data/base/5/1'") == true)
        var blocks = try withTablespaces()
        try blocks.add("pg_data/base/5/1") { $0.block = .init(blockSize: 8192, checksumSize: 6, mapSize: 10) }
        #expect(failure { try RestoreCheck.validate(blocks) } == nil)
        var wholeBlock = try withTablespaces()
        try wholeBlock.add("pg_data/base/5/1") { $0.block = .init(blockSize: 8192, checksumSize: 6, mapSize: 0) }
        try RestoreCheck.validate(wholeBlock)
    }

    @Test(arguments: [
        "pg_tblspc/16386/PG_15_202209061/5/1", "pg_tblspc/16384/authorized_keys", "pg_tblspc/16384/ssh/authorized_keys",
        "pg_tblspc/16384", "pg_tblspc/etc/PG_15_202209061/5/1", "pg_data/pg_tblspc/16384/authorized_keys",
        "pg_data/pg_tblspc/16384/PG_15_202209061/5/1",
    ])
    func `a file that would land behind a link, outside a listed tablespace, is refused`(name: String) throws {
        var manifest = try withTablespaces()
        try manifest.add(name)
        let error = failure { try RestoreCheck.validate(manifest) }
        #expect(error?.code == .format)
        #expect(error?.message.contains("'\(name)'") == true)
    }

    @Test(arguments: ["", "..", "16384/..", "a", "-1", "١"])
    func `the oid of a tablespace is a number`(oid: String) throws {
        var manifest = try withTablespaces()
        manifest.targets["pg_tblspc/16384"]?.tablespaceID = oid
        #expect(failure { try RestoreCheck.validate(manifest) }?.code == .format)
    }

    @Test func `a link that no target tells of is refused`() throws {
        var manifest = try withTablespaces()
        manifest.links["pg_data/base"] = Manifest.Link(destination: "/etc", user: .unknown, group: .unknown)
        #expect(failure { try RestoreCheck.validate(manifest) }?.code == .format)
    }

    @Test func `a tablespace whose link points elsewhere is refused`() throws {
        var manifest = try withTablespaces()
        manifest.links["pg_data/pg_tblspc/16384"]?.destination = "/etc"
        #expect(failure { try RestoreCheck.validate(manifest) }?.code == .format)
    }
}
