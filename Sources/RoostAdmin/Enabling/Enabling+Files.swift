internal import RoostEngine
internal import RoostSystem

extension Enabling {
    /// - Throws: ``AdminRefusal/Reason/configuration`` for a repository that could not work.
    func validate() throws(AdminRefusal) {
        _ = try EngineConfiguration(specification, processors: processors)
    }

    /// Directories that are missing; what is there keeps its owner and mode.
    func makeDirectories(_ report: inout AdminReport) throws {
        var wanted: [(path: String, mode: UInt16)] = [
            (directoryPart(of: specification.configuration), 0o750), (specification.log, 0o770),
            (specification.spool, 0o770),
        ]
        // Of a repository elsewhere only its administrator knows whether it should be there.
        if specification.repository.method == "local", let path = specification.repository.options["path"] {
            wanted.append((path, 0o750))
        }
        var made: [String] = []
        for (path, mode) in wanted {
            if let status = try FileStatus.of(path, followingLinks: true) {
                guard status.kind == .directory else {
                    throw AdminRefusal(.configuration, "'\(path)' is not a directory")
                }
                continue
            }
            if !isDryRun {
                try FileSystem.createDirectory(path, mode: mode, durable: true)
                // The mask of the process must not decide it.
                try FileSystem.setMode(path, mode)
            }
            made.append(path)
        }
        guard !made.isEmpty else { return report.ok("directories", "all are there") }
        report.changed("directories", "made \(made.joined(separator: ", "))")
    }

    /// Writes the recommended configuration, unless there is one that somebody else wrote.
    func writeConfiguration(_ report: inout AdminReport) throws {
        let path = specification.configuration
        let wanted = try EngineConfiguration(specification, processors: processors).text
        let isForEver = EngineConfiguration.keepsForEver(specification.repository)
        let warning = isForEver ? "; WARNING: no retention is set, so no backup ever expires" : ""
        guard let status = try FileStatus.of(path, followingLinks: true) else {
            if !isDryRun {
                try probe(wanted)
                try write(wanted)
            }
            return report.changed("configuration", "wrote '\(path)'\(warning)")
        }
        let found = String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self)
        guard found.hasPrefix(EngineConfiguration.heading) else { return try acceptForeign(&report) }
        let others = ClusterSpecification.stanzas(in: found).filter { $0 != specification.cluster }
        guard others.isEmpty else {
            throw AdminRefusal(
                .configuration, "'\(path)' is of another cluster: \(others.joined(separator: ", "))",
                hints: ["name another file with --config, or take the heading out and add a section by hand"])
        }
        if found == wanted, status.mode == 0o640 {
            return report.ok("configuration", "'\(path)' is as wanted\(warning)")
        }
        if !isDryRun {
            if found != wanted { try probe(wanted) }
            try write(wanted)
        }
        report.changed("configuration", found == wanted ? "made '\(path)' of mode 0640" : "wrote '\(path)'\(warning)")
    }

    /// A server archives by the configuration that is there: one by which no stanza can be read must not take its place, and without
    /// another it would stand in the way of `roost remove`.
    private func probe(_ text: String) throws {
        let path = specification.configuration + ".roost-probe"
        try DurableFile.write(path, Array(text.utf8), mode: 0o600)
        let found = Result { try lookAtStanza(by: path) }
        try FileSystem.removeFile(path)
        try found.get()
    }

    private func lookAtStanza(by path: String) throws(RoostError) {
        let repository = try engine.configured(by: path).repository
        do {
            _ = try repository.loadArchiveInfo()
        } catch {
            // There is none yet.
            if error.code == .fileMissing { return }
            throw RoostError(
                error.code,
                "stanza '\(specification.cluster)' in \(repository.name) cannot be read by the new configuration, so "
                    + "'\(specification.configuration)' stays as it was: \(error.message)",
                hints: error.hints, errno: error.errno)
        }
    }

    private func write(_ text: String) throws {
        // A link may lead to where the administrator keeps such files.
        let path = try FileSystem.resolved(specification.configuration) ?? specification.configuration
        try DurableFile.write(path, Array(text.utf8), mode: 0o640)
        try FileSystem.setMode(path, 0o640)
        guard let group = AccountNames.groupID("postgres"), CurrentProcess.groups.contains(group),
            let owner = try FileStatus.of(path)
        else { return }
        if owner.group != group { try FileSystem.setOwner(path, owner: owner.owner, group: group) }
    }

    /// A configuration of somebody's own is right if it has a section for the stanza with this data directory.
    private func acceptForeign(_ report: inout AdminReport) throws {
        let path = specification.configuration
        let data = try engine.configured().dataDirectory
        guard data == specification.data else {
            throw AdminRefusal(
                .configuration,
                "'\(path)' was not written by roost enable, and pg1-path of stanza '\(specification.cluster)' in it is "
                    + "'\(data ?? "")', expected '\(specification.data)'",
                hints: ["add a section [\(specification.cluster)] with pg1-path, or move the file away"])
        }
        report.ok("configuration", "'\(path)' is somebody's own and names the stanza")
    }
}
