internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// Removes WAL that no kept backup needs.
struct ArchiveExpire {
    private let settings: RetentionSettings
    private let repository: Repository
    private let context: CommandContext
    private let dryRun: Bool

    /// - Parameter settings: As the plan of backups left them.
    init(_ settings: RetentionSettings, _ repository: Repository, _ context: CommandContext, dryRun: Bool) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.dryRun = dryRun
    }

    /// - Parameter info: The backups that remain.
    func run(_ info: BackupInfo) throws(RoostError) {
        let name = repository.name
        guard let retention = settings.archive else {
            if settings.fullType == .time {
                context.log.info("\(name): time-based archive retention not met - archive logs will not be expired")
            } else {
                context.log.info("option '\(name)-retention-archive' is not set - archive logs will not be expired")
            }
            return
        }
        let counted = info.backups.count { settings.archiveType.counts($0.type) }
        guard settings.archiveBefore != nil || counted > 0 && counted >= retention else { return }
        let archive = try repository.loadArchiveInfo()
        try checkHistories(archive, info)
        for generation in archive.history.generations {
            let id = ArchiveID(version: generation.entry.version, historyID: generation.id)
            guard try repository.storage.exists(repository.paths.archive(id)) else { continue }
            let kept = ArchiveRetention(
                historyID: generation.id, isCurrent: generation.id == archive.history.currentID, retention: retention,
                type: settings.archiveType, before: settings.archiveBefore, backups: info.backups)
            try apply(kept, id)
        }
    }

    /// Generations that only `backup.info` still knows are older than all that the archive holds.
    ///
    /// - Throws: ``ErrorCode/format`` if the two info files tell of different clusters: then nothing may be removed.
    private func checkHistories(_ archive: ArchiveInfo, _ info: BackupInfo) throws(RoostError) {
        let ofArchive = archive.history.generations.reversed().map { ($0.id, $0.entry) }
        let ofBackup = info.history.generations.reversed().map { ($0.id, $0.entry.identity) }
        guard ofArchive.count <= ofBackup.count, zip(ofArchive, ofBackup).allSatisfy({ $0 == $1 }) else {
            throw RoostError(
                .format, "archive expiration cannot continue - archive and backup history lists do not match",
                hints: ["`verify` shows both lists: was one of the info files restored from elsewhere?"])
        }
    }

    private func apply(_ retention: ArchiveRetention, _ id: ArchiveID) throws(RoostError) {
        switch retention {
        case .keepAll: return
        case .removeAll:
            let path = repository.paths.archive(id)
            context.log.info("\(repository.name): remove archive path \(repository.storage.displayPath(path))")
            guard !dryRun else { return }
            try repository.storage.removeTree(path)
            try ArchiveGaps.remove(from: repository) { $0.archiveID != id }
        case .keep(let kept):
            tell(kept, id)
            try apply(try ArchivePlan(kept, in: repository.paths.archive(id), repository.storage), id)
            guard !dryRun else { return }
            try ArchiveGaps.remove(from: repository) { $0.archiveID != id || kept.keepsAny(of: $0.first...$0.last) }
        }
    }

    private func tell(_ kept: KeptWAL, _ id: ArchiveID) {
        let prefix = "\(repository.name): \(id) archive retention on backup"
        for range in kept.ranges {
            guard let label = range.label else { continue }
            context.log.detail("\(prefix) \(label), start = \(range.first), stop = \(range.last)")
        }
        if let label = kept.retainedBy { context.log.detail("\(prefix) \(label), start = \(kept.start)") }
    }

    private func apply(_ plan: ArchivePlan, _ id: ArchiveID) throws(RoostError) {
        let prefix = "\(repository.name): \(id)"
        let root = repository.paths.archive(id)
        for step in plan.steps {
            switch step {
            case .removeDirectory(let name):
                if !dryRun { try repository.storage.removeTree("\(root)/\(name)") }
                context.log.detail("\(prefix) remove archive path \(name)")
            case .removeFile(let name):
                if !dryRun { try repository.storage.remove("\(root)/\(name)") }
            case .tell(let first, let last):
                context.log.info("\(prefix) remove archive, start = \(first), stop = \(last)")
            }
        }
        if plan.steps.isEmpty { context.log.info("\(prefix) no archive to remove") }
        for name in plan.historyFiles {
            if !dryRun { try repository.storage.remove("\(root)/\(name)") }
            context.log.info("\(prefix) remove history file \(name)")
        }
    }
}
