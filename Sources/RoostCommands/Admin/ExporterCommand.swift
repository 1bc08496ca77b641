internal import Glibc
internal import RoostAdmin
internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

extension AdminCommand {
    /// `roost exporter`: the state of backups and archive as metrics for Prometheus.
    static let exporter = AdminCommand(
        exporterSheet, .output { arguments in try export(ExporterRequest(arguments)) })

    private static let exporterSheet = CommandSheet(
        name: "exporter", summary: "tell Prometheus about backups and archive",
        synopsis: ["[OPTION]...", "[OPTION]... --textfile FILE", "[OPTION]... --listen ADDRESS:PORT"],
        description: """
            Looks at the configured repository once and prints metrics with the names and labels of pgbackrest_exporter, so \
            that its dashboards and alert rules work. With --textfile it writes them to a file for the textfile collector of \
            node_exporter, at once and as a whole. With --listen it answers GET /metrics until it is ended by TERM.

            pgbackrest_exporter_status is 0 if the repository could not be asked. Beside the original's metrics, \
            roost_archive_gap_segments tells of WAL that is lost, and on the host of the cluster \
            roost_archive_ready_segments and roost_archive_ready_age_seconds of WAL that waits for the archive.
            """,
        options: [
            .init("config", value: "FILE", "the configuration; defaults to /etc/pgbackrest/pgbackrest.conf"),
            .init("stanza", value: "NAME", "tell of this stanza only; may be repeated"),
            .init("exclude", value: "NAME", "do not tell of this stanza; may be repeated"),
            .init("type", value: "TYPE", "tell of backups of this type only: full, diff or incr"),
            .init("textfile", value: "FILE", "write to FILE, by convention *.prom, with mode 0644"),
            .init("listen", value: "ADDRESS:PORT", "answer over HTTP on 127.0.0.1:9854, [::1]:9854, or :9854 for all"),
            .init(
                "interval", value: "SECONDS",
                "with --listen: look at the repository anew when the last look is older; defaults to 120"),
            .init("databases", "tell how many databases each backup holds, which reads every manifest"),
            .init("references", "tell how many backups each backup needs"),
            .init("verbose-wal", "tell the first and last archived segment as labels"),
            .help,
        ],
        sections: [
            .init(
                title: "EXIT STATUS",
                text: """
                    0 done, or ended by TERM; 1 the metrics say that the repository could not be asked (they are written \
                    none the less); 3 usage; others as pgBackRest's.
                    """)
        ])

    private static func export(_ request: ExporterRequest) throws -> Int32 {
        switch request.destination {
        case .standardOutput:
            let (text, succeeded) = try request.measure()
            let output = OutputBuffer()
            output.add(text)
            try output.finish()
            return succeeded ? 0 : 1
        case .file(let path):
            let (text, succeeded) = try request.measure()
            // Another user's program reads it, whatever cron has as umask.
            CurrentProcess.setUmask(0o022)
            try DurableFile.write(path, Array(text.utf8), mode: 0o644)
            return succeeded ? 0 : 1
        case .address(let address):
            let listener = try TCPListener(address)
            StandardOutput.writeError("listening on \(listener.address)\n")
            var server = MetricsServer(listener, lifetime: request.lifetime) { () throws(RoostError) in
                try request.measure().text
            }
            try server.run()
            return 0
        }
    }
}

/// What is to be measured, and where it goes.
struct ExporterRequest {
    enum Destination {
        case standardOutput
        case file(String)
        case address(String)
    }

    let destination: Destination
    /// Of a page, in milliseconds.
    let lifetime: Int64
    private let configuration: String?
    private let type: [String]
    private let included: [String]
    private let excluded: [String]
    private let countsDatabases: Bool
    private let settings: BackupMetrics.Settings

