package import RoostFormat
internal import RoostStorage
package import RoostSystem
internal import RoostTransform

extension Repository {
    /// Reads a manifest, or its copy.
    ///
    /// - Parameter passphrase: Of the stanza's manifests, from `backup.info`.
    /// - Throws: ``ErrorCode/format`` also if it is another backup's.
    package func loadManifest(_ label: BackupLabel, passphrase: String?) throws(RoostError) -> Manifest {
        let manifest = try withCopy(of: paths.manifest(label)) { path throws(RoostError) in
            try loadManifest(path: path, passphrase: passphrase)
        }
        guard manifest.label == label else {
            throw RoostError(
                .format, "the manifest in '\(storage.displayPath(paths.label(label)))' is that of '\(manifest.label)'",
                hints: ["was a directory of the repository renamed or copied by hand?"])
        }
        return manifest
    }

    /// Reads one manifest file.
    func loadManifest(path: String, passphrase: String?) throws(RoostError) -> Manifest {
        let object = storage.displayPath(path)
        let builder = ManifestBuilder(object: object)
        let parser = InfoFileParser(object: object, handler: builder)
        try stream(path, through: try decryption(passphrase)) { piece throws(RoostError) in
            try parser.push(Span(_bytes: piece))
        }
        try parser.finish()
        return try builder.manifest(version: parser.version)
    }

    /// Writes `backup.manifest.copy` alone: the mark of a backup that is under way.
    func savePartial(_ manifest: Manifest, passphrase: String?) throws {
        var partial = manifest
        partial.version = Release.partial
        let writer = try storage.create(StanzaPaths.copy(of: paths.manifest(manifest.label)), durability: .atomic)
        try render(partial, through: try encryption(passphrase)) { piece throws(RoostError) in try writer.write(piece) }
        try writer.finish()
    }

    /// Writes the finished manifest: first the copy, then the manifest itself, which makes the backup complete.
    func saveFinal(_ manifest: Manifest, passphrase: String?) throws {
        let path = paths.manifest(manifest.label)
        let copy = try storage.create(StanzaPaths.copy(of: path), durability: .atomic)
        let main = try storage.create(path, durability: .atomic)
        try render(manifest, through: try encryption(passphrase)) { piece throws(RoostError) in
            try copy.write(piece)
            try main.write(piece)
        }
        try copy.finish()
        try main.finish()
    }

    /// Writes the copy of the manifest that outlives the backup.
    func saveHistory(_ manifest: Manifest, passphrase: String?) throws {
        let writer = try storage.create(paths.historyManifest(manifest.label), durability: .atomic)
        let stages = try compressing(.gz, level: 9) + encryption(passphrase)
        try render(manifest, through: stages) { piece throws(RoostError) in try writer.write(piece) }
        try writer.finish()
        try storage.syncDirectory(paths.history)
    }

    private func render(
        _ manifest: Manifest, through stages: [Stage], to sink: (RawSpan) throws(RoostError) -> Void
    ) throws {
        let pipeline = Pipeline(stages, chunk: StreamPump.chunkSize)
        try manifest.render { piece in try pipeline.push(piece, to: sink) }
        try pipeline.finish(to: sink)
    }
}
