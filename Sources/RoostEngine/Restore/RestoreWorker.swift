internal import RoostFormat
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Restores files: one thread, one set of buffers and codecs.
final class RestoreWorker {
    /// What every worker of a restore is made from.
    struct Settings: Sendable {
        var repository: Repository
        var manifest: Manifest
        var places: RestorePlaces
        /// Made as holes of their size instead of copied.
        var zeroed: ZeroedFiles
        var owners: RestoreOwners
        var delta: Bool
        /// Files may be there already, with other modes.
        var replaces: Bool
        var trustsTimes: Bool
        var retry: JobRetry
    }

    private let settings: Settings
    private let chunk = Chunk(capacity: StreamPump.chunkSize)
    private let bundleChunk = Chunk(capacity: StreamPump.chunkSize)
    private let content = DigestObserver()
    private let wholePipeline: StreamPump
    private let bundlePipeline: StreamPump
    private let hasher = SHA1Hasher()
    private let blocks: BlockRestorer
    private var isRetry = false

    init(_ settings: Settings) throws(RoostError) {
        self.settings = settings
        let manifest = settings.manifest
        let observer = Stage.observe(content)
        let makePump = { [chunk] (raw: Bool) throws(RoostError) in
            let stages =
                try decryption(manifest.cipherPass, raw: raw) + decompressing(manifest.options.compression, raw: raw)
            return StreamPump(stages + [observer], chunk: chunk)
        }
        let whole = try makePump(false)
        wholePipeline = whole
        bundlePipeline = manifest.isBundleRaw ? try makePump(true) : whole
        blocks = try BlockRestorer(settings.repository, manifest)
    }

    /// Does one job.
    ///
    /// - Returns: The files that were there already.
    func perform(_ job: RestoreCopy.Job) throws(RoostError) -> [Int] {
        // Damage does not pass; a busy disk or network may.
        try settings.retry.run(endingAt: { [.checksum, .format, .fileMissing].contains($0.code) }) {
            attempt throws(RoostError) in
            isRetry = attempt > 0
            return try restore(job)
        }
    }

    private func restore(_ job: RestoreCopy.Job) throws(RoostError) -> [Int] {
        var kept: [Int] = []
        var bundle: BundleReader?
        for index in job.files {
            try Interrupt.check()
            let file = settings.manifest.files[index]
            let name = settings.manifest.files.name(at: index)
            let path = target(name)
            let isZeroed = settings.zeroed.contains(index)
            if settings.delta, !isZeroed, try isPresent(path, file) {
                kept.append(index)
                continue
            }
            if isZeroed {
                let descriptor = try create(path, file)
                try descriptor.setSize(file.size)
                try descriptor.close()
                try settings.owners.apply(path, user: file.user, group: file.group)
                continue
            }
            if file.size > 0, let place = file.bundle, bundle == nil {
                bundle = makeBundleReader(place, settings.manifest.holder(of: file), job)
            }
            if file.isStoredInBlocks {
                if try restoreBlocks(name, file, path, bundle) { kept.append(index) }
            } else {
                let descriptor = try create(path, file)
                if file.size > 0 { try copy(name, file, to: descriptor, bundle) }
                try descriptor.close()
            }
            try settings.owners.apply(path, user: file.user, group: file.group)
        }
        return kept
    }

    private func target(_ name: String) -> String {
        settings.places.path(of: name == RestoreTarget.controlName ? RestoreTarget.controlTemporaryName : name)
    }

    private func create(_ path: String, _ file: ManifestFile) throws(RoostError) -> OwnedDescriptor {
        // A new file, never the old one written over: that may be read-only, or have a second name elsewhere.
        if settings.replaces || isRetry { try FileSystem.removeFile(path) }
        return try OwnedDescriptor.createNew(path, mode: file.mode)
    }

    private func copy(
        _ name: String, _ file: ManifestFile, to descriptor: borrowing OwnedDescriptor, _ bundle: BundleReader?
    ) throws(RoostError) {
        let manifest = settings.manifest
        let holder = manifest.holder(of: file)
        var failure: RoostError?
        // A closure cannot borrow the descriptor; its number stays valid for the call.
        let sink = DescriptorSink(descriptor)
        do {
            if let bundle, let place = file.bundle {
                try bundlePipeline.begin()
                try bundle.read(
                    place.offset..<place.offset + file.repoSize, through: bundlePipeline.pipeline, to: sink.write)
            } else if let stored = manifest.storedPath(name, file) {
                let path = "\(settings.repository.paths.label(holder))/\(stored)"
                try wholePipeline.run(try settings.repository.storage.open(path, range: nil), to: sink.write)
            }
        } catch {
            failure = error.isFatal ? error : error.during("unable to restore '\(name)' from backup '\(holder)'")
        }
        if let failure { throw failure }
        guard content.result.digest == file.checksum, content.result.size == file.size else {
            throw damaged(name, file, descriptor.path, content.result)
        }
    }

