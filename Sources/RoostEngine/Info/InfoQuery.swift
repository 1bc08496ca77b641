package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `info`: what there is in a repository.
package struct InfoQuery {
    package struct Settings: Sendable {
        /// Nil for all stanzas.
        package var stanza: String?
        /// A label as the user gives it: what is none is not found.
        package var set: String?
        package var type: BackupType?
        /// Only whether a command runs: no info file is read, and the state of the stanza is not known.
        package var progressOnly = false
        package var lockPath: String

        package init(lockPath: String) { self.lockPath = lockPath }
    }

    /// What stands for the stanzas of a repository that could not be listed, as upstream has it.
    package static let nameless = "[invalid]"

    private let settings: Settings
    /// Seen by a stanza of no name.
    private let repository: Repository

    /// - Parameter repository: Its stanza does not matter.
    package init(_ settings: Settings, repository: Repository) {
        self.settings = settings
        self.repository = repository
    }

    package func run() throws -> [StanzaInfo] {
        do {
            let names = try repository.storage.names("backup")
            let wanted = settings.stanza.map { [$0] } ?? names
            return try wanted.map { try describe($0, exists: names.contains($0)) }
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            return [
                StanzaInfo(
                    name: settings.stanza ?? Self.nameless, status: .init(error), cipher: cipher,
                    repositoryKey: repository.key)
            ]
        }
    }

    private var cipher: String { repository.cipherPass == nil ? "none" : "aes-256-cbc" }

    private func describe(_ name: String, exists: Bool) throws -> StanzaInfo {
        let empty = StanzaInfo(name: name, status: .missingPath, cipher: cipher, repositoryKey: repository.key)
        guard exists else { return empty }
        var result = empty
        do {
            try fill(&result, repository.stanza(name))
            return result
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            result = empty
            result.status = .init(error)
            return result
        }
    }

    private func fill(_ result: inout StanzaInfo, _ repository: Repository) throws {
        result.status = .ok
        guard !settings.progressOnly else { return try lookForLocks(&result) }
        guard let info = try loadInfo(repository) else {
            result.status = .missingData
            return
        }
        _ = try repository.loadArchiveInfo()
        try lookForLocks(&result)
        let set = settings.set.flatMap { BackupLabel($0) }
        if settings.set != nil {
            guard let set, try repository.storage.exists(repository.paths.manifest(set)) else {
                result.status = .requestedBackupMissing
                return
            }
            result.manifest = try repository.loadManifest(set, passphrase: info.cipherPass)
            result.isOfOneBackup = true
        }
        result.history = info.history.generations
        result.currentID = info.history.currentID
        result.archives = try archives(repository, info)
        result.backups = info.backups.filter { entry in
            (settings.type.map { entry.type == $0 } ?? true) && (set.map { entry.label == $0 } ?? true)
        }
        if info.backups.isEmpty { result.status = .noBackup }
    }

    private func loadInfo(_ repository: Repository) throws(RoostError) -> BackupInfo? {
        do {
            return try repository.loadBackupInfo()
        } catch let error where error.code == .fileMissing {
            return nil
        } catch let error where error.code == .crypto {
            var error = error
            error.hints.append(
                "use option --stanza if encryption settings are different for the stanza than the global settings.")
            throw error
        }
    }

    private func archives(_ repository: Repository, _ info: BackupInfo) throws(RoostError) -> [StanzaInfo.Archive] {
        var archives: [StanzaInfo.Archive] = []
        let gaps = try ArchiveGaps.load(repository).all
        for generation in info.history.generations {
            let id = ArchiveID(version: generation.entry.identity.version, historyID: generation.id)
            let directories = try repository.storage.names(repository.paths.archive(id)).filter(
                ArchiveDirectory.isSegmentDirectory)
            var archive = StanzaInfo.Archive(id: id)
            archive.gaps = gaps.filter { $0.archiveID == id }
            for name in directories {
                archive.min = try segments(repository, id, name).first
                if archive.min != nil { break }
            }
            for name in directories.reversed() {
                archive.max = try segments(repository, id, name).last
                if archive.max != nil { break }
            }
            let isNewest = generation.id == info.history.generations.last?.id
            if archive.min != nil || isNewest { archives.append(archive) }
        }
        return archives
    }

    private func segments(
        _ repository: Repository, _ id: ArchiveID, _ directory: String
    ) throws(RoostError) -> [WALSegmentName] {
        try repository.storage.names("\(repository.paths.archive(id))/\(directory)").compactMap { name in
            StoredSegment(fileName: name).flatMap { $0.isPartial ? nil : $0.segment }
        }
    }

    private func lookForLocks(_ result: inout StanzaInfo) throws(RoostError) {
        result.backupRunning = try running(result.name, "backup")
        result.restoreRunning = try running(result.name, "restore")
    }

    private func running(_ stanza: String, _ kind: String) throws(RoostError) -> StanzaInfo.Running? {
        for name in ["\(stanza)-\(kind)-\(repository.key).lock", "\(stanza)-\(kind).lock"] {
            let holder: LockFile.Holder?
            do {
                holder = try LockFile.holder(of: "\(settings.lockPath)/\(name)")
            } catch {
                continue  // a lock directory of another user tells nothing, and info is for everybody
            }
            guard let holder, StanzaLock.processID(in: holder.content) != nil else { continue }
            return StanzaLock.progress(in: holder.content)
        }
        return nil
    }
}
