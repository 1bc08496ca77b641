import RoostFormat
import RoostSystem
import Testing

@Suite struct JSONCursorTests {
    private func read<T>(_ text: String, _ body: (inout JSONCursor) throws(RoostError) -> T) throws(RoostError) -> T {
        let bytes = Array(text.utf8)
        var cursor = JSONCursor(bytes.span)
        let value = try body(&cursor)
        try cursor.expectEnd()
        return value
    }

    @Test(arguments: [
        ("0", UInt64(0)), ("7", 7), (" \t\r\n42 ", 42), ("18446744073709551615", .max), ("007", 7),
    ])
    func `numbers without sign`(text: String, value: UInt64) throws {
        #expect(try read(text) { cursor throws(RoostError) in try cursor.unsigned() } == value)
    }

    @Test(arguments: [
        "", "-1", "+1", "1.0", "1e3", "1E3", "18446744073709551616", "99999999999999999999999", "x", "1 2", "0x10",
        "1,",
    ])
    func `what is no number without sign`(text: String) {
        #expect(code { _ = try read(text) { cursor throws(RoostError) in try cursor.unsigned() } } == .jsonFormat)
    }

    @Test(arguments: [
        ("-9223372036854775808", Int64.min), ("9223372036854775807", .max), ("-0", 0), ("-12", -12),
    ])
    func `numbers with sign`(text: String, value: Int64) throws {
        #expect(try read(text) { cursor throws(RoostError) in try cursor.signed() } == value)
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "-", "- 1", "--1", "-x", "-1.5"])
    func `what is no number with sign`(text: String) {
        #expect(code { _ = try read(text) { cursor throws(RoostError) in try cursor.signed() } } == .jsonFormat)
    }

    @Test func `a number that is too large for its type is refused`() {
        #expect(
            code { _ = try read("65536") { c throws(RoostError) in try c.unsigned(as: UInt16.self) } } == .jsonFormat)
        #expect(code { _ = try read("65535") { c throws(RoostError) in try c.unsigned(as: UInt16.self) } } == nil)
    }

    @Test(arguments: [
        (#""""#, ""), (#""a/b""#, "a/b"), (#""ü€𝄞""#, "ü€𝄞"), ("\"tab\there\"", "tab\there"),
        (#""\"\\\/\n\r\t\b\f""#, "\"\\/\n\r\t\u{8}\u{C}"), (#""\u0041\u007f""#, "A\u{7F}"), (#""\u00c3\u00bc""#, "ü"),
    ])
    func `strings with every escape`(text: String, value: String) throws {
        #expect(try read(text) { cursor throws(RoostError) in try cursor.string() } == value)
    }

    @Test(arguments: [
        #"""#, #""a"#, #""\"#, #""\x""#, #""\u12""#, #""\u0100""#, #""\u+041""#, #""\uZZZZ""#, #"a"#, #""a"b"#,
        #""\u00fc""#,
    ])
    func `what is no string`(text: String) {
        #expect(code { _ = try read(text) { cursor throws(RoostError) in try cursor.string() } } == .jsonFormat)
    }

    @Test func `a string that is not UTF-8 is refused, not repaired`() {
        let bytes: [UInt8] = [0x22, 0x61, 0xFC, 0x22]
        #expect(code { _ = try JSONValue(parsing: bytes.span) } == .jsonFormat)
    }

    @Test(arguments: ["true", "false", " true "])
    func `truth values`(text: String) throws {
        #expect(try read(text) { cursor throws(RoostError) in try cursor.bool() } == text.contains("true"))
    }

    @Test(arguments: ["tru", "True", "truex", "1", "null", ""])
    func `what is no truth value`(text: String) {
        #expect(code { _ = try read(text) { cursor throws(RoostError) in try cursor.bool() } } == .jsonFormat)
    }

    @Test(arguments: [
        #"{"a":1,"b":{"c":[1,[2]],"d":null}}"#, #" { "a" : 1 , "b" : [ ] } "#, "{}", "[]",
        #"{"B":1,"a":1,"a-b":1,"ab":1}"#,
    ])
    func `objects with rising keys`(text: String) throws {
        _ = try JSONValue(parsing: text)
    }

    @Test(arguments: [
        #"{"b":1,"a":1}"#, #"{"a":1,"a":2}"#, #"{"ab":1,"a":1}"#, #"{"a":{"z":1,"y":1}}"#, #"{"a\n":1}"#, #"{"a":1"#,
        #"{"a"}"#,
        #"{"a":}"#, #"{a:1}"#, #"{"a":1,}"#, "{,}", "[1,]", "[1", "[1 2]", "{]", #"{"a":1}}"#, "nul", "",
        #"{"u\#u{308}":1,"ü":1}"#,
    ])
    func `what is no such object`(text: String) {
        #expect(code { _ = try JSONValue(parsing: text) } == .jsonFormat)
    }

    @Test func `deep nesting is refused before the stack ends`() {
        for text in [String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000)] {
            #expect(code { _ = try JSONValue(parsing: text) } == .jsonFormat)
            #expect(code { try read(text) { cursor throws(RoostError) in try cursor.skip() } } == .jsonFormat)
        }
        _ = try? JSONValue(parsing: String(repeating: "[", count: 31) + String(repeating: "]", count: 31))
    }

    @Test(arguments: [#"{"b":1,"a":[{"y":"\n","x":-1}]}"#, "null", "-5", #""x""#])
    func `skipping takes any value, its keys in any order`(text: String) throws {
        try read(text) { cursor throws(RoostError) in try cursor.skip() }
    }

    @Test func `a failure says where it stands`() {
        #expect {
            try JSONValue(parsing: #"{"a":1 "b":2}"#)
        } throws: { error in
            (error as? RoostError)?.message == "invalid JSON: expected '}' at character 8"
        }
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostFormatTests.code(of: body) }
}

@Suite struct JSONValueTests {
    @Test func `text is compact, keys in byte order, escapes as upstream writes them`() {
        let value: JSONValue = .object([
            "b": .array([.unsigned(.max), .integer(-1), .null, .bool(true)]),
            "a-b": .string("\"\\/\n\r\t\u{8}\u{C}\u{1}ü"),
            "ab": .object([:]), "B": .bool(false),
        ])
        let expected =
            #"{"B":false,"a-b":"\"\\/\n\r\t\b\f"# + "\u{1}ü" + #"","ab":{},"b":[18446744073709551615,-1,null,true]}"#
        #expect(value.text == expected)
    }

    @Test(arguments: [
        "null", "true", "-1", "18446744073709551615", #""a\"b""#, "[]", "[1,[2,3],20]", #"{"a":{"b":[{}]},"c":""}"#,
    ])
    func `a value is rendered as it was parsed`(text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test func `members are found by key`() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":"x"}"#)
        #expect(value["b"] == .string("x"))
        #expect(value["c"] == nil)
        #expect(JSONValue.null["a"] == nil)
    }
}
