internal import RoostFormat

/// The mapping `pg_pitr`: from which stanza a member is restored, to which point, and how.
package struct PitrRequest: Sendable, Equatable {
    package var goal = RecoveryGoal()
    /// The stanza that is restored.
    package var source: String
    /// Whether the restored server archives by the settings of the backup; else archiving is switched off in it.
    package var archives: Bool
    /// Whether what is there now is kept under another name until the recovery is accepted.
    package var keepsData = true
    package var includedDatabases: [String] = []
    package var excludedDatabases: [String] = []
    /// Where links of the data directory lead, by their names in it.
    package var links: [String: String] = [:]
    package var workers: Int?
    /// Whether another directory than the cluster's own is restored into.
    package var isElsewhere = false
    /// Options of another repository, by their names after `repo1-`; nil for that of the configuration.
    package var repository: [String: String]?

    /// Takes the mapping out of a specification; `data` and `port` in it replace the specification's own.
    ///
    /// - Throws: ``AdminRefusal/Reason/usage`` for a mapping that contradicts itself or has unknown keys.
    package init(_ specification: inout ClusterSpecification) throws(AdminRefusal) {
        source = specification.cluster
        archives = true
        guard let value = specification.pitr else { return }
        var fields = try SpecificationFields(value, "'pitr' of the specification")
        source = try fields.text("cluster") ?? source
        try ClusterSpecification.check(cluster: source)
        goal = try Self.goal(&fields)
        keepsData = try fields.truth("backup") ?? true
        includedDatabases = try fields.texts("db_include") ?? []
        excludedDatabases = try fields.texts("db_exclude") ?? []
        if var entry = try fields.object("link_map") { links = try entry.remainingTexts() }
        workers = try fields.number("process")
        if let data = try fields.path("data") {
            guard data == specification.data || specification.patroni == nil || specification.service == .pgCtl else {
                throw AdminRefusal(
                    .usage, "'data' of 'pitr' is '\(data)', but Patroni manages '\(specification.data)'",
                    hints: ["with 'service': 'pg_ctl' the copy is nobody's but yours"])
            }
            isElsewhere = data != specification.data
            specification.data = data
        }
        guard !isElsewhere || fields.has("port") else {
            throw AdminRefusal(
                .usage, "'data' of 'pitr' is another directory than the cluster's, and its server has no port",
                hints: ["'port' gives it one"])
        }
        // Whoever manages the cluster's own server knows nothing of this one.
        if isElsewhere { specification.service = .pgCtl }
        // What one cluster archives into the stanza of another is lost for both.
        let isOwn = source == specification.cluster && !isElsewhere
        archives = try fields.truth("archive") ?? isOwn
        guard !archives || isOwn else {
            throw AdminRefusal(
                .usage, "'archive' is true, but this is a copy of the cluster whose stanza '\(source)' is",
                hints: ["leave it out: `roost clone adopt` turns archiving on into a cluster's own stanza"])
        }
        if let port = try fields.number("port") {
            guard let port = UInt16(exactly: port), port > 0 else {
                throw AdminRefusal(.usage, "'port' of 'pitr' is not 1 to 65535")
            }
            specification.port = port
        }
        if var entry = try fields.object("repo") {
            repository = [:]
            for (key, text) in try entry.remainingTexts() {
                // The repository is that of the source.
                let value = text.replacing("${pg_cluster}", with: source)
                repository?[key.replacing("_", with: "-")] = value
            }
            repository?["method"] = nil
        }
        try fields.expectNothingElse()
    }

    private static func goal(_ fields: inout SpecificationFields) throws(AdminRefusal) -> RecoveryGoal {
        var given: [(type: String, value: String)] = []
        for key in ["time", "xid", "name", "lsn"] {
            if let value = try fields.text(key) { given.append((key, value)) }
        }
        guard given.count <= 1 else {
            throw AdminRefusal(
                .usage, "more than one recovery target: \(given.map(\.type).joined(separator: ", "))",
                hints: ["give one"])
        }
        let type = try fields.text("type") ?? given.first?.type ?? "default"
        if let (key, _) = given.first, key != type {
            throw AdminRefusal(.usage, "type of recovery is '\(type)', but the target is given as '\(key)'")
        }
        guard !["time", "xid", "name", "lsn"].contains(type) || !given.isEmpty else {
            throw AdminRefusal(.usage, "type of recovery is '\(type)', but '\(type)' is missing")
        }
        var goal = RecoveryGoal()
        goal.target = try RecoveryGoal.target(type: type, value: given.first?.value ?? "")
        if let set = try fields.text("set") { goal.set = try RecoveryGoal.checkedSet(set) }
        if let timeline = try fields.text("timeline") { goal.timeline = try RecoveryGoal.checkedTimeline(timeline) }
        goal.isExclusive = try fields.truth("exclusive") ?? false
        goal.action = try fields.choice("action") ?? .pause
        try goal.check()
        return goal
    }

    /// What recovery is to come to.
    package var expected: PitrState.Outcome {
        guard goal.target != .latest else { return .promoted }
        switch goal.action {
        case .pause: return .paused
        case .promote: return .promoted
        case .shutdown: return .shutDown
        }
    }

    /// Options of the engine's `restore` beyond stanza and place.
    package var options: [String] {
        var options = ["--delta", "--force"] + goal.options
        if !archives { options.append("--archive-mode=off") }
        options += includedDatabases.map { "--db-include=\($0)" } + excludedDatabases.map { "--db-exclude=\($0)" }
        options += links.sorted { $0.key < $1.key }.map { "--link-map=\($0.key)=\($0.value)" }
        if let workers { options.append("--process-max=\(workers)") }
        return options
    }
}
