internal import RoostFormat
internal import RoostSystem

extension ClusterSpecification {
    /// Reads the JSON of `--spec`.
    ///
    /// Truth values and numbers may be text, as `-e` of a playbook gives them; `null` and empty text are as if the key were not there.
    ///
    /// - Throws: ``AdminRefusal/Reason/usage`` for what cannot be read, naming the key; a key that nobody knows is refused, since a
    ///   misspelt one would silently have no effect.
    package init(parsing text: String) throws(AdminRefusal) {
        let value: JSONValue
        do {
            value = try JSONValue(parsingForeign: text)
        } catch {
            throw AdminRefusal(.usage, "the specification is not JSON: \(error.message)")
        }
        var fields = try SpecificationFields(value, "the specification")
        self.init(cluster: try fields.text("cluster") ?? "")
        try Self.check(cluster: cluster)
        declaredRole = try fields.choice("role")
        seq = try fields.number("seq") ?? seq
        upstream = try fields.text("upstream")
        members = try fields.texts("members") ?? []
        try readPlaces(&fields)
        try readWishes(&fields)
        try readRepository(&fields)
        try readPatroni(&fields)
        try fields.expectNothingElse()
    }

    /// - Throws: ``AdminRefusal/Reason/usage`` for a name that cannot be one of a stanza, a directory and a scope.
    package static func check(cluster: String) throws(AdminRefusal) {
        let isPlain = cluster.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
        }
        guard isPlain, !cluster.isEmpty, !cluster.hasPrefix("-"), cluster != "root" else {
            throw AdminRefusal(
                .usage, "'\(cluster)' is not the name of a cluster: letters, digits and hyphens, and not 'root'")
        }
    }

    private mutating func readPlaces(_ fields: inout SpecificationFields) throws(AdminRefusal) {
        data = try fields.path("data") ?? data
        if let number = try fields.number("port") {
            guard let port = UInt16(exactly: number), port > 0 else {
                throw AdminRefusal(.usage, "'port' of the specification is \(number), expected 1 to 65535")
            }
            self.port = port
        }
        programs = try fields.path("bin_dir")
        socketDirectory = try fields.path("socket_dir")
        account = try fields.text("dbsu") ?? account
        unit = try fields.text("unit") ?? unit
        configuration = try fields.path("config") ?? configuration
        spool = try fields.path("spool") ?? spool
        log = try fields.path("log") ?? log
        lock = try fields.path("lock")
        backupDirectory = try fields.path("backup_dir") ?? backupDirectory
    }

    private mutating func readWishes(_ fields: inout SpecificationFields) throws(AdminRefusal) {
        initialBackup = try fields.truth("init_backup") ?? initialBackup
        requested = try fields.truth("requested") ?? requested
        enabled = try fields.truth("enabled") ?? enabled
        restart = try fields.choice("restart") ?? restart
        mismatch = try fields.choice("mismatch") ?? mismatch
        service = try fields.choice("service") ?? service
        crontab = try fields.texts("crontab")
        pitr = try fields.value("pitr")
    }

    /// `_` of a name becomes `-`, `${pg_cluster}` in a value the name of the cluster.
    private mutating func readRepository(_ fields: inout SpecificationFields) throws(AdminRefusal) {
        guard var entry = try fields.object("repo") else {
            repository.options["path"] = backupDirectory
            return
        }
        repository = Repository(method: try entry.text("method") ?? "local", options: [:])
        for (key, text) in try entry.remainingTexts() {
            let name = String(key.map { $0 == "_" ? "-" : $0 })
            repository.options[name] = Self.replace("${pg_cluster}", in: text, by: cluster)
        }
        if repository.method == "local", repository.options["path"] == nil {
            repository.options["path"] = backupDirectory
        }
    }

    private mutating func readPatroni(_ fields: inout SpecificationFields) throws(AdminRefusal) {
        guard var entry = try fields.object("patroni") else { return }
        var patroni = Patroni(scope: try entry.text("scope") ?? cluster, member: try entry.text("name") ?? instance)
        patroni.configuration = try entry.path("config") ?? patroni.configuration
        patroni.namespace = try entry.text("namespace") ?? patroni.namespace
        while patroni.namespace.hasSuffix("/") { patroni.namespace.removeLast() }
        try entry.expectNothingElse()
        self.patroni = patroni
    }

    private static func replace(_ pattern: String, in text: String, by value: String) -> String {
        var rest = text[...]
        var result = ""
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            if rest[dollar...].hasPrefix(pattern) {
                result += value
                rest = rest[dollar...].dropFirst(pattern.count)
            } else {
                result += "$"
                rest = rest[dollar...].dropFirst()
            }
        }
        return result + rest
    }
}
