internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// The directories that a restore writes to: clears and builds them as the plan says, and finishes them.
final class RestoreTarget {
    static let manifestName = "backup.manifest"
    static let controlName = "\(Manifest.dataDirectory)/\(ControlFile.relativePath)"
    static let controlTemporary = "\(ControlFile.relativePath)\(DurableFile.temporarySuffix)"
    static let controlTemporaryName = "\(Manifest.dataDirectory)/\(controlTemporary)"

    let owners: RestoreOwners
    private let plan: RestorePlan
    private let context: CommandContext
    private let scope: SyncScope
    /// Files of the backup that now have another content: their time is that of the restore.
    private var rewritten: Set<String> = []

    init(_ plan: RestorePlan, _ owners: RestoreOwners, _ method: SyncScope.Method, _ context: CommandContext) {
        self.plan = plan
        self.owners = owners
        self.context = context
        scope = SyncScope(method: method)
    }

    var places: RestorePlaces { plan.places }
    var zeroed: ZeroedFiles { plan.zeroed }

    /// Files may be there already.
    var mayClear: Bool { plan.existing != .refuse }

    /// Compare what is there instead of copying it again.
    var delta: Bool { if case .compare = plan.existing { true } else { false } }

    /// Trust size and time where they match.
    var trustsTimes: Bool { plan.existing == .compare(trustingTimes: true) }

    private var manifest: Manifest { plan.manifest }
    private var directory: String { plan.places.dataDirectory }

    func isLeftOut(_ name: String) -> Bool { plan.isLeftOut(name) }

    /// Clears what does not belong, makes directories and links, and leaves the mark of an unfinished restore.
    func prepare() throws {
        if mayClear {
            context.log.info("remove invalid files/links/paths from '\(directory)'")
            let control = "\(directory)/\(ControlFile.relativePath)"
            if try FileSystem.removeFile(control) { try FileSystem.syncDirectory(directoryPart(of: control)) }
            for removal in plan.removals where removal.path != control { try remove(removal) }
        }
        let mode = manifest.paths[Manifest.dataDirectory]?.mode ?? 0o700
        for target in places.targets {
            let path = target.isFile ? directoryPart(of: target.path) : target.path
            if try FileStatus.of(path, followingLinks: true) == nil { try createTarget(path, target, mode) }
            try scope.watch(path)
        }
        var mark = try DurableFile("\(directory)/\(Self.manifestName)", mode: 0o600)
        try manifest.render { piece in try mark.write(piece) }
        try mark.finish()
        try build()
    }

    private func remove(_ removal: Removal) throws(RoostError) {
        let word = removal.kind == .special ? "special file" : "invalid \(removal.kind.rawValue)"
        context.log.detail("remove \(word) '\(removal.path)'")
        if removal.kind == .path {
            try FileSystem.removeTree(removal.path)
        } else {
            try FileSystem.removeFile(removal.path)
        }
    }

    /// Makes the directory of a target with those above it, for the owner of the data directory where the backup names none.
    private func createTarget(_ path: String, _ target: RestorePlaces.Target, _ mode: UInt16) throws(RoostError) {
        var entry = manifest.paths[Manifest.dataDirectory] ?? .init(mode: mode, user: .unknown, group: .unknown)
        if !target.isFile, let own = manifest.paths[target.name] { entry = own }
        var above = path
        var made: [String] = []
        while try FileStatus.of(above, followingLinks: true) == nil {
            made.append(above)
            above = directoryPart(of: above)
        }
        try FileSystem.createDirectory(path, mode: entry.mode, durable: true)
        for path in made { try owners.apply(path, entry.user, entry.group) }
    }