    init(_ arguments: ToolArguments) throws(AdminRefusal) {
        switch (arguments["textfile"], arguments["listen"]) {
        case (nil, nil): destination = .standardOutput
        case (let file?, nil): destination = .file(file)
        case (nil, let address?): destination = .address(address)
        default: throw AdminRefusal(.usage, "--textfile and --listen are given: one of them is enough")
        }
        let seconds = try arguments.number("interval", of: "seconds", in: 0...86_400) ?? 120
        lifetime = seconds * 1000
        configuration = arguments["config"]
        if let type = arguments["type"], BackupType(rawValue: type) == nil {
            throw AdminRefusal(.usage, "--type is '\(type)', expected full, diff or incr")
        }
        type = arguments["type"].map { ["--type=\($0)"] } ?? []
        included = arguments.all("stanza")
        excluded = arguments.all("exclude")
        countsDatabases = arguments.has("databases")
        var settings = BackupMetrics.Settings()
        settings.countsReferences = arguments.has("references")
        settings.tellsSegments = arguments.has("verbose-wal")
        if !excluded.isEmpty { settings.scopes = ["all-stanzas-except-excluded"] }
        if !included.isEmpty { settings.scopes = included }
        self.settings = settings
    }

    /// Looks at the repository, by the configuration as it is now.
    ///
    /// - Returns: The page, and whether the repository could be asked; if not, standard error tells why.
    func measure() throws(RoostError) -> (text: String, succeeded: Bool) {
        var stanzas: [BackupMetrics.Stanza]?
        do {
            stanzas = try look()
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            StandardOutput.writeError("ERROR: [\(pad(Int(error.code.exitStatus), 3))]: \(error)\n")
        }
        let page = BackupMetrics.page(stanzas, settings, now: SystemClock().now().seconds)
        return (page.text, stanzas != nil)
    }

    private func look() throws -> [BackupMetrics.Stanza] {
        var found: [BackupMetrics.Stanza] = []
        for wanted in included.isEmpty ? [nil] : included.map(Optional.some) {
            let invocation = try Invocation.quiet("info", stanza: wanted, configuration: configuration, type)
            let repository = try invocation.repository(wanted ?? "")
            var infos = try ask(wanted, invocation, repository)
            if wanted == nil {
                // A repository that is away lists nothing, and one that cannot be read names no stanza.
                let listed = infos.map(\.name)
                let configured = invocation.options.configuredStanzas
                if !configured.isEmpty { infos.removeAll { $0.name == InfoQuery.nameless } }
                for name in configured.sorted() where !listed.contains(name) {
                    infos += try ask(name, invocation, repository)
                }
            }
            for info in infos where !excluded.contains(info.name) {
                found.append(try describe(info, invocation, repository))
            }
        }
        return found
    }

    private func ask(
        _ stanza: String?, _ invocation: Invocation, _ repository: Repository
    ) throws -> [StanzaInfo] {
        try InfoQuery(query(stanza, invocation), repository: repository).run()
    }

    private func query(_ stanza: String?, _ invocation: Invocation) -> InfoQuery.Settings {
        var query = InfoQuery.Settings(lockPath: invocation.options[Options.lockPath])
        query.stanza = stanza
        query.type = invocation.options[Options.type].flatMap { BackupType(rawValue: $0) }
        return query
    }

    private func describe(
        _ info: StanzaInfo, _ invocation: Invocation, _ repository: Repository
    ) throws -> BackupMetrics.Stanza {
        var stanza = BackupMetrics.Stanza(info)
        if invocation.options.configuredStanzas.contains(info.name) { stanza.backlog = try backlog(of: info.name) }
        if countsDatabases {
            stanza.databases = try databases(of: info, query(info.name, invocation), repository)
        }
        return stanza
    }

    /// - Returns: Nil where the cluster is on another host, or this user may not look.
    private func backlog(of stanza: String) throws -> ArchiveBacklog? {
        // A command that may know the cluster and need not.
        let configured = try Invocation.quiet(
            "manifest", stanza: stanza, configuration: configuration)
        guard let directory = configured.options[Options.pgPath] else { return nil }
        do {
            return try ArchiveBacklog.read(dataDirectory: directory)
        } catch let error where error.errno == EACCES {
            return nil
        }
    }

    private func databases(
        of info: StanzaInfo, _ settings: InfoQuery.Settings, _ repository: Repository
    ) throws -> [BackupLabel: Int] {
        var counts: [BackupLabel: Int] = [:]
        for entry in info.backups {
            var query = settings
            query.stanza = info.name
            query.set = entry.label.text
            let manifest = try InfoQuery(query, repository: repository).run().first?.manifest
            counts[entry.label] = manifest?.databases.keys.count { !["template0", "template1"].contains($0) }
        }
        return counts
    }
}
