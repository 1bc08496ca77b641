import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

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
        ("backup-timestamp-stop=1767323047", "backup-timestamp-stop=-9223372036854775808", .format),
        ("backup-timestamp-start=1767323045", "backup-timestamp-start=9223372036854775807", .format),
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
