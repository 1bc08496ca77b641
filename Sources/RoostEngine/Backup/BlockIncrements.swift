package import RoostFormat

/// How `backup` stores changed blocks instead of whole files (`repo-block`).
package struct BlockIncrements: Sendable, Equatable {
    /// A table from which the row with the largest key that is not above a number counts.
    package struct Steps: Sendable, Equatable {
        private let rows: [Row]

        private struct Row: Sendable, Equatable {
            var from: UInt64
            var value: UInt64
        }

        package init(_ rows: [UInt64: UInt64]) {
            self.rows = rows.map { Row(from: $0.key, value: $0.value) }.sorted { $0.from > $1.from }
        }

        /// Nil below the smallest key.
        package func value(for number: UInt64) -> UInt64? { rows.first { $0.from <= number }?.value }
    }

    /// The largest block that a manifest can name, in bytes.
    package static let maximumBlockSize = Int(UInt16.max) * unit
    /// Block sizes are multiples of this, in bytes.
    package static let unit = 8192

    /// Size of a file, bytes: size of its blocks, bytes, a multiple of ``unit``.
    package var blockSizes = Steps([
        16 << 10: 8 << 10, 11 << 20: 16 << 10, 43 << 20: 24 << 10, 96 << 20: 32 << 10, 146 << 20: 40 << 10,
        228 << 20: 48 << 10, 329 << 20: 56 << 10, 448 << 20: 64 << 10, 585 << 20: 72 << 10, 740 << 20: 80 << 10,
        914 << 20: 88 << 10,
    ])
    /// Age of a file in seconds: factor for the size of its blocks, 0 to store it whole.
    package var ageFactors = Steps([7 * 86_400: 2, 14 * 86_400: 4, 28 * 86_400: 0])
    /// Size of a block, bytes: size of its checksum, bytes.
    package var checksumSizes = Steps([
        0: 6, 32 << 10: 7, 128 << 10: 8, 512 << 10: 9, 1 << 20: 10, 2 << 20: 11, 4 << 20: 12,
    ])
    /// What is compressed at once, in bytes, in dependent backups and in full ones.
    package var superBlockSize = 256 << 10
    package var superBlockSizeFull = 1 << 20

    package init() {}

    /// How a file that no backup before has in blocks is to be stored; nil if whole (specification
    /// `block-incremental`, section 2).
    ///
    /// - Parameter age: Seconds from its modification to the start of the backup.
    package func form(size: UInt64, age: Int64) -> ManifestFile.BlockIncremental? {
        guard size > 0, let base = blockSizes.value(for: size) else { return nil }
        let factor = ageFactors.value(for: UInt64(max(age, 0))) ?? 1
        guard factor > 0 else { return nil }
        let (product, overflow) = base.multipliedReportingOverflow(by: factor)
        let blockSize = overflow ? Self.maximumBlockSize : Int(min(product, UInt64(Self.maximumBlockSize)))
        let checksumSize = checksumSizes.value(for: UInt64(blockSize)) ?? UInt64(BlockChecksum.sizes.lowerBound)
        return .init(blockSize: blockSize, checksumSize: Int(checksumSize), mapSize: 0)
    }

    /// The size at which a super block ends: that of the settings, rounded up to whole blocks.
    func superBlockSize(_ type: BackupType, blockSize: Int) -> Int {
        let size = type == .full ? superBlockSizeFull : superBlockSize
        return (size + blockSize - 1) / blockSize * blockSize
    }

    /// Writes down in a manifest without data which files go in blocks.
    func apply(to manifest: inout Manifest) {
        for index in 0..<manifest.files.count {
            var file = manifest.files[index]
            file.block = form(size: file.size, age: manifest.timestampStart &- file.timestamp)
            if file.block != nil { manifest.files[index] = file }
        }
    }
}
