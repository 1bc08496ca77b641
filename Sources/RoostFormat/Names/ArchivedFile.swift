package import RoostPostgres
package import RoostSystem

/// What the name of a file that PostgreSQL archives tells of it (specification `repository`, section 8).
package enum WALFileName: Sendable, Hashable {
    /// `000000010000000000000004`, or with `.partial` from a promoted standby.
    case segment(WALSegmentName, partial: Bool)
    /// `000000010000000000000004.00000028.backup`: begins like a segment and lies beside it.
    case besideSegment(WALSegmentName, name: String)
    /// `00000002.history`, and anything else: lies at the top of the archive id.
    case other(String)

    /// - Throws: ``ErrorCode/paramInvalid`` for a name that could lead out of its directory.
    package init(_ name: String) throws(RoostError) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), name != ".", name != ".." else {
            throw RoostError(.paramInvalid, "'\(name)' is not the name of a WAL file")
        }
        guard let segment = WALSegmentName(String(name.prefix(24))) else {
            self = .other(name)
            return
        }
        switch name.dropFirst(24) {
        case "": self = .segment(segment, partial: false)
        case ".partial": self = .segment(segment, partial: true)
        default: self = .besideSegment(segment, name: name)
        }
    }

    /// The name as PostgreSQL uses it.
    package var name: String {
        switch self {
        case .segment(let segment, let partial): partial ? "\(segment).partial" : "\(segment)"
        case .besideSegment(_, let name), .other(let name): name
        }
    }

    /// The directory below the archive id; nil for the top.
    package var directory: String? {
        switch self {
        case .segment(let segment, _), .besideSegment(let segment, _): segment.directory
        case .other: nil
        }
    }
}

/// A WAL segment as stored: `000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.gz`.
package struct StoredSegment: Sendable, Hashable {
    package let segment: WALSegmentName
    package let isPartial: Bool
    /// Of the segment itself, neither compressed nor encrypted.
    package let checksum: SHA1
    package let compression: Compression

    package init(segment: WALSegmentName, isPartial: Bool, checksum: SHA1, compression: Compression) {
        self.segment = segment
        self.isPartial = isPartial
        self.checksum = checksum
        self.compression = compression
    }

    /// - Returns: Nil if a file of that name is no stored segment.
    package init?(fileName: String) {
        let compression = Compression.of(fileName: fileName)
        let stem = fileName.dropLast(compression.fileExtension.count)
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let checksum = SHA1(parts[1]) else { return nil }
        let isPartial = parts[0].hasSuffix(".partial")
        guard let segment = WALSegmentName(String(isPartial ? parts[0].dropLast(8) : parts[0])) else { return nil }
        self.init(segment: segment, isPartial: isPartial, checksum: checksum, compression: compression)
    }

    /// The name in the repository.
    package var fileName: String {
        "\(segment)\(isPartial ? ".partial" : "")-\(checksum)\(compression.fileExtension)"
    }
}
