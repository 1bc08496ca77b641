import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

/// The worked example without its checksum, to be changed and signed again.
private let example = text(Example.manifest).split(separator: "\n\n[backrest]\n")[0] + "\n"

/// The example with other files.
private func manifest(files: [String], replacing changes: [(String, String)] = []) throws -> Manifest {
    var result = String(example)
    let start = try #require(result.firstRange(of: "[target:file]\n")).upperBound
    let end = try #require(result.firstRange(of: "\n[target:file:default]")).lowerBound
    result.replaceSubrange(start..<end, with: files.map { "\($0)\n" }.joined())
    for (old, new) in changes {
        try #require(result.contains(old), "'\(old)' is not in the example")
        result.replace(old, with: new)
    }
    return try Manifest(testing: signed(result))
}

private func lines(_ manifest: Manifest) throws -> [String] {
    text(try manifest.rendered).split(separator: "\n").map(String.init)
}

private let plain = #"={"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","size":3,"timestamp":1767323000}"#

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

@Suite struct ManifestFileLineTests {
    /// Lines of 2.60.0dev from the specification, section 7.11.
    static let samples = [
        #"pg_data/PG_VERSION={"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","rck":"b8b3ecfaf3ed3d6865df5807d66c5fd8cde3289e","repo-size":23,"size":3,"timestamp":1795356838}"#,
        #"pg_data/base/1/112={"checksum":"9890dd22d170e0de4f4d9404aba2557a33b9909b","checksum-page":true,"rck":"d344a41853823b857a58e3d8c21d976f7b6fe7be","repo-size":86,"size":8192,"timestamp":1795356838}"#,
        #"pg_data/base/1/113={"bni":1,"bno":18195031,"checksum":"9c6671806c84144652aa7a1e989bc2cfe3d9bd40","checksum-page":true,"reference":"20261122-141813F","size":8192,"timestamp":1795356838}"#,
        #"pg_data/base/1/1247={"bi":1,"bim":101,"bni":1,"bno":9685370,"checksum":"3a2a5778fcc8498eeb445195eb7534bbf0059217","checksum-page":true,"rck":"d1e9c4181ce03bb990f704dd80f443f751e926d0","reference":"20261122-141813F","repo-size":122981,"size":122880,"timestamp":1795356839}"#,
        #"pg_data/base/5/16415={"bi":1,"bim":366,"bni":1,"checksum":"f859847d24f7225ba177c33fcdfa8b51cc82d28e","checksum-page":false,"checksum-page-error":[3,[5,7],20],"rck":"d4edecbbae394c6172ea72a38f0407b37ee1d16e","repo-size":483694,"size":483328,"timestamp":1795357402}"#,
        #"pg_data/base/5/16500={"bi":2,"bic":7,"checksum":"f859847d24f7225ba177c33fcdfa8b51cc82d28e","size":9,"szo":8,"timestamp":-1}"#,
        #"pg_data/empty={"checksum-page":true,"size":0,"timestamp":1795356914}"#,
        #"pg_data/empty.txt={"mode":"0644","rck":"46c6643f07aa7f6bfe7118de926b86defc5087c4","repo-size":20,"size":0,"timestamp":1795356914}"#,
        #"pg_data/other={"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","group":false,"mode":"1777","size":3,"timestamp":1,"user":"a\"b"}"#,
        #"pg_data/pg_wal/000000010000000000000027={"checksum":"3c9cbf7eb99f2f44ccf880c41ce4bc74e311578a","repo-size":16480,"size":16777216,"timestamp":1795357243}"#,
        #"pg_data/uncopied={"size":1125899906842624,"timestamp":-9223372036854775808}"#,
        #"pg_tblspc/16384/PG_15_202209061/5/16390={"bi":1,"bim":2085,"checksum":"da339d3e84dd8d557afeb8e0a05b562c5d9e3455","checksum-page":true,"rck":"891dd5848f03106c0b20c4f3fa080cf78a17655c","reference":"20261122-141813F","repo-size":2828325,"size":2826240,"timestamp":1795356914}"#,
    ]

    @Test(arguments: samples)
    func `a line is rendered as it was`(line: String) throws {
        let rendered = try lines(manifest(files: [line]))
        #expect(rendered.contains(line))
    }

    @Test func `all lines together are rendered as they were`() throws {
        let rendered = try lines(manifest(files: Self.samples))
        #expect(rendered.filter { $0.hasPrefix("pg_") && $0.contains("timestamp") } == Self.samples)
    }