    private func damaged(
        _ name: String, _ file: ManifestFile, _ path: String, _ found: (digest: SHA1, size: UInt64)
    ) -> RoostError {
        RoostError(
            .checksum,
            "error restoring '\(path)': actual checksum '\(found.digest)' (\(found.size) bytes) "
                + "does not match expected checksum '\(file.checksum.map { "\($0)" } ?? "none")' (\(file.size) bytes)",
            hints: [
                "the stored file of '\(name)' in backup '\(settings.manifest.holder(of: file))' is damaged: `verify` finds "
                    + "what else is",
                "restore another backup with --set; the data directory cannot be started until a restore succeeds",
            ])
    }

    /// Restores a file out of its super blocks, over the content that is there if that may serve.
    ///
    /// - Returns: Whether all of it was there already.
    private func restoreBlocks(
        _ name: String, _ file: ManifestFile, _ path: String, _ bundle: BundleReader?
    ) throws(RoostError) -> Bool {
        if settings.delta, let there = try contentThere(path, file) {
            let target = RestoredFile(there, hasher)
            let outcome = try restoreBlocks(name, file, to: target, hasContent: true, bundle)
            try target.close()
            switch outcome {
            case .written, .kept:
                try FileSystem.setMode(path, file.mode)
                return outcome == .kept
            // A block that differs can have the same short checksum: nothing of what is there serves.
            case .differs: break
            }
        }
        let target = RestoredFile(try create(path, file), hasher)
        let outcome = try restoreBlocks(name, file, to: target, hasContent: false, bundle)
        if case .differs(let digest, let size) = outcome { throw damaged(name, file, path, (digest, size)) }
        try target.close()
        return false
    }

    private func restoreBlocks(
        _ name: String, _ file: ManifestFile, to target: RestoredFile, hasContent: Bool, _ bundle: BundleReader?
    ) throws(RoostError) -> BlockRestorer.Outcome {
        do {
            return try blocks.restore(name, file, to: target, hasContent: hasContent, bundle)
        } catch {
            let holder = settings.manifest.holder(of: file)
            throw error.isFatal ? error : error.during("unable to restore '\(name)' from backup '\(holder)'")
        }
    }

    /// The file that is there, to be changed in place; nil if there is none, or it has a name elsewhere too.
    private func contentThere(_ path: String, _ file: ManifestFile) throws(RoostError) -> OwnedDescriptor? {
        guard let status = try FileStatus.of(path), status.kind == .file, status.links == 1, status.size > 0 else {
            return nil
        }
        if status.mode & 0o600 != 0o600 { try FileSystem.setMode(path, 0o600) }
        return try OwnedDescriptor.change(path)
    }

    private func makeBundleReader(
        _ place: ManifestFile.BundlePlace, _ holder: BackupLabel, _ job: RestoreCopy.Job
    ) -> BundleReader {
        let files = settings.manifest.files
        let end = job.files.reduce(0) { max($0, (files[$1].bundle?.offset ?? 0) + files[$1].repoSize) }
        return BundleReader(
            settings.repository, settings.repository.paths.bundle(holder, place.id), end: end, bundleChunk)
    }

    /// Whether a file that is there can stay.
    ///
    /// One that is too long is cut first; what is equal then was appended to.
    private func isPresent(_ path: String, _ file: ManifestFile) throws(RoostError) -> Bool {
        // One that has a second name, as `pg_upgrade --link` leaves behind, may be in use by another cluster: it is made anew.
        guard let status = try FileStatus.of(path), status.kind == .file, status.links == 1 else { return false }
        if settings.trustsTimes, status.size == file.size, status.modified == file.timestamp,
            status.modified < settings.manifest.timestampCopyStart
        {
            return try keep(path, status, file)
        }
        guard status.size >= file.size else { return false }
        if status.size > file.size {
            // One that its owner may not write to cannot be cut: it is made anew.
            guard status.mode & 0o200 != 0 else { return false }
            try FileSystem.truncate(path, to: file.size)
        }
        // Of a large file that has changed most likely, the map tells which blocks did: one pass instead of two.
        if file.isStoredInBlocks, file.bundle == nil, status.modified != file.timestamp { return false }
        if file.size > 0, try checksum(path) != file.checksum { return false }
        return try keep(path, status, file)
    }

    private func keep(_ path: String, _ status: FileStatus, _ file: ManifestFile) throws(RoostError) -> Bool {
        if status.mode != file.mode { try FileSystem.setMode(path, file.mode) }
        try settings.owners.correct(path, status, user: file.user, group: file.group)
        return true
    }

    private func checksum(_ path: String) throws(RoostError) -> SHA1 {
        let file = try OwnedDescriptor.read(path)
        file.adviseSequential()
        let chunk = chunk
        var more = true
        while more {
            try Interrupt.check()
            chunk.removeAll()
            more = try file.read(into: chunk)
            hasher.update(chunk.bytes)
        }
        return hasher.finish()
    }
}

/// Writes to a descriptor that its owner keeps open.
struct DescriptorSink {
    private let raw: Int32
    private let path: String

    init(_ descriptor: borrowing OwnedDescriptor) {
        raw = descriptor.raw
        path = descriptor.path
    }

    func write(_ bytes: RawSpan) throws(RoostError) { try OwnedDescriptor.write(bytes, to: raw, path) }
}
