package import RoostPostgres
internal import RoostSystem

/// One line of `[backup:current]` in `backup.info`.
package struct BackupEntry: Sendable, Hashable {
    /// Sums over the files of a backup, in bytes.
    package struct Sizes: Sendable, Hashable {
        /// All files that a restore needs, as in the cluster.
        package var original: UInt64 = 0
        /// Those that are stored in this backup.
        package var originalDelta: UInt64 = 0
        /// All files, as stored.
        package var repository: UInt64 = 0
        package var repositoryDelta: UInt64 = 0
        /// Block maps; nil unless the backup has block increments.
        package var map: UInt64?
        package var mapDelta: UInt64?

        package init() {}
    }

    package var label: BackupLabel
    package var version: String
    package var annotations: [String: String] = [:]
    package var archiveStart: WALSegmentName?
    package var archiveStop: WALSegmentName?
    /// Whether a page checksum was wrong; nil in entries of old releases.
    package var hasError: Bool?
    package var sizes = Sizes()
    package var lsnStart: LSN?
    package var lsnStop: LSN?
    package var prior: BackupLabel?
    /// All backups this one needs, by rising label; empty for a full.
    package var references: [BackupLabel] = []
    package var timestampStart: Int64
    package var timestampStop: Int64
    package var type: BackupType
    /// The generation of the cluster.
    package var historyID: UInt32
    package var options: BackupOptions

    package init(
        label: BackupLabel, version: String, type: BackupType, historyID: UInt32, timestampStart: Int64,
        timestampStop: Int64, options: BackupOptions
    ) {
        self.label = label
        self.version = version
        self.type = type
        self.historyID = historyID
        self.timestampStart = timestampStart
        self.timestampStop = timestampStop
        self.options = options
    }

    init(label: BackupLabel, parsing value: JSONValue) throws(RoostError) {
        let fields = try InfoFields(value, of: "backup '\(label)'")
        guard try fields.unsigned("backrest-format") == InfoFileParser.format else {
            throw RoostError(.format, "backup '\(label)' has another format than \(InfoFileParser.format)")
        }
        guard let type = BackupType(rawValue: try fields.string("backup-type")) else {
            throw RoostError(.format, "backup '\(label)' has an unknown type")
        }
        self.init(
            label: label, version: try fields.string("backrest-version"), type: type,
            historyID: try fields.unsigned32("db-id"), timestampStart: try fields.time("backup-timestamp-start"),
            timestampStop: try fields.time("backup-timestamp-stop"), options: try BackupOptions(summary: fields))
        annotations = try fields.stringMap("backup-annotation")
        archiveStart = try parse(fields.optionalString("backup-archive-start"), of: label) { WALSegmentName($0) }
        archiveStop = try parse(fields.optionalString("backup-archive-stop"), of: label) { WALSegmentName($0) }
        hasError = try fields.optionalBool("backup-error")
        sizes.repository = try fields.unsigned("backup-info-repo-size")
        sizes.repositoryDelta = try fields.unsigned("backup-info-repo-size-delta")
        sizes.map = try fields.optionalUnsigned("backup-info-repo-size-map")
        sizes.mapDelta = try fields.optionalUnsigned("backup-info-repo-size-map-delta")
        sizes.original = try fields.unsigned("backup-info-size")
        sizes.originalDelta = try fields.unsigned("backup-info-size-delta")
        lsnStart = try parse(fields.optionalString("backup-lsn-start"), of: label) { LSN($0) }
        lsnStop = try parse(fields.optionalString("backup-lsn-stop"), of: label) { LSN($0) }
        prior = try parse(fields.optionalString("backup-prior"), of: label) { BackupLabel($0) }
        for text in try fields.strings("backup-reference") ?? [] {
            guard let reference = BackupLabel(text) else {
                throw RoostError(.format, "backup '\(label)' refers to '\(text)', which is no label")
            }
            references.append(reference)
        }
    }

    var json: JSONValue {
        var members = options.summary
        members["backrest-format"] = .unsigned(InfoFileParser.format)
        members["backrest-version"] = .string(version)
        if !annotations.isEmpty { members["backup-annotation"] = .object(annotations.mapValues { .string($0) }) }
        members["backup-archive-start"] = archiveStart.map { .string("\($0)") } ?? .null
        members["backup-archive-stop"] = archiveStop.map { .string("\($0)") } ?? .null
        members["backup-error"] = hasError.map { .bool($0) }
        members["backup-info-repo-size"] = .unsigned(sizes.repository)
        members["backup-info-repo-size-delta"] = .unsigned(sizes.repositoryDelta)
        members["backup-info-repo-size-map"] = sizes.map.map { .unsigned($0) }
        members["backup-info-repo-size-map-delta"] = sizes.mapDelta.map { .unsigned($0) }
        members["backup-info-size"] = .unsigned(sizes.original)
        members["backup-info-size-delta"] = .unsigned(sizes.originalDelta)
        members["backup-lsn-start"] = lsnStart.map { .string("\($0)") }
        members["backup-lsn-stop"] = lsnStop.map { .string("\($0)") }
        members["backup-prior"] = prior.map { .string($0.text) }
        if type != .full { members["backup-reference"] = .array(references.map { .string($0.text) }) }
        members["backup-timestamp-start"] = .integer(timestampStart)
        members["backup-timestamp-stop"] = .integer(timestampStop)
        members["backup-type"] = .string(type.rawValue)
        members["db-id"] = .unsigned(UInt64(historyID))
        return .object(members)
    }
}

/// A field of an entry that must parse if it is there.
func parse<T>(
    _ text: String?, of label: BackupLabel, _ parser: (String) -> T?
) throws(RoostError) -> T? {
    guard let text else { return nil }
    guard let value = parser(text) else {
        throw RoostError(.format, "backup '\(label)' has an invalid value '\(text)'")
    }
    return value
}
