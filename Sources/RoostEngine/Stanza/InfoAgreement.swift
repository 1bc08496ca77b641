package import RoostFormat
package import RoostPostgres
package import RoostSystem

/// Whether the two info files of a stanza tell the same, and of the cluster at hand.
package enum InfoAgreement {
    /// - Throws: ``ErrorCode/fileInvalid`` naming the first difference.
    package static func check(
        archive: ArchiveInfo, backup: BackupInfo, cluster: ControlFile, repository: Repository
    ) throws(RoostError) {
        try histories(archive: archive, backup: backup, repository: repository)
        let expected = ClusterIdentity(cluster)
        guard backup.history.current.identity == expected else {
            throw RoostError(
                .fileInvalid,
                "backup and archive info files exist but do not match the database\n"
                    + "observed in \(repository.name): \(backup.history.current.identity); expected from pg_control: \(expected)",
                hints: [
                    "is this the correct stanza?", "did an error occur during stanza-upgrade?",
                    "is pg1-path the cluster this stanza was created for?",
                ])
        }
    }

    /// - Throws: ``ErrorCode/fileInvalid`` if one history has what the other does not.
    package static func histories(
        archive: ArchiveInfo, backup: BackupInfo, repository: Repository
    ) throws(RoostError) {
        let ofBackup = backup.history.generations.map { ($0.id, $0.entry.identity) }
        let ofArchive = archive.history.generations.map { ($0.id, $0.entry) }
        guard archive.history.currentID == backup.history.currentID, ofBackup.elementsEqual(ofArchive, by: ==) else {
            throw RoostError(
                .fileInvalid,
                "backup info file and archive info file on \(repository.name) do not match\n"
                    + "archive: \(ofArchive.map { "\($0.0): \($0.1)" }.joined(separator: ", "))\n"
                    + "backup : \(ofBackup.map { "\($0.0): \($0.1)" }.joined(separator: ", "))",
                hints: ["this may be a symptom of repository corruption"])
        }
    }
}

extension ClusterIdentity: CustomStringConvertible {
    package var description: String { "version \(version), system-id \(systemID)" }
}
