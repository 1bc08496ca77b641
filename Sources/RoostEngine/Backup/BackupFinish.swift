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
    private let segmentSize: UInt32

    init(_ settings: BackupSettings, _ repository: Repository, _ context: CommandContext, segmentSize: UInt32) {
        self.settings = settings
        self.repository = repository
        self.context = context
        self.segmentSize = segmentSize
    }

    func run(
        _ manifest: inout Manifest, _ start: BackupServer.Start?, _ stop: BackupServer.Stop, _ archive: ArchiveInfo?,
        _ scope: any BulkScope, _ info: inout BackupInfo
    ) throws {
        complete(&manifest, start, stop)
        try checkGaps(manifest)
        if let label = stop.label { try store(label, as: "backup_label", stop.time, &manifest) }
        if let map = stop.tablespaceMap { try store(map, as: "tablespace_map", stop.time, &manifest) }
        try makeDirectories(manifest)
        if let archive { try waitForWAL(manifest, archive) }
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

    private func complete(_ manifest: inout Manifest, _ start: BackupServer.Start?, _ stop: BackupServer.Stop) {
        manifest.timestampStop = stop.time
        manifest.lsnStart = start?.lsn
        manifest.archiveStart = start?.segment
        manifest.lsnStop = stop.position?.lsn
        manifest.archiveStop = stop.position?.segment
    }

    /// Writes what the server returned at the end as a file of the backup, never bundled.
    private func store(_ text: String, as name: String, _ time: Int64, _ manifest: inout Manifest) throws(RoostError) {
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
        let root = manifest.paths[Manifest.dataDirectory] ?? Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
        var file = ManifestFile(
            size: content.result.size, timestamp: time, mode: root.mode & 0o644,
            user: try manifest.ownerIndex(root.user),
            group: try manifest.ownerIndex(root.group))
        file.checksum = content.result.digest
        file.repoSize = stored.result.size
        file.repoChecksum = transforms.isEmpty ? nil : stored.result.digest
        try manifest.files.add(Array(full.utf8).span, file)
        context.log.detail("wrote '\(name)' file returned from backup stop function")
    }

    /// A full backup without bundles has every directory, so that it can be looked at as a copy of the cluster.
    private func makeDirectories(_ manifest: Manifest) throws(RoostError) {
        guard manifest.type == .full, !manifest.isBundled else { return }
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

    private func waitForWAL(_ manifest: Manifest, _ archive: ArchiveInfo) throws(RoostError) {
        guard let first = manifest.archiveStart, let last = manifest.archiveStop else { return }
        context.log.info("check archive for segment(s) \(first):\(last)")
        var directory = ArchiveDirectory(repository, archive.currentArchiveID)
        try directory.wait(
            for: WALSegmentName.range(from: first, to: last, segmentSize: segmentSize),
            timeout: settings.archiveTimeout, clock: context.clock)
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
