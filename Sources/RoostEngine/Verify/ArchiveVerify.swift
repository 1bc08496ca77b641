internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Checks the WAL of one archive id.
struct ArchiveVerify {
    /// The WAL that one backup needs to become consistent; nil for a backup that has none.
    typealias Limit = ClosedRange<WALSegmentName>?

    private struct File: Sendable {
        var path: String
        var segment: StoredSegment
    }

    private let repository: Repository
    private let passphrase: String?
    private let workers: Int
    private let log: any Log

    init(_ repository: Repository, passphrase: String?, workers: Int, _ log: any Log) {
        self.repository = repository
        self.passphrase = passphrase
        self.workers = workers
        self.log = log
    }

    /// - Parameter limit: Nil to check all WAL.
    func run(_ id: ArchiveID, limit: Limit?) throws -> VerifyResult.Archive {
        var archive = VerifyResult.Archive(id: id.description)
        let files = try list(id, limit, &archive)
        let size = try segmentSize(files)
        archive.ranges = Self.ranges(of: files.map(\.segment.segment), segmentSize: size)
        let (repository, passphrase) = (repository, passphrase)
        try runJobs(
            files, workers: workers, makeState: { FileVerifier(repository) },
            perform: { verifier, file in
                let finding = try verifier.check(
                    file.path, range: nil, compression: file.segment.compression, passphrase: passphrase, raw: false,
                    checksum: file.segment.checksum, size: UInt64(size))
                return (file.path, finding)
            },
            collect: { path, finding in
                archive.counts.add(finding)
                guard finding != .valid else { return }
                archive.faults.append(VerifyResult.Fault(file: shown(path), kind: finding))
            })
        archive.faults.sort { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
        return archive
    }

    /// The files to read; those of a segment that is there more than once are told and left out.
    private func list(
        _ id: ArchiveID, _ limit: Limit?, _ archive: inout VerifyResult.Archive
    ) throws(RoostError) -> [File] {
        let root = repository.paths.archive(id)
        let directories = try repository.storage.names(root).filter(ArchiveDirectory.isSegmentDirectory)
        if directories.isEmpty { log.detail("archive path '\(id)' is empty") }
        var files: [File] = []
        for directory in directories {
            let found = try repository.storage.names("\(root)/\(directory)").compactMap { name -> File? in
                guard let segment = StoredSegment(fileName: name), !segment.isPartial else { return nil }
                return File(path: "\(root)/\(directory)/\(name)", segment: segment)
            }.filter { Self.isWithin(limit, $0.segment.segment) }
            archive.counts.checked += found.count
            let before = files.count
            var index = 0
            while index < found.count {
                let segment = found[index].segment.segment
                let twins = found[index...].prefix { $0.segment.segment == segment }
                if twins.count == 1 {
                    files.append(found[index])
                } else {
                    log.info("duplicate WAL '\(segment)' for '\(id)' exists, skipping")
                    archive.duplicates.append(segment)
                }
                index += twins.count
            }
            if files.count == before {
                log.detail("path '\(id)/\(directory)' does not contain any valid WAL to be processed")
            }
        }
        return files
    }

    private static func isWithin(_ limit: Limit?, _ segment: WALSegmentName) -> Bool {
        guard let limit else { return true }
        return limit?.contains(segment) ?? false
    }

    /// From the header of the first segment that has a good one.
    private func segmentSize(_ files: [File]) throws(RoostError) -> UInt32 {
        for file in files.prefix(10) {
            let header = Chunk(capacity: WALHeader.byteCount)
            do {
                let stages = try decryption(passphrase) + decompressing(file.segment.compression)
                try repository.stream(file.path, through: stages) { piece throws(RoostError) in
                    _ = header.append(piece)
                }
                return try WALHeader(parsing: header.bytes).segmentSize
            } catch {
                if error.isFatal { throw error }
                continue  // the file itself is reported when it is checked
            }
        }
        return 16 << 20
    }

    /// Runs of segments without a gap.
    ///
    /// - Parameter segments: By rising name, none twice.
    static func ranges(of segments: [WALSegmentName], segmentSize: UInt32) -> [VerifyResult.WALRange] {
        segments.reduce(into: []) { ranges, segment in
            if let last = ranges.last?.last, last.next(segmentSize: segmentSize) == segment {
                ranges[ranges.count - 1].last = segment
            } else {
                ranges.append(VerifyResult.WALRange(first: segment, last: segment))
            }
        }
    }

    /// A path below the archive of the stanza.
    private func shown(_ path: String) -> String { String(path.dropFirst(repository.paths.archive.utf8.count + 1)) }
}
