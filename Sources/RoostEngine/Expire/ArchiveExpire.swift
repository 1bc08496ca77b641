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

    init(_ settings: RetentionSettings, _ repository: Repository, _ context: CommandContext, dryRun: Bool) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.dryRun = dryRun
    }

    /// - Parameter retention: Nil to keep all WAL.
    func run(_ info: BackupInfo, retention: Int?) throws(RoostError) {
        let name = repository.name
        guard let retention else {
            if settings.fullType == .time, settings.archiveType == .full, settings.full != nil {
                context.log.info("\(name): time-based archive retention not met - archive logs will not be expired")
            } else {
                context.log.info("option '\(name)-retention-archive' is not set - archive logs will not be expired")
            }
            return
        }
        let archive = try repository.loadArchiveInfo()
        try checkHistories(archive, info)
        let counted = info.backups.filter { entry in
            settings.archiveType == .incr || entry.type == .full || settings.archiveType == .diff && entry.type == .diff
        }
        guard counted.count >= retention else { return }
        for generation in archive.history.generations {
            let id = ArchiveID(version: generation.entry.version, historyID: generation.id)
            guard try repository.storage.exists(repository.paths.archive(id)) else { continue }
            let kept = ArchiveRetention(
                historyID: generation.id, isCurrent: generation.id == archive.history.currentID, retention: retention,
                type: settings.archiveType, backups: info.backups)
            try apply(kept, id)
        }
    }

    /// - Throws: ``ErrorCode/format`` if the two info files tell of different clusters: then nothing may be removed.
    private func checkHistories(_ archive: ArchiveInfo, _ info: BackupInfo) throws(RoostError) {
        do {
            try InfoAgreement.histories(archive: archive, backup: info, repository: repository)
        } catch {
            throw RoostError(.format, "archive expiration cannot continue: \(error.message)", hints: error.hints)
        }
    }

    private func apply(_ kept: ArchiveRetention, _ id: ArchiveID) throws(RoostError) {
        switch kept {
        case .keepAll: return
        case .removeAll:
            context.log.info(
                "\(repository.name): remove archive path \(repository.storage.displayPath(repository.paths.archive(id)))"
            )
            if !dryRun {
                try repository.storage.removeTree(repository.paths.archive(id))
                try ArchiveGaps.remove(from: repository) { $0.archiveID != id }
            }
        case .keep(let start, let label, let ranges):
            context.log.detail("\(repository.name): \(id) archive retention on backup \(label), start = \(start)")
            for range in ranges {
                context.log.detail(
                    "\(repository.name): \(id) archive retention, start = \(range.lowerBound), stop = \(range.upperBound)"
                )
            }
            try removeSegments(kept, from: start, ranges, id)
            guard !dryRun else { return }
            try ArchiveGaps.remove(from: repository) { gap in
                gap.archiveID != id || gap.last >= start || ranges.contains { $0.overlaps(gap.first...gap.last) }
            }
        }
    }

    private func removeSegments(
        _ kept: ArchiveRetention, from start: WALSegmentName, _ ranges: [ClosedRange<WALSegmentName>], _ id: ArchiveID
    ) throws(RoostError) {
        let root = repository.paths.archive(id)
        var removed = RemovedRange(context.log, "\(repository.name): \(id)")
        for entry in try repository.storage.list(root) {
            if entry.kind == .directory, ArchiveDirectory.isSegmentDirectory(entry.name) {
                let isNeeded =
                    entry.name >= start.directory
                    || ranges.contains { ($0.lowerBound.directory...$0.upperBound.directory).contains(entry.name) }
                if isNeeded {
                    guard entry.name <= start.directory else { continue }
                    try removeFiles(kept, "\(root)/\(entry.name)", &removed)
                } else {
                    removed.add(entry.name)
                    if !dryRun { try repository.storage.removeTree("\(root)/\(entry.name)") }
                }
            } else if entry.name.hasSuffix(".history"), let timeline = TimelineID(String(entry.name.dropLast(8))) {
                guard timeline < start.timeline else { continue }
                context.log.info("\(repository.name): \(id) remove history file \(entry.name)")
                if !dryRun { try repository.storage.remove("\(root)/\(entry.name)") }
            }
        }
        removed.finish()
    }

    private func removeFiles(
        _ kept: ArchiveRetention, _ directory: String, _ removed: inout RemovedRange
    ) throws(RoostError) {
        for name in try repository.storage.names(directory) {
            guard let segment = WALSegmentName(String(name.prefix(24))) else { continue }
            if kept.keeps(segment) {
                removed.finishRange()
                continue
            }
            removed.add(segment.description)
            if !dryRun { try repository.storage.remove("\(directory)/\(name)") }
        }
    }
}

/// Tells runs of removed WAL in one line each.
private struct RemovedRange {
    private let log: any Log
    private let prefix: String
    private var first: String?
    private var last = ""
    private var removedAny = false

    init(_ log: any Log, _ prefix: String) {
        self.log = log
        self.prefix = prefix
    }

    mutating func add(_ name: String) {
        if first == nil { first = name }
        last = name
        removedAny = true
    }

    mutating func finishRange() {
        guard let first else { return }
        log.info("\(prefix) remove archive, start = \(first), stop = \(last)")
        self.first = nil
    }

    mutating func finish() {
        finishRange()
        if !removedAny { log.info("\(prefix) no archive to remove") }
    }
}