    @Test func `what a line leaves out follows from the rest`() throws {
        let manifest = try manifest(files: Self.samples)
        #expect(try manifest.file("pg_data/base/1/113").repoSize == 8192)
        #expect(try manifest.file("pg_data/base/1/113").originalSize == 8192)
        #expect(try manifest.file("pg_data/base/1/113").bundle == .init(id: 1, offset: 18_195_031))
        #expect(try manifest.file("pg_data/base/5/16415").bundle == .init(id: 1, offset: 0))
        #expect(
            try manifest.file("pg_data/base/5/16415").block == .init(blockSize: 8192, checksumSize: 6, mapSize: 366))
        #expect(try manifest.file("pg_data/base/5/16500").block == .init(blockSize: 16384, checksumSize: 7, mapSize: 0))
        #expect(try manifest.file("pg_data/base/5/16500").originalSize == 8)
        #expect(try manifest.file("pg_data/uncopied").checksum == nil)
        #expect(try manifest.file("pg_data/empty").checksum == .ofNothing)
    }

    @Test(arguments: [
        #"{"size":3}"#, #"{"timestamp":3}"#, "{}", "3", "[]", #"{"timestamp":3,"size":3}"#,
        #"{"size":-3,"timestamp":3}"#,
        #"{"size":"3","timestamp":3}"#, #"{"size":3.5,"timestamp":3}"#, #"{"size":18446744073709551616,"timestamp":3}"#,
        #"{"checksum":"x","size":3,"timestamp":3}"#, #"{"checksum":null,"size":3,"timestamp":3}"#,
        #"{"checksum":"587B596F04F7DB9C2CAD3D6B87DD2B3A05DE4F35","size":3,"timestamp":3}"#,
        #"{"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f3\"","size":3,"timestamp":3}"#,
        #"{"bni":0,"size":3,"timestamp":3}"#, #"{"bni":4294967296,"size":3,"timestamp":3}"#,
        #"{"bi":65536,"size":3,"timestamp":3}"#, #"{"mode":"0999","size":3,"timestamp":3}"#,
        #"{"mode":"20000","size":3,"timestamp":3}"#, #"{"mode":"-1","size":3,"timestamp":3}"#,
        #"{"mode":644,"size":3,"timestamp":3}"#, #"{"size":3,"timestamp":3,"user":true}"#,
        #"{"size":3,"timestamp":3,"user":1}"#, #"{"group":null,"size":3,"timestamp":3}"#,
        #"{"reference":"../20261122-141813F","size":3,"timestamp":3}"#, #"{"checksum-page":1,"size":3,"timestamp":3}"#,
        #"{"checksum-page-error":[[7,5]],"size":3,"timestamp":3}"#,
        #"{"checksum-page-error":[[5]],"size":3,"timestamp":3}"#,
        #"{"checksum-page-error":[[[5,6]]],"size":3,"timestamp":3}"#,
        #"{"checksum-page-error":5,"size":3,"timestamp":3}"#,
    ])
    func `a wrong line is refused`(value: String) {
        let found = code { _ = try manifest(files: ["pg_data/file=\(value)"]) }
        #expect(found == .format || found == .jsonFormat)
    }

    @Test func `unknown keys at their sorted place are ignored`() throws {
        let line = #"pg_data/f={"aaa":{"z":1,"y":[]},"bih":1,"size":3,"timestamp":3,"zzz":null}"#
        #expect(try manifest(files: [line]).file("pg_data/f").size == 3)
    }

    @Test func `a name that looks like a line is taken as a name`() throws {
        let names = [
            #"pg_data/a={"checksum":"x","size":1}"#, #"pg_data/b={"size":1,"timestamp":1}"#, "pg_data/c=1=",
            #"pg_data/d="x""#,
        ]
        var manifest = try manifest(files: [])
        let file = ManifestFile(size: 0, timestamp: 1, mode: 0o600, user: 0, group: 0)
        for name in names { try manifest.files.add(Array(name.utf8).span, file) }
        let parsed = try Manifest(testing: manifest.rendered)
        #expect((0..<parsed.files.count).map { parsed.files.name(at: $0) } == names)
    }

    @Test func `a wrong value is not taken for a part of the name`() {
        #expect(code { _ = try manifest(files: [#"pg_data/a={"size":"={\"size\":1}","timestamp":1}"#]) } == .jsonFormat)
    }

    @Test(arguments: [
        "etc/passwd", "/etc/passwd", "pg_data/../../etc/passwd", "pg_data/..", "pg_data/.", "pg_data/./x", "pg_data//x",
        "pg_data/", "pg_data", "pg_tblspc", "/pg_data/x", "pg_datax/y", "pg_data/x/", "..", ".", "pg_data/x\u{0}y",
        "bundle/1",
        "PG_DATA/x", " pg_data/x",
    ])
    func `a file name that leads elsewhere is refused`(name: String) {
        #expect(code { _ = try manifest(files: [name + plain]) } == .format)
    }

    @Test(arguments: [
        "pg_data/...", "pg_data/..x", "pg_data/x..", "pg_data/.x", "pg_data/ü", "pg_tblspc/1/x", "pg_data/a b",
    ])
    func `a harmless file name is taken`(name: String) throws {
        #expect(try manifest(files: [name + plain]).files.name(at: 0) == name)
    }

    @Test func `a name that is not UTF-8 is refused, not repaired`() throws {
        let isSafe = { (bytes: [UInt8]) in isSafeManifestName(bytes.span) }
        let name = Array("pg_data/a".utf8)
        #expect(isSafe(name))
        #expect(!isSafe(name + [0xFC]))
        #expect(isSafe(name + [0xC3, 0xBC]))
    }

    @Test(arguments: ["pg_data/../x", "/x", "x", "pg_data//x", ""])
    func `paths, links and targets are checked as well`(name: String) {
        for (section, value) in [
            ("[target:path]\n", "{}"), ("[backup:target]\n", #"{"path":"/x","type":"link"}"#),
        ] {
            #expect(
                code { _ = try manifest(files: [], replacing: [(section, "\(section)\(name)=\(value)\n")]) } == .format)
        }
        let links = "\n[target:link]\n\(name)={\"destination\":\"/x\"}\n\n[target:path]\n"
        #expect(code { _ = try manifest(files: [], replacing: [("\n[target:path]\n", links)]) } == .format)
    }

    @Test func `a file that is listed twice is refused`() {
        #expect(code { _ = try manifest(files: ["pg_data/a" + plain, "pg_data/a" + plain]) } == .format)
        let apart = ["pg_data/a" + plain, "pg_data/b" + plain, "pg_data/a" + plain]
        #expect(code { _ = try manifest(files: apart) } == .format)
    }

    @Test func `files out of order are sorted`() throws {
        var numbers = SeededNumbers(seed: 3)
        let names = (0..<500).map { "pg_data/base/1/\($0)" }
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let files = names.shuffled(using: &numbers).map { name in
            #"\#(name)={"checksum-page":false,"checksum-page-error":[\#(name.split(separator: "/")[3])],"#
                + plain.dropFirst(2)
                .replacing(#""checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","#, with: "")
        }
        let manifest = try manifest(files: files)
        #expect((0..<manifest.files.count).map { manifest.files.name(at: $0) } == sorted)
        for index in 0..<manifest.files.count {
            let number = UInt32(manifest.files.name(at: index).split(separator: "/")[3])
            #expect(manifest.files.pageErrors(at: index).first?.first == number)
        }
    }
}

