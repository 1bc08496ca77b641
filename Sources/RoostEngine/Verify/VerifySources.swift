internal import RoostFormat
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Info files and manifests as `verify` takes them: the main file, else its copy, with a word on each that is not as it should be.
struct VerifySources {
    private let repository: Repository
    private let log: any Log

    init(_ repository: Repository, _ log: any Log) {
        self.repository = repository
        self.log = log
    }

    /// - Returns: Nil if neither file can be used.
    func archiveInfo() throws(RoostError) -> ArchiveInfo? {
        try info(repository.paths.archiveInfo) { bytes, object throws(RoostError) in
            try ArchiveInfo(parsing: bytes, object: object)
        }
    }

    /// - Returns: Nil if neither file can be used.
    func backupInfo() throws(RoostError) -> BackupInfo? {
        try info(repository.paths.backupInfo) { bytes, object throws(RoostError) in
            try BackupInfo(parsing: bytes, object: object)
        }
    }

    private func info<Info>(
        _ path: String, _ parse: ([UInt8], String) throws(RoostError) -> Info
    ) throws(RoostError) -> Info? {
        let copy = StanzaPaths.copy(of: path)
        func load(_ path: String) throws(RoostError) -> Result<(Info, [UInt8]), RoostError> {
            try attempt { () throws(RoostError) in
                let bytes = try repository.read(path, decrypting: repository.cipherPass)
                return (try parse(bytes, repository.storage.displayPath(path)), bytes)
            }
        }
        guard case .success(let main) = try load(path) else {
            guard case .success(let second) = try load(copy) else { return nil }
            return second.0
        }
        if case .success(let second) = try load(copy), second.1 != main.1 {
            log.detail("\(lastPart(of: copy)) does not match \(lastPart(of: path))")
        }
        return main.0
    }

    /// The manifest of a backup, or what its absence means.
    enum LoadedManifest {
        case manifest(Manifest)
        case unusable(VerifyResult.BackupStatus)
    }

    /// - Parameter mayBeUnderWay: The newest backup, which `backup.info` does not list.
    func manifest(
        _ label: BackupLabel, passphrase: String?, mayBeUnderWay: Bool
    ) throws(RoostError) -> LoadedManifest {
        let path = repository.paths.manifest(label)
        func load(_ path: String) throws(RoostError) -> Result<Manifest, RoostError> {
            try attempt { () throws(RoostError) in try repository.loadManifest(path: path, passphrase: passphrase) }
        }
        switch try load(path) {
        case .success(let manifest):
            try compareCopy(path, label, passphrase)
            return .manifest(manifest)
        case .failure(let first):
            if mayBeUnderWay, first.code == .fileMissing {
                log.info("backup '\(label)' appears to be in progress, skipping")
                return .unusable(.inProgress)
            }
            switch try load(StanzaPaths.copy(of: path)) {
            case .success(let manifest):
                log.detail("\(label)/backup.manifest is missing or unusable, using copy")
                return .manifest(manifest)
            case .failure(let second):
                guard first.code == .fileMissing, second.code == .fileMissing else { return .unusable(.invalid) }
                log.detail("manifest missing for '\(label)' - backup may have expired")
                return .unusable(.manifestMissing)
            }
        }
    }

    private func compareCopy(_ path: String, _ label: BackupLabel, _ passphrase: String?) throws(RoostError) {
        func digest(_ path: String) throws(RoostError) -> Result<SHA1, RoostError> {
            try attempt { () throws(RoostError) in
                let observer = DigestObserver()
                try repository.stream(path, through: try decryption(passphrase) + [.observe(observer)]) {
                    _ throws(RoostError) in
                }
                return observer.result.digest
            }
        }
        let (main, copy) = (try digest(path), try digest(StanzaPaths.copy(of: path)))
        guard case .success(let first) = main, case .success(let second) = copy, first != second else { return }
        log.detail("backup '\(label)' manifest.copy does not match manifest")
    }

    /// Runs a body whose failure is a finding; what is wrong with the program or the machine is thrown.
    private func attempt<Value>(
        _ body: () throws(RoostError) -> Value
    ) throws(RoostError) -> Result<Value, RoostError> {
        do {
            return .success(try body())
        } catch {
            if error.isFatal { throw error }
            log.detail(error.message)
            return .failure(error)
        }
    }
}
