import RoostPostgres
import RoostSystem
import Testing

@Suite struct ControlFileTests {
    @Test(arguments: [
        ("14", 7_711_040_801_283_315_631, "0/18CCB00", 202_107_181),
        ("15", 7_711_040_807_893_362_632, "0/17529B0", 202_209_061),
        ("16", 7_711_040_812_639_512_542, "0/16C2D78", 202_307_071),
        ("17", 7_711_040_817_946_458_206, "0/16C5830", 202_406_281),
        ("18", 7_711_040_828_223_342_750, "0/16EF458", 202_506_291),
    ])
    func `files of real clusters are read as pg_controldata reads them`(
        version: String,
        systemID: UInt64,
        checkpoint: String,
        catalog: UInt32
    ) throws {
        let bytes = try Fixture.hexadecimal("pg_control-\(version).hex")
        let file = try ControlFile(parsing: bytes.span.bytes)
        #expect(file.version.text == version)
        #expect(file.systemID == SystemID(systemID))
        #expect(file.checkpoint.description == checkpoint)
        #expect(file.catalogVersion == catalog)
        #expect(file.timeline == TimelineID(1))
        #expect(file.blockSize == 8192)
        #expect(file.walSegmentSize == 16 << 20)
        #expect(file.checksumVersion == 1)
        #expect(!file.isCheckpointInvalid)
    }

    @Test(arguments: ["14", "15", "16", "17", "18"])
    func `an invalidated file is valid but for its checkpoint`(version: String) throws {
        let bytes = try Fixture.hexadecimal("pg_control-\(version).hex")
        let changed = try ControlFile.invalidatingCheckpoint(bytes + [UInt8](repeating: 0, count: 7680))
        #expect(changed.count == 8192)
        let file = try ControlFile(parsing: changed.span.bytes)
        #expect(file.isCheckpointInvalid)
        #expect(file.checkpoint.description == "0/DEAD")
        #expect(file.systemID == (try ControlFile(parsing: bytes.span.bytes)).systemID)
        #expect(zip(bytes, changed).filter { $0 != $1 }.count <= 12)
    }

    @Test(arguments: [
        ("unknown version", 8, [0x11, 0x22, 0x33, 0x44], ErrorCode.versionNotSupported, false),
        ("unknown catalog", 12, [0, 0, 0, 0], .versionNotSupported, false),
        ("damaged byte", 100, [0xFF], .checksum, false), ("damaged CRC", 288, [0, 0, 0, 0], .checksum, false),
        ("segment size of 3 MiB", 228, [0, 0, 0x30, 0], .format, true),
        ("segment size 0", 228, [0, 0, 0, 0], .format, true),
        ("page size 512", 216, [0, 2, 0, 0], .format, true), ("page size 64 KiB", 216, [0, 0, 1, 0], .format, true),
        ("page size 8193", 216, [1, 0x20, 0, 0], .format, true),
        ("checksum version 2", 252, [2, 0, 0, 0], .format, true),
    ])
    func `each damage has its error`(
        what: String,
        offset: Int,
        change: [UInt8],
        code: ErrorCode,
        repairsCRC: Bool
    ) throws {
        var bytes = try Fixture.hexadecimal("pg_control-15.hex")
        bytes.replaceSubrange(offset..<offset + change.count, with: change)
        if repairsCRC { bytes.repairCRC(at: 288) }
        #expect(failure { _ = try ControlFile(parsing: bytes.span.bytes) }?.code == code, "\(what)")
    }

    @Test(arguments: [(0, 0), (1, 1), (2, 0), (3, 0)])
    func `19 treats checksums in transition as absent`(stored: UInt8, effective: UInt32) throws {
        var bytes = [UInt8](repeating: 0, count: 512)
        let fields: [(Int, UInt32)] = [
            (8, 1902), (12, 202_605_131), (32, 0x4000028), (48, 3), (224, 8192), (240, 16 << 20), (264, UInt32(stored)),
        ]
        for (offset, value) in fields { bytes.replaceSubrange(offset..<offset + 4, with: value.littleEndianBytes) }
        bytes.repairCRC(at: 304)
        let file = try ControlFile(parsing: bytes.span.bytes)
        #expect(file.version.text == "19")
        #expect(file.timeline == TimelineID(3))
        #expect(file.checksumVersion == effective)
    }

