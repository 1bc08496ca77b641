internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Copies the files of a fork and makes a server of its own of them.
struct ForkCopy {
    private let plan: ForkPlan
    private let control: ControlFile
    private let configuration: ForkConfiguration
    private let tree: TreeCopy

    init(_ plan: ForkPlan) throws(RoostError) {
        self.plan = plan
        control = try ControlFile.read(dataDirectory: plan.source, clock: SystemClock()).file
        configuration = ForkConfiguration(plan: plan, version: control.version)
        tree = TreeCopy(mayVanish: plan.server != nil)
    }

    func run(_ report: inout AdminReport) throws {
        let begin = monotonicMilliseconds()
        if let server = plan.server {
            let stop = try copyRunning(server)
            report.ok("backup", "\(stop.label.split(separator: "\n").first ?? ""), consistent at \(stop.lsnText)")
            report.facts["lsn"] = .string(stop.lsnText)
        } else {
            try copyFiles()
            try copyControl()
            try configure(nil)
        }
        try tree.finish()
        try FileSystem.move(plan.part, to: plan.destination)
        try FileSystem.syncDirectory(directoryPart(of: plan.destination))
        let shared =
            tree.sharedBytes == 0 ? "" : ", of which \(ByteCount(tree.sharedBytes)) share their blocks with the source"
        let time = monotonicMilliseconds() - begin
        report.changed(
            "copy",
            "\(ByteCount(tree.bytes)) in \(tree.fileCount) files\(shared), in \(time / 1000).\(time % 1000 / 100)s")
        report.facts["bytes"] = .unsigned(tree.bytes)
        report.facts["shared-bytes"] = .unsigned(tree.sharedBytes)
        report.ok(
            "settings", "port \(plan.destinationPort), archiving off, no recovery, no replication, no subscriptions")
    }

    /// Whether the source can be copied as it is; changes nothing.
    func check() throws {
        if let server = plan.server {
            try openSession(server).close()
        } else if try FileStatus.of("\(plan.source)/postgresql.conf") == nil {
            throw missingConfiguration
        }
    }

    private func openSession(_ server: Postmaster) throws -> PostgresSession {
        var settings = server.session(as: "pg-fork", user: CurrentProcess.environment("PGUSER"))
        settings.queryTimeout = 1_800_000  // the start of a backup waits for a checkpoint
        let session = try PostgresSession(settings)
        do {
            try check(session)
        } catch {
            session.close()
            throw error
        }
        return session
    }

    private var missingConfiguration: AdminRefusal {
        AdminRefusal(
            .configuration, "'\(plan.source)' has no postgresql.conf: its configuration lies elsewhere",
            hints: ["start the server and leave -s,--skip out: then its settings can be asked for"])
    }

    private func copyRunning(_ server: Postmaster) throws -> StopBackup.Row {
        let session = try openSession(server)
        defer { session.close() }
        let files = try session.run(ServerFiles())
        try reserveWAL(session)
        let start = try session.run(StartBackup(fast: true))
        try copyFiles()
        try copyControl()
        let stop = try session.run(StopBackup())
        try checkTablespaces()
        try tree.write("\(plan.part)/backup_label", Array(stop.label.utf8))
        if !plan.tablespaces.isEmpty {
            try tree.write(
                "\(plan.part)/tablespace_map", Array(ForkConfiguration.tablespaceMap(plan.tablespaces).utf8))
        }
        try copyWAL(from: start.walSegment, to: stop.walSegment)
        try configure(files)
        return stop
    }

    private func check(_ session: PostgresSession) throws {
        guard try FileSystem.resolved(session.server.dataDirectory) == plan.source else {
            throw AdminRefusal(
                .configuration,
                "the server that answers works on '\(session.server.dataDirectory)', not on '\(plan.source)'")
        }
        guard !session.isInRecovery else {
            throw AdminRefusal(
                .role, "the server of '\(plan.source)' is a standby or still recovers",
                hints: ["fork the primary, or stop this server and give -s,--skip"])
        }
    }

