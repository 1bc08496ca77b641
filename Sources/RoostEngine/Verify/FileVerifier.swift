internal import RoostFormat
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Checks files: one thread, one set of buffers and codecs for each way a file can be stored.
final class FileVerifier {
    private struct Form: Hashable {
        var compression: Compression
        var passphrase: String?
        var raw: Bool
    }

    private let repository: Repository
    private let content = DigestObserver()
    private var pumps: [Form: StreamPump] = [:]

    init(_ repository: Repository) { self.repository = repository }

    /// Checks a file of a backup where its data lies.
    func check(_ name: String, _ file: ManifestFile, of manifest: Manifest) throws(RoostError) -> FileFinding {
        guard let stored = manifest.storedPath(name, file) else { return .valid }
        let path = "\(repository.paths.label(manifest.holder(of: file)))/\(stored)"
        let range = file.bundle.map { $0.offset..<$0.offset + file.repoSize }
        if let checksum = file.repoChecksum {
            return try check(
                path, range: range, compression: .none, passphrase: nil, raw: false, checksum: checksum,
                size: file.repoSize)
        }
        let raw = file.bundle != nil && manifest.isBundleRaw
        return try check(
            path, range: range, compression: manifest.options.compression, passphrase: manifest.cipherPass, raw: raw,
            checksum: file.checksum ?? .ofNothing, size: file.size)
    }

    /// Checks bytes after they are decrypted and decompressed.
    func check(
        _ path: String, range: Range<UInt64>?, compression: Compression, passphrase: String?, raw: Bool, checksum: SHA1,
        size: UInt64
    ) throws(RoostError) -> FileFinding {
        let form = Form(compression: compression, passphrase: passphrase, raw: raw)
        do {
            let pump = try pump(form)
            try pump.run(try repository.storage.open(path, range: range)) { _ throws(RoostError) in }
        } catch {
            if error.isFatal { throw error }
            return error.code == .fileMissing
                ? .missing : .other(code: error.code.exitStatus, message: error.message)
        }
        guard content.result.digest == checksum else { return .checksumInvalid }
        return content.result.size == size ? .valid : .sizeInvalid
    }

    private func pump(_ form: Form) throws(RoostError) -> StreamPump {
        if let known = pumps[form] { return known }
        let stages = try decryption(form.passphrase, raw: form.raw) + decompressing(form.compression, raw: form.raw)
        let pump = StreamPump(stages + [.observe(content)])
        pumps[form] = pump
        return pump
    }
}
