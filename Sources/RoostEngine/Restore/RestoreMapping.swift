internal import RoostFormat
internal import RoostSystem

/// Puts the places of this host into a manifest (specification `restore`, section 6).
struct RestoreMapping {
    private let settings: RestoreSettings
    private let log: any Log

    init(_ settings: RestoreSettings, _ log: any Log) {
        self.settings = settings
        self.log = log
    }

    /// - Throws: ``ErrorCode/tablespaceMap`` for a map that names no tablespace, or one twice; ``ErrorCode/linkMap`` for one
    ///   that names nothing of the backup; ``ErrorCode/linkDestination`` for links that would overwrite each other.
    func apply(to manifest: inout Manifest) throws(RoostError) {
        if let root = manifest.targets[Manifest.dataDirectory], root.path != settings.dataDirectory {
            log.info("remap data directory to '\(settings.dataDirectory)'")
            manifest.targets[Manifest.dataDirectory]?.path = settings.dataDirectory
        }
        try mapTablespaces(&manifest)
        for link in settings.linkMap.keys.sorted() { try mapLink(link, settings.linkMap[link] ?? "", &manifest) }
        if !settings.linkAll { dropLinks(&manifest) }
        try LinkCheck(dataDirectory: settings.dataDirectory).check(manifest.targets)
    }

    private func mapTablespaces(_ manifest: inout Manifest) throws(RoostError) {
        var unused = Set(settings.tablespaceMap.keys)
        for (name, target) in manifest.targets.sorted(by: { $0.key < $1.key }) {
            guard let oid = target.tablespaceID else { continue }
            let tablespace = target.tablespaceName ?? "ts\(oid)"
            let (byName, byOID) = (settings.tablespaceMap[tablespace], settings.tablespaceMap[oid])
            unused.subtract([tablespace, oid])
            if let byName, let byOID, byName != byOID {
                throw RoostError(
                    .tablespaceMap, "tablespace remapped by name '\(tablespace)' and id \(oid) with different paths")
            }
            let byAll = settings.tablespaceMapAll.map { "\($0)/\(tablespace)" }
            guard let path = byName ?? byOID ?? byAll, path != target.path else { continue }
            guard path.hasPrefix("/") else {
                throw RoostError(.tablespaceMap, "the path '\(path)' for tablespace '\(tablespace)' is not absolute")
            }
            log.info("map tablespace '\(name)' to '\(path)'")
            manifest.targets[name]?.path = path
            manifest.links["\(Manifest.dataDirectory)/\(name)"]?.destination = path
        }
        guard let unknown = unused.sorted().first else { return }
        throw RoostError(
            .tablespaceMap, "unable to remap invalid tablespace '\(unknown)'",
            hints: ["`info --set=\(manifest.label)` lists the tablespaces"])
    }

    /// Gives a link another destination, or puts a file or directory of the backup behind a new one.
    private func mapLink(_ link: String, _ path: String, _ manifest: inout Manifest) throws(RoostError) {
        let name = "\(Manifest.dataDirectory)/\(link)"
        guard !name.hasPrefix("\(Manifest.dataDirectory)/\(Manifest.tablespaces)/") else {
            throw RoostError(
                .linkMap, "unable to remap tablespace '\(link)'", hints: ["use --tablespace-map to move tablespaces"])
        }
        var target = manifest.targets[name] ?? Manifest.Target(kind: .link, path: path)
        if manifest.targets[name] == nil {
            let isFile = manifest.files.index(of: name) != nil
            guard isFile || manifest.paths[name] != nil, !link.isEmpty else {
                throw RoostError(
                    .linkMap, "unable to map link '\(link)'",
                    hints: ["it must be a file or directory of the backup, named relative to the data directory"])
            }
            if isFile { target.file = "" }
            let root = manifest.paths[Manifest.dataDirectory]
            manifest.links[name] = Manifest.Link(
                destination: path, user: root?.user ?? .unknown, group: root?.group ?? .unknown)
            log.info("link '\(link)' to '\(path)'")
        } else {
            manifest.links[name]?.destination = path
            log.info("map link '\(link)' to '\(path)'")
        }
        target.path = path
        if target.file != nil {
            guard let slash = path.lastIndex(of: "/"), slash != path.index(before: path.endIndex) else {
                throw RoostError(
                    .linkMap, "'\(path)' is not long enough to be the destination for file link '\(link)'",
                    hints: ["it must have a directory part and a file name"])
            }
            target.file = String(path[path.index(after: slash)...])
            target.path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        manifest.targets[name] = target
    }

    /// Without `link-all`, what was behind a link that no map names is restored in place.
    private func dropLinks(_ manifest: inout Manifest) {
        for (name, target) in manifest.targets.sorted(by: { $0.key < $1.key })
        where target.kind == .link && target.tablespaceID == nil {
            let inside = String(name.dropFirst(Manifest.dataDirectory.utf8.count + 1))
            guard settings.linkMap[inside] == nil else { continue }
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
