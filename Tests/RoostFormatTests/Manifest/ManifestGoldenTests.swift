import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@Suite struct ManifestGoldenTests {
    @Test func `the worked example is parsed and rendered byte for byte`() throws {
        #expect(signed(String(example)) == Example.manifest)
        let manifest = try Manifest(testing: Example.manifest)
        #expect(text(try manifest.rendered) == text(Example.manifest))
        #expect(manifest.label.text == "20260102-030405F")
        #expect(manifest.references.map(\.text) == ["20260102-030405F"])
        #expect(manifest.timestampCopyStart == 1_767_323_046)
        #expect(manifest.cluster.historyID == 1)
        #expect(manifest.databases == ["postgres": .init(oid: 5, lastSystemOID: 4)])
        #expect(manifest.files.count == 2)
        let file = try manifest.file("pg_data/PG_VERSION")
        #expect(file.size == 3)
        #expect(file.mode == 0o600)
        #expect(manifest.owners[Int(file.user)] == .name("postgres"))
        let empty = try manifest.file("pg_data/empty")
        #expect(empty.checksum == .ofNothing)
        #expect(empty.mode == 0o644)
    }

    @Test(arguments: Golden.manifests)
    func `manifests of stock are rendered as they were`(name: String) throws {
        let bytes = try Golden.bytes("\(name).manifest")
        #expect(text(try Manifest(testing: bytes).rendered) == text(bytes))
    }

    @Test(arguments: [1, 5, 4096])
    func `the size of the pieces makes no difference`(piece: Int) throws {
        let bytes = try Golden.bytes("2.60-gz-incr.manifest")
        #expect(try Manifest(testing: bytes, piece: piece).rendered == bytes)
    }

    @Test func `sums and line for backup info are those that stock computed`() throws {
        for (info, names) in [
            ("2.60-gz-backup.info", ["2.60-gz-full", "2.60-gz-incr"]),
            ("2.45-backup.info", ["2.45-lz4-full", "2.45-lz4-diff"]),
            ("2.60-block-backup.info", ["2.60-block-full", "2.60-block-incr"]),
            ("2.60-online-backup.info", ["2.60-online-full"]),
        ] {
            let backups = try BackupInfo(parsing: Golden.bytes(info), object: info)
            for name in names {
                let manifest = try Golden.manifest(name)
                var expected = try #require(backups[manifest.label], "\(name)")
                // backup.info knows whether, not how files are compressed, and little of the other options.
                expected.options = manifest.options
                #expect(manifest.entry == expected, "\(name)")
            }
        }
    }

    @Test func `what stock tells of a backup with everything is understood`() throws {
        let manifest = try Golden.manifest("2.60-gz-incr")
        #expect(manifest.type == .incr)
        #expect(manifest.references.count == 3)
        #expect(manifest.references.last == manifest.label)
        #expect(manifest.prior == manifest.references[1])
        #expect(manifest.targets["pg_data/conf.d"]?.destination == "/tmp/roost-golden/linked")
        #expect(manifest.targets["pg_data/pg_hba.conf"]?.destination == "../etc/pg_hba.conf")
        #expect(manifest.targets["pg_tblspc/16384"]?.tablespaceName == "ts16384")
        #expect(manifest.links["pg_data/pg_tblspc/16384"]?.destination == "/tmp/roost-golden/ts1")
        #expect(manifest.paths["pg_data/open"]?.mode == 0o755)
        #expect(manifest.paths["pg_data/base"]?.mode == 0o700)
        let damaged = try #require(manifest.files.index(of: "pg_data/base/1/1255"))
        #expect(
            manifest.files.pageErrors(at: damaged)
                == [PageRange(first: 3, last: 3), PageRange(first: 5, last: 7), PageRange(first: 20, last: 20)])
        #expect(manifest.files[damaged].pageCheck == .invalid)
        #expect(manifest.holder(of: manifest.files[damaged]) == manifest.references[0])
        let ownerless = try manifest.file("pg_data/open/ownerless")
        #expect(manifest.owners[Int(ownerless.user)] == .unknown)
        #expect(manifest.owners[Int(ownerless.group)] == .unknown)
        let empty = try manifest.file("pg_data/empty")
        #expect((empty.size, empty.repoSize) == (0, 20))
        #expect(empty.repoChecksum?.description == "46c6643f07aa7f6bfe7118de926b86defc5087c4")
        #expect(manifest.files.index(of: #"pg_data/a=1="q"\.txt"#) != nil)
    }

    @Test func `what stock tells of a raw bundled block-incremental backup is understood`() throws {
        let manifest = try Golden.manifest("2.60-block-incr")
        #expect(manifest.isBundled && manifest.isBundleRaw && manifest.isBlockIncremental)
        #expect(manifest.cipherPass?.utf8.count == 64)
        #expect(manifest.options.compressLevel == -1)
        #expect(manifest.options.compressLevelNetwork == -2)
        let changed = try manifest.file("pg_data/base/1/16500")
        #expect(changed.reference == nil)
        let block = try #require(changed.block)
        #expect(block.mapSize > 0 && block.blockSize.isMultiple(of: 8192))
        #expect(manifest.storedPath("pg_data/base/1/16500", changed) == "pg_data/base/1/16500.pgbi")
    }

    @Test func `annotations of stock are in byte order`() throws {
        let manifest = try Golden.manifest("2.60-gz-full")
        #expect(manifest.annotations == ["B": "1", "a-b": "ä", "source": "golden"])
    }

    @Test func `a database name may contain what the syntax uses`() throws {
        let manifest = try Golden.manifest("2.60-online-full")
        #expect(manifest.databases.keys.sorted() == ["template0", "template1", #"we=ird "q"\x ü"#])
        #expect(manifest.lsnStart != nil && manifest.archiveStart != nil)
    }

    @Test func `a partial manifest lacks what is not known yet`() throws {
        let manifest = try Golden.manifest("2.60-partial")
        #expect(manifest.cluster.historyID == 0)
        #expect(manifest.timestampStop == 0)
        #expect(manifest.options.compressLevel == nil)
        #expect(try manifest.file("pg_data/PG_VERSION").checksum == nil)
    }
}
