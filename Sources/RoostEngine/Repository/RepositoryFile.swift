internal import RoostFormat
internal import RoostStorage
package import RoostSystem
internal import RoostTransform

/// One file of a repository, to be shown as it is meant: decrypted with the passphrase of its place.
package struct RepositoryFile {
    private let repository: Repository
    private let path: String

    /// - Parameters:
    ///   - path: From ``RepositoryTree/relativePath(_:)``.
    ///   - repository: Its stanza does not matter.
    package init(_ path: String, in repository: Repository) {
        self.path = path
        self.repository = repository
    }

    /// Sends the content to a sink, piece by piece.
    ///
    /// - Parameters:
    ///   - raw: As stored.
    ///   - stanza: What the user believes to be the stanza of the file; nil for no opinion.
    /// - Returns: False if there is no such file and that is allowed.
    /// - Throws: ``ErrorCode/fileMissing``; ``ErrorCode/optionInvalidValue`` if the path tells no passphrase.
    package func copy(
        raw: Bool, stanza: String?, ignoresMissing: Bool, to sink: (RawSpan) throws(RoostError) -> Void
    ) throws(RoostError) -> Bool {
        let passphrase = raw || repository.cipherPass == nil ? nil : try passphrase(stanza)
        do {
            try repository.stream(path, through: try decryption(passphrase), to: sink)
        } catch let error where error.code == .fileMissing && ignoresMissing {
            return false
        }
        return true
    }

    /// - Throws: What reading the info file or manifest that holds the passphrase throws.
    private func passphrase(_ stanza: String?) throws(RoostError) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2 else { throw unknownPassphrase() }
        if let stanza, stanza != parts[1] {
            throw RoostError(
                .optionInvalidValue, "stanza name '\(stanza)' given in option doesn't match the given path")
        }
        let owner = repository.stanza(parts[1])
        switch parts[0] {
        case "archive":
            return Self.isInfo(parts, "archive.info") ? owner.cipherPass : try owner.loadArchiveInfo().cipherPass
        case "backup":
            if Self.isInfo(parts, "backup.info") { return owner.cipherPass }
            let manifests = try owner.loadBackupInfo().cipherPass
            if parts[2] == "backup.history" || Self.isInfo(parts, "backup.manifest") { return manifests }
            guard let label = BackupLabel(parts[2]) else { throw unknownPassphrase() }
            return try owner.loadManifest(label, passphrase: manifests).cipherPass
        default: throw unknownPassphrase()
        }
    }

    private static func isInfo(_ parts: [String], _ name: String) -> Bool {
        parts.last == name || parts.last == StanzaPaths.copy(of: name)
    }

    private func unknownPassphrase() -> RoostError {
        RoostError(
            .optionInvalidValue, "unable to determine cipher passphrase for '\(path)'",
            hints: ["--raw shows the bytes as they are stored"])
    }
}
