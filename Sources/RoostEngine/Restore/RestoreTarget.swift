internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// The directories that a restore writes to: checks them, clears them, and finishes them.
final class RestoreTarget {
    static let manifestName = "backup.manifest"

    let owners: RestoreOwners
    /// Compare what is there instead of copying it again.
    private(set) var delta: Bool
    /// Trust size and time where they match.
    private(set) var trustsTimes: Bool
    private let settings: RestoreSettings
    private let manifest: Manifest
    private let version: PostgresVersion
    private let context: CommandContext
    private let scope: SyncScope
    /// Files of the backup that now have another content: their time is that of the restore.
    private var rewritten: Set<String> = []
    /// What is there may be removed or replaced.
    let mayClear: Bool

    /// - Throws: ``ErrorCode/pathOpen`` for a directory that another user owns.
    init(
        _ settings: RestoreSettings, _ manifest: Manifest, _ version: PostgresVersion, _ context: CommandContext
    ) throws(RoostError) {
        self.settings = settings
        self.manifest = manifest
        self.version = version
        self.context = context
        scope = SyncScope(method: settings.syncMethod)
        let directory = settings.dataDirectory
        let hasMark = try FileStatus.of("\(directory)/\(Self.manifestName)") != nil
        let hasVersion = try FileStatus.of("\(directory)/PG_VERSION") != nil
        let isCluster = hasMark || hasVersion
        if settings.delta || settings.force, !isCluster {
            context.log.warn(
                "--delta or --force specified but unable to find 'PG_VERSION' or '\(Self.manifestName)' in '\(directory)' to "
                    + "confirm that this is a valid $PGDATA directory. --delta and --force have been disabled and if any files "
                    + "exist in the destination directories the restore will be aborted.")
        }
        delta = settings.delta && isCluster
        mayClear = (settings.delta || settings.force) && isCluster
        // A mark means that the times of an unfinished restore are there: they prove nothing.
        trustsTimes = delta && settings.force && !hasMark
        owners = try RestoreOwners(manifest, dataDirectory: directory, context.log)
    }

    /// - Throws: ``ErrorCode/pgRunning``; ``ErrorCode/fileOpen`` for a directory that cannot be entered.
    static func checkNotRunning(_ directory: String) throws(RoostError) {
        let found: FileStatus?
        do {
            found = try FileStatus.of("\(directory)/postmaster.pid")
        } catch {
            throw RoostError(.fileOpen, error.message, hints: error.hints, errno: error.errno)
        }
        guard found == nil else {
            throw RoostError(
                .pgRunning, "unable to restore while PostgreSQL is running",
                hints: [
                    "presence of 'postmaster.pid' in '\(directory)' indicates PostgreSQL is running",
                    "remove 'postmaster.pid' only if PostgreSQL is not running",
                ])
        }
    }

    /// Every directory of the backup that is on this host under a place of its own, the data directory first.
    private var directories: [(name: String, path: String)] {
        let catalog = version.tablespaceDirectory(catalogVersion: manifest.cluster.catalogVersion)
        let tablespaces = tablespaceLocations.map { location in
            ("\(Manifest.tablespaces)/\(location.oid)/\(catalog)", "\(location.path)/\(catalog)")
        }
        return [(Manifest.dataDirectory, settings.dataDirectory)] + tablespaces.sorted { $0.0 < $1.0 }
    }

    /// Where the link of each tablespace leads, as an absolute path.
    private var tablespaceLocations: [(oid: String, path: String)] {
        let check = LinkCheck(dataDirectory: settings.dataDirectory)
        return manifest.targets.compactMap { name, target in
            target.tablespaceID.map { ($0, check.absolute(name, target)) }
        }
    }

    /// Tests every directory before anything is changed.
    ///
    /// - Throws: ``ErrorCode/pathNotEmpty``, ``ErrorCode/pathOpen``.
    func checkEmpty() throws(RoostError) {
        for (name, path) in directories {
            guard let status = try FileStatus.of(path, followingLinks: true) else { continue }
            let isMine = CurrentProcess.isRoot || status.owner == CurrentProcess.effectiveUser
            guard isMine, status.mode & 0o700 == 0o700 || CurrentProcess.isRoot else {
                throw RoostError(
                    .pathOpen, "unable to restore to path '\(path)' not owned by current user or without u+rwx",
                    hints: ["run the restore as the user that PostgreSQL runs as"])
            }
            guard !mayClear || isForeignTablespace(name, path) else { continue }
            let present = try FileSystem.list(path).filter { !keeps($0, in: name) }
            guard present.isEmpty else {
                throw RoostError(
                    .pathNotEmpty, "unable to restore to path '\(path)' because it contains files",
                    hints: [
                        "first of them: '\(present[0])'",
                        "try using --delta if this is what you intended: it keeps what is equal and removes the rest",
                    ])
            }
        }
    }

