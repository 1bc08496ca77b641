internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Decides what of an interrupted backup a new one can keep (specification `backup`, section 7).
struct ResumePlan {
    enum Verdict: Equatable {
        /// The positions in the new and in the interrupted manifest.
        case keep(index: Int, old: Int)
        case remove(reason: String)
    }

    /// Of the interrupted backup.
    let old: Manifest
    /// Files up to this size go into bundles now; nil without bundles.
    let bundleLimit: UInt64?

    /// Why an interrupted backup cannot be continued by a new one; nil if it can.
    static func objection(to old: Manifest, by new: Manifest) -> String? {
        func mismatch(_ what: String, _ new: some CustomStringConvertible, _ old: some CustomStringConvertible)
            -> String
        {
            "new \(what) '\(new)' does not match resumable \(what) '\(old)'"
        }
        if old.version != Release.partial { return mismatch("pgBackRest version", Release.partial, old.version) }
        if old.type != new.type { return mismatch("backup type", new.type.rawValue, old.type.rawValue) }
        if old.prior != new.prior {
            return mismatch("prior backup label", new.prior?.text ?? "<undef>", old.prior?.text ?? "<undef>")
        }
        let (wanted, found) = (new.options.compression, old.options.compression)
        if wanted != found { return mismatch("compression", wanted.rawValue, found.rawValue) }
        if old.cluster.identity != new.cluster.identity {
            return mismatch("cluster", new.cluster.identity, old.cluster.identity)
        }
        if (old.cipherPass == nil) != (new.cipherPass == nil) { return "one of the backups is encrypted" }
        return nil
    }

    /// Why sizes and times alone do not show whether a file is still what the interrupted backup stored; nil if they do.
    static func reasonForDelta(_ old: Manifest, _ new: Manifest) -> String? {
        if let now = new.archiveStart, let then = old.archiveStart, now.timeline != then.timeline {
            return "a timeline switch has occurred since the \(old.label) backup, enabling delta checksum\n"
                + "HINT: this is normal after restoring from backup or promoting a standby."
        }
        guard new.options.online != old.options.online else { return nil }
        return "the online option has changed since the \(old.label) backup, enabling delta checksum"
    }

    /// What to do with a stored file.
    ///
    /// - Parameter path: Below the directory of the backup.
    func verdict(on path: String, for new: Manifest) -> Verdict {
        let compression = Compression.of(fileName: path)
        let stem = path.dropLast(compression.fileExtension.utf8.count)
        let isBlockIncremental = stem.hasSuffix(BlockMap.fileExtension)
        guard compression == new.options.compression || isBlockIncremental else {
            return .remove(reason: "mismatched compression type")
        }
        let name = String(isBlockIncremental ? stem.dropLast(BlockMap.fileExtension.utf8.count) : stem)
        guard let index = new.files.index(of: name) else { return .remove(reason: "missing in manifest") }
        guard let oldIndex = old.files.index(of: name) else { return .remove(reason: "missing in resumed manifest") }
        if let reason = objection(to: old.files[oldIndex], storedAs: path, name, by: new.files[index], new) {
            return .remove(reason: reason)
        }
        return .keep(index: index, old: oldIndex)
    }

    private func objection(
        to stored: ManifestFile, storedAs path: String, _ name: String, by file: ManifestFile, _ new: Manifest
    ) -> String? {
        if stored.checksum == nil { return "no checksum in resumed manifest" }
        if file.block != nil, file.reference != nil { return "block increments are made anew" }
        if file.size != stored.size { return "mismatched size" }
        if !new.options.delta, file.timestamp != stored.timestamp { return "mismatched timestamp" }
        if file.size == 0 { return "zero size" }
        if file.pageCheck != .none, stored.pageCheck == .none { return "no page checks in resumed manifest" }
        if let bundleLimit, file.size <= bundleLimit { return "now part of a bundle" }
        let isBlockIncremental = stored.block.map { $0.mapSize > 0 } ?? false
        if isBlockIncremental, !new.isBlockIncremental { return "block incremental is now disabled" }
        return old.storedPath(name, stored) == path ? nil : "stored in another form"
    }

    /// The entry of a file that is kept: as it is in the cluster now, with what is known of its stored form.
    func merged(_ file: ManifestFile, with stored: ManifestFile) -> ManifestFile {
        var file = file
        file.repoSize = stored.repoSize
        file.checksum = stored.checksum
        file.repoChecksum = stored.repoChecksum
        file.block = stored.block
        if file.pageCheck != .none { file.pageCheck = stored.pageCheck }
        return file
    }
}
