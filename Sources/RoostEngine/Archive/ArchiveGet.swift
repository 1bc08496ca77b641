package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// `archive-get`: brings one file out of the archive for recovery.
package enum ArchiveGet {
    /// - Parameters:
    ///   - name: `%f` of `restore_command`.
    ///   - destination: Absolute; its directory exists.
    /// - Returns: False if the archive does not have the file, which ends recovery or waits for it.
    /// - Throws: ``ErrorCode/repoInvalid`` if the stanza cannot be read or is of another cluster,
    ///   ``ErrorCode/archiveDuplicate``, ``ErrorCode/fileRead`` if what is there cannot be read.
    package static func run(
        _ name: String, destination: String, cluster: ClusterIdentity, repository: Repository, context: CommandContext
    ) throws -> Bool {
        let file = try WALFileName(name)
        let (info, ids) = try candidates(cluster, repository)
        let matches = try find(file, in: ids, repository)
        guard !matches.isEmpty else {
            context.log.info("unable to find \(name) in the archive")
            return false
        }
        var warnings: [String] = []
        for match in matches {
            do {
                try fetch(match.path, compression: match.compression, info: info, to: destination, repository)
                context.log.info("found \(name) in the \(repository.name): \(match.id) archive")
                return true
            } catch {
                if error.isFatal { throw error }
                warnings.append("\(repository.name): \(match.id) [\(error.code.name)] \(error)")
            }
        }
        throw RoostError(.fileRead, "unable to get \(name):\n\(warnings.joined(separator: "\n"))")
    }

    private struct Match {
        var id: ArchiveID
        var path: String
        var compression: Compression
        var checksum: SHA1?
    }

    /// The archive ids of this cluster, newest first.
    private static func candidates(
        _ cluster: ClusterIdentity, _ repository: Repository
    ) throws(RoostError) -> (ArchiveInfo, [ArchiveID]) {
        do throws(RoostError) {
            let info = try repository.loadArchiveInfo()
            let ids = info.history.generations.reversed().filter { $0.entry == cluster }
                .map { ArchiveID(version: $0.entry.version, historyID: $0.id) }
            guard !ids.isEmpty else {
                throw RoostError(
                    .archiveMismatch, "unable to retrieve the archive id for database \(cluster)",
                    hints: ["is this the stanza of the cluster that was restored?"])
            }
            return (info, ids)
        } catch {
            if error.isFatal { throw error }
            throw RoostError(
                .repoInvalid, "unable to find a valid repository:\n\(repository.name): [\(error.code.name)] \(error)")
        }
    }

    private static func find(
        _ file: WALFileName, in ids: [ArchiveID], _ repository: Repository
    ) throws(RoostError) -> [Match] {
        var matches: [Match] = []
        for id in ids {
            if case .segment(let segment, let partial) = file {
                var archive = ArchiveDirectory(repository, id)
                for stored in try archive.find(segment, partial: partial) {
                    matches.append(
                        Match(
                            id: id, path: archive.path(stored), compression: stored.compression,
                            checksum: stored.checksum))
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

    private static func fetch(
        _ path: String, compression: Compression, info: ArchiveInfo, to destination: String, _ repository: Repository
    ) throws(RoostError) {
        let stages = try decryption(info.cipherPass) + decompressing(compression)
        // PostgreSQL asks again after a crash: no sync, no temporary name.
        let target = try OwnedDescriptor.create(destination, mode: 0o640)
        try repository.stream(path, through: stages) { piece throws(RoostError) in try target.write(piece) }
        try target.close()
    }
}