    /// - Throws: ``ErrorCode/backupMismatch`` if the cluster that is there is another one than the backup's, and nobody forces.
    func checkSameCluster() throws(RoostError) {
        let path = "\(settings.dataDirectory)/\(ControlFile.relativePath)"
        guard mayClear, try FileStatus.of(path) != nil else { return }
        let chunk = Chunk(capacity: ControlFile.readByteCount)
        _ = try OwnedDescriptor.read(path).read(into: chunk)
        // What cannot be read as a cluster's identity is none that could be lost by mistake.
        guard let control = try? ControlFile(parsing: chunk.bytes) else { return }
        guard control.systemID != manifest.cluster.identity.systemID else { return }
        let what =
            "the cluster in '\(settings.dataDirectory)' has system-id \(control.systemID), the backup is of "
            + "\(manifest.cluster.identity.systemID)"
        guard settings.force else {
            throw RoostError(
                .backupMismatch, what, hints: ["are --stanza and --pg1-path right? --force replaces the other cluster"])
        }
        context.log.warn("\(what): it is replaced because --force was given")
    }

    /// A tablespace directory that this data directory does not use may be in use by the cluster next door.
    private func isForeignTablespace(_ name: String, _ path: String) -> Bool {
        guard name != Manifest.dataDirectory else { return false }
        let oid = name.split(separator: "/")[1]
        let link = "\(settings.dataDirectory)/\(Manifest.tablespaces)/\(oid)"
        guard let destination = try? FileSystem.linkDestination(link) else { return true }  // no link: not ours
        var target = Manifest.Target(kind: .link, path: destination)
        target.tablespaceID = String(oid)
        let used = LinkCheck(dataDirectory: settings.dataDirectory).absolute("\(Manifest.tablespaces)/\(oid)", target)
        return used != directoryPart(of: path)
    }

    /// Clears what does not belong, makes directories and links, and leaves the mark of an unfinished restore.
    func prepare() throws {
        if mayClear {
            context.log.info("remove invalid files/links/paths from '\(settings.dataDirectory)'")
            let control = "\(settings.dataDirectory)/\(ControlFile.relativePath)"
            if try FileSystem.removeFile(control) { try FileSystem.syncDirectory(directoryPart(of: control)) }
            for (name, path) in directories where try FileStatus.of(path) != nil { try clear(path, name) }
        }
        for (_, path) in directories where try FileStatus.of(path, followingLinks: true) == nil {
            let mode = manifest.paths[Manifest.dataDirectory]?.mode ?? 0o700
            try FileSystem.createDirectory(path, mode: mode, durable: true)
        }
        for (_, path) in directories { try scope.watch(path) }
        var mark = try DurableFile("\(settings.dataDirectory)/\(Self.manifestName)", mode: 0o600)
        try manifest.render { piece in try mark.write(piece) }
        try mark.finish()
        try build()
    }

    /// Where a file of the manifest goes.
    func path(of name: String) -> String { Manifest.path(of: name, in: settings.dataDirectory) }

    /// Writes a small file that PostgreSQL reads, with the owner of the data directory.
    func writeConfiguration(_ name: String, _ content: [UInt8]) throws(RoostError) {
        let path = "\(settings.dataDirectory)/\(name)"
        let root = manifest.paths[Manifest.dataDirectory] ?? Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
        try DurableFile.write(path, content, mode: root.mode & 0o644)
        try owners.apply(path, root.user, root.group)
        rewritten.insert("\(Manifest.dataDirectory)/\(name)")
    }

