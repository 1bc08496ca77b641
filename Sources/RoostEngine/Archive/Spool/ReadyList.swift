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

    /// How large a segment is, as the first of the list shows; nil without any.
    ///
    /// - Throws: ``ErrorCode/format`` for an empty one.
    func segmentSize(_ names: [String]) throws(RoostError) -> UInt64? {
        guard let first = names.first(where: Self.isSegment) else { return nil }
        guard let status = try FileStatus.of("\(walDirectory)/\(first)", followingLinks: true) else {
            throw .missing("\(walDirectory)/\(first)")
        }
        guard status.size > 0 else { throw RoostError(.format, "size of WAL segment '\(first)' is 0") }
        return status.size
    }

    /// Whether the segments that wait are more than they may be.
    ///
    /// Small files do not count, nor do they stand for the size of a segment: `00000002.history` sorts first.
    func exceeds(_ limit: UInt64, _ names: [String]) throws(RoostError) -> Bool {
        guard let size = try segmentSize(names) else { return false }
        return UInt64(names.count(where: Self.isSegment)) * size > limit
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
