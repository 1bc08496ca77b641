package import RoostSystem

/// What the first page of a WAL segment says about the cluster that wrote it (`XLogLongPageHeaderData`).
package struct WALHeader: Sendable, Hashable {
    package let version: PostgresVersion
    package let systemID: SystemID
    /// In bytes, 1 MiB to 1 GiB.
    package let segmentSize: UInt32

    /// As many bytes of a segment as need to be read.
    package static let byteCount = 512

    private static let longHeader: UInt16 = 0x0002

    /// Reads the header from the start of a segment.
    ///
    /// - Parameters:
    ///   - bytes: At least the 40 bytes of the header; the rest is ignored.
    ///   - forced: The version to assume without looking at the magic number, for forks of PostgreSQL.
    /// - Throws: ``ErrorCode/format`` if it is no long header (a segment of zeros gives this too), for an impossible segment
    ///   size or for too few bytes; ``ErrorCode/versionNotSupported`` for an unknown magic number.
    package init(parsing bytes: RawSpan, forcing forced: PostgresVersion? = nil) throws(RoostError) {
        guard bytes.byteCount >= 40 else {
            throw RoostError(.format, "WAL file has \(bytes.byteCount) bytes but its first header needs 40")
        }
        guard bytes.littleEndian(UInt16.self, at: 2) & Self.longHeader != 0 else {
            throw RoostError(.format, "first page header in WAL file is expected to be in long format")
        }
        let magic = bytes.littleEndian(UInt16.self, at: 0)
        guard let version = forced ?? PostgresVersion.of(walMagic: magic) else {
            throw RoostError(
                .versionNotSupported,
                "unexpected WAL magic \(magic)",
                hints: ["is this version of PostgreSQL supported?", "is Roost up to date on all hosts?"]
            )
        }
        self.version = version
        systemID = SystemID(bytes.littleEndian(UInt64.self, at: 24))
        segmentSize = bytes.littleEndian(UInt32.self, at: 32)
        try WALSegmentSize.check(segmentSize)
    }
}
