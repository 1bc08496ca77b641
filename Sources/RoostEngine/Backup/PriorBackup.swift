internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// The backup that an increment builds on.
struct PriorBackup {
    /// Of the new backup.
    let type: BackupType
    let manifest: Manifest

    /// The newest backup of this generation of the cluster that serves; for a differential, the newest full.
    ///
    /// - Returns: Nil for a full backup, also where one is made because nothing serves.
    static func select(
        _ type: BackupType, _ info: BackupInfo, _ gaps: ArchiveGaps, _ repository: Repository, _ log: any Log
    ) throws(RoostError) -> PriorBackup? {
        guard type != .full else { return nil }
        let candidate = info.backups.last { entry in
            entry.historyID == info.history.currentID && (type == .incr || entry.type == .full)
        }
        guard let candidate else {
            log.warn("no prior backup exists, \(type.rawValue) backup has been changed to full")
            return nil
        }
        if let gap = gaps.behind(candidate, info) {
            log.warn(
                "\(gap) missing from the archive behind backup \(candidate.label), \(type.rawValue) backup has been "
                    + "changed to full\nHINT: what is restored from now on begins behind the gap.")
            return nil
        }
        log.info("last backup label = \(candidate.label), version = \(candidate.version)")
        let manifest = try repository.loadManifest(candidate.label, passphrase: info.cipherPass)
        try manifest.checkBlockFormat(info)
        return PriorBackup(type: type, manifest: manifest)
    }
}

/// Decides which files an increment must copy (specification `backup`, section 6).
struct PriorMerge {
    private let settings: BackupSettings
    private let prior: PriorBackup?
    private let start: BackupServer.Start?
    private let log: any Log

    init(_ settings: BackupSettings, _ prior: PriorBackup?, _ start: BackupServer.Start?, _ log: any Log) {
        self.settings = settings
        self.prior = prior
        self.start = start
        self.log = log
    }

    /// Marks unchanged files as references.
    ///
    /// - Returns: The positions of the files to copy.
    func apply(to manifest: inout Manifest) throws(RoostError) -> [Int] {
        if !manifest.options.delta { manifest.options.delta = hasFutureTimestamp(manifest) }
        guard let prior else { return (0..<manifest.files.count).filter { mustCopy(manifest.files[$0], manifest) } }
        var pairs: [(index: Int, prior: Int)] = []
        var copies: [Int] = []
        var name: [UInt8] = []
        for index in 0..<manifest.files.count {
            name.removeAll(keepingCapacity: true)
            manifest.files.appendName(at: index, to: &name)
            if let match = prior.manifest.files.index(of: name.span) {
                pairs.append((index, match))
            } else if mustCopy(manifest.files[index], manifest) {
                copies.append(index)
            }
        }
        manifest.options.delta = needsDelta(manifest, pairs) || manifest.options.delta
        manifest.references = prior.manifest.references + [manifest.label]
        guard let own = prior.manifest.references.firstIndex(of: prior.manifest.label) else {
            throw RoostError(.format, "the manifest of '\(prior.manifest.label)' does not list itself as a reference")
        }
        for pair in pairs where merge(pair.index, pair.prior, own, &manifest) { copies.append(pair.index) }
        return copies.sorted()
    }

    private func mustCopy(_ file: ManifestFile, _ manifest: Manifest) -> Bool { file.size > 0 || !manifest.isBundled }

    /// - Parameter own: The position of the prior's label in its list of references.
    /// - Returns: Whether the file must be copied, or at least looked at.
    private func merge(_ index: Int, _ priorIndex: Int, _ own: Int, _ manifest: inout Manifest) -> Bool {
        guard let prior = prior?.manifest else { return true }
        var file = manifest.files[index]
        let old = prior.files[priorIndex]
        if file.size == 0, old.size == 0, manifest.isBundled { return false }
        let isSameSize = file.size == old.size && (old.size > 0 || old.bundle == nil)
        guard isSameSize || old.keepsBlocks(at: file.size) else { return mustCopy(file, manifest) }
        // An empty file that the prior did not store cannot be referred to.
        if old.size == 0, prior.isBundled { return mustCopy(file, manifest) }
        let looksUnchanged = isSameSize && (file.timestamp == old.timestamp || file.size == 0)
        let mustLook = manifest.options.delta && file.size > 0
        file.size = old.size
        file.repoSize = old.repoSize
        file.checksum = old.checksum
        file.repoChecksum = old.repoChecksum
        if file.pageCheck != .none { file.pageCheck = old.pageCheck == .none ? .valid : old.pageCheck }
        file.bundle = old.bundle
        file.block = old.block
        file.reference = old.reference ?? own
        manifest.files[index] = file
        manifest.files.setPageErrors(prior.files.pageErrors(at: priorIndex), at: index)
        return mustLook || !looksUnchanged
    }

    private func hasFutureTimestamp(_ manifest: Manifest) -> Bool {
        // The copy start of an online backup is one second after the list was made.
        let limit = manifest.timestampCopyStart - (settings.isOnline ? 1 : 0)
        guard let index = (0..<manifest.files.count).first(where: { manifest.files[$0].timestamp > limit }) else {
            return false
        }
        log.warn(
            "file '\(shown(index, manifest))' has timestamp (\(manifest.files[index].timestamp)) in the future "
                + "(relative to copy start \(limit)), enabling delta checksum")
        return true
    }

    private func needsDelta(_ manifest: Manifest, _ pairs: [(index: Int, prior: Int)]) -> Bool {
        guard let prior = prior?.manifest else { return false }
        if let start, let stop = prior.archiveStop, start.segment.timeline != stop.timeline {
            log.warn(
                "a timeline switch has occurred since the \(prior.label) backup, enabling delta checksum\n"
                    + "HINT: this is normal after restoring from backup or promoting a standby.")
            return true
        }
        if prior.options.online != manifest.options.online {
            log.warn("the online option has changed since the \(prior.label) backup, enabling delta checksum")
            return true
        }
        guard !manifest.options.delta else { return false }
        for pair in pairs {
            let (file, old) = (manifest.files[pair.index], prior.files[pair.prior])
            if file.timestamp < old.timestamp {
                log.warn(
                    "file '\(shown(pair.index, manifest))' has timestamp earlier than prior backup (prior "
                        + "\(old.timestamp), current \(file.timestamp)), enabling delta checksum")
                return true
            }
            if file.timestamp == old.timestamp, file.size != old.originalSize {
                log.warn(
                    "file '\(shown(pair.index, manifest))' has same timestamp (\(file.timestamp)) as prior but "
                        + "different size (prior \(old.originalSize), current \(file.size)), enabling delta checksum")
                return true
            }
        }
        return false
    }

    /// The name of a file as warnings show it: below the data directory.
    private func shown(_ index: Int, _ manifest: Manifest) -> String {
        let name = manifest.files.name(at: index)
        let inside = "\(Manifest.dataDirectory)/"
        return name.hasPrefix(inside) ? String(name.dropFirst(inside.utf8.count)) : name
    }
}

extension ManifestFile {
    /// Whether a file that now has another size goes on in the blocks of this one: their size cannot change within a set.
    fileprivate func keepsBlocks(at size: UInt64) -> Bool {
        guard let block, block.mapSize > 0 else { return false }
        return size >= UInt64(block.blockSize)
    }
}
