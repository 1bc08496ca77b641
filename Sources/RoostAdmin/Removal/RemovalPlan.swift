internal import RoostEngine
package import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// What a removal would delete, for those who must agree to it.
package struct RemovalPlan: Sendable, Equatable {
    package var stanza: String
    /// Where it is, for people.
    package var repository: String
    package var backups = 0
    package var oldest: String?
    package var newest: String?
    /// Sets that lie there and are in no list: of a list that is lost, or of a backup that has not ended.
    package var unlisted: [String] = []
    /// What all backups take in the repository, in bytes; WAL comes on top.
    package var bytes: UInt64 = 0
    /// Of the stanza; nil if it cannot be told.
    package var identities: [ClusterIdentity]?
    /// Nothing is there under the name.
    package var isAbsent = false

    package var text: String {
        guard !isAbsent else { return "no stanza '\(stanza)' in \(repository)" }
        var text = "stanza '\(stanza)' in \(repository): "
        let others =
            switch unlisted.count {
            case 0: ""
            case 1: ", not listed: \(unlisted[0])"
            case let count: ", not listed: \(count) from \(unlisted[0]) to \(unlisted[count - 1])"
            }
        guard let oldest, let newest else { return text + "no backups\(others), archived WAL" }
        text += "\(backups) backup\(backups == 1 ? "" : "s") of \(ByteCount(bytes)), "
        text += oldest == newest ? oldest : "from \(oldest) to \(newest)"
        return text + others + ", and archived WAL"
    }

    /// Looks at the repository.
    init(_ configured: ConfiguredEngine, stanza: String) throws {
        self.stanza = stanza
        let repository = configured.repository
        self.repository = configured.repositoryText
        let paths = repository.paths
        guard try repository.storage.exists(paths.archive) || repository.storage.exists(paths.backup) else {
            isAbsent = true
            return
        }
        let info = try Self.info(of: repository)
        let listed = Set(info?.backups.map(\.label) ?? [])
        unlisted = try repository.storage.names(paths.backup).filter { name in
            BackupLabel(name).map { !listed.contains($0) } ?? false
        }
        guard let info else { return }
        identities = info.history.generations.map(\.entry.identity)
        backups = info.backups.count
        oldest = info.backups.first.map { "\($0.label)" }
        newest = info.backups.last.map { "\($0.label)" }
        bytes = info.backups.reduce(0) { $0 + $1.sizes.repositoryDelta }
    }

    /// - Returns: Nil for what is left of a removal that died, and for a stanza that was never finished.
    private static func info(of repository: Repository) throws(RoostError) -> BackupInfo? {
        do {
            return try repository.loadBackupInfo()
        } catch {
            guard error.code == .fileMissing else { throw error }
            return nil
        }
    }

    /// For playbooks.
    var facts: [String: JSONValue] {
        var facts: [String: JSONValue] = [
            "stanza": .string(stanza), "repository": .string(repository), "backups": .integer(Int64(backups)),
            "bytes": .unsigned(bytes), "unlisted": .array(unlisted.map { .string($0) }),
        ]
        if let oldest { facts["oldest"] = .string(oldest) }
        if let newest { facts["newest"] = .string(newest) }
        return facts
    }
}
