import RoostPostgres
import RoostSystem
import Testing

@Suite struct LSNTests {
    @Test(arguments: [
        ("0/0", 0, "0/0"), ("0/4000028", 0x4000028, "0/4000028"), ("16/b374d848", 0x16_B374_D848, "16/B374D848"),
        ("FFFFFFFF/FFFFFFFF", UInt64.max, "FFFFFFFF/FFFFFFFF"), ("1A/00000060", 0x1A_0000_0060, "1A/60"),
    ])
    func `text and value agree`(text: String, value: UInt64, shown: String) {
        #expect(LSN(text)?.value == value)
        #expect(LSN(value).description == shown)
    }

    @Test(arguments: ["", "/", "0", "0/", "/0", "0/0/0", "0/g", "-1/0", "0/ 1", "123456789/0", "0/123456789", "0x1/0"])
    func `what PostgreSQL would not print is nothing`(text: String) {
        #expect(LSN(text) == nil)
    }

    @Test func `positions order by value`() {
        #expect(LSN(0xFFFF_FFFF) < LSN(0x1_0000_0000))
    }
}

@Suite struct IdentifierTests {
    @Test func `a timeline is eight hexadecimal digits in names`() {
        #expect(TimelineID("0000000A") == TimelineID(10))
        #expect(TimelineID(10).description == "0000000A")
        #expect(TimelineID(9) < TimelineID(10))
    }

    @Test(arguments: ["", "A", "0000000a", "0000000G", "00000000A"])
    func `nothing else is a timeline`(text: String) {
        #expect(TimelineID(text) == nil)
    }

    @Test func `a system identifier is a decimal number`() {
        #expect(SystemID("7711040807893362632") == SystemID(7_711_040_807_893_362_632))
        #expect(SystemID("18446744073709551615")?.description == "18446744073709551615")
    }

    @Test(arguments: ["", "-1", "+1", "1.0", "0x1", "18446744073709551616"])
    func `nothing else is a system identifier`(text: String) {
        #expect(SystemID(text) == nil)
    }
}

@Suite struct WALSegmentNameTests {
    private static let megabyte: UInt32 = 1 << 20

    @Test func `a name has three parts and a directory`() throws {
        let name = try #require(WALSegmentName("000000010000000A000000FE"))
        #expect(name.timeline == TimelineID(1))
        #expect(name.high == 10)
        #expect(name.low == 254)
        #expect(name.description == "000000010000000A000000FE")
        #expect(name.directory == "000000010000000A")
    }

    @Test(arguments: [
        "", "000000010000000A000000F", "000000010000000A000000FE0", "000000010000000a000000fe",
        "000000010000000A000000FG",
        "000000010000000A000000FE.partial", "00000001 000000A000000FE", "é0000001000000A000000FE",
    ])
    func `only 24 upper-case digits are a name`(text: String) {
        #expect(WALSegmentName(text) == nil)
    }

    @Test(arguments: [
        ("0/0", 16, "000000010000000000000000"), ("0/4000028", 16, "000000010000000000000004"),
        ("0/3FFFFFF", 16, "000000010000000000000003"), ("2/FF000000", 16, "0000000100000002000000FF"),
        ("2/FFFFFFFF", 1, "000000010000000200000FFF"), ("2/FFFFFFFF", 1024, "000000010000000200000003"),
    ])
    func `a position lies in a segment`(lsn: String, megabytes: UInt32, name: String) throws {
        let lsn = try #require(LSN(lsn))
        let segment = WALSegmentName(timeline: TimelineID(1), lsn: lsn, segmentSize: megabytes * Self.megabyte)
        #expect(segment.description == name)
    }

    @Test(arguments: [
        ("000000010000000000000001", 16, "000000010000000000000002"),
        ("0000000100000000000000FF", 16, "000000010000000100000000"),
        ("0000000100000000000000FF", 1, "000000010000000000000100"),
        ("000000010000000000000FFF", 1, "000000010000000100000000"),
        ("000000010000000000000003", 1024, "000000010000000100000000"),
        ("00000001FFFFFFFF000000FF", 16, "000000010000000000000000"),
    ])
    func `the next segment carries over at four gigabytes`(name: String, megabytes: UInt32, next: String) {
        #expect(WALSegmentName(name)?.next(segmentSize: megabytes * Self.megabyte).description == next)
    }

    @Test(arguments: [
        ("0000000100000000000000FE", "000000010000000100000001", 4),
        ("000000010000000000000001", "000000010000000000000001", 1),
        ("000000010000000000000002", "000000010000000000000001", 0),
        ("00000001FFFFFFFF000000FF", "00000001FFFFFFFF000000FF", 1),
    ])
    func `a range holds both ends`(first: String, last: String, count: Int) throws {
        let from = try #require(WALSegmentName(first))
        let through = try #require(WALSegmentName(last))
        let names = WALSegmentName.range(from: from, to: through, segmentSize: 16 * Self.megabyte)
        #expect(names.count == count)
        #expect(names.first == (count > 0 ? from : nil))
        #expect(names.last == (count > 0 ? through : nil))
    }

    @Test func `names order as their text`() {
        let names = ["000000020000000000000001", "000000010000000100000000", "0000000100000000000000FF"]
        #expect(names.compactMap { WALSegmentName($0) }.sorted().map(\.description) == names.sorted())
    }

    @Test(arguments: [0, 1, 1 << 19, 3 << 20, (1 << 20) + 1, 1 << 31])
    func `other sizes than powers of two up to a gigabyte are refused`(size: UInt32) {
        #expect(failure { try WALSegmentSize.check(size) }?.code == .format)
    }

    @Test(arguments: [1 << 20, 16 << 20, 1 << 30])
    func `powers of two up to a gigabyte are segment sizes`(size: UInt32) {
        #expect(failure { try WALSegmentSize.check(size) } == nil)
    }
}
