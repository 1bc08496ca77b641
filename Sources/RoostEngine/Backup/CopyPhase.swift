internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem
internal import RoostTransform

/// Copies the files of a backup with several workers and writes down in the manifest what became of each.
struct CopyPhase {
    private let settings: BackupSettings
    private let repository: Repository
    private let server: BackupServer
    private let context: CommandContext
    private let lock: StanzaLock
    private let partial: PartialManifest
    private let progress: (Progress) -> Void

    init(
        _ settings: BackupSettings, _ repository: Repository, _ server: BackupServer, _ context: CommandContext,
        _ lock: StanzaLock, _ partial: PartialManifest, _ progress: @escaping (Progress) -> Void
    ) {
        self.settings = settings
        self.repository = repository
        self.server = server
        self.context = context
        self.lock = lock
        self.partial = partial
        self.progress = progress
    }

    /// - Parameter copies: Positions of the files to copy.
    /// - Throws: ``ErrorCode/fileMissing`` if nothing at all has changed, or an online backup would be without `pg_control`.
    func run(_ copies: [Int], _ manifest: inout Manifest) throws {
        let files = manifest.files  // the workers' view; the coordinator changes its own
        let tasks = TaskMaker(settings, manifest, repository.paths, server.control.version)
        let workerSettings = makeWorkerSettings(manifest)
        var state = Progress(complete: 0, total: copies.reduce(0) { $0 + files[$1].size })
        var missing: Set<Int> = []
        try checkControl(copies, manifest)
        try lock.report(size: state.total, complete: 0)
        try runJobs(
            CopyPlan.jobs(copies, files: files, bundling: settings.bundling), workers: settings.workers,
            makeState: { try BackupWorker(workerSettings) },
            perform: { worker, job in
                switch job {
                case .single(let index): try worker.perform([try tasks.task(index)], bundle: nil)
                case .bundle(let id, let indexes): try worker.perform(try indexes.map(tasks.task), bundle: id)
                }
            },
            spare: settings.blocks.map { _ in
                SpareTime(pass: { $0.assist() }, end: { workerSettings.superBlocks.close() })
            },
            collect: { results in
                for result in results {
                    state.complete += files[result.index].size
                    apply(result, &manifest, &missing)
                }
                progress(state)
                try lock.report(size: state.total, complete: state.complete)
                try server.checkAlive()
                try partial.save(manifest, after: state)
            })
        guard !missing.isEmpty else { return }
        try checkDirectories(manifest)
        manifest.files.removeAll { missing.contains($0) }
    }

    /// - Throws: ``ErrorCode/fileMissing`` if nothing at all has changed, or an online backup would be without `pg_control`.
    private func checkControl(_ copies: [Int], _ manifest: Manifest) throws(RoostError) {
        guard !copies.isEmpty else {
            throw RoostError(.fileMissing, "no files have changed since the last backup - this seems unlikely")
        }
        guard settings.isOnline else { return }
        guard let control = manifest.files.index(of: "pg_data/\(ControlFile.relativePath)"), copies.contains(control)
        else {
            throw RoostError(
                .fileMissing, "pg_control must be present in all online backups",
                hints: ["is something wrong with the clock or file system timestamps, or was pg_control excluded?"])
        }
    }

    /// A file that the server removed is in WAL; a directory that lost its mount is not.
    private func checkDirectories(_ manifest: Manifest) throws(RoostError) {
        // Of a tablespace the directory in it: the one that the link leads to is there without its mount too.
        let tablespaces = manifest.paths.keys.filter {
            $0.hasPrefix("\(Manifest.tablespaces)/") && $0.split(separator: "/").count == 3
        }
        let links = manifest.targets.filter { $1.kind == .link && $1.file == nil && $1.tablespaceID == nil }.keys
        let inside = ["global", "base"].map { "\(Manifest.dataDirectory)/\($0)" }
        for name in (inside + tablespaces + links).sorted() {
            let path = Manifest.path(of: name, in: settings.dataDirectory)
            guard try FileStatus.of(path, followingLinks: true) != nil else {
                throw RoostError(
                    .fileMissing, "directory '\(path)' was there when files were listed and is gone",
                    hints: ["is the file system of a tablespace or of a linked directory no longer mounted?"])
            }
        }
    }

    private func makeWorkerSettings(_ manifest: Manifest) -> WorkerSettings {
        WorkerSettings(
            repository: repository, label: manifest.label, compression: manifest.options.compression,
            level: manifest.options.compressLevel ?? manifest.options.compression.defaultLevel,
            isBundled: manifest.isBundled, isBundleRaw: manifest.isBundleRaw, cipherPass: manifest.cipherPass,
            pageSize: Int(server.control.blockSize), pageHeaderCheck: settings.pageHeaderCheck,
            dataDirectory: settings.dataDirectory,
            retry: JobRetry(retries: settings.jobRetries, interval: settings.jobRetryInterval),
            bufferSize: Int(settings.bufferSize),
            clock: context.clock)
    }

