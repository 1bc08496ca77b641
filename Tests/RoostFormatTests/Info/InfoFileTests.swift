import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

/// Keeps what it is offered.
private final class Lines: InfoFileHandler {
    var section = ""
    var lines: [String] = []

    func begin(section: String) { self.section = section }

    func entry(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) {
        let parsed = try JSONValue(parsing: value)
        lines.append("\(section)|\(string(key))|\(parsed.text)")
    }
}

@Suite struct InfoFileSyntaxTests {
    private let head = "[backrest]\nbackrest-format=5\nbackrest-version=\"2.60.0dev\"\n\n"

    private func parse(_ bytes: [UInt8], piece: Int = 1 << 20) throws -> (lines: [String], version: String?) {
        let lines = Lines()
        let parser = InfoFileParser(object: "test.info", handler: lines)
        var rest = bytes[...]
        while !rest.isEmpty {
            try parser.push(Array(rest.prefix(piece)).span)
            rest = rest.dropFirst(piece)
        }
        try parser.finish()
        return (lines.lines, parser.version)
    }

    private func code(_ bytes: [UInt8]) -> ErrorCode? { RoostFormatTests.code { _ = try parse(bytes) } }

    @Test func `lines come in file order with their sections`() throws {
        let file = signed(head + "[b]\nk=1\n\n[a]\nx={\"y\":[1]}\n\n[b]\nl=null\n")
        let (lines, version) = try parse(file)
        #expect(lines == ["b|k|1", #"a|x|{"y":[1]}"#, "b|l|null"])
        #expect(version == "2.60.0dev")
    }

    @Test(arguments: [1, 2, 3, 7, 16, 61])
    func `the size of the pieces makes no difference`(piece: Int) throws {
        let file = try Golden.bytes("2.60-gz-backup.info")
        #expect(try parse(file, piece: piece).lines == parse(file).lines)
    }

    @Test func `a missing last line feed is accepted`() throws {
        #expect(try parse(Array(signed(head + "[a]\nk=1\n").dropLast())).lines == ["a|k|1"])
    }

    @Test func `spaces inside a value count for the checksum and are no part of the value`() throws {
        #expect(try parse(signed(head + "[a]\nk= { \"y\" : 1 }\n")).lines == [#"a|k|{"y":1}"#])
    }

    @Test(arguments: [
        (
            #"we=ird "q"\x={"db-id":16406,"db-last-system-id":4}"#, #"we=ird "q"\x"#,
            #"{"db-id":16406,"db-last-system-id":4}"#
        ),
        (#"===={"a":"="}"#, "===", #"{"a":"="}"#),
        ("#comment=1", "#comment", "1"), ("[key=1", "[key", "1"), (" k =1", " k ", "1"),
        (#"a={"x":1}="y"={"z":2}"#, #"a={"x":1}="y""#, #"{"z":2}"#),
    ])
    func `a key may contain what is needed to leave JSON behind it`(line: String, key: String, value: String) throws {
        let file = head + "[s]\n\(line)\n"
        guard line.first != "=" else {
            #expect(code(Array(file.utf8)) == .format)
            return
        }
        let escaped = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let hashed = #"{"backrest":{"backrest-format":5,"backrest-version":"2.60.0dev"},"s":{"\#(escaped)":\#(value)}}"#
        let checksum = SHA1.hash(hashed.utf8.span.bytes)
        let bytes = Array("\(file)\n[backrest]\nbackrest-checksum=\"\(checksum)\"\n".utf8)
        #expect(try parse(bytes).lines == ["s|\(key)|\(JSONValue(parsing: value).text)"])
    }

    @Test(arguments: [
        ("k=1\n", "key before a section"), ("[a]\n=1\n", "empty key"), ("[a]\nk\n", "no ="), ("[a]\nk=\n", "no value"),
        ("[a]\nk=x\n", "no JSON"), ("[a]\nk={\"a\":1\n", "half a value"), ("[a]\nk=1 2\n", "more than a value"),
        ("[a]\n# comment\n", "a comment"), ("[a\nk=1\n", "half a section line"),
    ])
    func `what breaks the syntax is a format error`(body: String, why: String) {
        #expect(code(signed(body + "\n" + head)) == .format, "\(why)")
    }

    @Test(arguments: [
        ("[backrest]\nbackrest-version=\"1\"\n", "no format"), ("[backrest]\nbackrest-format=5\n", "no version"),
        ("[backrest]\nbackrest-format=6\nbackrest-version=\"1\"\n", "a later format"),
        ("[backrest]\nbackrest-format=\"5\"\nbackrest-version=\"1\"\n", "format as text"),
        ("[backrest]\nbackrest-format=5\nbackrest-version=1\n", "version as number"), ("", "nothing"),
    ])
    func `format 5 and a version are required`(text: String, why: String) {
        #expect(code(signed(text)) == .format, "\(why)")
    }

    @Test func `an empty file is a format error`() { #expect(code([]) == .format) }

    @Test func `a missing or wrong checksum is a checksum error`() throws {
        let good = signed(head + "[a]\nk=1\n")
        #expect(code(good) == nil)
        #expect(code(Array((head + "[a]\nk=1\n").utf8)) == .checksum)
        #expect(code(Array(text(good).replacing("k=1", with: "k=2").utf8)) == .checksum)
        #expect(code(Array(text(good).replacing("checksum=\"", with: "checksum=\"0").utf8)) == .checksum)
        #expect(code(Array(text(good).replacing("k=1", with: "k= 1").utf8)) == .checksum)
        #expect(code(good + Array("[z]\nlate=1\n".utf8)) == .checksum)
    }

    @Test func `syntax and format are complained of before the checksum`() {
        #expect(code(Array("[backrest]\nbackrest-format=6\n".utf8)) == .format)
        #expect(code(Array((head + "[a]\nk=x\n").utf8)) == .format)
    }

    @Test func `a value never gets into an error message`() {
        let file = head + "[cipher]\ncipher-pass=\"secret\n"
        #expect {
            try parse(Array(file.utf8))
        } throws: { error in
            let message = (error as? RoostError)?.description ?? ""
            return message.contains("cipher-pass") && !message.contains("secret")
        }
    }

    @Test func `a line without end is refused before it fills the memory`() {
        let parser = InfoFileParser(object: "test.info", handler: Lines())
        let piece = [UInt8](repeating: 0x3D, count: 1 << 20)
        #expect(
            RoostFormatTests.code {
                for _ in 0..<64 { try parser.push(piece.span) }
            } == .format)
    }
}

@Suite struct InfoFileChecksumTests {
    private static let identity = ClusterIdentity(systemID: SystemID(7_710_998_906_567_630_426), version: "15")

