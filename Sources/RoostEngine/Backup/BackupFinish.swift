internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Completes a backup after its files are copied, in the order that makes it count only when all of it is durable.
struct BackupFinish {
    private let settings: BackupSettings
    private let repository: Repository
    private let context: CommandContext
    private let control: ControlFile

    init(_ settings: BackupSettings, _ repository: Repository, _ context: CommandContext, _ control: ControlFile) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.control = control
    }

    func run(
        _ manifest: inout Manifest, _ stop: BackupServer.Stop, _ archive: ArchiveInfo?, _ partial: PartialManifest,
        _ scope: any BulkScope, _ info: inout BackupInfo
    ) throws {
        complete(&manifest, stop)
        try checkGaps(manifest)
        if let label = stop.label { try store(label, as: "backup_label", &manifest) }
        if let map = stop.tablespaceMap { try store(map, as: "tablespace_map", &manifest) }
        try makeDirectories(manifest)
        try HardLinks(repository, context.log).make(manifest)
        // The WAL may never come; then what was copied can be resumed.
        try partial.save(manifest)
        if let archive { try collectWAL(archive, &manifest) }
        try validate(manifest)
        try scope.finish { try writtenPaths(manifest) }
        try repository.saveFinal(manifest, passphrase: info.cipherPass)
        try repository.saveHistory(manifest, passphrase: info.cipherPass)
        try updateLatest(manifest.label)
        info.add(manifest.entry)
        try repository.save(info)
        if let archive { try repository.save(archive) }
    }

    /// A backup that needs WAL that was given up while it ran cannot be made consistent.
    private func checkGaps(_ manifest: Manifest) throws(RoostError) {
        guard let start = manifest.archiveStart, let stop = manifest.archiveStop else { return }
        let id = ArchiveID(version: manifest.cluster.identity.version, historyID: manifest.cluster.historyID)
        guard let gap = try ArchiveGaps.load(repository).first(id, from: start, to: stop) else { return }
        throw RoostError(
            .archiveTimeout, "\(gap) missing from the archive, which the backup needs: \(gap.reason)",
            hints: ["take the backup again when archiving keeps up"])
    }

    private func complete(_ manifest: inout Manifest, _ stop: BackupServer.Stop) {
        manifest.timestampStop = stop.time
        manifest.lsnStop = stop.position?.lsn
        manifest.archiveStop = stop.position?.segment
    }

    /// Writes what the server returned at the end as a file of the backup, never bundled.
    private func store(_ text: String, as name: String, _ manifest: inout Manifest) throws(RoostError) {
        let (content, stored) = (DigestObserver(), DigestObserver())
        let options = manifest.options
        let level = options.compressLevel ?? options.compression.defaultLevel
        let transforms = try compressing(options.compression, level: level) + encryption(manifest.cipherPass)
        let full = "\(Manifest.dataDirectory)/\(name)"
        let writer = try repository.storage.create(
            "\(repository.paths.label(manifest.label))/\(full)\(options.compression.fileExtension)", durability: .bulk)
        let pipeline = Pipeline([.observe(content)] + transforms + [.observe(stored)], chunk: 64 << 10)
        try pipeline.finish(text.utf8.span.raw) { piece throws(RoostError) in try writer.write(piece) }
        try writer.finish()
        var file = try manifest.makeFile(size: content.result.size)
        file.checksum = content.result.digest
        file.repoSize = stored.result.size
        file.repoChecksum = transforms.isEmpty ? nil : stored.result.digest
        try manifest.files.add(Array(full.utf8).span, file)
        context.log.detail("wrote '\(name)' file returned from backup stop function")
    }

    /// A full backup without bundles, and one with hard links, has every directory: it can be looked at as a copy of the
    /// cluster.
    private func makeDirectories(_ manifest: Manifest) throws(RoostError) {
        guard manifest.options.hardlink || manifest.type == .full && !manifest.isBundled else { return }
        let root = repository.paths.label(manifest.label)
        for name in manifest.paths.keys.sorted() { try repository.storage.createDirectory("\(root)/\(name)") }
        guard settings.createLatestLink, repository.storage.traits.contains(.symbolicLinks) else { return }
        for target in manifest.targets.values {
            guard let oid = target.tablespaceID else { continue }
            try repository.storage.createLink(
                "\(root)/\(Manifest.dataDirectory)/pg_tblspc/\(oid)",
                destination: "../../\(Manifest.tablespaces)/\(oid)")
        }
    }

    /// Waits until the WAL that the backup needs is archived, and stores it in the backup too if that is wanted.
    private func collectWAL(_ archive: ArchiveInfo, _ manifest: inout Manifest) throws(RoostError) {
        guard let first = manifest.archiveStart, let last = manifest.archiveStop else { return }
        context.log.info("check archive for segment(s) \(first):\(last)")
        var directory = ArchiveDirectory(repository, archive.currentArchiveID)
        for segment in WALSegmentName.range(from: first, to: last, segmentSize: control.walSegmentSize) {
            try directory.wait(for: [segment], timeout: settings.archiveTimeout, clock: context.clock)
            guard manifest.options.archiveCopy, let stored = try directory.findOne(segment) else { continue }
            context.log.detail("copy segment \(segment) to backup")
            try WALCopy(repository, directory, passphrase: archive.cipherPass)
                .copy(stored, directory: control.version.walDirectory, into: &manifest)
        }
    }

    private func validate(_ manifest: Manifest) throws(RoostError) {
        for index in 0..<manifest.files.count {
            let file = manifest.files[index]
            if file.checksum == nil || file.size > 0 && file.repoSize == 0 {
                throw RoostError(
                    .format,
                    "manifest validation failed: '\(manifest.files.name(at: index))' has no checksum or no stored data")
            }
        }
    }

    /// Everything this backup has written so far, with the directories above.
    private func writtenPaths(_ manifest: Manifest) throws(RoostError) -> [String] {
        let root = repository.paths.label(manifest.label)
        var paths = ["backup", repository.paths.backup, root]
        var pending = [root]
        while let directory = pending.popLast() {
            for entry in try repository.storage.list(directory) {
                let path = "\(directory)/\(entry.name)"
                if entry.kind == .directory { pending.append(path) }
                if entry.kind == .directory || entry.kind == .file { paths.append(path) }
            }
        }
        return paths
    }

    private func updateLatest(_ label: BackupLabel) throws(RoostError) {
        guard repository.storage.traits.contains(.symbolicLinks) else { return }
        if settings.createLatestLink {
            try repository.storage.createLink(repository.paths.latestLink, destination: label.text)
        } else {
            try repository.storage.remove(repository.paths.latestLink)
        }
        try repository.storage.syncDirectory(repository.paths.backup)
    }
}
