package import RoostFormat
package import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// What `info` tells of one stanza in one repository.
package struct StanzaInfo: Sendable {
    /// The codes are part of the JSON contract.
    package enum Status: Sendable, Equatable {
        case ok
        case missingPath
        case noBackup
        case missingData
        case requestedBackupMissing
        /// An error of the repository, with its message.
        case other(String)

        package var code: Int64 {
            switch self {
            case .ok: 0
            case .missingPath: 1
            case .noBackup: 2
            case .missingData: 3
            case .requestedBackupMissing: 6
            case .other: 99
            }
        }

        package var message: String {
            switch self {
            case .ok: "ok"
            case .missingPath: "missing stanza path"
            case .noBackup: "no valid backups"
            case .missingData: "missing stanza data"
            case .requestedBackupMissing: "requested backup not found"
            case .other(let message): message
            }
        }
    }

    /// A command that holds a lock on the stanza.
    package struct Running: Sendable, Equatable {
        package var size: UInt64?
        package var complete: UInt64?
        /// All that releases up to 2.45 tell: how much is done, in hundredths of a percent.
        package var percentage: UInt64?

        /// How much is done, in hundredths of a percent.
        package var hundredths: UInt64? {
            guard let size, let complete else { return percentage }
            return Progress(complete: complete, total: size).hundredths
        }
    }

    /// The WAL of one archive id.
    package struct Archive: Sendable {
        package var id: ArchiveID
        package var min: WALSegmentName?
        package var max: WALSegmentName?
    }

    package var name: String
    package var status: Status
    package var cipher = "none"
    package var repositoryKey: Int
    package var backupRunning: Running?
    package var restoreRunning: Running?
    package var history: [ClusterHistory<BackupInfo.Cluster>.Generation] = []
    package var currentID: UInt32 = 0
    package var archives: [Archive] = []
    package var backups: [BackupEntry] = []
    /// Of the backup asked for with `--set`.
    package var manifest: Manifest?
}

/// `info`: what there is in a repository.
package struct InfoQuery {
    package struct Settings: Sendable {
        /// Nil for all stanzas.
        package var stanza: String?
        package var set: BackupLabel?
        package var type: BackupType?
        package var lockPath: String

        package init(lockPath: String) { self.lockPath = lockPath }
    }

    private let settings: Settings
    /// Seen by a stanza of no name.
    private let repository: Repository

    /// - Parameter repository: Its stanza does not matter.
    package init(_ settings: Settings, repository: Repository) {
        self.settings = settings
        self.repository = repository
    }

    package func run() throws -> [StanzaInfo] {
        let names: [String]
        do {
            names = try stanzaNames()
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            return [
                StanzaInfo(
                    name: settings.stanza ?? "[invalid]", status: .other("[\(error.code.name)] \(error)"),
                    cipher: cipher, repositoryKey: repository.key)
            ]
        }
        return try names.map { try describe($0) }
    }

    private var cipher: String { repository.cipherPass == nil ? "none" : "aes-256-cbc" }

    private func stanzaNames() throws(RoostError) -> [String] {
        if let stanza = settings.stanza { return [stanza] }
        return try repository.storage.list("backup").filter { $0.kind == .directory }.map(\.name)
    }

    private func describe(_ name: String) throws -> StanzaInfo {
        let repository = repository.stanza(name)
        var result = StanzaInfo(name: name, status: .ok, cipher: cipher, repositoryKey: repository.key)
        result.backupRunning = try running(name, "backup")
        result.restoreRunning = try running(name, "restore")
        do {
            try fill(&result, repository)
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            result.status = .other("[\(error.code.name)] \(error)")
        }
        return result
    }

    private func fill(_ result: inout StanzaInfo, _ repository: Repository) throws {
        guard try repository.storage.exists(repository.paths.backup) else {
            result.status = .missingPath
            return
        }
        guard let info = try loadInfo(repository) else {
            result.status = .missingData
            return
        }
        result.history = info.history.generations
        result.currentID = info.history.currentID
        result.archives = try archives(repository, info)
        result.backups = info.backups.filter { entry in
            (settings.type.map { entry.type == $0 } ?? true) && (settings.set.map { entry.label == $0 } ?? true)
        }
        if let set = settings.set {
            guard info[set] != nil else {
                result.status = .requestedBackupMissing
                return
            }
            result.manifest = try repository.loadManifest(set, passphrase: info.cipherPass)
        }
        if info.backups.isEmpty { result.status = .noBackup }
    }

    private func loadInfo(_ repository: Repository) throws(RoostError) -> BackupInfo? {
        do {
            return try repository.loadBackupInfo()
        } catch let error where error.code == .fileMissing {
            return nil
        }
    }

    private func archives(_ repository: Repository, _ info: BackupInfo) throws(RoostError) -> [StanzaInfo.Archive] {
        var archives: [StanzaInfo.Archive] = []
        for generation in info.history.generations {
            let id = ArchiveID(version: generation.entry.identity.version, historyID: generation.id)
            let directories = try repository.storage.names(repository.paths.archive(id)).filter(
                ArchiveDirectory.isSegmentDirectory)
            var archive = StanzaInfo.Archive(id: id)
            for name in directories {
                archive.min = try segments(repository, id, name).first
                if archive.min != nil { break }
            }
            for name in directories.reversed() {
                archive.max = try segments(repository, id, name).last
                if archive.max != nil { break }
            }
            if archive.min != nil || generation.id == info.history.currentID { archives.append(archive) }
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
