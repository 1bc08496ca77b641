package import RoostSystem

extension Manifest {
    /// Refuses block-incremental files of the one release that wrote another format (specification
    /// `block-incremental`, section 9), in this backup or in one that it refers to.
    ///
    /// - Parameter info: Tells which release made a backup.
    /// - Throws: ``ErrorCode/featureNotSupported``.
    package func checkBlockFormat(_ info: BackupInfo) throws(RoostError) {
        var trials = Set(info.backups.filter { $0.version == Self.trialVersion }.map(\.label))
        if version == Self.trialVersion { trials.insert(label) }
        guard !trials.isEmpty else { return }
        for index in 0..<files.count {
            let file = files[index]
            guard file.isStoredInBlocks, trials.contains(holder(of: file)) else { continue }
            throw RoostError(
                .featureNotSupported,
                "'\(files.name(at: index))' in backup '\(holder(of: file))' is stored in the block-incremental format of "
                    + "pgBackRest 2.45, a trial that no other release reads",
                hints: ["take a new full backup; only pgBackRest 2.45 itself can restore this one"])
        }
    }

    private static var trialVersion: String { "2.45" }
}
