internal import RoostFormat
package import RoostPostgres
internal import RoostSystem

/// `stanza-upgrade`: tells a stanza that its cluster is a new one, after `pg_upgrade` or a new `initdb`.
///
/// The order of steps: `archive.info`, `backup.info`, each with its copy. Each is looked at by itself, so that a run that died
/// between them, or between one and its copy, is finished by the next.
package enum StanzaUpgrade {
    package enum Outcome: Sendable, Equatable { case upgraded, upToDate }

    /// - Throws: ``ErrorCode/fileMissing`` if there is no stanza, ``ErrorCode/fileInvalid`` if the info files would not agree
    ///   afterwards: then nothing is written.
    package static func run(
        repository: Repository, cluster: ControlFile, context: CommandContext
    ) throws -> Outcome {
        context.log.info("stanza-upgrade for stanza '\(repository.paths.stanza)' on \(repository.name)")
        var archive = try repository.loadArchiveInfo()
        var backup = try repository.loadBackupInfo()
        let identity = ClusterIdentity(cluster)
        let changesArchive = archive.history.current != identity
        let changesBackup = backup.history.current.identity != identity
        if changesArchive { try archive.history.append(identity) }
        if changesBackup { try backup.history.append(BackupInfo.Cluster(cluster)) }
        try InfoAgreement.histories(archive: archive, backup: backup, repository: repository)
        let paths = repository.paths
        if try changesArchive || !repository.agreesWithCopy(paths.archiveInfo) { try repository.save(archive) }
        if try changesBackup || !repository.agreesWithCopy(paths.backupInfo) { try repository.save(backup) }
        guard changesArchive || changesBackup else {
            context.log.info("stanza '\(repository.paths.stanza)' on \(repository.name) is already up to date")
            return .upToDate
        }
        return .upgraded
    }
}
