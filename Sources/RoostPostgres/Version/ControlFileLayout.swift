/// Byte offsets of fields in `pg_control`, little-endian, as 64-bit machines lay the structure out.
///
/// System identifier (0), control version (8), catalog version (12) and checkpoint (32) have the same place in every version.
struct ControlFileLayout: Sendable {
    static let systemID = 0
    static let controlVersion = 8
    static let catalogVersion = 12
    static let checkpoint = 32

    let timeline: Int
    let blockSize: Int
    let walSegmentSize: Int
    let checksumVersion: Int
    let crc: Int
    /// The greatest known checksum version; those above 1 mean that checksums are being switched on or off.
    let maximumChecksumVersion: UInt32

    static let upTo9_6 = ControlFileLayout(
        timeline: 56,
        blockSize: 216,
        walSegmentSize: 228,
        checksumVersion: 252,
        crc: 256,
        maximumChecksumVersion: 1
    )
    static let from10 = ControlFileLayout(
        timeline: 56,
        blockSize: 216,
        walSegmentSize: 228,
        checksumVersion: 252,
        crc: 288,
        maximumChecksumVersion: 1
    )
    static let from11 = ControlFileLayout(
        timeline: 48,
        blockSize: 208,
        walSegmentSize: 220,
        checksumVersion: 244,
        crc: 280,
        maximumChecksumVersion: 1
    )
    static let from12 = ControlFileLayout(
        timeline: 48,
        blockSize: 216,
        walSegmentSize: 228,
        checksumVersion: 252,
        crc: 288,
        maximumChecksumVersion: 1
    )
    static let from18 = ControlFileLayout(
        timeline: 48,
        blockSize: 216,
        walSegmentSize: 228,
        checksumVersion: 252,
        crc: 292,
        maximumChecksumVersion: 1
    )
    static let from19 = ControlFileLayout(
        timeline: 48,
        blockSize: 224,
        walSegmentSize: 240,
        checksumVersion: 264,
        crc: 304,
        maximumChecksumVersion: 3
    )
}
