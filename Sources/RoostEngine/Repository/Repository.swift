package import RoostFormat
package import RoostStorage
package import RoostSystem
internal import RoostTransform

/// One repository as one stanza sees it: where objects lie, and how those that say what there is are read and written.
package struct Repository: Sendable {
    /// The number in option names, `repo1`.
    package let key: Int
    package let storage: any Storage
    package let paths: StanzaPaths
    /// Encrypts the info files; nil for a plain repository.
    package let cipherPass: String?

    package init(key: Int, storage: any Storage, stanza: String, cipherPass: String?) {
        self.key = key
        self.storage = storage
        self.cipherPass = cipherPass
        paths = StanzaPaths(stanza: stanza)
    }

    /// `repo1`, as messages name it.
    package var name: String { "repo\(key)" }

    /// The same repository seen by another stanza.
    package func stanza(_ name: String) -> Repository {
        Repository(key: key, storage: storage, stanza: name, cipherPass: cipherPass)
    }

    package func loadArchiveInfo() throws(RoostError) -> ArchiveInfo {
        try load(paths.archiveInfo, hints: ["has the stanza been created with `stanza-create`?"]) {
            bytes, object throws(RoostError) in try ArchiveInfo(parsing: bytes, object: object)
        }
    }

    package func loadBackupInfo() throws(RoostError) -> BackupInfo {
        let hints = [
            "backup.info is required to perform this command", "has the stanza been created with `stanza-create`?",
        ]
        return try load(paths.backupInfo, hints: hints) { bytes, object throws(RoostError) in
            try BackupInfo(parsing: bytes, object: object)
        }
    }

    package func save(_ info: ArchiveInfo) throws {
        try saveTwice(paths.archiveInfo, info.render(version: Release.compatible))
    }

    package func save(_ info: BackupInfo) throws {
        try saveTwice(paths.backupInfo, info.render(version: Release.compatible))
    }

    /// Writes a file and then its copy, byte for byte the same.
    private func saveTwice(_ path: String, _ text: [UInt8]) throws(RoostError) {
        let stored = try transformed(text, encrypting: cipherPass)
        try storage.write(path, stored)
        try storage.write(StanzaPaths.copy(of: path), stored)
    }

    /// Whether an info file and its copy tell the same; a run that died between the two leaves them apart.
    func agreesWithCopy(_ path: String) throws(RoostError) -> Bool {
        do {
            let copy = try read(StanzaPaths.copy(of: path), decrypting: cipherPass)
            return try read(path, decrypting: cipherPass) == copy
        } catch {
            if error.isFatal { throw error }
            return false
        }
    }

    private func load<Info>(
        _ path: String, hints: [String], _ parse: ([UInt8], String) throws(RoostError) -> Info
    ) throws(RoostError) -> Info {
        try withCopy(of: path, hints: hints) { path throws(RoostError) in
            try parse(try read(path, decrypting: cipherPass), storage.displayPath(path))
        }
    }

    /// Tries a file and, on any failure, its copy (specification `repository`, section 11).
    ///
    /// - Throws: Where both fail, one error that tells both, with the code of the more telling one.
    func withCopy<Value>(
        of path: String, hints: [String] = [], _ body: (String) throws(RoostError) -> Value
    ) throws(RoostError) -> Value {
        let first: RoostError
        do {
            return try body(path)
        } catch {
            if error.isFatal { throw error }
            first = error
        }
        do {
            return try body(StanzaPaths.copy(of: path))
        } catch {
            throw Self.combined(first, error, object: storage.displayPath(path), hints: hints)
        }
    }

    private static func combined(_ first: RoostError, _ second: RoostError, object: String, hints: [String])
        -> RoostError
    {
        var code = first.code
        if first.code != second.code {
            if first.code == .fileMissing {
                code = second.code
            } else if second.code != .fileMissing {
                code = .fileOpen
            }
        }
        var all = first.hints
        if first.code == .crypto || second.code == .crypto { all.append("is or was the repo encrypted?") }
        return RoostError(
            code,
            "unable to load info file '\(object)' or '\(object).copy':\n\(first.code.name): \(first.message)\n"
                + "\(second.code.name): \(second.message)",
            hints: all.filter { !hints.contains($0) } + hints)
    }

    /// The content of a small object, decrypted if it is encrypted.
    func read(_ path: String, decrypting passphrase: String?) throws(RoostError) -> [UInt8] {
        var content: [UInt8] = []
        try stream(path, through: try decryption(passphrase)) { piece throws(RoostError) in content += piece.array() }
        return content
    }

    /// Sends an object through stages, piece by piece.
    func stream(
        _ path: String, range: Range<UInt64>? = nil, through stages: [Stage],
        to sink: (RawSpan) throws(RoostError) -> Void
    ) throws(RoostError) {
        let pump = StreamPump(stages)
        do {
            try pump.run(try storage.open(path, range: range), to: sink)
        } catch {
            throw error.code == .crypto ? error.during("'\(storage.displayPath(path))'") : error
        }
    }
}

/// The stage that decrypts, if there is a passphrase.
func decryption(_ passphrase: String?, raw: Bool = false) throws(RoostError) -> [Stage] {
    guard let passphrase else { return [] }
    return [.transform(try CipherDecryptor(passphrase: Array(passphrase.utf8), raw: raw))]
}

/// The stage that encrypts, if there is a passphrase.
func encryption(_ passphrase: String?, raw: Bool = false) throws(RoostError) -> [Stage] {
    guard let passphrase else { return [] }
    return [.transform(try CipherEncryptor(passphrase: Array(passphrase.utf8), raw: raw))]
}

/// The stage that compresses, if anything is to be compressed.
func compressing(_ compression: Compression, level: Int, raw: Bool = false) throws(RoostError) -> [Stage] {
    try compression.makeCompressor(level: level, raw: raw).map { [.transform($0)] } ?? []
}

/// The stage that decompresses, if anything is compressed.
func decompressing(_ compression: Compression, raw: Bool = false) throws(RoostError) -> [Stage] {
    try compression.makeDecompressor(raw: raw).map { [.transform($0)] } ?? []
}

/// Small bytes, encrypted if there is a passphrase.
func transformed(_ bytes: [UInt8], encrypting passphrase: String?) throws(RoostError) -> [UInt8] {
    guard passphrase != nil else { return bytes }
    var stored: [UInt8] = []
    try Pipeline(try encryption(passphrase), chunk: 64 << 10).finish(bytes.span.raw) { piece throws(RoostError) in
        stored += piece.array()
    }
    return stored
}