    private func build() throws(RoostError) {
        // By name, so that a link comes before what lies behind it.
        for (name, link) in manifest.links.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let path = Manifest.path(of: name, in: directory)
            try FileSystem.createDirectory(directoryPart(of: path), mode: 0o700)
            if let status = try FileStatus.of(path) {
                try owners.correct(path, status, link.user, link.group)
            } else {
                context.log.detail("create symlink '\(path)' to '\(link.destination)'")
                try FileSystem.link(path, to: link.destination)
                try owners.apply(path, link.user, link.group)
            }
        }
        let names = manifest.paths.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in names where !isDummy(name) {
            guard let entry = manifest.paths[name] else { continue }
            try buildDirectory(places.path(of: name), entry)
        }
    }

    private func buildDirectory(_ path: String, _ entry: Manifest.Path) throws(RoostError) {
        if let status = try FileStatus.of(path, followingLinks: true) {
            guard status.kind == .directory else {
                throw RoostError(.pathCreate, "unable to create directory '\(path)': a file is there")
            }
            if status.mode != entry.mode { try FileSystem.setMode(path, entry.mode) }
            try correctOwner(path, entry, followed: status)
        } else {
            try FileSystem.createDirectory(path, mode: entry.mode)
            try owners.apply(path, entry.user, entry.group)
        }
        // A directory may be a mount point of its own.
        try scope.watch(path)
    }

    /// Behind a link it is the directory whose owner counts, not the link.
    private func correctOwner(_ path: String, _ entry: Manifest.Path, followed status: FileStatus) throws(RoostError) {
        let isLink = try FileStatus.of(path)?.kind == .symbolicLink
        try owners.correct(isLink ? "\(path)/." : path, status, entry.user, entry.group)
    }

    /// `pg_tblspc` of the manifest stands for no directory; `pg_tblspc/<oid>` does, behind its link.
    private func isDummy(_ name: String) -> Bool { name == Manifest.tablespaces }

    /// Writes a small file that PostgreSQL reads, with the owner of the data directory.
    func writeConfiguration(_ name: String, _ content: [UInt8]) throws(RoostError) {
        let root = manifest.paths[Manifest.dataDirectory] ?? Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
        let name = "\(Manifest.dataDirectory)/\(name)"
        // Behind a link it is the destination that is replaced, never the link.
        let path = places.path(of: name)
        try DurableFile.write(path, content, mode: root.mode & 0o644)
        try owners.apply(path, root.user, root.group)
        rewritten.insert(name)
    }

    /// Makes everything durable, then gives files their times, then lets the server start.
    func finish() throws {
        try scope.finish { try self.writtenPaths() }
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !isLeftOut(name), name != Self.controlName, !rewritten.contains(name) else { continue }
            // With the time of the backup's file a later restore could take a hole for the file.
            if zeroed.contains(index) { continue }
            try setModified(places.path(of: name), manifest.files[index].timestamp)
        }
        try FileSystem.removeFile("\(directory)/\(Self.manifestName)")
        try FileSystem.syncDirectory(directory)
        try finishControl()
    }

    /// A file that a delta restore found as it should be is not touched.
    private func setModified(_ path: String, _ seconds: Int64) throws(RoostError) {
        if delta, try FileStatus.of(path)?.modified == seconds { return }
        try FileSystem.setModified(path, seconds)
    }

    private func finishControl() throws {
        let temporary = "\(directory)/\(Self.controlTemporary)"
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
        let final = "\(directory)/\(ControlFile.relativePath)"
        let control = try OwnedDescriptor.create(temporary, mode: file?.mode ?? 0o600)
        try control.write(bytes.span.raw)
        try control.sync()
        try control.close()
        if let file { try owners.apply(temporary, user: file.user, group: file.group) }
        try FileSystem.setModified(temporary, file?.timestamp ?? 0)
        try FileSystem.move(temporary, to: final)
        try FileSystem.syncDirectory(directoryPart(of: final))
    }

    private func writtenPaths() throws -> [String] {
        var paths = manifest.paths.keys.filter { !isDummy($0) }.map { places.path(of: $0) }
        paths += places.targets.filter(\.isFile).map { directoryPart(of: $0.path) }
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !isLeftOut(name) else { continue }
            paths.append(places.path(of: name == Self.controlName ? Self.controlTemporaryName : name))
        }
        return paths
    }
}
