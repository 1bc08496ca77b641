internal import RoostPostgres
internal import RoostSystem
internal import RoostTransform

/// From `pg_basebackup` through compression and cipher into the file.
struct BaseBackupStream {
    /// A leftover of a run that was killed has this end, and a dot before its name.
    static let temporarySuffix = ".pg-basebackup.part"
    private static let chunkSize = 256 << 10

    private let settings: BaseBackupSettings
    private let plan: BaseBackupPlan

    init(_ settings: BaseBackupSettings, _ plan: BaseBackupPlan) {
        self.settings = settings
        self.plan = plan
    }

    /// - Returns: The size of the file, in bytes.
    /// - Throws: Any error; the file has its name only if there was none.
    func run() throws(RoostError) -> UInt64 {
        try removeLeftovers()
        // Made before the server is asked for a checkpoint: that the directory cannot be written to shows here.
        let temporary = "\(directory)/.\(plan.file)\(Self.temporarySuffix)"
        let output = Output(try DurableFile(plan.path, mode: 0o600, temporary: temporary))
        try FileSystem.requireOwn(temporary)
        let pipeline = Pipeline(try stages(), chunk: Self.chunkSize)
        let write: Pipeline.Sink = { bytes throws(RoostError) in try output.write(bytes) }
        var count: UInt64 = 0
        let result = try program.run(streamingTo: { bytes throws(RoostError) in
            count += UInt64(bytes.byteCount)
            try pipeline.push(bytes, to: write)
        })
        guard result.succeeded else { throw result.failure("unable to back up \(settings.source.shown)") }
        guard count > 0 else { throw RoostError(.execute, "pg_basebackup ended well but has sent nothing") }
        try pipeline.finish(to: write)
        try Interrupt.check()
        try output.file.finish()
        return output.size
    }

    /// The file, for closures to write to.
    private final class Output {
        var file: DurableFile
        private(set) var size: UInt64 = 0

        init(_ file: consuming DurableFile) { self.file = file }

        func write(_ bytes: RawSpan) throws(RoostError) {
            size += UInt64(bytes.byteCount)
            try file.write(bytes)
        }
    }

    private var directory: String { directoryPart(of: plan.path) }

    private func stages() throws(RoostError) -> [Stage] {
        let compressor = Stage.transform(try LZ4Compressor(level: 1, frame: .file))
        guard let cipher = settings.cipher, let key = plan.key.map({ Array($0.utf8) }) else { return [compressor] }
        switch cipher {
        case .rc4: return [compressor, .transform(RC4Encryptor(passphrase: key))]
        case .aes256:
            return [compressor, .transform(try CipherEncryptor(passphrase: key, raw: false, derivation: .pbkdf2))]
        }
    }

    /// WAL is fetched at the end; what it says on standard error belongs to the log as it is.
    private var program: ChildProgram {
        var program = ChildProgram(
            plan.program,
            [
                "--dbname=\(settings.source.text)", "--pgdata=-", "--format=tar", "--wal-method=fetch",
                "--checkpoint=fast", "--verbose", "--no-password",
            ])
        program.environment = ["PG_BASEBACKUP_KEY": nil]
        if let password = settings.source.password { program.environment["PGPASSWORD"] = password }
        program.errors = .inherited
        return program
    }

    /// Removes what killed runs of this user left behind; not that of one that is at work under another lock.
    private func removeLeftovers() throws(RoostError) {
        for name in try FileSystem.list(directory) where name.hasPrefix(".") && name.hasSuffix(Self.temporarySuffix) {
            let path = "\(directory)/\(name)"
            guard let status = try FileStatus.of(path), status.kind == .file else { continue }
            guard status.owner == CurrentProcess.effectiveUser, try LockFile.holder(of: path) == nil else { continue }
            try FileSystem.removeFile(path)
        }
    }
}
