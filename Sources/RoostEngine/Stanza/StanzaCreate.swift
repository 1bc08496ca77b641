internal import RoostFormat
package import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `stanza-create`: makes a stanza's info files in a repository, or checks those that are there.
package enum StanzaCreate {
    /// What was found or done.
    package enum Outcome: Sendable, Equatable { case created, repaired, alreadyValid }

    /// - Throws: ``ErrorCode/pathNotEmpty`` if there is data but no info file, ``ErrorCode/fileInvalid`` if the stanza belongs
    ///   to another cluster, ``ErrorCode/fileMissing`` if one of the two kinds of info file is lost.
    package static func run(
        repository: Repository, cluster: ControlFile, context: CommandContext
    ) throws -> Outcome {
        let log = context.log
        let stanza = repository.paths.stanza
        log.info("stanza-create for stanza '\(stanza)' on \(repository.name)")
        let hasArchive = try hasInfo(repository, repository.paths.archiveInfo)
        let hasBackup = try hasInfo(repository, repository.paths.backupInfo)
        switch (hasArchive, hasBackup) {
        case (false, false):
            try create(repository, cluster)
            return .created
        case (true, false) where try isInterrupted(repository, cluster):
            try repository.save(try makeBackupInfo(repository, cluster))
            _ = try repair(repository)
            return .created
        case (true, false):
            throw RoostError(
                .fileMissing, "archive.info exists but backup.info is missing on \(repository.name)",
                hints: ["this may be a symptom of repository corruption: restore the file from elsewhere"])
        case (false, true):
            throw RoostError(
                .fileMissing, "backup.info exists but archive.info is missing on \(repository.name)",
                hints: ["this may be a symptom of repository corruption: restore the file from elsewhere"])
        case (true, true):
            try InfoAgreement.check(
                archive: try repository.loadArchiveInfo(), backup: try repository.loadBackupInfo(), cluster: cluster,
                repository: repository)
            let repaired = try repair(repository)
            log.info("stanza '\(stanza)' already exists on \(repository.name) and is valid")
            return repaired ? .repaired : .alreadyValid
        }
    }

    private static func hasInfo(_ repository: Repository, _ path: String) throws(RoostError) -> Bool {
        if try repository.storage.exists(path) { return true }
        return try repository.storage.exists(StanzaPaths.copy(of: path))
    }

    private static func create(_ repository: Repository, _ cluster: ControlFile) throws {
        for path in [repository.paths.backup, repository.paths.archive] {
            guard try content(of: path, repository).isEmpty else {
                throw RoostError(
                    .pathNotEmpty,
                    "directory '\(repository.storage.displayPath(path))' is not empty but has no info file",
                    hints: [
                        "was the stanza's info file removed by hand? Restore it from elsewhere; if the data is not needed, "
                            + "remove the directory"
                    ])
            }
        }
        let archive = ArchiveInfo(
            history: ClusterHistory(first: ClusterIdentity(cluster)),
            cipherPass: repository.cipherPass == nil ? nil : try makePassphrase())
        let backup = try makeBackupInfo(repository, cluster)
        try repository.save(archive)
        try repository.save(backup)
    }

    private static func makeBackupInfo(
        _ repository: Repository, _ cluster: ControlFile
    ) throws(RoostError) -> BackupInfo {
        BackupInfo(
            history: ClusterHistory(first: BackupInfo.Cluster(cluster)),
            cipherPass: repository.cipherPass == nil ? nil : try makePassphrase())
    }

    /// Whether a creation for this cluster died between the two info files: then there is no data that could be lost.
    private static func isInterrupted(_ repository: Repository, _ cluster: ControlFile) throws(RoostError) -> Bool {
        let info = repository.paths.archiveInfo
        let names = Set([lastPart(of: info), lastPart(of: StanzaPaths.copy(of: info))])
        guard try content(of: repository.paths.backup, repository).isEmpty,
            try content(of: repository.paths.archive, repository).allSatisfy(names.contains)
        else { return false }
        return try repository.loadArchiveInfo().history == ClusterHistory(first: ClusterIdentity(cluster))
    }

    /// The names in a directory, without what a process that was killed may leave of a file it was writing.
    private static func content(of path: String, _ repository: Repository) throws(RoostError) -> [String] {
        try repository.storage.names(path).filter { !$0.hasSuffix(DurableFile.temporarySuffix) }
    }

    /// Restores a missing half of a pair from the other.
    private static func repair(_ repository: Repository) throws(RoostError) -> Bool {
        var repaired = false
        for path in [repository.paths.archiveInfo, repository.paths.backupInfo] {
            let copy = StanzaPaths.copy(of: path)
            for (missing, present) in [(path, copy), (copy, path)] where try !repository.storage.exists(missing) {
                try repository.storage.write(missing, try repository.storage.read(present))
                repaired = true
            }
        }
        return repaired
    }
}

extension ClusterIdentity {
    /// What identifies the cluster at hand.
    init(_ cluster: ControlFile) { self.init(systemID: cluster.systemID, version: cluster.version.text) }
}

extension BackupInfo.Cluster {
    /// The generation that the cluster at hand is.
    init(_ cluster: ControlFile) {
        self.init(
            identity: ClusterIdentity(cluster), catalogVersion: cluster.catalogVersion,
            controlVersion: cluster.controlVersion)
    }
}

/// A new sub-passphrase: base64 of 48 random bytes (specification `encryption`, section 6).
func makePassphrase() throws(RoostError) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    let bytes = try randomBytes(48)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
        for shift in [18, 12, 6, 0] { text.append(alphabet[Int(group >> UInt32(shift) & 0x3F)]) }
    }
    return String(decoding: text, as: UTF8.self)
}