    /// Makes everything durable, then gives files their times, then lets the server start.
    func finish() throws {
        try scope.finish { try self.writtenPaths() }
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !isLeftOut(name), name != RestoreTarget.controlName, !rewritten.contains(name) else { continue }
            try setModified(path(of: name), manifest.files[index].timestamp)
        }
        try FileSystem.removeFile("\(settings.dataDirectory)/\(Self.manifestName)")
        try FileSystem.syncDirectory(settings.dataDirectory)
        try finishControl()
    }

    /// A file that a delta restore found as it should be is not touched.
    private func setModified(_ path: String, _ seconds: Int64) throws(RoostError) {
        if delta, try FileStatus.of(path)?.modified == seconds { return }
        try FileSystem.setModified(path, seconds)
    }

    static let controlName = "\(Manifest.dataDirectory)/\(ControlFile.relativePath)"
    static let controlTemporary = "\(ControlFile.relativePath)\(DurableFile.temporarySuffix)"

    /// Files of the backup that are not restored: the links they tell of are made from the manifest.
    func isLeftOut(_ name: String) -> Bool {
        name == "\(Manifest.dataDirectory)/tablespace_map"
            || settings.type == .preserve && version.recoveryStyle == .signalFile
                && name == "\(Manifest.dataDirectory)/postgresql.auto.conf"
    }

    private func finishControl() throws {
        let temporary = "\(settings.dataDirectory)/\(Self.controlTemporary)"
        guard try FileStatus.of(temporary) != nil else {
            context.log.warn("backup does not contain '\(ControlFile.relativePath)' -- cluster will not start")
            return
        }
        context.log.info(
            "restore \(ControlFile.relativePath) (performed last to ensure aborted restores cannot be started)")
        var bytes = try FileSystem.read(temporary)
        if manifest.options.online { bytes = try ControlFile.invalidatingCheckpoint(bytes) }
        let index = manifest.files.index(of: Self.controlName)
        let file = index.map { manifest.files[$0] }
        let final = "\(settings.dataDirectory)/\(ControlFile.relativePath)"
        let control = try OwnedDescriptor.create(temporary, mode: file?.mode ?? 0o600)
        try control.write(bytes.span.raw)
        try control.sync()
        try control.close()
        if let file { try owners.apply(temporary, manifest.owners[Int(file.user)], manifest.owners[Int(file.group)]) }
        try FileSystem.setModified(temporary, file?.timestamp ?? 0)
        try FileSystem.move(temporary, to: final)
        try FileSystem.syncDirectory(directoryPart(of: final))
    }

    private func keeps(_ name: String, in directory: String) -> Bool {
        guard directory == Manifest.dataDirectory else { return false }
        // A restore that was cut off at its first step leaves the mark under its temporary name.
        if name == Self.manifestName || name == Self.manifestName + DurableFile.temporarySuffix { return true }
        guard settings.type == .preserve else { return false }
        switch version.recoveryStyle {
        case .signalFile: return ["postgresql.auto.conf", "recovery.signal", "standby.signal"].contains(name)
        case .recoveryFile: return name == "recovery.conf"
        }
    }

    /// Removes what the manifest does not have, and what has another kind there.
    private func clear(_ directory: String, _ name: String) throws(RoostError) {
        for child in try FileSystem.list(directory) where !keeps(child, in: name) {
            let path = "\(directory)/\(child)"
            let childName = "\(name)/\(child)"
            guard let status = try FileStatus.of(path) else { continue }
            switch status.kind {
            case .directory:
                if manifest.paths[childName] != nil {
                    try clear(path, childName)
                } else {
                    context.log.detail("remove invalid path '\(path)'")
                    try FileSystem.removeTree(path)
                }
            case .file where manifest.files.index(of: childName) != nil && !isLeftOut(childName): break
            case .symbolicLink where try manifest.links[childName]?.destination == FileSystem.linkDestination(path):
                break
            default:
                context.log.detail("remove invalid file '\(path)'")
                try FileSystem.removeFile(path)
            }
        }
    }

    private func build() throws(RoostError) {
        let names = manifest.paths.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for (name, link) in manifest.links {
            let path = path(of: name)
            try FileSystem.createDirectory(directoryPart(of: path), mode: 0o700)
            if try FileStatus.of(path) == nil { try FileSystem.link(path, to: link.destination) }
            try owners.apply(path, link.user, link.group)
        }
        let locations = Dictionary(
            uniqueKeysWithValues: tablespaceLocations.map { ("\(Manifest.tablespaces)/\($0.oid)", $0.path) })
        for name in names where name != Manifest.tablespaces {
            guard let entry = manifest.paths[name] else { continue }
            let path = name == Manifest.dataDirectory ? settings.dataDirectory : locations[name] ?? path(of: name)
            if let status = try FileStatus.of(path, followingLinks: true) {
                guard status.kind == .directory else {
                    throw RoostError(.pathCreate, "unable to create directory '\(path)': a file is there")
                }
                if status.mode != entry.mode { try FileSystem.setMode(path, entry.mode) }
            } else {
                try FileSystem.createDirectory(path, mode: entry.mode)
            }
            try owners.apply(path, entry.user, entry.group)
            // A directory may be a mount point of its own.
            try scope.watch(path)
        }
    }

    /// `pg_tblspc` and `pg_tblspc/<oid>` of the manifest stand for no directory of their own.
    private func isDummy(_ name: String) -> Bool {
        name == Manifest.tablespaces
            || name.hasPrefix("\(Manifest.tablespaces)/") && name.split(separator: "/").count == 2
    }

    private func writtenPaths() throws -> [String] {
        var paths = manifest.paths.keys.filter { !isDummy($0) }.map {
            $0 == Manifest.dataDirectory ? settings.dataDirectory : path(of: $0)
        }
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !isLeftOut(name) else { continue }
            paths.append(
                name == Self.controlName ? "\(settings.dataDirectory)/\(Self.controlTemporary)" : path(of: name))
        }
        return paths
    }
}
