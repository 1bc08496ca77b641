import RoostPostgres
import Testing

/// The fixture holds pages 3 to 5 of a relation.
@Suite struct PageChecksumTests {
    private static let size = 8192

    private func check(_ bytes: [UInt8], first: UInt32 = 3, headerCheck: Bool = true) -> [UInt32] {
        PageChecksum.invalidPages(
            in: bytes.span.bytes,
            pageSize: Self.size,
            firstPage: first,
            headerCheck: headerCheck
        )
    }

    @Test(arguments: [true, false])
    func `pages that PostgreSQL wrote are valid`(headerCheck: Bool) throws {
        #expect(check(try Fixture.bytes("pages-15.bin"), headerCheck: headerCheck) == [])
    }

    @Test func `the checksum is the stored one and does not depend on it`() throws {
        var page = try [UInt8](Fixture.bytes("pages-15.bin")[0..<Self.size])
        let stored = UInt16(page[8]) | UInt16(page[9]) << 8
        #expect(PageChecksum.compute(page.span.bytes, number: 3) == stored)
        page[8] ^= 0xFF
        #expect(PageChecksum.compute(page.span.bytes, number: 3) == stored)
        #expect(PageChecksum.isValid(page.span.bytes, number: 3, headerCheck: true) == false)
    }

    @Test func `a page in another place is invalid`() throws {
        #expect(check(try Fixture.bytes("pages-15.bin"), first: 4) == [4, 5, 6])
    }

    @Test(arguments: [0, 7, 10, 4096, 8191])
    func `one changed bit is found`(offset: Int) throws {
        var bytes = try Fixture.bytes("pages-15.bin")
        bytes[Self.size + offset] ^= 0x10
        #expect(check(bytes) == [4])
    }

    @Test(arguments: [true, false])
    func `a page of zeros is valid`(headerCheck: Bool) throws {
        var bytes = try Fixture.bytes("pages-15.bin")
        bytes.replaceSubrange(Self.size..<2 * Self.size, with: repeatElement(0, count: Self.size))
        #expect(check(bytes, headerCheck: headerCheck) == [])
        for offset in [0, 1, 100, 8191] {
            var almost = bytes
            almost[Self.size + offset] = 1
            #expect(check(almost, headerCheck: headerCheck) == [4])
        }
    }

    @Test func `with header check a page without upper bound is invalid whatever its checksum`() throws {
        var bytes = try Fixture.bytes("pages-15.bin")
        bytes[14] = 0
        bytes[15] = 0
        let checksum = PageChecksum.compute([UInt8](bytes[0..<Self.size]).span.bytes, number: 3)
        bytes[8] = UInt8(truncatingIfNeeded: checksum)
        bytes[9] = UInt8(truncatingIfNeeded: checksum >> 8)
        #expect(check(bytes, headerCheck: true) == [3])
        #expect(check(bytes, headerCheck: false) == [])
    }

    @Test func `all invalid pages of a large chunk are named`() throws {
        let page = try [UInt8](Fixture.bytes("pages-15.bin")[0..<Self.size])
        let bytes = [UInt8]((0..<40).map { _ in page }.joined())
        #expect(check(bytes, first: 0) == (0..<40).filter { $0 != 3 })
    }

    @Test func `an incomplete page is not looked at`() throws {
        let bytes = try Fixture.bytes("pages-15.bin")
        #expect(check([UInt8](bytes.dropLast(100)) + []) == [])
        #expect(check([UInt8](bytes[0..<100])) == [])
        #expect(check([]) == [])
    }

    @Test(arguments: [1024, 2048, 4096, 8192, 16384, 32768])
    func `every page size gives a checksum that sees every byte`(size: Int) {
        var generator = SeededGenerator(seed: UInt64(size))
        let page = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let expected = PageChecksum.compute(page.span.bytes, number: 9)
        for offset in [0, 7, 10, 127, 128, size - 1] {
            var changed = page
            changed[offset] ^= 1
            #expect(PageChecksum.compute(changed.span.bytes, number: 9) != expected)
        }
    }

    @Test func `the address of a page makes no difference`() throws {
        let bytes = try Fixture.bytes("pages-15.bin")
        let shifted = [0xAA] + bytes
        #expect(
            PageChecksum.invalidPages(
                in: shifted.span.bytes.extracting(1..<shifted.count),
                pageSize: Self.size,
                firstPage: 3,
                headerCheck: true
            ) == []
        )
    }
}