    @Test(arguments: [
        ("9.6", 960, 201_608_131, 56, 216, 228, 252, 256), ("10", 1002, 201_707_211, 56, 216, 228, 252, 288),
        ("11", 1100, 201_809_051, 48, 208, 220, 244, 280), ("12", 1201, 201_909_212, 48, 216, 228, 252, 288),
    ])
    func `old layouts are known`(
        version: String,
        control: UInt32,
        catalog: UInt32,
        timeline: Int,
        blockSize: Int,
        segmentSize: Int,
        checksum: Int,
        crc: Int
    ) throws {
        var bytes = [UInt8](repeating: 0, count: 512)
        let fields: [(Int, UInt32)] = [
            (8, control), (12, catalog), (32, 77), (timeline, 5), (blockSize, 4096), (segmentSize, 1 << 30),
            (checksum, 1),
        ]
        for (offset, value) in fields { bytes.replaceSubrange(offset..<offset + 4, with: value.littleEndianBytes) }
        bytes.repairCRC(at: crc)
        let file = try ControlFile(parsing: bytes.span.bytes)
        #expect(file.version.text == version)
        #expect(file.checkpoint == LSN(77))
        #expect(file.timeline == TimelineID(5))
        #expect(file.blockSize == 4096)
        #expect(file.walSegmentSize == 1 << 30)
        #expect(file.hasChecksums)
    }

    @Test func `a fork is read by force, with its check sum further back`() throws {
        var bytes = try Fixture.hexadecimal("pg_control-15.hex")
        bytes.replaceSubrange(12..<16, with: UInt32(1).littleEndianBytes)
        bytes.repairCRC(at: 300)
        #expect(failure { _ = try ControlFile(parsing: bytes.span.bytes) }?.code == .versionNotSupported)
        let version = try #require(PostgresVersion("15"))
        #expect(try ControlFile(parsing: bytes.span.bytes, forcing: version).version == version)
        let changed = try ControlFile.invalidatingCheckpoint(bytes, forcing: version)
        #expect(try ControlFile(parsing: changed.span.bytes, forcing: version).isCheckpointInvalid)
        #expect(changed[300..<304] != bytes[300..<304])
    }

    @Test(arguments: ["pg_control-15.hex", "pg_control-18.hex"], [UInt64](1...200))
    func `damaged files throw and never trap`(fixture: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = try Fixture.hexadecimal(fixture)
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            damaged[Int.random(in: 0..<292, using: &generator)] = .random(in: 0...255, using: &generator)
        }
        if Bool.random(using: &generator) { damaged.repairCRC(at: fixture.contains("18") ? 292 : 288) }
        if Bool.random(using: &generator) { damaged.removeLast(.random(in: 0...512, using: &generator)) }
        for version in [nil, PostgresVersion.all.randomElement(using: &generator)] {
            if let error = failure({ _ = try ControlFile(parsing: damaged.span.bytes, forcing: version) }) {
                #expect([.versionNotSupported, .checksum, .format].contains(error.code))
            }
            _ = failure { _ = try ControlFile.invalidatingCheckpoint(damaged, forcing: version) }
        }
    }
}

@Suite struct CRC32CTests {
    @Test(arguments: [("", 0), ("123456789", 0xE306_9283), ("a", 0xC1D0_4330)])
    func `published vectors`(text: String, crc: UInt32) {
        #expect(CRC32C.compute(text.utf8.span.bytes) == crc)
    }
}

extension [UInt8] {
    mutating func repairCRC(at offset: Int) {
        guard count >= offset + 4 else { return }
        let crc = CRC32C.compute(Array(self[0..<offset]).span.bytes)
        replaceSubrange(offset..<offset + 4, with: crc.littleEndianBytes)
    }
}

extension UInt32 {
    var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