@Suite struct ManifestStrictnessTests {
    private func accepts(_ old: String, _ new: String) throws -> Manifest {
        try manifest(files: ["pg_data/a" + plain], replacing: [(old, new)])
    }

    @Test(arguments: [
        ("[target:file]\n", "[future]\nkey=[{\"b\":1,\"a\":2}]\n\n[target:file]\n"),
        ("backup-label=", "backup-future={\"z\":1}\nbackup-label="),
        ("\"type\":\"path\"}", "\"type\":\"path\",\"zone\":1}"),
        ("pg_data/global={}", "pg_data/global={ }"),
        ("db-id=1\n", "db-id= 1 \n"),
    ])
    func `what may be ignored is ignored`(old: String, new: String) throws {
        #expect(try accepts(old, new).files.count == 1)
    }

    @Test(arguments: [
        (
            "{\"path\":\"/var/lib/postgresql/15/main\",\"type\":\"path\"}", "{\"type\":\"path\",\"path\":\"/x\"}",
            ErrorCode.jsonFormat
        ),
        ("{\"db-id\":5,\"db-last-system-id\":4}", "{\"db-last-system-id\":4,\"db-id\":5}", .jsonFormat),
        ("{\"db-id\":5,\"db-last-system-id\":4}", "{\"db-id\":5}", .jsonFormat),
        ("user=\"postgres\"", "user=true", .format), ("user=\"postgres\"", "user=1", .format),
        ("pg_data={}", "pg_data={\"user\":true}", .format), ("pg_data={}", "pg_data={\"mode\":\"9\"}", .format),
        ("pg_data={}", "pg_data=1", .jsonFormat), ("mode=\"0600\"", "mode=\"888\"", .format),
        ("pg_data={\"path\"", "pg_data/x={\"path\"", .assert), ("backrest-format=5", "backrest-format=4", .format),
        ("backup-label=\"20260102-030405F\"\n", "", .format),
        ("\"20260102-030405F\"\nbackup-lsn", "\"x\"\nbackup-lsn", .format),
        ("backup-reference=\"20260102-030405F\"", "backup-reference=\"20260102-030405F,..\"", .format),
        ("backup-type=\"full\"", "backup-type=\"other\"", .format),
        ("backup-lsn-start=\"0/2000028\"", "backup-lsn-start=\"x\"", .format),
        ("backup-timestamp-stop=1767323047", "backup-timestamp-stop=\"1\"", .format),
        ("option-online=true", "option-online=1", .format), ("option-online=true\n", "", .format),
        ("option-compress-type=\"none\"", "option-compress-type=\"rar\"", .format),
        ("option-compress-level=0", "option-compress-level=4294967296", .format),
        ("db-system-id=7000000000000000001", "db-system-id=-7", .format), ("db-id=1\n", "db-id=4294967296\n", .format),
        ("\"type\":\"path\"}", "\"type\":\"file\"}", .format),
        ("\"type\":\"path\"}", "\"tablespace-id\":\"1\",\"type\":\"path\"}", .jsonFormat),
        ("pg_data/global={}", "pg_data/global={}\npg_data/global={}", .format),
        ("postgres={", "é={\"db-id\":6,\"db-last-system-id\":4}\ne\u{301}={", .format),
    ])
    func `what may not be is refused`(old: String, new: String, expected: ErrorCode) {
        #expect(code { _ = try accepts(old, new) } == expected)
    }