    private func apply(_ result: FileResult, _ manifest: inout Manifest, _ missing: inout Set<Int>) {
        switch result.outcome {
        case .unchanged:
            context.log.detail("match file from prior backup \(manifest.files.name(at: result.index))")
        case .resumed:
            context.log.detail("checksum resumed file \(manifest.files.name(at: result.index))")
        case .missing:
            context.log.detail("skip file removed by database \(manifest.files.name(at: result.index))")
            missing.insert(result.index)
        case .copied(let copied):
            var file = manifest.files[result.index]
            if result.replacesDamaged { warnOfDamage(manifest.files.name(at: result.index), file.checksum) }
            file.reference = nil
            file.block?.mapSize = copied.mapSize
            if copied.size == 0 { file.block = nil }
            file.size = copied.size
            file.repoSize = copied.repoSize
            file.checksum = copied.checksum
            file.repoChecksum = copied.repoChecksum
            file.bundle = copied.bundle
            if let pages = copied.pages { file.pageCheck = pages.valid ? .valid : .invalid }
            manifest.files[result.index] = file
            manifest.files.setPageErrors(PageRange.runs(of: copied.pages?.errors ?? []), at: result.index)
            context.log.detail(
                "backup file \(manifest.files.name(at: result.index)) (\(ByteCount(copied.size))) checksum \(copied.checksum)"
            )
            if let pages = copied.pages, !pages.valid { warn(manifest.files.name(at: result.index), copied, pages) }
        }
    }

    private func warnOfDamage(_ name: String, _ expected: SHA1?) {
        context.log.warn(
            "resumed backup file \(name) did not have expected checksum \(expected.map { "\($0)" } ?? "")\n"
                + "NOTE: it was copied again and the backup goes on. After a power cut this is to be expected; otherwise the "
                + "storage of the repository may be damaged. It tells nothing about the pages of the cluster.")
    }

    private func warn(_ name: String, _ copied: FileResult.Copied, _ pages: PageCheckResult) {
        if pages.misaligned {
            context.log.warn(
                "page misalignment in file \(name): file size \(copied.size) is not divisible by page size "
                    + "\(server.control.blockSize)")
        } else {
            let plural = pages.errors.count > 1 ? "s" : ""
            context.log.warn(
                "invalid page checksum\(plural) found in file \(name) at page\(plural) "
                    + PageRange.text(PageRange.runs(of: pages.errors)))
        }
    }
}

/// Makes tasks for workers, from a view of the manifest that does not change.
private struct TaskMaker: Sendable {
    private let manifest: Manifest
    private let paths: StanzaPaths
    private let dataDirectory: String
    private let version: PostgresVersion
    private let blocks: BlockIncrements?

    init(_ settings: BackupSettings, _ manifest: Manifest, _ paths: StanzaPaths, _ version: PostgresVersion) {
        self.manifest = manifest
        self.paths = paths
        self.version = version
        dataDirectory = settings.dataDirectory
        blocks = settings.blocks
    }

    /// - Throws: ``ErrorCode/format`` if the prior manifest tells impossible sizes of a block map.
    func task(_ index: Int) throws(RoostError) -> FileTask {
        let file = manifest.files[index]
        let name = manifest.files.name(at: index)
        let hasPrior = file.reference != nil && file.checksum != nil
        var task = FileTask(
            index: index, name: name, path: Manifest.path(of: name, in: dataDirectory), size: file.originalSize,
            isReadToListedSize: ScanRules.isReadToListedSize(name, version: version),
            isControl: name == "pg_data/\(ControlFile.relativePath)", checksPages: file.pageCheck != .none,
            checksDelta: manifest.options.delta && hasPrior && file.size > 0 && file.size == file.originalSize,
            priorChecksum: hasPrior ? file.checksum : nil, priorSize: file.size,
            resumed: resumed(name, file))
        guard let blocks, let form = file.block, !task.isControl else { return task }
        var block = BlockTask(
            form: form, superBlockSize: blocks.superBlockSize(manifest.type, blockSize: form.blockSize),
            reference: manifest.references.count - 1)
        if hasPrior { block.prior = try BlockMapPlace(name, file, manifest, paths) }
        // A map tells the same as the checksum of the whole file, in the same pass that finds what has changed.
        if block.prior != nil { task.checksDelta = false }
        block.prior?.referenceCount -= 1
        task.block = block
        return task
    }

    /// Only a file of an interrupted backup has a checksum before it is copied, but no reference.
    private func resumed(_ name: String, _ file: ManifestFile) -> StoredFile? {
        guard file.reference == nil, file.size > 0, let content = file.checksum,
            let path = manifest.storedPath(name, file)
        else {
            return nil
        }
        return StoredFile(
            path: "\(paths.label(manifest.label))/\(path)", size: file.repoSize,
            checksum: file.repoChecksum ?? content, content: content, isDelta: manifest.options.delta)
    }
}
