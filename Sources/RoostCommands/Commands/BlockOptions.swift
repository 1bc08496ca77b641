internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// The options of block increments as settings of a backup.
enum BlockOptions {
    /// - Throws: ``ErrorCode/optionInvalidValue`` for a row of a map that is no row.
    static func settings(_ options: ResolvedOptions) throws(RoostError) -> BlockIncrements {
        var blocks = BlockIncrements()
        // A map that is given replaces the whole of the default.
        if let rows = try rows(options, Options.repoBlockSizeMap, key: size, value: blockSize) {
            blocks.blockSizes = BlockIncrements.Steps(rows)
        }
        if let rows = try rows(options, Options.repoBlockAgeMap, key: age, value: factor) {
            blocks.ageFactors = BlockIncrements.Steps(rows)
        }
        if let rows = try rows(options, Options.repoBlockChecksumSizeMap, key: size, value: checksumSize) {
            blocks.checksumSizes = BlockIncrements.Steps(rows)
        }
        if let size = options[Options.repoBlockSizeSuper] { blocks.superBlockSize = Int(size) }
        if let size = options[Options.repoBlockSizeSuperFull] { blocks.superBlockSizeFull = Int(size) }
        return blocks
    }

    private static func rows(
        _ options: ResolvedOptions, _ option: Option<OptionPairs>, key: (String) -> UInt64?,
        value: (String) -> UInt64?
    ) throws(RoostError) -> [UInt64: UInt64]? {
        guard options.isSet(option) else { return nil }
        var rows: [UInt64: UInt64] = [:]
        for pair in options[option] {
            guard let from = key(pair.key), let to = value(pair.value) else {
                let wrong = key(pair.key) == nil ? pair.key : pair.value
                throw RoostError(
                    .optionInvalidValue, "'\(wrong)' is not valid for '\(option.name)' option",
                    hints: [
                        "block sizes are multiples of \(BlockIncrements.unit) bytes up to \(BlockIncrements.maximumBlockSize), "
                            + "other sizes 1 to 4294967295, ages days, checksums \(BlockChecksum.sizes.lowerBound) to "
                            + "\(BlockChecksum.sizes.upperBound) bytes"
                    ])
            }
            rows[from] = to
        }
        return rows
    }

    private static func size(_ text: String) -> UInt64? {
        guard let size = OptionText.size(text), size > 0, size <= Int64(UInt32.max) else { return nil }
        return UInt64(size)
    }

    /// A size that a manifest can name; pgBackRest takes others, and then cannot read what it wrote.
    private static func blockSize(_ text: String) -> UInt64? {
        guard let size = size(text), size % UInt64(BlockIncrements.unit) == 0, size <= BlockIncrements.maximumBlockSize
        else { return nil }
        return size
    }

    /// Days, as seconds.
    private static func age(_ text: String) -> UInt64? { UInt32(text).map { UInt64($0) * 86_400 } }

    private static func factor(_ text: String) -> UInt64? { UInt32(text).map(UInt64.init) }

    private static func checksumSize(_ text: String) -> UInt64? {
        guard let size = Int(text), BlockChecksum.sizes.contains(size) else { return nil }
        return UInt64(size)
    }
}
