internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Whether a manifest can be restored at all; nothing has been touched yet.
enum RestoreCheck {
    /// - Throws: ``ErrorCode/format``; ``ErrorCode/featureNotSupported`` for block-incremental files.
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
            if let block = file.block, block.mapSize > 0 {
                throw RoostError(
                    .featureNotSupported,
                    "backup '\(manifest.label)' has block-incremental files ('\(manifest.files.name(at: index))'), which this "
                        + "release of Roost cannot restore", hints: ["restore it with pgBackRest 2.46 or newer"])
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

/// Puts the places of this host into a manifest (specification `restore`, section 6).
struct RestoreMapping {
    private let settings: RestoreSettings
    private let log: any Log

    init(_ settings: RestoreSettings, _ log: any Log) {
        self.settings = settings
        self.log = log
    }

    /// - Throws: ``ErrorCode/tablespaceMap`` for a map that names no tablespace, or one twice.
    func apply(to manifest: inout Manifest) throws(RoostError) {
        if let root = manifest.targets[Manifest.dataDirectory], root.path != settings.dataDirectory {
            log.info("remap data directory to '\(settings.dataDirectory)'")
            manifest.targets[Manifest.dataDirectory]?.path = settings.dataDirectory
        }
        try mapTablespaces(&manifest)
        dropLinks(&manifest)
        try LinkCheck(dataDirectory: settings.dataDirectory).check(manifest.targets)
    }

    private func mapTablespaces(_ manifest: inout Manifest) throws(RoostError) {
        var unused = Set(settings.tablespaceMap.keys)
        for (name, target) in manifest.targets {
            guard let oid = target.tablespaceID else { continue }
            let tablespace = target.tablespaceName ?? "ts\(oid)"
            let (byName, byOID) = (settings.tablespaceMap[tablespace], settings.tablespaceMap[oid])
            unused.subtract([tablespace, oid])
            if let byName, let byOID, byName != byOID {
                throw RoostError(.tablespaceMap, "tablespace remapped by name and id with different paths")
            }
            guard let path = byName ?? byOID, path != target.path else { continue }
            guard path.hasPrefix("/") else {
                throw RoostError(.tablespaceMap, "the path '\(path)' for tablespace '\(tablespace)' is not absolute")
            }
            log.info("map tablespace '\(name)' to '\(path)'")
            manifest.targets[name]?.path = path
            manifest.links["pg_data/\(name)"]?.destination = path
        }
        guard let unknown = unused.sorted().first else { return }
        throw RoostError(
            .tablespaceMap, "unable to remap invalid tablespace '\(unknown)'",
            hints: ["`info --set=\(manifest.label)` lists the tablespaces"])
    }

    /// Without `link-all`, what was behind a link is restored in place.
    private func dropLinks(_ manifest: inout Manifest) {
        for (name, target) in manifest.targets where target.kind == .link && target.tablespaceID == nil {
            let inside = name.dropFirst("pg_data/".count)
            if target.file != nil {
                log.warn("file link '\(inside)' will be restored as a file at the same location")
            } else {
                log.warn("contents of directory link '\(inside)' will be restored in a directory at the same location")
            }
            manifest.targets[name] = nil
            manifest.links[name] = nil
        }
    }
}
