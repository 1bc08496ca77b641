internal import RoostAdmin
internal import RoostSystem

/// The options by which a command is told which cluster it is about.
extension ToolArguments {
    static let clusterOptions = [
        ToolOption("spec", value: "FILE", "the cluster as a JSON object; - for standard input"),
        ToolOption(
            "cluster", "stanza", value: "NAME", text: "name of cluster and stanza, by default the first one configured"),
        ToolOption("role", value: "ROLE", "primary or replica, by default what the server is"),
        ToolOption("data", value: "DIR", "data directory (/pg/data)"),
        ToolOption("port", value: "N", "port of the server (5432)"),
        ToolOption("socket-dir", value: "DIR", "directory of its socket, by default what the server tells"),
        ToolOption("bin-dir", value: "DIR", "PostgreSQL's programs"),
        ToolOption("config", value: "FILE", "the engine's configuration (/etc/pgbackrest/pgbackrest.conf)"),
        ToolOption("service", value: "NAME", "who starts and stops servers: auto, systemd, pg_ctl, patroni"),
    ]

    /// The text of a file, `-` for standard input.
    static func content(of source: String) throws(RoostError) -> String {
        let bytes = source == "-" ? try StandardInput.read() : try FileSystem.read(source)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The cluster: that of `--spec`, else that of the configuration; and what single options say instead.
    ///
    /// - Throws: ``AdminRefusal``; ``RoostError`` if the file cannot be read.
    func specification() throws -> ClusterSpecification {
        var specification =
            if let source = self["spec"] {
                try ClusterSpecification(parsing: try Self.content(of: source))
            } else {
                try configuredSpecification()
            }
        try apply(to: &specification)
        return specification
    }

    /// - Returns: Nil if none was given.
    func port() throws(AdminRefusal) -> UInt16? {
        guard let text = self["port"] else { return nil }
        guard let port = UInt16(text), port > 0 else { throw usage("--port is '\(text)', expected 1 to 65535") }
        return port
    }

    /// The value of an option that is one of a few words.
    func choice<C: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(AdminRefusal) -> C? where C.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let choice = C(rawValue: text) else {
            let known = C.allCases.map(\.rawValue).joined(separator: ", ")
            throw usage("--\(name) is '\(text)', expected one of \(known)")
        }
        return choice
    }

    /// The value of an option that is a count of something.
    func number(_ name: String, of what: String, in range: ClosedRange<Int64>) throws(AdminRefusal) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw usage("--\(name) is '\(text)', expected \(what), \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func apply(to specification: inout ClusterSpecification) throws(AdminRefusal) {
        if let value = self["data"] { specification.data = try absolute("data", value) }
        if let value = self["config"] { specification.configuration = try absolute("config", value) }
        if let value = self["bin-dir"] { specification.programs = try absolute("bin-dir", value) }
        if let value = self["socket-dir"] { specification.socketDirectory = try absolute("socket-dir", value) }
        if let port = try port() { specification.port = port }
        if let role: ClusterSpecification.Role = try choice("role") { specification.declaredRole = role }
        if let service: ClusterSpecification.Service = try choice("service") { specification.service = service }
        if let name = self["cluster"] { specification.cluster = name }
        try ClusterSpecification.check(cluster: specification.cluster)
    }

    /// The cluster that the configuration tells of: the one that is asked for, else the first.
    private func configuredSpecification() throws(AdminRefusal) -> ClusterSpecification {
        var specification = ClusterSpecification(cluster: self["cluster"] ?? "")
        let path = self["config"] ?? specification.configuration
        guard let configured = ConfiguredStanza(path: path, named: self["cluster"]) else {
            guard let name = self["cluster"] else {
                throw AdminRefusal(
                    .usage, "which cluster is meant is not told, and '\(path)' names none",
                    hints: ["--cluster=NAME, or --spec with the key 'cluster'"])
            }
            // The usual directory may be that of another cluster.
            if let others = ConfiguredStanza(path: path)?.all, self["data"] == nil {
                throw AdminRefusal(
                    .configuration, "'\(path)' has no stanza '\(name)', it has \(others.joined(separator: ", "))",
                    hints: ["--data tells the data directory of a cluster that is not configured yet"])
            }
            return specification
        }
        specification.cluster = configured.name
        if let data = configured.dataDirectory { specification.data = data }
        if let port = configured.port { specification.port = port }
        specification.socketDirectory = configured.socketDirectory
        if let directory = configured.spoolPath { specification.spool = directory }
        if let directory = configured.logPath { specification.log = directory }
        specification.lock = configured.lockPath
        if !configured.repository.isEmpty {
            let method = configured.repository["type"] ?? specification.repository.method
            specification.repository = .init(method: method, options: configured.repository)
        }
        return specification
    }

    private func absolute(_ name: String, _ path: String) throws(AdminRefusal) -> String {
        guard path.hasPrefix("/") else { throw usage("--\(name) is '\(path)', expected an absolute path") }
        return path
    }
}
