internal import RoostSystem

/// Puts the program with its names, completion and manual in their places, and takes exactly that away again.
///
/// Order of an installation: write down what will be there, durably; then put each thing, as a whole, by rename; then write down
/// what is there. So whatever an interrupted one has put is known to the next, and to the removal.
package struct Installer {
    private let settings: InstallSettings
    private let diversion: Diversion

    package init(_ settings: InstallSettings) {
        self.settings = settings
        diversion = Diversion(root: settings.root)
    }

    package func install() -> AdminReport {
        var report = AdminReport(isDryRun: settings.isDryRun)
        do {
            try settings.check()
            try alone { try install(&report) }
        } catch {
            report.failed("install", error)
        }
        return report
    }

    private func install(_ report: inout AdminReport) throws {
        var items = [
            InstalledItem(
                "program", settings.program,
                .file(try FileSystem.read(settings.executable, limit: 1 << 30), mode: 0o755))
        ]
        items += settings.items
        var manifest = try load()
        let plan = try InstallPlan(items, manifest, state)
        try checkDiversion()
        if !settings.isDryRun {
            try recordDirectories(of: settings.manifest, &manifest)
            for (item, action) in zip(items, plan.actions) where action == .put { try record(item, &manifest) }
            if settings.replacesPgbackrest { manifest.set(.init(.diversion, Diversion.aside, Diversion.path)) }
            try save(manifest)
        }
        try put(items, plan, &report)
        for entry in plan.obsolete { try remove(entry, &manifest, &report, "obsolete") }
        try divert(&report)
        if !settings.isDryRun {
            manifest.forgetFormer()
            try save(manifest)
        }
    }

    /// One step for each group.
    private func put(_ items: [InstalledItem], _ plan: InstallPlan, _ report: inout AdminReport) throws {
        var groups: [(name: String, paths: [String], changed: Int)] = []
        for (item, action) in zip(items, plan.actions) {
            if groups.last?.name != item.group { groups.append((item.group, [], 0)) }
            groups[groups.count - 1].paths.append(item.path)
            guard action == .put else { continue }
            groups[groups.count - 1].changed += 1
            if !settings.isDryRun { try write(item) }
        }
        for group in groups {
            let what =
                group.paths.count == 1
                ? group.paths[0] : "\(group.paths.count) files in \(directoryPart(of: group.paths[0]))"
            if group.changed > 0 {
                report.changed(group.name, what)
            } else {
                report.ok(group.name, what)
            }
        }
    }

    private func write(_ item: InstalledItem) throws(RoostError) {
        let path = settings.root + item.path
        try FileSystem.createDirectory(directoryPart(of: path), mode: 0o755, durable: true)
        switch item.content {
        case .file(let bytes, let mode): try DurableFile.write(path, bytes, mode: mode)
        case .link(let destination):
            let temporary = path + DurableFile.temporarySuffix
            try FileSystem.removeFile(temporary)
            try FileSystem.link(temporary, to: destination)
            try FileSystem.move(temporary, to: path)
            try FileSystem.syncDirectory(directoryPart(of: path))
        }
    }

    private func record(_ item: InstalledItem, _ manifest: inout InstallManifest) throws(RoostError) {
        try recordDirectories(of: item.path, &manifest)
        manifest.replace(item.path)
        switch InstallPlan.state(of: item.content) {
        case .file(let sum): manifest.set(.init(.file, sum, item.path))
        case .link(let destination): manifest.set(.init(.link, destination, item.path))
        case .nothing, .other: preconditionFailure("an item is a file or a link")
        }
    }

    /// Those that are missing will be made, and so be removed when they are empty.
    private func recordDirectories(of path: String, _ manifest: inout InstallManifest) throws(RoostError) {
        var directory = directoryPart(of: path)
        while try FileStatus.of(settings.root + directory, followingLinks: true) == nil {
            manifest.set(.init(.directory, "", directory))
            directory = directoryPart(of: directory)
        }
    }

    // MARK: pgbackrest

    private func divert(_ report: inout AdminReport) throws {
        let path = Diversion.path
        guard settings.replacesPgbackrest else { return }
        guard try state(path) != .link(settings.program) else {
            return report.ok("pgbackrest", "'\(path)' is \(settings.program)")
        }
        let exists = try state(path) != .nothing
        report.changed(
            "pgbackrest",
            "'\(path)' to \(settings.program)" + (exists ? ", the former kept as '\(Diversion.aside)'" : ""))
        guard !settings.isDryRun else { return }
        if diversion.isPossible { try diversion.add() }
        try write(InstalledItem("pgbackrest", path, .link(settings.program)))
    }

    private func checkDiversion() throws {
        guard settings.replacesPgbackrest, try ![.nothing, .link(settings.program)].contains(state(Diversion.path))
        else {
            return
        }
        // Diverted already, dpkg-divert moves nothing aside: what is there now is somebody's own.
        guard try state(Diversion.aside) == .nothing else {
            throw AdminRefusal(
                .configuration, "'\(Diversion.path)' is not put there by us, and '\(Diversion.aside)' exists already",
                hints: ["move the former away"])
        }
        guard diversion.isPossible else {
            throw AdminRefusal(
                .configuration, "'\(Diversion.path)' exists, and there is no dpkg-divert to keep it aside",
                hints: ["remove the package or move the file away"])
        }
    }

    // MARK: Removal

    package func uninstall() -> AdminReport {
        var report = AdminReport(isDryRun: settings.isDryRun)
        do {
            try settings.check()
            try alone { try uninstall(&report) }
        } catch {
            report.failed("uninstall", error)
        }
        return report
    }

    private func uninstall(_ report: inout AdminReport) throws {
        var manifest = try load()
        guard !manifest.entries.isEmpty else {
            return report.ok("uninstall", "nothing is installed in \(settings.prefix)")
        }
        if let entry = manifest[Diversion.path] { try undivert(entry, &manifest, &report) }
        for entry in manifest.entries where entry.kind == .link { try remove(entry, &manifest, &report, "commands") }
        for entry in manifest.entries where entry.kind == .file { try remove(entry, &manifest, &report, "files") }
        guard !settings.isDryRun else { return }
        // The manifest lies in one of the directories that go.
        try FileSystem.removeFile(settings.root + settings.manifest)
        for entry in manifest.entries.reversed() where entry.kind == .directory {
            let path = settings.root + entry.path
            guard try FileStatus.of(path)?.kind == .directory, try FileSystem.list(path).isEmpty else { continue }
            try FileSystem.removeTree(path)
        }
    }

    private func undivert(
        _ entry: InstallManifest.Entry, _ manifest: inout InstallManifest, _ report: inout AdminReport
    ) throws {
        let found = try state(entry.path)
        guard found == .link(settings.program) || found == .nothing else {
            return report.skipped(
                "pgbackrest",
                "'\(entry.path)' is no longer ours, it stays; once it is moved away, `dpkg-divert --local --rename --divert "
                    + "\(Diversion.aside) --remove \(Diversion.path)` brings a package's own back")
        }
        report.changed("pgbackrest", "'\(entry.path)' is what it was before")
        guard !settings.isDryRun else { return }
        try FileSystem.removeFile(settings.root + entry.path)
        if diversion.isPossible { try diversion.remove() }
        manifest.remove(entry.path)
        try save(manifest)
    }

    /// Removes what still is what was put there; whatever else has its name stays.
    private func remove(
        _ entry: InstallManifest.Entry, _ manifest: inout InstallManifest, _ report: inout AdminReport, _ step: String
    ) throws {
        let found = try state(entry.path)
        if found != .nothing {
            guard InstallPlan.matches(entry, found, former: manifest.former[entry.path]) else {
                manifest.remove(entry.path)
                return report.skipped(step, "'\(entry.path)' has been changed since, it stays")
            }
            report.changed(step, "'\(entry.path)' removed")
            if !settings.isDryRun { try FileSystem.removeFile(settings.root + entry.path) }
        }
        // Of a run that was killed.
        if !settings.isDryRun { try FileSystem.removeFile(settings.root + entry.path + DurableFile.temporarySuffix) }
        manifest.remove(entry.path)
    }

    // MARK: Looking

    /// Two at once would write down what each knows itself.
    private func alone(_ body: () throws -> Void) throws {
        guard !settings.isDryRun else { return try body() }
        try LockFile.whileHolding(settings.root.isEmpty ? "/" : settings.root, body)
    }

    private func state(_ path: String) throws -> InstallPlan.State {
        let path = settings.root + path
        guard let status = try FileStatus.of(path) else { return .nothing }
        switch status.kind {
        case .file:
            let bytes = try FileSystem.read(path, limit: 1 << 30)
            return .file("\(SHA1.hash(bytes.span.bytes))")
        case .symbolicLink: return .link(try FileSystem.linkDestination(path))
        case .directory, .special: return .other
        }
    }

    private func load() throws(RoostError) -> InstallManifest {
        let path = settings.root + settings.manifest
        guard try FileStatus.of(path) != nil else { return InstallManifest() }
        return try InstallManifest(parsing: String(decoding: try FileSystem.read(path), as: UTF8.self), object: path)
    }

    private func save(_ manifest: InstallManifest) throws(RoostError) {
        let path = settings.root + settings.manifest
        try FileSystem.createDirectory(directoryPart(of: path), mode: 0o755, durable: true)
        try DurableFile.write(path, Array(manifest.text.utf8), mode: 0o644)
    }
}