    /// Without a slot a checkpoint may take WAL of the backup away; that is noticed at the end.
    private func reserveWAL(_ session: PostgresSession) throws(RoostError) {
        guard control.version.hasSubscriptions else { return }
        do {
            try session.run(ReserveWAL(slot: "roost_fork_\(CurrentProcess.id)"))
        } catch {
            guard error.code == .dbQuery else { throw error }
        }
    }

    private func copyFiles() throws {
        let configuration = configuration
        try tree.copy(plan.source, to: plan.part) { path, status in configuration.choice(path, status) }
        guard !plan.tablespaces.isEmpty else { return }
        try tree.makeDirectory(plan.tablespaceDirectory, 0o700)
        for tablespace in plan.tablespaces {
            try tree.copy(tablespace.location, to: tablespace.copy) { path, status in
                configuration.choice(path, status)
            }
            try FileSystem.link("\(plan.part)/pg_tblspc/\(tablespace.oid)", to: tablespace.copy)
        }
    }

    /// Last of the server's files: it tells where recovery begins if nothing else does.
    private func copyControl() throws(RoostError) {
        let reading = try ControlFile.read(dataDirectory: plan.source, clock: SystemClock())
        try tree.write("\(plan.part)/\(ControlFile.relativePath)", reading.fileBytes)
    }

    /// The creation of a tablespace is in the WAL, and would be done again, at the place of the source.
    private func checkTablespaces() throws {
        let now = try ForkPlan.tablespaces(of: plan.source)
        let known = Dictionary(uniqueKeysWithValues: plan.tablespaces.map { ($0.oid, $0.location) })
        guard now == known else {
            throw AdminRefusal(
                .role, "tablespaces of '\(plan.source)' were created or dropped while it was copied",
                hints: ["run pg-fork again"])
        }
    }

    private func copyWAL(from first: WALSegmentName, to last: WALSegmentName) throws(RoostError) {
        let directory = control.version.walDirectory
        let names = try FileSystem.list("\(plan.source)/\(directory)")
        for segment in WALSegmentName.range(from: first, to: last, segmentSize: control.walSegmentSize) {
            guard names.contains("\(segment)") else {
                throw RoostError(
                    .fileMissing,
                    "WAL segment '\(plan.source)/\(directory)/\(segment)' went away while the cluster was copied",
                    hints: ["raise wal_keep_size or max_replication_slots of the source, then fork again"])
            }
            try tree.copyFile(
                "\(plan.source)/\(directory)/\(segment)", to: "\(plan.part)/\(directory)/\(segment)")
        }
        for name in names where name.hasSuffix(".history") {
            try tree.copyFile("\(plan.source)/\(directory)/\(name)", to: "\(plan.part)/\(directory)/\(name)")
        }
        try tree.makeDirectory("\(plan.part)/\(directory)/archive_status", 0o700)
    }

    /// - Parameter files: Where the running server has its configuration; nil for a cold copy.
    private func configure(_ files: ServerFiles.Row?) throws {
        let main = "\(plan.part)/postgresql.conf"
        if let files, try !isInside(files.configuration) {
            try tree.write(main, ForkConfiguration.main(files.settings))
        } else if try FileStatus.of(main) != nil {
            try tree.write(main, ForkConfiguration.main(try FileSystem.read(main)))
        } else {
            throw missingConfiguration
        }
        for (path, name) in [(files?.hostAccess, "pg_hba.conf"), (files?.userMap, "pg_ident.conf")] {
            guard let path, try !isInside(path) || lastPart(of: path) != name else { continue }
            // Without the second file nobody is mapped.
            guard try FileStatus.of(path, followingLinks: true) != nil else { continue }
            try tree.write("\(plan.part)/\(name)", try FileSystem.read(path))
        }
        let automatic = "\(plan.part)/postgresql.auto.conf"
        let existing = try FileStatus.of(automatic) == nil ? [] : try FileSystem.read(automatic)
        try tree.write(automatic, configuration.automatic(existing))
    }

    private func isInside(_ path: String) throws(RoostError) -> Bool {
        directoryPart(of: try FileSystem.resolved(path) ?? path) == plan.source
    }
}
