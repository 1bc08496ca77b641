internal import RoostFormat
internal import RoostSystem

/// Saves the manifest of a backup that is under way, so that it can be resumed if it is interrupted.
final class PartialManifest {
    private let isWanted: Bool
    private let threshold: UInt64
    private let repository: Repository
    private let passphrase: String?
    private var saved: UInt64 = 0

    init(_ settings: BackupSettings, _ repository: Repository, passphrase: String?) {
        isWanted = settings.resumes
        threshold = settings.manifestSaveThreshold
        self.repository = repository
        self.passphrase = passphrase
    }

    /// Saves it now, unless backups are not to be resumed.
    func save(_ manifest: Manifest) throws {
        if isWanted { try repository.savePartial(manifest, passphrase: passphrase) }
    }

    /// Saves it if enough was copied since it was saved last.
    func save(_ manifest: Manifest, after progress: Progress) throws {
        guard isWanted, progress.complete - saved >= max(threshold, progress.total / 100) else { return }
        saved = progress.complete
        try save(manifest)
    }
}
