import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

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