    @Test(arguments: [
        ("2.45", "402071857e798efd2aebd34d49890ef815d8209e"), ("2.60.0dev", "926770ff4d891ea310373edc4fb62fae63a77d7f"),
    ])
    func `archive info of one cluster has the published checksum`(version: String, checksum: String) throws {
        let info = ArchiveInfo(history: ClusterHistory(first: Self.identity), cipherPass: nil)
        #expect(text(try info.render(version: version)).hasSuffix("backrest-checksum=\"\(checksum)\"\n"))
    }

    @Test(arguments: [
        ("2.60.0dev", "be3c916bdc7048db647d0d4081a4adfcc7fd6a45"), ("2.45", "228ade564503640e55f934ce3a7b6cb8b0229058"),
    ])
    func `backup info of one cluster has the published checksum`(version: String, checksum: String) throws {
        let cluster = BackupInfo.Cluster(identity: Self.identity, catalogVersion: 202_209_061, controlVersion: 1300)
        let info = BackupInfo(history: ClusterHistory(first: cluster), cipherPass: nil)
        #expect(text(try info.render(version: version)).hasSuffix("backrest-checksum=\"\(checksum)\"\n"))
    }
}

@Suite struct InfoFileWriterTests {
    @Test(arguments: ["", "a\nb"])
    func `a key that no reader could read again is refused`(key: String) throws {
        #expect(
            code {
                var writer = try InfoFileWriter(version: "2.60.0") { _ in }
                try writer.entry("db", key, .null)
            } == .format)
    }

    @Test func `keys with every byte that may be in one come back`() throws {
        let keys = (1...0x7F).filter { $0 != 0x0A }.map { "k\(Character(UnicodeScalar(UInt8($0))))=\"\\ü" }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        var bytes: [UInt8] = []
        try withoutActuallyEscaping({ (piece: RawSpan) in bytes += piece.array() }) { sink in
            var writer = try InfoFileWriter(version: "2.60.0", to: sink)
            for key in keys { try writer.entry("db", key, .object(["a": .string(key)])) }
            try writer.finish()
        }
        let lines = Lines()
        let parser = InfoFileParser(object: "test.info", handler: lines)
        try parser.push(bytes.span)
        try parser.finish()
        #expect(lines.lines == keys.map { "db|\($0)|\(JSONValue.object(["a": .string($0)]).text)" })
    }
}
