internal import RoostAdmin
internal import RoostSystem

/// An option of a command of the administrator.
struct AdminOption: Sendable {
    /// Without the hyphens.
    var name: String
    /// What stands for its value in the help; nil for one that takes none.
    var value: String?
    var summary: String

    /// Those that every command has.
    static let common = [
        AdminOption(name: "spec", value: "FILE", summary: "the cluster as a JSON object; - for standard input"),
        AdminOption(
            name: "cluster", value: "NAME", summary: "name of cluster and stanza, by default the first one configured"),
        AdminOption(name: "data", value: "DIR", summary: "data directory (/pg/data)"),
        AdminOption(name: "port", value: "N", summary: "port of the server (5432)"),
        AdminOption(
            name: "socket-dir", value: "DIR", summary: "directory of its socket, by default what the server tells"),
        AdminOption(name: "bin-dir", value: "DIR", summary: "PostgreSQL's programs"),
        AdminOption(
            name: "config", value: "FILE", summary: "the engine's configuration (/etc/pgbackrest/pgbackrest.conf)"),
        AdminOption(
            name: "service", value: "NAME", summary: "who starts and stops servers: auto, systemd, pg_ctl, patroni"),
        AdminOption(name: "output", value: "FORMAT", summary: "text, or json: one object on one line"),
        AdminOption(name: "dry-run", summary: "change nothing, tell what would be done; also --check-mode"),
        AdminOption(name: "help", summary: "this text; also -h"),
    ]

    init(name: String, value: String? = nil, summary: String) {
        self.name = name
        self.value = value
        self.summary = summary
    }
}

/// The words after the name of a command: `--opt value`, `--opt=value`, and what is no option; `--` ends the options.
struct AdminArguments: Sendable {
    private static let synonyms = ["check-mode": "dry-run", "stanza": "cluster"]

    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    private(set) var operands: [String] = []

    var isDryRun: Bool { has("dry-run") }
    var wantsHelp: Bool { has("help") }
    var wantsJSON: Bool { self["output"] == "json" }

    /// - Throws: ``AdminRefusal/Reason/usage``.
    init(_ words: [String], options: [AdminOption]) throws(AdminRefusal) {
        let known = Dictionary((AdminOption.common + options).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            if word == "--" {
                operands += rest
                break
            }
            if word == "-h" {
                flags.insert("help")
                continue
            }
            try take(word, &rest, known)
        }
        guard ["text", "json"].contains(self["output"] ?? "text") else {
            throw AdminRefusal(.usage, "--output is text or json")
        }
    }

    private mutating func take(
        _ word: String, _ rest: inout ArraySlice<String>, _ known: [String: AdminOption]
    ) throws(AdminRefusal) {
        let given = word.hasPrefix("--") ? String(word.dropFirst(2).prefix { $0 != "=" }) : word
        let name = Self.synonyms[given] ?? given
        guard let option = known[name] else { throw AdminRefusal(.usage, "unknown option '\(given)'") }
        let inline = word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) }
        if option.value == nil {
            guard inline == nil else { throw AdminRefusal(.usage, "option '--\(name)' takes no value") }
            flags.insert(name)
        } else {
            guard let value = inline ?? rest.popFirst() else {
                throw AdminRefusal(.usage, "option '--\(name)' needs a value")
            }
            values[name] = value
        }
    }

    /// The value of an option, nil if it was not given.
    subscript(name: String) -> String? { values[name] }

    /// Whether an option without a value was given.
    func has(_ name: String) -> Bool { flags.contains(name) }

    /// The text of a file, `-` for standard input.
    static func content(of source: String) throws(RoostError) -> String {
        let bytes = source == "-" ? try StandardInput.read() : try FileSystem.read(source)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The cluster: that of `--spec`, and what single options say instead.
    ///
    /// - Throws: ``AdminRefusal``; ``RoostError`` if the file cannot be read.
    func specification() throws -> ClusterSpecification {
        var specification: ClusterSpecification
        if let source = self["spec"] {
            specification = try ClusterSpecification(parsing: try Self.content(of: source))
        } else {
            specification = ClusterSpecification(cluster: "")
        }
        try apply(to: &specification)
        return specification
    }

    private func apply(to specification: inout ClusterSpecification) throws(AdminRefusal) {
        if let value = self["data"] { specification.data = try absolute("data", value) }
        if let value = self["config"] { specification.configuration = try absolute("config", value) }
        if let value = self["bin-dir"] { specification.programs = try absolute("bin-dir", value) }
        if let value = self["socket-dir"] { specification.socketDirectory = try absolute("socket-dir", value) }
        if let text = self["port"] {
            guard let port = UInt16(text), port > 0 else {
                throw AdminRefusal(.usage, "--port is '\(text)', expected 1 to 65535")
            }
            specification.port = port
        }
        if let text = self["service"] {
            guard let service = ClusterSpecification.Service(rawValue: text) else {
                throw AdminRefusal(.usage, "--service is '\(text)', expected auto, systemd, pg_ctl or patroni")
            }
            specification.service = service
        }
        if let name = self["cluster"] { specification.cluster = name }
        if specification.cluster.isEmpty {
            guard let configured = ConfiguredStanza(path: specification.configuration) else {
                throw AdminRefusal(
                    .usage, "which cluster is meant is not told, and '\(specification.configuration)' names none",
                    hints: ["--cluster=NAME, or --spec with the key 'cluster'"])
            }
            specification.cluster = configured.name
            if self["data"] == nil, self["spec"] == nil, let data = configured.dataDirectory {
                specification.data = data
            }
        }
        try ClusterSpecification.check(cluster: specification.cluster)
    }

    private func absolute(_ name: String, _ path: String) throws(AdminRefusal) -> String {
        guard path.hasPrefix("/") else {
            throw AdminRefusal(.usage, "--\(name) is '\(path)', expected an absolute path")
        }
        return path
    }
}
