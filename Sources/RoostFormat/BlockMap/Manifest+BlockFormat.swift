package import RoostSystem

extension Manifest {
    /// Refuses block-incremental files of the one release that wrote another format (specification
    /// `block-incremental`, section 9).
    ///
    /// - Throws: ``ErrorCode/featureNotSupported``.
    package func checkBlockFormat() throws(RoostError) {
        guard version == "2.45", let index = (0..<files.count).first(where: { files[$0].isStoredInBlocks }) else {
            return
        }
        throw RoostError(
            .featureNotSupported,
            "'\(files.name(at: index))' in backup '\(label)' is stored in the block-incremental format of pgBackRest 2.45, a "
                + "trial that no other release reads",
            hints: ["take a new full backup; only pgBackRest 2.45 itself can restore this one"])
    }
}
