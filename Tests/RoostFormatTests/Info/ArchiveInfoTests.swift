import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@Suite struct ArchiveInfoTests {
    private let head = "[backrest]\nbackrest-format=5\nbackrest-version=\"2.60.0dev\"\n\n"

    private func parse(_ body: String) throws -> ArchiveInfo {
        try ArchiveInfo(parsing: signed(head + body), object: "archive.info")
    }

    @Test func `the worked example is parsed and rendered byte for byte`() throws {
        let info = try ArchiveInfo(parsing: Example.archiveInfo, object: "archive.info")
        #expect(info.history.current == ClusterIdentity(systemID: SystemID(7_000_000_000_000_000_001), version: "15"))
        #expect(info.currentArchiveID.description == "15-1")
        #expect(info.cipherPass == nil)
        #expect(text(try info.render(version: "2.60.0dev")) == text(Example.archiveInfo))
    }

    @Test(arguments: [
        ("2.45-archive.info", "2.45"), ("2.60-archive.info", "2.60.0dev"), ("2.60-block-archive.info", "2.60.0dev"),
    ])
    func `files of stock are rendered as they were`(name: String, version: String) throws {
        let bytes = try Golden.bytes(name)
        let info = try ArchiveInfo(parsing: bytes, object: name)
        #expect(text(try info.render(version: version)) == text(bytes))
        #expect(info.cipherPass?.utf8.count == (name.contains("block") ? 64 : nil))
    }

    @Test func `history is written oldest first, ten after nine`() throws {
        let identity = ClusterIdentity(systemID: SystemID(7), version: "15")
        let generations = (1...11).reversed().map {
            ClusterHistory<ClusterIdentity>.Generation(id: $0, entry: identity)
        }
        let info = ArchiveInfo(
            history: try ClusterHistory(generations, currentID: 10, object: "archive.info"), cipherPass: "pass")
        let rendered = try info.render(version: "2.60.0dev")
        let keys = text(rendered).split(separator: "\n").filter { $0.contains("={") }.map { $0.prefix { $0 != "=" } }
        #expect(keys == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"])
        #expect(info.currentArchiveID.description == "15-10")
        #expect(try ArchiveInfo(parsing: rendered, object: "archive.info") == info)
    }

    @Test func `unknown sections and keys are ignored`() throws {
        let info = try parse(
            "[db]\ndb-future={\"a\":1,\"b\":2}\ndb-id=1\n\n[db:history]\n"
                + "1={\"db-future\":[1],\"db-id\":7,\"db-version\":\"15\"}\n\n[future]\nkey=[{\"a\":1,\"b\":1}]\n")
        #expect(info.currentArchiveID.description == "15-1")
    }

    @Test(arguments: [
        (
            "[db]\ndb-id=2\n\n[db:history]\n1={\"db-id\":7,\"db-version\":\"15\"}\n", ErrorCode.format,
            "current id not in history"
        ),
        ("[db]\ndb-id=1\n", .format, "no history"),
        ("[db:history]\n1={\"db-id\":7,\"db-version\":\"15\"}\n", .format, "no current id"),
        ("[db]\ndb-id=1\n\n[db:history]\nx={\"db-id\":7,\"db-version\":\"15\"}\n", .format, "id is no number"),
        ("[db]\ndb-id=1\n\n[db:history]\n+1={\"db-id\":7,\"db-version\":\"15\"}\n", .format, "id with sign"),
        ("[db]\ndb-id=1\n\n[db:history]\n1={\"db-version\":\"15\"}\n", .jsonFormat, "no system id"),
        ("[db]\ndb-id=1\n\n[db:history]\n1={\"db-version\":\"15\",\"db-id\":7}\n", .jsonFormat, "keys out of order"),
        ("[db]\ndb-id=1\n\n[db:history]\n1={\"db-id\":-7,\"db-version\":\"15\"}\n", .jsonFormat, "negative system id"),
        ("[db]\ndb-id=1\n\n[db:history]\n1=7\n", .jsonFormat, "entry is no object"),
        ("[db]\ndb-id=4294967296\n\n[db:history]\n1={\"db-id\":7,\"db-version\":\"15\"}\n", .format, "id too large"),
    ])
    func `what the history must not lack is missed`(body: String, expected: ErrorCode, why: String) {
        #expect(code { _ = try parse(body) } == expected, "\(why)")
    }

    @Test func `of a repeated history id the last line counts`() throws {
        let info = try parse(
            "[db]\ndb-id=1\n\n[db:history]\n1={\"db-id\":7,\"db-version\":\"14\"}\n1={\"db-id\":8,\"db-version\":\"15\"}\n"
        )
        #expect(info.history.current == ClusterIdentity(systemID: SystemID(8), version: "15"))
    }
}
