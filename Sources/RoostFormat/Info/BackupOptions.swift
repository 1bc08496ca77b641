internal import RoostSystem

/// The settings a backup was made with, as `backup.info` and manifests record them.
package struct BackupOptions: Sendable, Hashable {
    package var archiveCheck = true
    package var archiveCopy = false
    /// Not written to partial manifests, in which it is not known yet.
    package var backupStandby = false
    package var checksumPage = false
    package var compression = Compression.none
    package var hardlink = false
    package var online = true
    package var delta = false
    /// Nil in partial manifests, as are the following.
    package var bufferSize: UInt64?
    package var compressLevel: Int?
    package var compressLevelNetwork: Int?
    package var processMax: Int?

    package init() {}

    /// From the fields of a `backup.info` entry, which knows whether but not how files are compressed.
    init(summary fields: InfoFields) throws(RoostError) {
        archiveCheck = try fields.bool("option-archive-check")
        archiveCopy = try fields.bool("option-archive-copy")
        backupStandby = try fields.bool("option-backup-standby")
        checksumPage = try fields.bool("option-checksum-page")
        compression = try fields.bool("option-compress") ? .gz : .none
        hardlink = try fields.bool("option-hardlink")
        online = try fields.bool("option-online")
    }

    /// From `[backup:option]` of a manifest.
    init(manifest fields: InfoFields) throws(RoostError) {
        archiveCheck = try fields.bool("option-archive-check")
        archiveCopy = try fields.bool("option-archive-copy")
        backupStandby = try fields.optionalBool("option-backup-standby") ?? false
        checksumPage = try fields.optionalBool("option-checksum-page") ?? false
        hardlink = try fields.bool("option-hardlink")
        online = try fields.bool("option-online")
        delta = try fields.optionalBool("option-delta") ?? false
        bufferSize = try fields.optionalUnsigned("option-buffer-size")
        compressLevel = try Self.level(fields, "option-compress-level")
        compressLevelNetwork = try Self.level(fields, "option-compress-level-network")
        processMax = try fields.optionalUnsigned("option-process-max").map { Int(clamping: $0) }
        if let name = try fields.optionalString("option-compress-type") {
            guard let compression = Compression(rawValue: name) else {
                throw RoostError(.format, "unknown compression type '\(name)' in a manifest")
            }
            self.compression = compression
        } else {
            compression = try fields.bool("option-compress") ? .gz : .none
        }
    }

    /// A compression level, written modulo 2^32 where it is negative.
    private static func level(_ fields: InfoFields, _ key: String) throws(RoostError) -> Int? {
        guard fields.contains(key) else { return nil }
        let value = try fields.signed(key)
        guard let level = Int32(exactly: value) ?? UInt32(exactly: value).map({ Int32(bitPattern: $0) }) else {
            throw RoostError(.format, "invalid '\(key)' in a manifest: \(value)")
        }
        return Int(level)
    }

    /// Whether the options belong to a backup that is still running.
    private var isPartial: Bool {
        bufferSize == nil && compressLevel == nil && compressLevelNetwork == nil && processMax == nil
    }

    /// The keys that both files share.
    var summary: [String: JSONValue] {
        [
            "option-archive-check": .bool(archiveCheck),
            "option-archive-copy": .bool(archiveCopy),
            "option-backup-standby": .bool(backupStandby),
            "option-checksum-page": .bool(checksumPage),
            "option-compress": .bool(compression != .none),
            "option-hardlink": .bool(hardlink),
            "option-online": .bool(online),
        ]
    }

    /// The keys of `[backup:option]`.
    var manifest: [String: JSONValue] {
        var members = summary
        members["option-buffer-size"] = bufferSize.map { .unsigned($0) }
        if isPartial { members["option-backup-standby"] = nil }
        members["option-compress-level"] = compressLevel.map { .unsigned(UInt64(UInt32(truncatingIfNeeded: $0))) }
        members["option-compress-level-network"] = compressLevelNetwork.map {
            .unsigned(UInt64(UInt32(truncatingIfNeeded: $0)))
        }
        members["option-compress-type"] = .string(compression.rawValue)
        members["option-delta"] = .bool(delta)
        members["option-process-max"] = processMax.map { .unsigned(UInt64($0)) }
        return members
    }
}
