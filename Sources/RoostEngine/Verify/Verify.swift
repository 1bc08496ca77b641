internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// `verify`: reads everything in a repository and compares it with its checksums.
///
/// Changes nothing and takes no lock, so that what other commands remove meanwhile is told as missing.
package struct Verify {
    private let repository: Repository
    private let set: String?
    private let workers: Int
    private let context: CommandContext
    private var log: any Log { context.log }

    /// - Parameter set: One backup to check, with the WAL it needs, as the user names it; nil for everything.
    package init(repository: Repository, set: String? = nil, workers: Int, context: CommandContext) {
        self.repository = repository
        self.set = set
        self.workers = workers
        self.context = context
    }

    package func run() throws -> VerifyResult {
        var result = VerifyResult()
        let sources = VerifySources(repository, log)
        let backup = try sources.backupInfo()
        if backup == nil { result.obstacles.append("  No usable backup.info file") }
        let archive = try sources.archiveInfo()
        if archive == nil { result.obstacles.append("  No usable archive.info file") }
        guard let archive, let backup else { return result }
        do {
            try InfoAgreement.histories(archive: archive, backup: backup, repository: repository)
        } catch {
            result.obstacles.append(error.description)
            return result
        }
        guard let labels = try labels(backup, &result) else { return result }
        let ids = try repository.storage.names(repository.paths.archive).compactMap { ArchiveID($0) }.sorted()
        guard !ids.isEmpty || !labels.isEmpty else {
            result.isEmpty = true
            return result
        }
        if ids.isEmpty || labels.isEmpty { log.detail("no \(ids.isEmpty ? "archives" : "backups") exist in the repo") }
        let selection = try select(labels, backup)
        try verifyArchives(ids, archive, selection.limit, &result)
        try BackupVerify(repository, workers: workers, log).run(selection.labels, backup, &result)
        for index in result.backups.indices {
            let label = result.backups[index].label
            result.backups[index].lacksWAL = lacksWAL(label, backup, result.archives)
            result.backups[index].isListed = backup[label] != nil
        }
        return result
    }

    /// Upstream does not look.
    private func lacksWAL(_ label: BackupLabel, _ info: BackupInfo, _ archives: [VerifyResult.Archive]) -> Bool {
        guard let entry = info[label], !entry.options.archiveCopy, let first = entry.archiveStart,
            let last = entry.archiveStop, let version = info.history[entry.historyID]?.identity.version
        else { return false }
        let id = ArchiveID(version: version, historyID: entry.historyID).description
        let archive = archives.first { $0.id == id }
        // What is there twice is told as such.
        if archive?.duplicates.isEmpty == false { return false }
        return archive?.ranges.contains { $0.first <= first && last <= $0.last } != true
    }

    /// The backups to check, by rising label.
    ///
    /// - Returns: Nil, with a line in the report, for a label that cannot be checked.
    private func labels(_ info: BackupInfo, _ result: inout VerifyResult) throws(RoostError) -> [BackupLabel]? {
        var labels = try BackupReconciliation(repository, log).labels()
        if let set {
            guard let label = BackupLabel(set) else {
                result.obstacles.append("  '\(set)' is not a valid backup label format")
                return nil
            }
            guard labels.contains(label) else {
                result.obstacles.append("  backup set \(set) is not valid")
                return nil
            }
            labels = [label]
        }
        for label in labels where info[label] == nil {
            log.warn("backup '\(label)' found in the repository but not in backup.info")
        }
        guard set == nil else { return labels }
        for entry in info.backups where !labels.contains(entry.label) {
            log.warn("backup '\(entry.label)' found in backup.info but not in the repository")
            labels.append(entry.label)
        }
        return labels.sorted()
    }

    /// What one backup draws in: with block maps all backups that it refers to; and the WAL from its start to its stop.
    private func select(
        _ labels: [BackupLabel], _ info: BackupInfo
    ) throws(RoostError) -> (labels: [BackupLabel], limit: ArchiveVerify.Limit?) {
        guard set != nil, let label = labels.first else { return (labels, nil) }
        let manifest: Manifest
        do {
            manifest = try repository.loadManifest(label, passphrase: info.cipherPass)
        } catch {
            if error.isFatal { throw error }
            return (labels, .some(nil))  // told when the backup itself is looked at
        }
        let hasMaps = (0..<manifest.files.count).contains { manifest.files[$0].block?.mapSize ?? 0 > 0 }
        let all = hasMaps ? Set(manifest.references + [label]).sorted() : labels
        guard let first = manifest.archiveStart, let last = manifest.archiveStop, first <= last else {
            return (all, .some(nil))
        }
        return (all, .some(first...last))
    }

    private func verifyArchives(
        _ ids: [ArchiveID], _ info: ArchiveInfo, _ limit: ArchiveVerify.Limit?, _ result: inout VerifyResult
    ) throws {
        let known = Set(info.history.generations.map { ArchiveID(version: $0.entry.version, historyID: $0.id) })
        let unknown = ids.filter { !known.contains($0) }
        if !unknown.isEmpty {
            let names = unknown.map(\.description).joined(separator: ", ")
            log.info("archiveIds '\(names)' are not in the archive.info history list")
            result.errorCount += 1
        }
        let verifier = ArchiveVerify(repository, passphrase: info.cipherPass, workers: workers, log)
        for id in ids {
            var archive = try verifier.run(id, limit: limit)
            archive.isKnown = known.contains(id)
            for fault in archive.faults {
                if fault.kind == .missing {
                    // It may have been expired meanwhile.
                    log.warn("\(fault.kind.words) '\(fault.file)'")
                } else {
                    log.tell(fault)
                    result.errorCount += 1
                }
            }
            result.errorCount += archive.duplicates.count
            for range in archive.ranges {
                log.detail("archiveId: \(id), wal start: \(range.first), wal stop: \(range.last)")
            }
            result.archives.append(archive)
        }
    }
}

extension Log {
    func tell(_ fault: VerifyResult.Fault) {
        if case .other(let code, let message) = fault.kind {
            info("\(fault.kind.words) \(fault.file): [\(code)] \(message)")
        } else {
            info("\(fault.kind.words) '\(fault.file)'")
        }
    }
}
