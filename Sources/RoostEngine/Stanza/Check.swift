internal import RoostFormat
package import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// `check`: whether the cluster is set up so that backups and recovery will work, proved by archiving a WAL segment.
package struct Check {
    package struct Settings: Sendable {
        package var dataDirectory: String
        package var session: PostgresSession.Settings
        package var archiveCheck = true
        package var archiveModeCheck = true
        /// Milliseconds.
        package var archiveTimeout: Int64 = 60_000

        package init(dataDirectory: String, session: PostgresSession.Settings) {
            self.dataDirectory = dataDirectory
            self.session = session
        }
    }

    private let settings: Settings
    private let repository: Repository
    private let context: CommandContext

    package init(_ settings: Settings, repository: Repository, context: CommandContext) {
        self.settings = settings
        self.repository = repository
        self.context = context
    }

    /// - Throws: The first thing that is wrong.
    package func run() throws {
        let control = try ControlFile.read(dataDirectory: settings.dataDirectory, clock: context.clock).file
        let session = try ServerPreflight.connect(
            settings.session, dataDirectory: settings.dataDirectory, control: control)
        if settings.archiveCheck {
            try ServerPreflight.checkArchiving(session.server, modeCheck: settings.archiveModeCheck)
        }
        context.log.info("check \(repository.name) configuration (primary)")
        let archive = try repository.loadArchiveInfo()
        try InfoAgreement.check(
            archive: archive, backup: try repository.loadBackupInfo(), cluster: control, repository: repository)
        context.log.info("check \(repository.name) archive for WAL (primary)")
        _ = try session.run(CreateRestorePoint(name: "pgBackRest Archive Check"))
        let segment = try session.run(SwitchWAL())
        session.close()
        var directory = ArchiveDirectory(repository, archive.currentArchiveID)
        try directory.wait(for: [segment], timeout: settings.archiveTimeout, clock: context.clock)
        guard let stored = try directory.findOne(segment) else { return }
        context.log.info(
            "WAL segment \(segment) successfully archived to '\(repository.storage.displayPath(directory.path(stored)))' on "
                + repository.name)
    }
}
