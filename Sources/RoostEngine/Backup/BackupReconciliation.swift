internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// Brings `backup.info` into agreement with the directories that there are (specification `repository`, section 13).
struct BackupReconciliation {
    private let repository: Repository
    private let log: any Log

    init(_ repository: Repository, _ log: any Log) {
        self.repository = repository
        self.log = log
    }

    /// What there is.
    struct Result {
        var info: BackupInfo
        /// Complete, but with manifests that cannot be read: not listed, and not to be removed either, since a manifest can
        /// be brought back.
        var unreadable: Set<BackupLabel> = []
    }

    /// The list of backups, corrected in memory; the caller saves it with its own changes.
    func load() throws(RoostError) -> BackupInfo { try correct(try repository.loadBackupInfo()).info }

    /// The same for a list that was loaded before, for a caller that must know whether it was wrong.
    func correct(_ listed: BackupInfo) throws(RoostError) -> Result {
        var info = listed
        var unreadable: Set<BackupLabel> = []
        let directories = try labels()
        for entry in info.backups where info[entry.label] != nil {
            if directories.contains(entry.label), try hasManifest(entry.label) { continue }
            try refuseBrokenLink(entry.label)
            for label in info.dependants(of: entry.label) {
                log.warn("backup '\(label)' missing manifest removed from backup.info")
                info.remove(label)
            }
        }
        for label in directories where info[label] == nil {
            guard label.type == .full || info.backups.contains(where: { $0.label.full == label.full }) else { continue }
            guard try hasManifest(label) else { continue }
            if let manifest = try loadManifest(label, info) {
                add(manifest, to: &info)
            } else {
                unreadable.insert(label)
            }
        }
        return Result(info: info, unreadable: unreadable)
    }

    /// Backup directories, and links to ones that were moved elsewhere, by rising label.
    func labels() throws(RoostError) -> [BackupLabel] {
        try repository.storage.list(repository.paths.backup).compactMap { entry in
            entry.kind == .directory || entry.kind == .link ? BackupLabel(entry.name) : nil
        }
    }

    /// A backup whose disk is not mounted is not gone.
    private func refuseBrokenLink(_ label: BackupLabel) throws(RoostError) {
        let path = repository.paths.label(label)
        guard let entry = try repository.storage.entry(path), entry.kind == .link,
            try repository.storage.entry("\(path)/.") == nil
        else { return }
        throw RoostError(
            .pathMissing,
            "backup '\(label)' is listed, and '\(repository.storage.displayPath(path))' is a link to a directory that is not "
                + "there",
            hints: ["is a file system not mounted?", "remove the link if the backup is gone for good"])
    }

    private func hasManifest(_ label: BackupLabel) throws(RoostError) -> Bool {
        try repository.storage.exists(repository.paths.manifest(label))
    }

    /// - Returns: Nil, with a warning, if neither the manifest nor its copy can be read.
    private func loadManifest(_ label: BackupLabel, _ info: BackupInfo) throws(RoostError) -> Manifest? {
        do {
            return try repository.loadManifest(label, passphrase: info.cipherPass)
        } catch {
            if error.isFatal { throw error }
            log.warn(
                "backup '\(label)' is not in backup.info and cannot be added: \(error.message)\n"
                    + "HINT: bring back its backup.manifest, for example from backup.history, or remove the directory "
                    + "'\(repository.storage.displayPath(repository.paths.label(label)))': Roost does neither.")
            return nil
        }
    }

    private func add(_ manifest: Manifest, to info: inout BackupInfo) {
        let label = manifest.label
        let isKnown = info.history[manifest.cluster.historyID]?.identity == manifest.cluster.identity
        guard isKnown, manifest.prior.map({ info[$0] != nil }) ?? true else {
            log.warn("invalid backup '\(label)' cannot be added to current backups")
            return
        }
        log.warn("backup '\(label)' found in repository added to backup.info")
        info.add(manifest.entry)
    }
}
