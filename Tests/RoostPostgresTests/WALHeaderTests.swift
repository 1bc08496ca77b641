import RoostPostgres
import RoostSystem
import Testing

@Suite struct WALHeaderTests {
    @Test(arguments: [
        ("14", 7_711_040_801_283_315_631), ("15", 7_711_040_807_893_362_632), ("16", 7_711_040_812_639_512_542),
        ("17", 7_711_040_817_946_458_206), ("18", 7_711_040_828_223_342_750),
    ])
    func `segments of real clusters are recognized`(version: String, systemID: UInt64) throws {
        let bytes = try Fixture.hexadecimal("wal-\(version).hex")
        let header = try WALHeader(parsing: bytes.span.bytes)
        #expect(header.version.text == version)
        #expect(header.systemID == SystemID(systemID))
        #expect(header.segmentSize == 16 << 20)
    }

    @Test(arguments: [
        ("short header", 2, [0, 0], ErrorCode.format), ("unknown magic", 0, [0x11, 0xD1], .versionNotSupported),
        ("segment size of 3 MiB", 32, [0, 0, 0x30, 0], .format),
        ("segment size of 2 GiB", 32, [0, 0, 0, 0x80], .format),
    ])
    func `each damage has its error`(what: String, offset: Int, change: [UInt8], code: ErrorCode) throws {
        var bytes = try Fixture.hexadecimal("wal-15.hex")
        bytes.replaceSubrange(offset..<offset + change.count, with: change)
        #expect(failure { _ = try WALHeader(parsing: bytes.span.bytes) }?.code == code, "\(what)")
    }

    @Test func `zeros and too few bytes are no header`() throws {
        let zeros = [UInt8](repeating: 0, count: 512)
        let short = try [UInt8](Fixture.hexadecimal("wal-15.hex")[0..<39])
        #expect(failure { _ = try WALHeader(parsing: zeros.span.bytes) }?.code == .format)
        #expect(failure { _ = try WALHeader(parsing: short.span.bytes) }?.code == .format)
        #expect(failure { _ = try WALHeader(parsing: [UInt8]().span.bytes) }?.code == .format)
    }

    @Test func `a fork is read by force`() throws {
        var bytes = try Fixture.hexadecimal("wal-15.hex")
        bytes[0] = 0
        let version = try #require(PostgresVersion("15"))
        #expect(try WALHeader(parsing: bytes.span.bytes, forcing: version).version == version)
    }

    @Test(arguments: [UInt64](1...300))
    func `damaged headers throw and never trap`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = try Fixture.hexadecimal("wal-15.hex")
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            bytes[Int.random(in: 0..<40, using: &generator)] = .random(in: 0...255, using: &generator)
        }
        if Bool.random(using: &generator) { bytes.removeLast(.random(in: 0...64, using: &generator)) }
        if let error = failure({ _ = try WALHeader(parsing: bytes.span.bytes) }) {
            #expect([.versionNotSupported, .format].contains(error.code))
        }
    }
}
