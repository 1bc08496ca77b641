import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

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
        #"{"bi":1,"bic":5,"size":3,"timestamp":3}"#, #"{"bi":1,"bic":17,"size":3,"timestamp":3}"#,
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

    @Test func `sizes that no backup can have together are refused`() throws {
        let lines = (1...9).map { #"pg_data/\#($0)={"size":1125899906842624,"timestamp":3}"# }
        #expect(try manifest(files: Array(lines.dropLast())).files.count == 8)
        #expect(code { _ = try manifest(files: lines) } == .format)
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