    @Test func `a missing data directory ends the command, the copy is not tried`() {
        #expect {
            try accepts("pg_data={\"path\"", "pg_data/x={\"path\"")
        } throws: { ($0 as? RoostError)?.isFatal == true }
    }

    @Test func `sections may come in any order and more than once`() throws {
        let parts = example.split(separator: "\n\n").map { "\($0)\n" }
        let first = "[target:file]\npg_data/A" + plain + "\n"
        let shuffled: [String] = [first] + parts.reversed() + ["[target:file]\npg_data/z" + plain + "\n"]
        let manifest = try Manifest(testing: signed(shuffled.joined(separator: "\n")))
        #expect(
            (0..<4).map { manifest.files.name(at: $0) } == [
                "pg_data/A", "pg_data/PG_VERSION", "pg_data/empty", "pg_data/z",
            ])
        #expect((0..<4).map { manifest.files[$0].mode } == [0o600, 0o600, 0o644, 0o600])
        #expect(manifest.references.map(\.text) == ["20260102-030405F"])
        #expect(manifest.paths["pg_data"]?.mode == 0o700)
    }

    @Test func `defaults may be any and are replaced by ours when written`() throws {
        let manifest = try manifest(
            files: ["pg_data/a" + plain, #"pg_data/b={"mode":"0600","size":0,"timestamp":1,"user":false}"#],
            replacing: [("mode=\"0600\"\nuser=\"postgres\"", "mode=\"0640\"\nuser=\"other\"")])
        #expect(try manifest.file("pg_data/a").mode == 0o640)
        #expect(manifest.owners[Int(try manifest.file("pg_data/a").user)] == .name("other"))
        #expect(manifest.owners[Int(try manifest.file("pg_data/b").user)] == .unknown)
        let rendered = try lines(manifest)
        #expect(rendered.contains("mode=\"0600\""))
        #expect(
            rendered.contains {
                $0.hasPrefix("pg_data/a={") && $0.contains(#""mode":"0640""#) && $0.contains(#""user":"other""#)
            })
        #expect(rendered.contains(#"pg_data/b={"size":0,"timestamp":1,"user":false}"#))
        #expect(try lines(Manifest(testing: manifest.rendered)) == rendered)
    }
}

@Suite struct ManifestReferenceTests {
    private static let labels = [
        "20260101-000000F", "20260101-000000F_20260102-000000D", "20260101-000000F_20260103-000000I",
    ]
    private static let incr = [
        ("\"20260102-030405F\"\nbackup-lsn", "\"20260101-000000F_20260103-000000I\"\nbackup-lsn"),
        ("backup-type=\"full\"", "backup-type=\"incr\""),
    ]

