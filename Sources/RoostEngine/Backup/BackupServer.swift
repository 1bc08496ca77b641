internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// The server of the cluster that is backed up, or for an offline backup its data directory alone.
final class BackupServer {
    /// What the start of a backup tells.
    struct Start {
        var lsn: LSN
        var segment: WALSegmentName
    }

    /// What the end of a backup tells.
    struct Stop {
        /// Nil offline.
        var position: Start?
        var time: Int64
        var label: String?
        var tablespaceMap: String?
    }

    let control: ControlFile
    private let settings: BackupSettings
    private let context: CommandContext
    private let session: PostgresSession?
    private var lastCheck = monotonicMilliseconds()
    private(set) var databases: [String: Manifest.Database] = [:]
    /// Names by oid; nil offline.
    private(set) var tablespaces: [String: String]?

    /// Connects.
    ///
    /// - Throws: ``ErrorCode/dbConnect``; ``ErrorCode/dbMismatch`` if the server is not that of `pg1-path`;
    ///   ``ErrorCode/pgRunning`` offline, if the server runs.
    init(_ settings: BackupSettings, _ control: ControlFile, _ context: CommandContext) throws(RoostError) {
        self.settings = settings
        self.context = context
        self.control = control
        guard let connection = settings.session else {
            session = nil
            try Self.checkStopped(settings, context.log)
            return
        }
        session = try ServerPreflight.connect(connection, dataDirectory: settings.dataDirectory, control: control)
        guard let session else { return }
        if settings.archiveCheck {
            try ServerPreflight.checkArchiving(session.server, modeCheck: settings.archiveModeCheck)
        }
        if !settings.startFast, connection.queryTimeout <= session.server.checkpointTimeout * 1000 {
            context.log.warn(
                "start-fast is disabled and db-timeout (\(connection.queryTimeout / 1000)s) is smaller than the PostgreSQL "
                    + "checkpoint_timeout (\(session.server.checkpointTimeout)s) - timeout may occur before the backup starts"
            )
        }
    }

    /// The clock that the backup goes by: the server's, offline the host's.
    func now() throws(RoostError) -> UnixTime { try session?.run(ClockTime()) ?? context.clock.now() }

    /// Starts the backup on the server and proves that WAL reaches the archive.
    ///
    /// - Parameter archive: Nil to leave out the proof.
    /// - Returns: Nil offline.
    func start(archive: ArchiveDirectory?) throws(RoostError) -> Start? {
        guard let session else { return nil }
        let before = archive == nil ? nil : try session.run(CurrentWALSegment())
        context.log.info(
            "execute backup start: backup begins after the \(settings.startFast ? "requested immediate" : "next regular") "
                + "checkpoint completes")
        let row = try session.run(StartBackup(fast: settings.startFast))
        context.log.info("backup start archive = \(row.walSegment), lsn = \(row.lsn)")
        let now = try ControlFile.read(dataDirectory: settings.dataDirectory, clock: context.clock).file
        guard now.checkpoint >= row.lsn else {
            throw RoostError(
                .dbMismatch, "checkpoint \(now.checkpoint) in pg_control is less than the backup start \(row.lsn)",
                hints: ["is pg1-path the data directory of the server that was asked?"])
        }
        guard row.walSegment.timeline == now.timeline else {
            throw RoostError(
                .dbMismatch,
                "WAL timeline \(row.walSegment.timeline.value) does not match pg_control timeline \(now.timeline.value)"
            )
        }
        try readCatalog(session)
        if var archive, let before { try proveArchiving(session, before, started: row.walSegment, &archive) }
        return Start(lsn: row.lsn, segment: row.walSegment)
    }

    /// Waits until the second in which the files were listed is over, so that a later change shows in a file's time.
    ///
    /// - Returns: The first second in which a change can no longer go unnoticed.
    func waitForCopyStart() throws(RoostError) -> Int64 {
        let begin = try now()
        guard session != nil else { return begin.seconds }
        for _ in 0..<3 {
            let time = try now()
            if time.seconds > begin.seconds { return begin.seconds + 1 }
            context.clock.sleep(milliseconds: 1000 - Int64(time.nanoseconds) / 1_000_000)
        }
        guard try now().seconds > begin.seconds else {
            throw RoostError(.kernel, "the clock did not advance past \(begin.seconds) after three waits")
        }
        return begin.seconds + 1
    }

    /// Called while copying: notices a failover within half a minute.
    func checkAlive(always: Bool = false) throws(RoostError) {
        guard let session, always || monotonicMilliseconds() - lastCheck > 30_000 else { return }
        lastCheck = monotonicMilliseconds()
        guard try !session.run(IsInRecovery()) else {
            throw RoostError(.assert, "the primary has switched to recovery while it was backed up")
        }
    }

    /// Ends the backup on the server.
    func stop() throws(RoostError) -> Stop {
        guard let session else { return Stop(position: nil, time: context.clock.now().seconds) }
        try checkAlive(always: true)
        context.log.info("execute backup stop and wait for all WAL segments to archive")
        let row = try session.run(StopBackup())
        context.log.info("backup stop archive = \(row.walSegment), lsn = \(row.lsn)")
        let hasMap = row.tablespaceMap.utf8.contains { !" \n\r\t".utf8.contains($0) }
        session.close()
        return Stop(
            position: Start(lsn: row.lsn, segment: row.walSegment), time: row.time.seconds, label: row.label,
            tablespaceMap: hasMap ? row.tablespaceMap : nil)
    }

    private func readCatalog(_ session: PostgresSession) throws(RoostError) {
        let catalog = try session.run(Databases())
        for database in catalog.databases {
            databases[database.name] = Manifest.Database(oid: database.oid, lastSystemOID: catalog.template0)
        }
        var names: [String: String] = [:]
        for tablespace in try session.run(Tablespaces()) { names[String(tablespace.oid)] = tablespace.name }
        tablespaces = names
    }

    private func proveArchiving(
        _ session: PostgresSession, _ segment: WALSegmentName, started: WALSegmentName,
        _ archive: inout ArchiveDirectory
    ) throws(RoostError) {
        if segment == started {
            _ = try session.run(CreateRestorePoint(name: "pgBackRest Archive Check"))
            _ = try session.run(SwitchWAL())
            context.log.info("check archive for segment \(segment)")
        } else {
            context.log.info("check archive for prior segment \(segment)")
        }
        try archive.wait(for: [segment], timeout: settings.archiveTimeout, clock: context.clock)
    }

    private static func checkStopped(_ settings: BackupSettings, _ log: any Log) throws(RoostError) {
        let pidFile = "\(settings.dataDirectory)/postmaster.pid"
        guard try FileStatus.of(pidFile) != nil else { return }
        guard settings.force else {
            throw RoostError(
                .pgRunning, "--no-online passed but '\(pidFile)' exists - looks like PostgreSQL is running",
                hints: ["shut down PostgreSQL, or back up online; --force overrides at the risk of a useless backup"])
        }
        log.warn(
            "--no-online passed and '\(pidFile)' exists but --force was passed so backup will continue though it looks "
                + "like PostgreSQL is running and the backup will probably not be consistent")
    }
}
