internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// Goes on with a backup that was interrupted, or removes what is left of it (specification `backup`, section 7).
///
/// What lies in the directory of an unfinished backup proves nothing, least of all after a power cut: each file that is kept
/// is compared with its checksum before it counts.
struct BackupResume {
    private let isWanted: Bool
    private let bundleLimit: UInt64?
    private let repository: Repository
    private let log: any Log

    init(_ settings: BackupSettings, _ repository: Repository, _ log: any Log) {
        isWanted = settings.resumes
        bundleLimit = settings.bundling?.limit
        self.repository = repository
        self.log = log
    }

    /// Makes a new backup the continuation of the newest one, if that was interrupted and fits.
    ///
    /// A file that was stored already has a checksum but no reference in the manifest afterwards.
    ///
    /// - Parameter passphrase: Of the stanza's manifests, from `backup.info`.
    /// - Returns: Whether it is a continuation: its label and passphrase are then those of the interrupted backup.
    func apply(to manifest: inout Manifest, passphrase: String?) throws(RoostError) -> Bool {
        let newest = try BackupReconciliation(repository, log).labels().last
        guard let label = newest, try !repository.storage.exists(repository.paths.manifest(label)) else { return false }
        switch try candidate(label, for: manifest, passphrase) {
        case .failure(let objection):
            let message = "backup '\(label)' cannot be resumed: \(objection.reason)"
            if isWanted, manifest.type == .full { log.warn(message) } else { log.info(message) }
            try repository.storage.removeTree(repository.paths.label(label))
            return false
        case .success(let old):
            log.warn(
                "resumable backup \(label) of same type exists -- invalid files will be removed then the backup will resume"
            )
            if !manifest.options.delta, let reason = ResumePlan.reasonForDelta(old, manifest) {
                log.warn(reason)
                manifest.options.delta = true
            }
            manifest.take(label: label)
            manifest.cipherPass = old.cipherPass
            try clean("", ResumePlan(old: old, bundleLimit: bundleLimit), &manifest)
            return true
        }
    }

    private struct Objection: Error {
        var reason: String
    }

    private func candidate(
        _ label: BackupLabel, for manifest: Manifest, _ passphrase: String?
    ) throws(RoostError) -> Result<Manifest, Objection> {
        let copy = StanzaPaths.copy(of: repository.paths.manifest(label))
        guard manifest.type == .full else { return .failure(Objection(reason: "resume only valid for full backup")) }
        guard try repository.storage.exists(copy) else {
            return .failure(Objection(reason: "partially deleted by prior resume or invalid"))
        }
        guard isWanted else { return .failure(Objection(reason: "resume is disabled")) }
        do {
            let old = try repository.loadManifest(path: copy, passphrase: passphrase)
            let objection =
                old.label == label ? ResumePlan.objection(to: old, by: manifest) : "it is that of \(old.label)"
            return objection.map { .failure(Objection(reason: $0)) } ?? .success(old)
        } catch {
            if error.isFatal { throw error }
            log.detail("\(error)")
            return .failure(Objection(reason: "unable to read \(repository.storage.displayPath(copy))"))
        }
    }

    /// Removes what cannot be kept below a directory of the backup, and takes the rest over into the manifest.
    private func clean(_ directory: String, _ plan: ResumePlan, _ manifest: inout Manifest) throws(RoostError) {
        try Interrupt.check()
        let storage = repository.storage
        let root = repository.paths.label(manifest.label)
        for entry in try storage.list(directory.isEmpty ? root : "\(root)/\(directory)") {
            let name = directory.isEmpty ? entry.name : "\(directory)/\(entry.name)"
            let path = "\(root)/\(name)"
            switch entry.kind {
            case .directory where manifest.paths[name] != nil: try clean(name, plan, &manifest)
            case .directory:
                log.detail("remove path '\(storage.displayPath(path))' from resumed backup")
                try storage.removeTree(path)
            // Until the new one is written, it is what makes the directory resumable.
            case .file where path == StanzaPaths.copy(of: repository.paths.manifest(manifest.label)): continue
            case .file: try settle(name, plan, &manifest)
            case .link: try storage.remove(path)
            case .special:
                log.warn("remove special file '\(storage.displayPath(path))' from resumed backup")
                try storage.remove(path)
            }
        }
    }

    private func settle(_ name: String, _ plan: ResumePlan, _ manifest: inout Manifest) throws(RoostError) {
        switch plan.verdict(on: name, for: manifest) {
        case .keep(let index, let old):
            let file = plan.merged(manifest.files[index], with: plan.old.files[old])
            manifest.files[index] = file
            if file.pageCheck == .invalid {
                manifest.files.setPageErrors(plan.old.files.pageErrors(at: old), at: index)
            }
        case .remove(let reason):
            let path = "\(repository.paths.label(manifest.label))/\(name)"
            log.detail("remove file '\(repository.storage.displayPath(path))' from resumed backup (\(reason))")
            try repository.storage.remove(path)
        }
    }
}

extension Manifest {
    /// Gives a backup its final label, also in its own list of references.
    mutating func take(label: BackupLabel) {
        references[references.count - 1] = label
        self.label = label
    }
}
