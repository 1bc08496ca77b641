package import RoostSystem

/// What Roost needs from `global/pg_control`, the file that says which cluster this is and where recovery starts.
package struct ControlFile: Sendable, Hashable {
    package let version: PostgresVersion
    package let systemID: SystemID
    package let controlVersion: UInt32
    package let catalogVersion: UInt32
    /// Where the latest checkpoint's record is; ``invalidCheckpoint`` in a file taken out of a backup.
    package let checkpoint: LSN
    /// The timeline of the latest checkpoint.
    package let timeline: TimelineID
    /// The size of a data page in bytes, 1 to 32 KiB.
    package let blockSize: UInt32
    /// In bytes, 1 MiB to 1 GiB.
    package let walSegmentSize: UInt32
    /// 1 if every page carries a checksum, else 0, also while a server is still switching checksums on or off.
    package let checksumVersion: UInt32

    /// The bytes that PostgreSQL writes in one sector and that carry all content.
    package static let readByteCount = 512
    /// The size of the whole file; the rest is zero.
    package static let fileByteCount = 8192
    package static let relativePath = "global/pg_control"
    /// A position in the first segment, which PostgreSQL never uses: a server that is started on it without `backup_label` fails.
    package static let invalidCheckpoint = LSN(0xDEAD)

    package var hasChecksums: Bool { checksumVersion != 0 }
    package var isCheckpointInvalid: Bool { checkpoint == Self.invalidCheckpoint }

    /// Reads and checks the content of a control file.
    ///
    /// - Parameters:
    ///   - bytes: At least the first 512 bytes; the rest is ignored.
    ///   - forced: The version to assume without looking at the version numbers, for forks of PostgreSQL. The check sum may then
    ///     also stand further back, since a fork may have added fields.
    /// - Throws: ``ErrorCode/versionNotSupported`` for unknown version numbers, ``ErrorCode/checksum`` for a wrong CRC,
    ///   ``ErrorCode/format`` for values that no server writes or for too few bytes.
    package init(parsing bytes: RawSpan, forcing forced: PostgresVersion? = nil) throws(RoostError) {
        guard bytes.byteCount >= Self.readByteCount else {
            throw RoostError(
                .format,
                "pg_control has \(bytes.byteCount) bytes but must have at least \(Self.readByteCount)"
            )
        }
        controlVersion = bytes.littleEndian(UInt32.self, at: ControlFileLayout.controlVersion)
        catalogVersion = bytes.littleEndian(UInt32.self, at: ControlFileLayout.catalogVersion)
        let found = PostgresVersion.of(controlVersion: controlVersion, catalogVersion: catalogVersion)
        guard let version = forced ?? found else {
            throw RoostError(
                .versionNotSupported,
                "unexpected control version = \(controlVersion) and catalog version = \(catalogVersion)",
                hints: ["is this version of PostgreSQL supported?", "is Roost up to date on all hosts?"]
            )
        }
        _ = try Self.crcOffset(bytes, version, scanning: forced != nil)
        let layout = version.controlLayout
        self.version = version
        systemID = SystemID(bytes.littleEndian(UInt64.self, at: ControlFileLayout.systemID))
        checkpoint = LSN(bytes.littleEndian(UInt64.self, at: ControlFileLayout.checkpoint))
        timeline = TimelineID(bytes.littleEndian(UInt32.self, at: layout.timeline))
        walSegmentSize = bytes.littleEndian(UInt32.self, at: layout.walSegmentSize)
        try WALSegmentSize.check(walSegmentSize)
        blockSize = bytes.littleEndian(UInt32.self, at: layout.blockSize)
        guard (1024...32768).contains(blockSize), blockSize.nonzeroBitCount == 1 else {
            throw RoostError(
                .format,
                "page size is \(blockSize) but must be a power of two between 1024 and 32768 inclusive"
            )
        }
        let stored = bytes.littleEndian(UInt32.self, at: layout.checksumVersion)
        guard stored <= layout.maximumChecksumVersion else {
            throw RoostError(
                .format,
                "page checksum version is \(stored) but must be at most \(layout.maximumChecksumVersion)"
            )
        }
        checksumVersion = stored == 1 ? 1 : 0
    }

    /// Where the CRC stands that covers all bytes before it.
    ///
    /// - Parameter scanning: Whether it may stand at any later multiple of four.
    static func crcOffset(
        _ bytes: RawSpan,
        _ version: PostgresVersion,
        scanning: Bool
    ) throws(RoostError) -> Int {
        let expected = version.controlLayout.crc
        let last = scanning ? readByteCount - MemoryLayout<UInt32>.size : expected
        for offset in stride(from: expected, through: last, by: MemoryLayout<UInt32>.size) {
            let computed = CRC32C.compute(bytes.extracting(0..<offset))
            if bytes.littleEndian(UInt32.self, at: offset) == computed { return offset }
        }
        let stored = bytes.littleEndian(UInt32.self, at: expected)
        let computed = CRC32C.compute(bytes.extracting(0..<expected))
        throw RoostError(
            .checksum,
            "calculated pg_control checksum does not match expected value",
            hints: [
                "calculated 0x\(String(computed, radix: 16)) but expected value is 0x\(String(stored, radix: 16))",
                "is pg_control corrupt, or of a build with another layout?",
            ]
        )
    }
}
