internal import RoostPostgres
internal import RoostSystem

extension Manifest {
    /// Writes the manifest as text.
    ///
    /// - Parameter sink: Gets the text in pieces of up to 256 KiB.
    package func render(to sink: (RawSpan) throws -> Void) throws {
        try withoutActuallyEscaping(sink) { sink in
            var writer = try InfoFileWriter(version: version, to: sink)
            try renderBackup(&writer)
            for (name, target) in sorted(targets) { try writer.entry("backup:target", name, target.json) }
            if let cipherPass { try writer.entry("cipher", "cipher-pass", .string(cipherPass)) }
            for (name, database) in sorted(databases) {
                let value: JSONValue = .object([
                    "db-id": .unsigned(UInt64(database.oid)),
                    "db-last-system-id": .unsigned(UInt64(database.lastSystemOID)),
                ])
                try writer.entry("db", name, value)
            }
            if !annotations.isEmpty {
                try writer.entry("metadata", "annotation", .object(annotations.mapValues { .string($0) }))
            }
            let defaults = Defaults(self)
            try renderFiles(&writer, defaults)
            try writer.entry("target:file:default", "group", defaults.group.json)
            try writer.entry("target:file:default", "mode", .string(octal(defaults.fileMode)))
            try writer.entry("target:file:default", "user", defaults.user.json)
            for (name, link) in sorted(links) {
                var members: [String: JSONValue] = ["destination": .string(link.destination)]
                defaults.add(link.user, link.group, to: &members)
                try writer.entry("target:link", name, .object(members))
            }
            if !links.isEmpty {
                try writer.entry("target:link:default", "group", defaults.group.json)
                try writer.entry("target:link:default", "user", defaults.user.json)
            }
            for (name, path) in sorted(paths) {
                var members: [String: JSONValue] = [:]
                defaults.add(path.user, path.group, to: &members)
                if path.mode != defaults.pathMode { members["mode"] = .string(octal(path.mode)) }
                try writer.entry("target:path", name, .object(members))
            }
            try writer.entry("target:path:default", "group", defaults.group.json)
            try writer.entry("target:path:default", "mode", .string(octal(defaults.pathMode)))
            try writer.entry("target:path:default", "user", defaults.user.json)
            try writer.finish()
        }
    }

    /// The values that entries leave out: the owner of the data directory, its mode, and for files its mode AND 0640.
    private struct Defaults {
        let user: Owner
        let group: Owner
        let pathMode: UInt16
        var fileMode: UInt16 { pathMode & 0o640 }

        init(_ manifest: Manifest) {
            let root = manifest.paths[Manifest.dataDirectory] ?? Path(mode: 0o700, user: .unknown, group: .unknown)
            (user, group, pathMode) = (root.user, root.group, root.mode)
        }

        func add(_ user: Owner, _ group: Owner, to members: inout [String: JSONValue]) {
            if user != self.user { members["user"] = user.json }
            if group != self.group { members["group"] = group.json }
        }
    }

    private func renderBackup(_ writer: inout InfoFileWriter) throws {
        var backup: [String: JSONValue] = [
            "backup-label": .string(label.text),
            "backup-reference": .string(references.map(\.text).joined(separator: ",")),
            "backup-timestamp-copy-start": .integer(timestampCopyStart),
            "backup-timestamp-start": .integer(timestampStart),
            "backup-timestamp-stop": .integer(timestampStop),
            "backup-type": .string(type.rawValue),
        ]
        backup["backup-archive-start"] = archiveStart.map { .string("\($0)") }
        backup["backup-archive-stop"] = archiveStop.map { .string("\($0)") }
        backup["backup-lsn-start"] = lsnStart.map { .string("\($0)") }
        backup["backup-lsn-stop"] = lsnStop.map { .string("\($0)") }
        backup["backup-prior"] = prior.map { .string($0.text) }
        if isBlockIncremental { backup["backup-block-incr"] = .bool(true) }
        if isBundled { backup["backup-bundle"] = .bool(true) }
        if isBundleRaw { backup["backup-bundle-raw"] = .bool(true) }
        for (key, value) in sorted(backup) { try writer.entry("backup", key, value) }
        let database: [String: JSONValue] = [
            "db-catalog-version": .unsigned(UInt64(cluster.catalogVersion)),
            "db-control-version": .unsigned(UInt64(cluster.controlVersion)),
            "db-id": .unsigned(UInt64(cluster.historyID)),
            "db-system-id": .unsigned(cluster.identity.systemID.value),
            "db-version": .string(cluster.identity.version),
        ]
        for (key, value) in sorted(database) { try writer.entry("backup:db", key, value) }
        for (key, value) in sorted(options.manifest) { try writer.entry("backup:option", key, value) }
    }

    private func renderFiles(_ writer: inout InfoFileWriter, _ defaults: Defaults) throws {
        var line = FileLine(
            references: references, owners: owners, user: defaults.user, group: defaults.group, mode: defaults.fileMode)
        var name: [UInt8] = []
        var value: [UInt8] = []
        for index in 0..<files.count {
            name.removeAll(keepingCapacity: true)
            files.appendName(at: index, to: &name)
            value.removeAll(keepingCapacity: true)
            line.render(files[index], pageErrors: files.pageErrors(at: index), to: &value)
            try writer.entry("target:file", key: name.span, value: value.span)
        }
    }

    private func sorted<Value>(_ members: [String: Value]) -> [(key: String, value: Value)] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension Manifest.Target {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["path": .string(path), "type": .string(kind.rawValue)]
        members["file"] = file.map { .string($0) }
        members["tablespace-id"] = tablespaceID.map { .string($0) }
        members["tablespace-name"] = tablespaceName.map { .string($0) }
        return .object(members)
    }
}
