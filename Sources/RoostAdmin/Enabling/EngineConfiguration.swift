/// The recommended configuration of the engine for one member of a cluster, as text.
///
/// What is better than a default is written here, where everybody can read it. It holds no time, so that the second run writes the
/// same bytes as the first.
package struct EngineConfiguration: Sendable, Equatable {
    /// The first line; a file that begins otherwise is somebody's own, and is left alone.
    package static let heading = "# written by `roost enable`: what is changed here is lost with its next run"

    package let text: String

    /// - Parameter processors: Of the host.
    /// - Throws: ``AdminRefusal/Reason/configuration`` for a repository that could not work.
    package init(_ specification: ClusterSpecification, processors: Int) throws(AdminRefusal) {
        try Self.check(specification)
        let cluster = specification.cluster
        var global = [
            "annotation=pg_cluster=\(cluster)", "archive-async=y", "archive-push-queue-max=4GiB", "compress-type=zst",
            "delta=y", "expire-auto=y", "log-level-console=info", "log-level-file=info",
            "log-path=\(specification.log)",
        ]
        if let lock = specification.lock { global.append("lock-path=\(lock)") }
        global += ["spool-path=\(specification.spool)", "start-fast=y"]
        var repository = ["bundle": "y", "block": "y"]
        for (name, value) in specification.repository.options { repository[name] = Self.truth(value) }
        global += repository.sorted { $0.key < $1.key }.map { "repo1-\($0.key)=\($0.value)" }

        var stanza = ["pg1-path=\(specification.data)", "pg1-port=\(specification.port)"]
        if let directory = specification.socketDirectory { stanza.append("pg1-socket-path=\(directory)") }

        let workers = min(4, max(1, (processors + 3) / 4))
        var lines = [Self.heading, "[global]"] + global
        for command in ["archive-get", "archive-push", "backup"] {
            lines += ["", "[global:\(command)]", "process-max=\(workers)"]
        }
        lines += ["", "[global:restore]", "process-max=\(min(8, max(1, processors)))"]
        lines += ["", "[\(cluster)]"] + stanza
        text = lines.joined(separator: "\n") + "\n"
    }

    /// Whether nothing ever expires, since nothing says how long to keep.
    package static func keepsForEver(_ repository: ClusterSpecification.Repository) -> Bool {
        repository.options["retention-full"] == nil
    }

    /// Truth values of YAML in the engine's words.
    private static func truth(_ value: String) -> String {
        switch value {
        case "true": "y"
        case "false": "n"
        default: value
        }
    }

    /// The engine itself notices a bad retention at the first backup only, which may be next Monday.
    private static func check(_ specification: ClusterSpecification) throws(AdminRefusal) {
        let options = specification.repository.options
        func refuse(_ key: String, _ value: String, _ expected: String) -> AdminRefusal {
            AdminRefusal(
                .configuration,
                "'\(key)' of repository '\(specification.repository.method)' is '\(value)', expected \(expected)")
        }
        let counts =
            ["retention-full", "retention-diff", "retention-archive"].map { ($0, 1) } + [("retention-history", 0)]
        for (key, least) in counts {
            guard let value = options[key] else { continue }
            guard let number = Int(value), (least...9_999_999).contains(number), String(number) == value else {
                throw refuse(key, value, "a number from \(least) to 9999999")
            }
        }
        for (key, known) in [
            ("retention-full-type", ["count", "time"]), ("retention-archive-type", ["full", "diff", "incr"]),
            ("cipher-type", ["none", "aes-256-cbc"]),
        ] {
            guard let value = options[key], !known.contains(value) else { continue }
            throw refuse(key, value, known.joined(separator: " or "))
        }
        if options["cipher-type"] == "aes-256-cbc", options["cipher-pass"] == nil {
            throw AdminRefusal(
                .configuration,
                "repository '\(specification.repository.method)' is to be encrypted and has no 'cipher-pass'")
        }
        guard let path = options["path"], path.hasPrefix("/") else {
            throw refuse("path", options["path"] ?? "", "an absolute path")
        }
        // A value with a line end would be more than one line of the file. The value itself may be a secret.
        for (key, value) in options where value.contains(where: \.isNewline) || key.contains(where: \.isNewline) {
            throw AdminRefusal(.configuration, "'\(key)' of the repository has more than one line")
        }
        for path in [specification.data, specification.log, specification.spool, specification.socketDirectory ?? "/"] {
            guard !path.contains(where: \.isNewline) else {
                throw AdminRefusal(.configuration, "'\(path)' has more than one line")
            }
        }
    }
}
