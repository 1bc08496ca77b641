internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Whether a manifest can be restored at all; nothing has been touched yet.
enum RestoreCheck {
    /// - Throws: ``ErrorCode/format``.
    static func validate(_ manifest: Manifest) throws(RoostError) {
        guard manifest.files.count > 0 else { throw RoostError(.format, "backup '\(manifest.label)' has no files") }
        let tablespaces = Set(manifest.targets.values.compactMap(\.tablespaceID))
        for index in 0..<manifest.files.count {
            let file = manifest.files[index]
            guard file.checksum != nil else {
                throw RoostError(
                    .format, "'\(manifest.files.name(at: index))' of backup '\(manifest.label)' has no checksum")
            }
            guard file.size == 0 || file.repoSize > 0 else {
                throw RoostError(
                    .format, "'\(manifest.files.name(at: index))' of backup '\(manifest.label)' has no stored bytes")
            }
        }
        try checkTablespaceNames(manifest, tablespaces)
        try checkLinks(manifest)
    }

    /// Files are written through links: each must be one that the mapping of targets moves or drops.
    private static func checkLinks(_ manifest: Manifest) throws(RoostError) {
        let inside = "\(Manifest.dataDirectory)/\(Manifest.tablespaces)/"
        for (name, link) in manifest.links {
            let isTablespace = name.hasPrefix(inside)
            let target = manifest.targets[
                isTablespace ? String(name.dropFirst(Manifest.dataDirectory.utf8.count + 1)) : name]
            let isKnown =
                isTablespace
                ? target?.tablespaceID == String(name.dropFirst(inside.utf8.count)) && target?.path == link.destination
                : target?.kind == .link && target?.tablespaceID == nil
            guard isKnown else {
                throw RoostError(
                    .format,
                    "link '\(name)' to '\(link.destination)' in backup '\(manifest.label)' does not belong to a target")
            }
        }
    }

    /// A tablespace's files go where its link points: only names below a listed tablespace may be written there.
    private static func checkTablespaceNames(_ manifest: Manifest, _ known: Set<String>) throws(RoostError) {
        for oid in known where oid.isEmpty || !oid.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw RoostError(.format, "'\(oid)' in backup '\(manifest.label)' is not the oid of a tablespace")
        }
        let prefix = "\(Manifest.tablespaces)/"
        for (name, target) in manifest.targets {
            guard let oid = target.tablespaceID else { continue }
            guard name == prefix + oid, target.file == nil else {
                throw RoostError(
                    .format, "target '\(name)' of backup '\(manifest.label)' is not a directory of tablespace \(oid)")
            }
        }
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !name.hasPrefix("\(Manifest.dataDirectory)/\(prefix)") else {
                throw RoostError(.format, "'\(name)' of backup '\(manifest.label)' would lie behind a tablespace link")
            }
            guard name.hasPrefix(prefix) else { continue }
            let parts = name.dropFirst(prefix.utf8.count).split(separator: "/")
            guard parts.count >= 3, known.contains(String(parts[0])), parts[1].hasPrefix("PG_") else {
                throw RoostError(.format, "'\(name)' of backup '\(manifest.label)' is not in a listed tablespace")
            }
        }
    }
}
