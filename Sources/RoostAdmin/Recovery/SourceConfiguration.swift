internal import RoostSystem

/// How the engine finds the stanza that is restored: by the configuration of the cluster, or, if the request names another
/// repository, by one of its own.
struct SourceConfiguration {
    let specification: ClusterSpecification
    let request: PitrRequest
    let place: PitrPlace

    /// The engine, told which stanza is meant.
    var engine: EngineProgram { engine(configuredBy: place.configuration) }

    /// What its `restore` is told.
    var restoreOptions: [String] { ["--pg1-path=\(place.data)"] + request.options }

    private func engine(configuredBy path: String) -> EngineProgram {
        let configuration = request.repository == nil ? specification.configuration : path
        return EngineProgram(options: ["--config=\(configuration)", "--stanza=\(request.source)"])
    }

    /// Writes what ``engine`` reads.
    func write() throws(RoostError) { try write(to: place.configuration) }

    private func write(to path: String) throws(RoostError) {
        guard let repository = request.repository else { return }
        let lines = try ownSettings() + repository.sorted { $0.key < $1.key }.map { "repo1-\($0.key)=\($0.value)" }
        let text = """
            [global]
            \(lines.joined(separator: "\n"))
            spool-path=\(place.directory)
            [\(request.source)]
            pg1-path=\(place.data)

            """
        try FileSystem.createDirectory(directoryPart(of: path), mode: 0o700, durable: true)
        try DurableFile.write(path, Array(text.utf8), mode: 0o600)
    }

    /// What the configuration of the cluster says for all stanzas, but for repositories and spool: where locks and logs go.
    private func ownSettings() throws(RoostError) -> [String] {
        let path = specification.configuration
        guard try FileStatus.of(path, followingLinks: true) != nil else { return [] }
        let text = String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("[global]") }) else { return [] }
        return lines[(begin + 1)...].prefix { !$0.hasPrefix("[") }.filter { line in
            !["repo", "spool-path"].contains { line.hasPrefix($0) }
        }
    }

    /// Asks the engine something, by a configuration that is gone afterwards.
    func ask<T>(_ body: (EngineProgram) throws -> T) throws -> T {
        if request.repository != nil { try removeAbandoned() }
        let path = planPrefix + "\(CurrentProcess.id).conf"
        try write(to: path)
        let answer = Result { try body(engine(configuredBy: path)) }
        let removal = Result { if request.repository != nil { try FileSystem.removeFile(path) } }
        // What went wrong first is told.
        let value = try answer.get()
        try removal.get()
        return value
    }

    private var planPrefix: String { place.data + ".pitr-plan." }

    /// What killed runs have left: there are secrets in it.
    private func removeAbandoned() throws(RoostError) {
        let above = directoryPart(of: place.data)
        guard FileSystem.isReadable(above) else { return }
        let prefix = lastPart(of: planPrefix)
        for name in try FileSystem.list(above) where name.hasPrefix(prefix) {
            let process = name.dropFirst(prefix.count).prefix { $0 != "." }
            if try FileStatus.of("/proc/\(process)") == nil { try FileSystem.removeFile("\(above)/\(name)") }
        }
    }

    /// What the engine would do, and what it warns of.
    func planText(_ report: inout AdminReport) throws -> String { try ask { try plan($0, &report) } }

    func plan(_ engine: EngineProgram, _ report: inout AdminReport) throws -> String {
        do {
            return try engine.run(["--dry-run"] + restoreOptions + ["restore"]) { report.warn(of: $0) }
        } catch {
            // Where there is nothing at all, as in the repository of a host that took over, that is the reason.
            if error.code == .backupSetInvalid { _ = try SourceStanza(request.source, askedOf: engine) }
            throw error
        }
    }
}
