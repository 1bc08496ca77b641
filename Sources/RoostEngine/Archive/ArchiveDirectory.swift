internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// Finds WAL in the archive of one cluster generation; lists each directory at most once.
struct ArchiveDirectory {
    private let repository: Repository
    private let id: ArchiveID
    private var listings: [String: [StoredSegment]] = [:]

    init(_ repository: Repository, _ id: ArchiveID) {
        self.repository = repository
        self.id = id
    }

    /// All stored files of a segment; more than one is a fault of the archive.
    mutating func find(_ segment: WALSegmentName, partial: Bool = false) throws(RoostError) -> [StoredSegment] {
        try list(segment.directory).filter { $0.segment == segment && $0.isPartial == partial }
    }

    /// The one stored file of a segment, nil if it is not archived.
    ///
    /// - Throws: ``ErrorCode/archiveDuplicate`` if there are several.
    mutating func findOne(_ segment: WALSegmentName, partial: Bool = false) throws(RoostError) -> StoredSegment? {
        let found = try find(segment, partial: partial)
        guard found.count <= 1 else {
            throw RoostError(
                .archiveDuplicate,
                "duplicates found in archive for WAL segment \(segment): \(found.map(\.fileName).joined(separator: ", "))",
                hints: ["are multiple primaries archiving to this stanza?"])
        }
        return found.first
    }

    /// Forgets what was listed, to see what has come since.
    mutating func refresh() { listings.removeAll() }

    /// Whether a name below an archive id is that of a directory of segments: timeline and log, 16 digits.
    static func isSegmentDirectory(_ name: String) -> Bool {
        name.utf8.count == 16 && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
    }

    /// Where a stored segment lies.
    func path(_ stored: StoredSegment) -> String {
        "\(repository.paths.archive(id))/\(stored.segment.directory)/\(stored.fileName)"
    }

    private mutating func list(_ directory: String) throws(RoostError) -> [StoredSegment] {
        if let known = listings[directory] { return known }
        let names = try repository.storage.names("\(repository.paths.archive(id))/\(directory)")
        let segments = names.compactMap { StoredSegment(fileName: $0) }
        listings[directory] = segments
        return segments
    }
}
