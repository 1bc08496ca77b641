package import RoostFormat
internal import RoostStorage
package import RoostSystem

/// What was given up while the repository was away: gaps to record there, and the small files to be pushed, as soon as it is
/// back.
///
///     pg_wal/roost.pending/<system id>-<version>/           where every command on the host of the cluster finds it
///     <spool>/roost/<stanza>/pending/<system id>-<version>/ as well, where there is a spool: it may lie on another disk
///         gap/<archive id>-<first>-<last>
///         keep/<name of the file>
///
/// It is kept in every place that can be written: one is enough. Each file is durable before WAL is acknowledged. What another
/// cluster has left, whose place this was, waits for a repository that is of that cluster.
package struct PendingGaps: Sendable {
    /// A kept file whose name is taken in the archive by one of other content.
    private static let conflict = ".conflict"

    private let places: [String]

    /// - Parameters:
    ///   - walDirectory: `pg_wal` of the cluster; PostgreSQL leaves what it does not know there.
    ///   - spool: Nil for a command that has none.
    package init(walDirectory: String, spool: ArchiveSpool? = nil) {
        places = ["\(walDirectory)/roost.pending"] + (spool.map { ["\($0.ownDirectory)/pending"] } ?? [])
    }

    /// What the commands look at that know nothing but the data directory; it does not take anything.
    package init(dataDirectory: String) {
        places = ["pg_wal", "pg_xlog"].map { "\(dataDirectory)/\($0)/roost.pending" }
    }

    // MARK: Keeping

    /// Keeps gaps, and copies of files that are too precious and too small to be dropped, durably.
    ///
    /// - Throws: What the first place says if there is none that can be written.
    func add(
        _ gaps: [ArchiveGap], files: [String], of cluster: ClusterIdentity, _ log: any Log
    ) throws(RoostError) {
        var failures: [RoostError] = []
        for directory in directories(cluster) {
            do throws(RoostError) {
                for gap in gaps { try DurableFile.write("\(directory)/gap/\(gap.fileName)", gap.render()) }
                for path in files {
                    try DurableFile.write("\(directory)/keep/\(lastPart(of: path))", try FileSystem.read(path))
                }
            } catch {
                if error.isFatal { throw error }
                failures.append(error)
            }
        }
        if failures.count == places.count, let first = failures.first { throw first }
        for failure in failures { log.warn("\(failure)") }
    }

    // MARK: Moving into the repository

    /// Moves everything into the repository that belongs to the present cluster of its stanza.
    func flush(to repository: Repository, _ info: ArchiveInfo, _ log: any Log) throws(RoostError) {
        for path in try paths("keep", of: info.history.current) {
            try push(path, to: repository, info, log)
        }
        let records = try records(of: info.history.current)
        guard !records.isEmpty else { return }
        let gaps = records.map { record in
            var gap = record.gap
            gap.archiveID = info.currentArchiveID  // when it was found, perhaps nobody could say
            return gap
        }
        try ArchiveGaps.record(gaps, in: repository)
        for record in records { try FileSystem.removeFile(record.path) }
    }

    /// Moves everything into the repository if there is anything.
    package func flush(to repository: Repository, _ log: any Log) throws(RoostError) {
        for place in places where try FileStatus.of(place) != nil {
            return try flush(to: repository, try repository.loadArchiveInfo(), log)
        }
    }

    /// As ``flush(to:_:_:)``; but what cannot be moved now stays for the next time: it must not keep WAL from being archived.
    func flushIfPossible(to repository: Repository, _ info: ArchiveInfo, _ log: any Log) throws(RoostError) {
        do throws(RoostError) {
            try flush(to: repository, info, log)
        } catch {
            if error.isFatal { throw error }
            log.warn("unable to record what was dropped in \(repository.name), it is kept: \(error)")
        }
    }

    /// What has come into the archive meanwhile is newer, and stays.
    private func push(
        _ path: String, to repository: Repository, _ info: ArchiveInfo, _ log: any Log
    ) throws(RoostError) {
        guard let content = try content(path) else { return }
        let file = try WALFileName(lastPart(of: path))
        let target = ArchivePush.target(of: file, info, repository)
        if try repository.storage.exists(target) {
            guard try repository.read(target, decrypting: info.cipherPass) == content else {
                log.warn(
                    "WAL file '\(file.name)' exists in the \(repository.name) archive with other content than the one kept\n"
                        + "HINT: the kept one is '\(path)\(Self.conflict)': remove it if it is not needed.")
                return try FileSystem.move(path, to: path + Self.conflict)
            }
        } else {
            try ArchivePush.store(content, as: file, info: info, repository: repository)
        }
        try FileSystem.removeFile(path)
    }

    // MARK: Looking

    /// The gaps of a cluster that the repository does not know yet.
    package func gaps(of cluster: ClusterIdentity) throws(RoostError) -> [ArchiveGap] {
        ArchiveGap.merged(try records(of: cluster).map(\.gap))
    }

    private func records(of cluster: ClusterIdentity) throws(RoostError) -> [(path: String, gap: ArchiveGap)] {
        var found: [(path: String, gap: ArchiveGap)] = []
        for path in try paths("gap", of: cluster) where ArchiveGap.isFileName(lastPart(of: path)) {
            guard let content = try content(path) else { continue }
            found.append((path, try ArchiveGap(parsing: content, object: path)))
        }
        return found
    }

    /// - Returns: Nil if another command has moved the file into the repository meanwhile.
    private func content(_ path: String) throws(RoostError) -> [UInt8]? {
        do {
            return try FileSystem.read(path)
        } catch let error where error.code == .fileMissing {
            return nil
        }
    }

    private func paths(_ kind: String, of cluster: ClusterIdentity) throws(RoostError) -> [String] {
        var found: [String] = []
        for directory in directories(cluster) {
            do {
                found += try FileSystem.list("\(directory)/\(kind)").map { "\(directory)/\(kind)/\($0)" }
            } catch let error where error.code == .pathMissing {
                continue
            }
        }
        return found.filter { !$0.hasSuffix(DurableFile.temporarySuffix) && !$0.hasSuffix(Self.conflict) }
    }

    private func directories(_ cluster: ClusterIdentity) -> [String] {
        places.map { "\($0)/\(cluster.systemID)-\(cluster.version)" }
    }
}