    private func line(_ name: String, _ reference: String) -> String {
        "pg_data/\(name)={\"checksum\":\"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35\",\"reference\":\"\(reference)\","
            + "\"size\":3,\"timestamp\":1}"
    }

    @Test func `without a list references are numbered as they appear, the own label last`() throws {
        let manifest = try manifest(
            files: [
                line("a", Self.labels[1]), line("b", Self.labels[0]), line("c", Self.labels[1]), "pg_data/d" + plain,
            ],
            replacing: Self.incr + [("backup-reference=\"20260102-030405F\"\n", "")])
        #expect(manifest.references.map(\.text) == [Self.labels[1], Self.labels[0], Self.labels[2]])
        #expect(manifest.holder(of: try manifest.file("pg_data/b")).text == Self.labels[0])
        #expect(manifest.holder(of: try manifest.file("pg_data/c")).text == Self.labels[1])
        #expect(manifest.holder(of: try manifest.file("pg_data/d")).text == Self.labels[2])
        #expect(manifest.entry.references.map(\.text) == [Self.labels[0], Self.labels[1]])
    }

    @Test func `the list decides the numbers even where it comes after the files`() throws {
        let list = "backup-reference=\"\(Self.labels.joined(separator: ","))\"\n"
        let files = "[target:file]\n\(line("0", Self.labels[1]))\n\(line("1", Self.labels[0]))\n\n[backup]\n"
        let manifest = try manifest(
            files: [line("a", Self.labels[1])],
            replacing: Self.incr + [("backup-reference=\"20260102-030405F\"\n", list), ("[backup]\n", files)])
        #expect(manifest.references.map(\.text) == Self.labels)
        #expect(try manifest.file("pg_data/0").reference == 1)
        #expect(try manifest.file("pg_data/1").reference == 0)
        #expect(try manifest.file("pg_data/a").reference == 1)
    }

    @Test func `a repeated section of files keeps the numbers`() throws {
        let list = "backup-reference=\"\(Self.labels.joined(separator: ","))\"\n"
        let manifest = try manifest(
            files: [line("a", Self.labels[1]), "", "[target:file]", line("b", Self.labels[0])],
            replacing: Self.incr + [("backup-reference=\"20260102-030405F\"\n", list)])
        #expect(manifest.holder(of: try manifest.file("pg_data/b")).text == Self.labels[0])
        #expect(manifest.references.map(\.text) == Self.labels)
    }

    @Test(arguments: [
        (#"{"size":0,"timestamp":1}"#, true, nil), (#"{"size":0,"timestamp":1}"#, false, "pg_data/x.zst"),
        (#"{"bni":7,"size":9,"timestamp":1}"#, true, "bundle/7"),
        (#"{"bi":1,"bim":5,"size":9,"timestamp":1}"#, true, "pg_data/x.pgbi"),
        (#"{"bi":1,"size":9,"timestamp":1}"#, true, "pg_data/x.zst"),
        (#"{"bi":1,"bim":5,"bni":3,"size":9,"timestamp":1}"#, true, "bundle/3"),
    ])
    func `the place of a file's data follows from its line`(value: String, bundled: Bool, path: String?) throws {
        let manifest = try manifest(
            files: ["pg_data/x=\(value)"],
            replacing: [
                ("option-compress-type=\"none\"", "option-compress-type=\"zst\""),
                ("backup-label", bundled ? "backup-bundle=true\nbackup-label" : "backup-label"),
            ])
        #expect(manifest.storedPath("pg_data/x", try manifest.file("pg_data/x")) == path)
    }
}

@Suite struct ManifestOptionTests {
    @Test(arguments: [
        ("4294967295", -1), ("4294967289", -7), ("0", 0), ("22", 22), ("-1", -1), ("2147483647", 2_147_483_647),
    ])
    func `a negative compression level is written modulo two to the 32`(written: String, level: Int) throws {
        let manifest = try manifest(
            files: [], replacing: [("option-compress-level=0", "option-compress-level=\(written)")])
        #expect(manifest.options.compressLevel == level)
        let line = "option-compress-level=\(UInt32(truncatingIfNeeded: level))"
        #expect(try lines(manifest).contains(line))
    }

    @Test(arguments: [("true", Compression.gz), ("false", .none)])
    func `without a type compression means gz`(compress: String, compression: Compression) throws {
        let manifest = try manifest(
            files: [],
            replacing: [
                ("option-compress-type=\"none\"\n", ""), ("option-compress=false", "option-compress=\(compress)"),
            ])
        #expect(manifest.options.compression == compression)
    }
}
