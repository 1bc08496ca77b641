internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Something that lies where a backup is to go and is not part of it.
struct Removal: Equatable, Sendable {
    enum Kind: String, Sendable { case file, link, path, special }

    var kind: Kind
    var path: String
}

/// Whether what lies where a backup is to go may be touched, and what of it has to leave; changes nothing.
struct TargetScan {
    private let settings: RestoreSettings
    private let manifest: Manifest
    private let version: PostgresVersion
    private let places: RestorePlaces
    private let existing: RestorePlan.Existing

    init(
        _ settings: RestoreSettings, _ manifest: Manifest, _ version: PostgresVersion, _ places: RestorePlaces,
        _ existing: RestorePlan.Existing
    ) {
        self.settings = settings
        self.manifest = manifest
        self.version = version
        self.places = places
        self.existing = existing
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

    /// Tests every directory, and every file behind a link of its own.
    ///
    /// - Parameter repository: Where the repository lies, if that is a path of this host.
    /// - Throws: ``ErrorCode/pathNotEmpty``, ``ErrorCode/fileExists``, ``ErrorCode/pathOpen``.
    func check(repository: String) throws(RoostError) {
        for target in places.targets {
            let directory = target.isFile ? directoryPart(of: target.path) : target.path
            try refuse(repository, in: directory, target)
            guard let status = try FileStatus.of(directory, followingLinks: true) else { continue }
            let isMine = CurrentProcess.isRoot || status.owner == CurrentProcess.effectiveUser
            guard isMine, status.mode & 0o700 == 0o700 || CurrentProcess.isRoot else {
                throw RoostError(
                    .pathOpen, "unable to restore to path '\(directory)' not owned by current user or without u+rwx",
                    hints: ["run the restore as the user that PostgreSQL runs as"])
            }
            // What this data directory does not use may be in use by the cluster next door.
            if existing != .refuse, try places.isLinked(target) { continue }
            try checkEmpty(target)
        }
    }

    private func checkEmpty(_ target: RestorePlaces.Target) throws(RoostError) {
        let hint = "try using --delta if this is what you intended: it keeps what is equal and removes the rest"
        if target.isFile {
            guard try FileStatus.of(target.path, followingLinks: true) != nil else { return }
            throw RoostError(
                .fileExists, "unable to restore file '\(target.path)' because it already exists", hints: [hint])
        }
        let present = try FileSystem.list(target.path).filter { !keeps($0, in: target.name) }
        guard present.isEmpty else {
            throw RoostError(
                .pathNotEmpty, "unable to restore to path '\(target.path)' because it contains files",
                hints: ["first of them: '\(present[0])'", hint])
        }
    }

    /// A repository below a directory that is cleaned would be removed with the rest.
    private func refuse(
        _ repository: String, in directory: String, _ target: RestorePlaces.Target
    ) throws(RoostError) {
        guard !target.isFile, try contains(directory, repository) else { return }
        throw RoostError(
            .pathNotEmpty, "unable to restore to path '\(directory)' because the repository '\(repository)' lies in it",
            hints: ["are --pg1-path and --repo1-path right?"])
    }

    /// Whether a directory lies above a place or is it, whatever links and mounts lead there.
    private func contains(_ directory: String, _ place: String) throws(RoostError) -> Bool {
        guard let outer = try FileStatus.of(directory, followingLinks: true) else { return false }
        var inner = try FileSystem.resolved(place) ?? place
        while true {
            if let status = try FileStatus.of(inner, followingLinks: true), status.isSame(as: outer) { return true }
            let above = directoryPart(of: inner)
            if above == inner || above.isEmpty || above == "." { return false }
            inner = above
        }
    }

    /// - Throws: ``ErrorCode/backupMismatch`` if the cluster that is there is another one than the backup's, and nobody forces.
    func checkSameCluster(_ log: any Log) throws(RoostError) {
        guard existing != .refuse, let found = try Self.systemID(in: settings.dataDirectory),
            found != manifest.cluster.identity.systemID
        else { return }
        let what =
            "the cluster in '\(settings.dataDirectory)' has system-id \(found), the backup is of "
            + "\(manifest.cluster.identity.systemID)"
        guard settings.force else {
            throw RoostError(
                .backupMismatch, what, hints: ["are --stanza and --pg1-path right? --force replaces the other cluster"])
        }
        log.warn("\(what): it is replaced because --force was given")
    }

    /// The cluster that a directory holds, or that an unfinished restore was putting there.
    ///
    /// - Returns: Nil for what cannot be read as a cluster's identity: it is none that could be lost by mistake.
    static func systemID(in directory: String) throws(RoostError) -> SystemID? {
        let chunk = Chunk(capacity: 64 << 10)
        // The last step of a restore gives it its name.
        for name in [ControlFile.relativePath, RestoreTarget.controlTemporary] {
            let control = "\(directory)/\(name)"
            guard try FileStatus.of(control)?.kind == .file else { continue }
            chunk.removeAll()
            _ = try OwnedDescriptor.read(control).read(into: chunk, limit: ControlFile.readByteCount)
            if let found = try? ControlFile(parsing: chunk.bytes) { return found.systemID }
        }
        chunk.removeAll()
        let mark = "\(directory)/\(RestoreTarget.manifestName)"
        guard try FileStatus.of(mark)?.kind == .file else { return nil }
        // The sections that describe the cluster come before the long ones.
        _ = try OwnedDescriptor.read(mark).read(into: chunk)
        let text = String(decoding: chunk.bytes.array(), as: UTF8.self)
        let key = "db-system-id="
        return text.split(separator: "\n").first { $0.hasPrefix(key) }.flatMap { UInt64($0.dropFirst(key.utf8.count)) }
            .map { SystemID($0) }
    }

    /// What does not belong, or has another kind in the backup; each before what lies below it, which goes with it.
    ///
    /// - Throws: ``ErrorCode/pathNotEmpty`` if a file system is mounted where something would go: what is in it is not ours.
    func removals() throws(RoostError) -> [Removal] {
        guard existing != .refuse else { return [] }
        var found: [Removal] = []
        for target in places.targets where !target.isFile {
            guard try FileStatus.of(target.path, followingLinks: true) != nil, try places.isLinked(target) else {
                continue
            }
            try collect(target.path, target.name, &found)
        }
        return found
    }

    private func collect(_ directory: String, _ name: String, _ found: inout [Removal]) throws(RoostError) {
        for child in try FileSystem.list(directory) where !keeps(child, in: name) {
            let path = "\(directory)/\(child)"
            let childName = "\(name)/\(child)"
            guard let status = try FileStatus.of(path) else { continue }
            let link = manifest.links[childName]
            switch status.kind {
            case .directory:
                if link == nil, manifest.paths[childName] != nil {
                    try collect(path, childName, &found)
                } else {
                    try refuseMounts(path)
                    found.append(Removal(kind: .path, path: path))
                }
            case .file:
                let index = link == nil ? manifest.files.index(of: childName) : nil
                if index == nil || manifest.isLeftOut(childName, type: settings.type, version) {
                    found.append(Removal(kind: .file, path: path))
                }
            case .symbolicLink:
                if try link?.destination != FileSystem.linkDestination(path) {
                    found.append(Removal(kind: .link, path: path))
                }
            case .special: found.append(Removal(kind: .special, path: path))
            }
        }
    }

    private func refuseMounts(_ directory: String) throws(RoostError) {
        guard try !FileStatus.isMountPoint(directory) else {
            throw RoostError(
                .pathNotEmpty,
                "unable to restore to path '\(settings.dataDirectory)' because a file system is mounted at '\(directory)', "
                    + "which the backup does not have as a directory",
                hints: ["unmount it first: a restore removes what is not part of the backup, and all that is in it"])
        }
        for child in try FileSystem.list(directory) {
            let path = "\(directory)/\(child)"
            if try FileStatus.of(path)?.kind == .directory { try refuseMounts(path) }
        }
    }

    /// Names directly in the data directory that a restore neither minds nor removes.
    private func keeps(_ name: String, in directory: String) -> Bool {
        guard directory == Manifest.dataDirectory else { return false }
        let mark = RestoreTarget.manifestName
        // A restore that was cut off at its first step leaves the mark under its temporary name.
        if name == mark || name == mark + DurableFile.temporarySuffix { return true }
        guard settings.type == .preserve else { return false }
        switch version.recoveryStyle {
        case .signalFile: return ["postgresql.auto.conf", "recovery.signal", "standby.signal"].contains(name)
        case .recoveryFile: return name == "recovery.conf"
        }
    }
}

extension Manifest {
    /// Whether a file of the backup is not restored: the links that `tablespace_map` tells of are made from the manifest, and
    /// settings that are to be preserved stay.
    func isLeftOut(_ name: String, type: RestoreSettings.RecoveryType, _ version: PostgresVersion) -> Bool {
        name == "\(Self.dataDirectory)/tablespace_map"
            || type == .preserve && version.recoveryStyle == .signalFile
                && name == "\(Self.dataDirectory)/postgresql.auto.conf"
    }
}
