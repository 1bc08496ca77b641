internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Lists what of a cluster is backed up: directories, links and files, less what PostgreSQL makes anew
/// (specification `backup`, section 5).
final class ClusterScan {
    private let settings: BackupSettings
    private let server: BackupServer
    private let log: any Log
    private let version: PostgresVersion
    private let tablespaceDirectory: String
    private var rules: ScanRules
    private var accounts = AccountNames()
    private var ownerIndexes: [Owner: UInt8] = [:]
    private var tablespaceLinks: [String] = []

    init(_ settings: BackupSettings, _ server: BackupServer, _ log: any Log) {
        self.settings = settings
        self.server = server
        self.log = log
        version = server.control.version
        tablespaceDirectory = version.tablespaceDirectory(catalogVersion: server.control.catalogVersion)
        rules = ScanRules(version: version, isOnline: settings.isOnline, excludes: settings.excludes)
    }

    /// Fills targets, paths, links and files of a manifest.
    func run(into manifest: inout Manifest) throws(RoostError) {
        manifest.databases = server.databases
        manifest.targets[Manifest.dataDirectory] = Manifest.Target(kind: .path, path: settings.dataDirectory)
        guard let status = try FileStatus.of(settings.dataDirectory, followingLinks: true) else {
            throw RoostError(.pathMissing, "data directory '\(settings.dataDirectory)' does not exist")
        }
        manifest.paths[Manifest.dataDirectory] = path(status)
        try walk(settings.dataDirectory, as: Manifest.dataDirectory, &manifest)
        for oid in tablespaceLinks.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            try tablespace(oid, &manifest)
        }
        guard manifest.files.count > 0 else {
            throw RoostError(.fileMissing, "no files found in '\(settings.dataDirectory)'")
        }
    }

    private struct Child {
        var name: String
        var status: FileStatus
        /// The name, with a slash behind that of a directory: files then come in the byte order of their full names.
        var key: String
    }

    private func walk(_ directory: String, as name: String, _ manifest: inout Manifest) throws(RoostError) {
        try Interrupt.check()
        let isDatabase = rules.isDatabaseDirectory(name)
        let children: [Child]
        do {
            children = try list(directory)
        } catch {
            // A database that is dropped while its directory is listed.
            guard error.code == .pathMissing, name != Manifest.dataDirectory else { throw error }
            return
        }
        let unlogged = isDatabase ? Self.unlogged(children) : []
        for child in children {
            let path = "\(directory)/\(child.name)"
            let childName = "\(name)/\(child.name)"
            if let reason = rules.excludes(child.name, in: name, kind: child.status.kind) {
                reason.log(log, path)
                continue
            }
            switch child.status.kind {
            case .directory:
                if name == "pg_data/pg_tblspc" { throw linkExpected(childName) }
                try addDirectory(path, as: childName, child.status, &manifest)
            case .file:
                if name == "pg_data/pg_tblspc" { throw linkExpected(childName) }
                if isDatabase, isTransient(child.name, unlogged) { continue }
                try addFile(childName, child.status, isDatabase: isDatabase, &manifest)
            case .symbolicLink: try addLink(path, child, in: name, isDatabase: isDatabase, &manifest)
            case .special: log.warn("exclude special file '\(path)' from backup")
            }
        }
    }

    private func list(_ directory: String) throws(RoostError) -> [Child] {
        let handle = try OwnedDescriptor.directory(directory)
        var children: [Child] = []
        for name in try FileSystem.list(directory) {
            // A file that the server removes between listing and looking is simply gone.
            guard let status = try FileStatus.of(name, relativeTo: handle.raw) else { continue }
            children.append(Child(name: name, status: status, key: status.kind == .directory ? name + "/" : name))
        }
        children.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return children
    }

    private func addDirectory(
        _ path: String, as name: String, _ status: FileStatus, _ manifest: inout Manifest
    ) throws(RoostError) {
        manifest.paths[name] = self.path(status)
        if let reason = rules.excludesContents(of: name) {
            reason.log(log, path)
            return
        }
        try walk(path, as: name, &manifest)
    }

    private func addFile(
        _ name: String, _ status: FileStatus, isDatabase: Bool, _ manifest: inout Manifest
    ) throws(RoostError) {
        let (user, group) = owners(status)
        var file = ManifestFile(
            size: status.size, timestamp: status.modified, mode: status.mode, user: try index(user, &manifest),
            group: try index(group, &manifest))
        if manifest.options.checksumPage, isDatabase, !rules.lacksPages(name) { file.pageCheck = .valid }
        if file.size == 0 { file.checksum = .ofNothing }
        try manifest.files.add(Array(name.utf8).span, file)
    }

    private func addLink(
        _ path: String, _ child: Child, in parent: String, isDatabase: Bool, _ manifest: inout Manifest
    ) throws(RoostError) {
        let destination = try FileSystem.linkDestination(path)
        let name = "\(parent)/\(child.name)"
        let absolute = destination.hasPrefix("/") ? destination : "\(directoryPart(of: path))/\(destination)"
        let (user, group) = owners(child.status)
        let target = try FileStatus.of(absolute)
        if target?.kind == .symbolicLink {
            throw RoostError(
                .linkDestination, "link '\(path)' cannot reference another link '\(absolute)'",
                hints: ["let the link point to the file or directory itself"])
        }
        manifest.links[name] = Manifest.Link(destination: destination, user: user, group: group)
        if parent == "pg_data/pg_tblspc" {
            try addTablespaceTarget(child.name, destination, &manifest)
        } else {
            var entry = Manifest.Target(kind: .link, path: destination)
            if target?.kind == .file {
                entry.path = destination.contains("/") ? directoryPart(of: destination) : ""
                entry.file = lastPart(of: destination)
            }
            manifest.targets[name] = entry
        }
        try LinkCheck(dataDirectory: settings.dataDirectory).check(manifest.targets)
        guard let target else {
            throw RoostError(
                .fileOpen, "unable to get info for missing path/file '\(absolute)' that link '\(path)' points to")
        }
        switch (parent, target.kind) {
        case ("pg_data/pg_tblspc", _): tablespaceLinks.append(child.name)
        case (_, .directory): try addDirectory(path, as: name, target, &manifest)
        case (_, .file): try addFile(name, target, isDatabase: isDatabase, &manifest)
        default: log.warn("exclude special file '\(absolute)' from backup")
        }
    }

    private func addTablespaceTarget(
        _ oid: String, _ destination: String, _ manifest: inout Manifest
    ) throws(RoostError) {
        var target = Manifest.Target(kind: .link, path: destination)
        target.tablespaceID = oid
        if let names = server.tablespaces {
            guard let name = names[oid] else {
                throw RoostError(
                    .assert, "tablespace with oid \(oid) not found in tablespace map",
                    hints: ["was a tablespace created or dropped during the backup?"])
            }
            target.tablespaceName = name
        } else {
            target.tablespaceName = "ts\(oid)"
        }
        manifest.targets["\(Manifest.tablespaces)/\(oid)"] = target
    }

    private func tablespace(_ oid: String, _ manifest: inout Manifest) throws(RoostError) {
        let root = manifest.paths[Manifest.dataDirectory]
        manifest.paths[Manifest.tablespaces] = root
        manifest.paths["\(Manifest.tablespaces)/\(oid)"] = manifest.paths["pg_data/pg_tblspc"] ?? root
        let path = "\(settings.dataDirectory)/pg_tblspc/\(oid)/\(tablespaceDirectory)"
        guard let status = try FileStatus.of(path) else {
            throw RoostError(
                .fileOpen, "unable to get info for missing path/file '\(path)'",
                hints: ["was the tablespace dropped just now, or is its file system not mounted?"])
        }
        try addDirectory(path, as: "\(Manifest.tablespaces)/\(oid)/\(tablespaceDirectory)", status, &manifest)
    }

    /// Relations whose content a crash empties: only their `_init` fork is needed.
    private static func unlogged(_ children: [Child]) -> Set<Substring> {
        Set(
            children.compactMap { child in
                guard let relation = RelationFileName(child.name[...]) else { return nil }
                return relation.fork == .initialization && !relation.isTemporary ? relation.filenode : nil
            })
    }

    private func isTransient(_ name: String, _ unlogged: Set<Substring>) -> Bool {
        if ScanRules.isRelationCache(name) { return true }
        guard let relation = RelationFileName(name[...]) else { return false }
        guard relation.fork != .initialization else { return false }
        return relation.isTemporary || unlogged.contains(relation.filenode)
    }

    private func linkExpected(_ name: String) -> RoostError {
        RoostError(
            .linkExpected, "'\(name)' is not a symlink - pg_tblspc should contain only symlinks",
            hints: ["remove what was put there by hand"])
    }

    private func path(_ status: FileStatus) -> Manifest.Path {
        let (user, group) = owners(status)
        return Manifest.Path(mode: status.mode, user: user, group: group)
    }

    private func owners(_ status: FileStatus) -> (Owner, Owner) {
        (
            accounts.user(status.owner).map { .name($0) } ?? .unknown,
            accounts.group(status.group).map { .name($0) } ?? .unknown
        )
    }

    private func index(_ owner: Owner, _ manifest: inout Manifest) throws(RoostError) -> UInt8 {
        if let known = ownerIndexes[owner] { return known }
        let index = try manifest.ownerIndex(owner)
        ownerIndexes[owner] = index
        return index
    }
}
