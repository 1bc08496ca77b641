package import RoostEngine
internal import RoostStorage
package import RoostSystem

/// The engine's commands for one stanza, by the configuration that lies on disk.
package protocol StanzaEngine {
    /// Runs a command: `stanza-create`, `check`, `backup`.
    ///
    /// - Parameter options: `--type=full`; stanza and configuration file are added.
    /// - Throws: What the command ended with.
    func run(_ command: String, _ options: [String]) throws(RoostError)

    /// What the configuration says; read anew each time, since it may have been written meanwhile.
    ///
    /// - Throws: What is wrong with it.
    func configured() throws(RoostError) -> ConfiguredEngine

    /// The same of a file that is not in its place yet.
    func configured(by path: String) throws(RoostError) -> ConfiguredEngine
}

/// What a configuration tells of the places of a stanza.
package struct ConfiguredEngine {
    package var repository: Repository
    package var lockPath: String
    /// Nil where nothing is archived asynchronously.
    package var spoolPath: String?
    /// `pg1-path`; nil if the stanza has no section.
    package var dataDirectory: String?
    /// Where a repository on a file system begins; nil for one that is elsewhere.
    package var repositoryPath: String?
    /// Nil for a kind of storage that has none.
    package var lockProbe: (any RepositoryLockProbe)?

    package init(
        repository: Repository, lockPath: String, spoolPath: String?, dataDirectory: String?, repositoryPath: String?,
        lockProbe: (any RepositoryLockProbe)?
    ) {
        self.repository = repository
        self.lockPath = lockPath
        self.spoolPath = spoolPath
        self.dataDirectory = dataDirectory
        self.repositoryPath = repositoryPath
        self.lockProbe = lockProbe
    }

    package var stopFile: StopFile { StopFile(lockPath: lockPath) }

    /// `repo1 ('/pg/backup')`.
    var repositoryText: String { "\(repository.name) ('\(repository.storage.displayPath(""))')" }
}

extension StanzaEngine {
    package func run(_ command: String) throws(RoostError) { try run(command, []) }
}
