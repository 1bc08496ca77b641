internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// What PostgreSQL wants archived: the `.ready` files of `archive_status`.
struct ReadyList {
    private static let ready = ".ready"

    private let walDirectory: String

    /// - Parameter walDirectory: `pg_wal` of the cluster.
    init(walDirectory: String) { self.walDirectory = walDirectory }

    /// The names of the files, in byte order.
    func names() throws(RoostError) -> [String] {
        try FileSystem.list("\(walDirectory)/archive_status").compactMap { name in
            name.hasSuffix(Self.ready) ? String(name.dropLast(Self.ready.utf8.count)) : nil
        }
    }

    /// When PostgreSQL asked for a file; nil if it does not.
    func time(of name: String) throws(RoostError) -> FileStatus? {
        try FileStatus.of("\(walDirectory)/archive_status/\(name)\(Self.ready)")
    }

    /// How large a segment is, as the first of the list shows that is still there; nil without any.
    ///
    /// - Throws: ``ErrorCode/format`` for an empty one.
    func segmentSize(_ names: [String]) throws(RoostError) -> UInt64? {
        for name in names where Self.isSegment(name) {
            guard let status = try status(name) else { continue }
            guard status.size > 0 else { throw RoostError(.format, "size of WAL segment '\(name)' is 0") }
            return status.size
        }
        return nil
    }

    /// Whose the segments are, as the first of them says.
    ///
    /// - Throws: ``ErrorCode/format`` if no segment tells.
    func cluster(_ names: [String]) throws(RoostError) -> ClusterIdentity {
        for name in names where Self.isSegment(name) {
            guard try status(name) != nil else { continue }
            let header = try WALHeader.read("\(walDirectory)/\(name)")
            return ClusterIdentity(systemID: header.systemID, version: header.version.text)
        }
        throw RoostError(.format, "no segment in '\(walDirectory)' tells of which cluster the WAL is")
    }

    private func status(_ name: String) throws(RoostError) -> FileStatus? {
        try FileStatus.of("\(walDirectory)/\(name)", followingLinks: true)
    }

    /// Whether the segments that wait are more than they may be.
    ///
    /// Small files do not count, nor do they stand for the size of a segment: `00000002.history` sorts first. Nor do segments
    /// that are gone.
    func exceeds(_ limit: UInt64, _ names: [String]) throws(RoostError) -> Bool {
        let segments = names.filter(Self.isSegment)
        guard let size = try segmentSize(segments), UInt64(segments.count) * size > limit else { return false }
        var present: UInt64 = 0
        for name in segments where try status(name) != nil { present += 1 }
        return present * size > limit
    }

    static func isSegment(_ name: String) -> Bool {
        WALSegmentName(name) != nil || name.hasSuffix(".partial") && WALSegmentName(String(name.dropLast(8))) != nil
    }
}

extension FileStatus {
    /// Whether this file, which acknowledges another, is younger than it.
    ///
    /// Where a file system keeps whole seconds only, the same second will do.
    func acknowledges(_ ready: FileStatus) -> Bool {
        guard modified == ready.modified else { return modified > ready.modified }
        return modifiedNanoseconds >= ready.modifiedNanoseconds || modifiedNanoseconds == 0
    }
}
