internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// The archives of one cluster in a repository, to find and fetch WAL in; lists each directory at most once.
struct ReadableArchive: Sendable {
    /// One file that should hold what was asked for.
    struct Match: Sendable {
        var id: ArchiveID
        var path: String
        var compression: Compression
        var checksum: SHA1?
    }

    /// What came of a request.
    struct Delivery: Sendable {
        /// The archive it came from.
        var id: ArchiveID
        /// Of files that could not be read before one could.
        var warnings: [String]
    }

    private let repository: Repository
    private let info: ArchiveInfo
    /// Of this cluster, the newest first.
    private var archives: [(id: ArchiveID, directory: ArchiveDirectory)]

    /// - Throws: ``ErrorCode/repoInvalid`` if the stanza cannot be read or is of another cluster.
    init(_ cluster: ClusterIdentity, _ repository: Repository) throws(RoostError) {
        self.repository = repository
        do throws(RoostError) {
            info = try repository.loadArchiveInfo()
            let ids = info.history.generations.reversed().filter { $0.entry == cluster }
                .map { ArchiveID(version: $0.entry.version, historyID: $0.id) }
            guard !ids.isEmpty else {
                throw RoostError(
                    .archiveMismatch, "unable to retrieve the archive id for database \(cluster)",
                    hints: ["is this the stanza of the cluster that was restored?"])
            }
            archives = ids.map { ($0, ArchiveDirectory(repository, $0)) }
        } catch {
            if error.isFatal { throw error }
            throw RoostError(
                .repoInvalid, "unable to find a valid repository:\n\(repository.name): [\(error.code.name)] \(error)")
        }
    }

    /// All that should hold a file, the newest archive first; empty if the archive does not have it.
    ///
    /// - Throws: ``ErrorCode/archiveDuplicate`` if there are segments of different content.
    mutating func find(_ file: WALFileName) throws(RoostError) -> [Match] {
        var matches: [Match] = []
        for index in archives.indices {
            let id = archives[index].id
            if case .segment(let segment, let partial) = file {
                for stored in try archives[index].directory.find(segment, partial: partial) {
                    let path = archives[index].directory.path(stored)
                    matches.append(
                        Match(id: id, path: path, compression: stored.compression, checksum: stored.checksum))
                }
            } else {
                let path = "\(repository.paths.archive(id))/\(file.name)"
                if try repository.storage.exists(path) { matches.append(Match(id: id, path: path, compression: .none)) }
            }
        }
        guard Set(matches.map(\.checksum)).count <= 1 || matches.allSatisfy({ $0.checksum == nil }) else {
            throw RoostError(
                .archiveDuplicate,
                "duplicates found for WAL segment \(file.name):\n"
                    + matches.map { "\(repository.name): \($0.path)" }.joined(separator: "\n"),
                hints: ["are multiple primaries archiving to this stanza?"])
        }
        return matches
    }

    /// Writes the first file that can be read.
    ///
    /// - Throws: ``ErrorCode/fileRead`` if none can.
    func deliver(
        _ matches: [Match], of name: String, to destination: String, _ reader: SegmentReader
    ) throws(RoostError) -> Delivery {
        var warnings: [String] = []
        for match in matches {
            do throws(RoostError) {
                try reader.fetch(
                    match.path, match.compression, passphrase: info.cipherPass, to: destination, repository)
                return Delivery(id: match.id, warnings: warnings)
            } catch {
                if error.isFatal { throw error }
                warnings.append("\(repository.name): \(match.id) [\(error.code.name)] \(error)")
            }
        }
        throw RoostError(.fileRead, "unable to get \(name):\n\(warnings.joined(separator: "\n"))")
    }
}

/// Brings files out of the archive; keeps its codec from one to the next.
final class SegmentReader {
    private var last: (compression: Compression, passphrase: String?, pump: StreamPump)?

    /// Writes the content of a stored file.
    ///
    /// PostgreSQL asks again after a crash: no sync, no temporary name.
    func fetch(
        _ path: String, _ compression: Compression, passphrase: String?, to destination: String,
        _ repository: Repository
    ) throws(RoostError) {
        let pump = try pump(compression, passphrase)
        let reader = try repository.storage.open(path, range: nil)
        let target = try OwnedDescriptor.create(destination, mode: 0o640)
        do {
            try pump.run(reader) { piece throws(RoostError) in try target.write(piece) }
        } catch {
            last = nil
            throw error.code == .crypto ? error.during("'\(repository.storage.displayPath(path))'") : error
        }
        try target.close()
    }

    private func pump(_ compression: Compression, _ passphrase: String?) throws(RoostError) -> StreamPump {
        if let last, last.compression == compression, last.passphrase == passphrase { return last.pump }
        let made = StreamPump(try decryption(passphrase) + decompressing(compression))
        last = (compression, passphrase, made)
        return made
    }
}
