internal import RoostPostgres
internal import RoostSystem

/// What a base backup will do: settings with everything decided that they left open.
struct BaseBackupPlan {
    let program: String
    let tag: String
    let file: String
    /// Nil without encryption.
    let key: String?
    let tablespaces: [String]

    /// Where the backup will be.
    let path: String

    /// Checks the settings, in the order of their exit statuses, and asks the server.
    ///
    /// A server that does not answer is no failure yet: its `pg_hba.conf` may know this user for replication only, and if it is
    /// down `pg_basebackup` says so.
    init(
        _ settings: BaseBackupSettings, now: Int64, log: BaseBackupLog
    ) throws {
        let destination = settings.destination
        guard try FileStatus.of(destination, followingLinks: true)?.kind == .directory else {
            throw BaseBackupFailure(.destination, "[INIT] destination directory \(destination) not exist")
        }
        if let cluster = try Self.dataDirectory(around: destination) {
            throw BaseBackupFailure(
                .destination,
                "[INIT] destination directory \(destination) lies in the data directory \(cluster): "
                    + "choose one outside of it")
        }
        guard let program = ChildProgram.find("pg_basebackup", in: settings.programDirectories) else {
            throw BaseBackupFailure(
                .programMissing, "[INIT] pg_basebackup not found in PATH: install PostgreSQL's client")
        }
        if settings.cipher == nil, settings.key != nil {
            log.warn("[INIT] a key is given without -e: the backup is not encrypted")
        }
        self.program = program
        let survey = try Self.ask(settings.source, log)
        tag = try BaseBackupTag.choose(settings.tag, clusterName: survey?.clusterName)
        tablespaces = survey?.tablespaces ?? []
        let today = LocalTime(now)
        let name = BaseBackupTag.cleaned(tag)
        file = settings.file ?? "backup_\(name)_\(pad(today.year, 4))\(pad(today.month))\(pad(today.day)).tar.lz4"
        path = "\(destination == "/" ? "" : destination.trimmingSlashes)/\(file)"
        key = settings.cipher == nil ? nil : settings.key ?? tag
    }

    /// - Returns: Nil if the server does not tell.
    private static func ask(_ source: ConnectionString, _ log: BaseBackupLog) throws(RoostError) -> ServerSurvey? {
        var session = PostgresSession.Settings(applicationName: "pg-basebackup")
        session.connection = source
        session.connectTimeout = 10_000
        session.queryTimeout = 10_000
        do {
            return try ServerSurvey.ask(session)
        } catch let error where error.code != .term {
            log.detail("[INIT] cluster_name and tablespaces not known: \(error)")
            return nil
        }
    }

    /// The data directory of PostgreSQL that a directory lies in or is; nil if in none.
    static func dataDirectory(around directory: String) throws(RoostError) -> String? {
        var path = try FileSystem.resolved(directory) ?? directory
        while path != "/", path != "." {
            if try FileStatus.of("\(path)/global/pg_control") != nil { return path }
            path = directoryPart(of: path)
        }
        return nil
    }
}

extension String {
    fileprivate var trimmingSlashes: String {
        var text = self
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
