internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// Gives the files that a backup refers to a name in its own directory, so that it can be looked at as a copy of the cluster
/// (specification `repository`, section 5.3).
///
/// Readers go by the references; nothing depends on the links.
struct HardLinks {
    private let repository: Repository
    private let log: any Log

    init(_ repository: Repository, _ log: any Log) {
        self.repository = repository
        self.log = log
    }

    /// Links every file with a reference, or where no links are wanted only tells of it.
    ///
    /// - Throws: ``ErrorCode/fileMissing`` if a backup that this one needs has lost a file.
    func make(_ manifest: Manifest) throws(RoostError) {
        let isLinking = manifest.options.hardlink && repository.storage.traits.contains(.hardLinks)
        guard isLinking || log.isEnabled(.detail) else { return }
        for index in 0..<manifest.files.count {
            let file = manifest.files[index]
            guard let position = file.reference else { continue }
            let (name, holder) = (manifest.files.name(at: index), manifest.references[position])
            // A file in a bundle has no file of its own.
            guard isLinking, file.bundle == nil, let stored = manifest.storedPath(name, file) else {
                log.detail("reference \(name) to \(holder)")
                continue
            }
            log.detail("hardlink \(name) to \(holder)")
            try repository.storage.createHardLink(
                "\(repository.paths.label(manifest.label))/\(stored)", to: "\(repository.paths.label(holder))/\(stored)"
            )
        }
    }
}
