internal import RoostFormat
internal import RoostStorage
package import RoostSystem

/// `stanza-delete`: removes everything a repository holds of a stanza.
///
/// The order of steps: info files, so that nothing half is taken for whole; archive; backups; the stop file. A run that died is
/// finished by the next, since the stop file goes last.
package struct StanzaDelete {
    package struct Settings: Sendable {
        /// Of the cluster, to see whether it runs.
        package var dataDirectory: String
        /// Goes on although the server runs.
        package var force = false

        package init(dataDirectory: String) { self.dataDirectory = dataDirectory }
    }

    private let settings: Settings
    private let repository: Repository
    private let stopFile: StopFile

    package init(_ settings: Settings, repository: Repository, stopFile: StopFile) {
        self.settings = settings
        self.repository = repository
        self.stopFile = stopFile
    }

    /// - Throws: ``ErrorCode/fileMissing`` without the stanza's stop file, ``ErrorCode/pgRunning`` beside a running server.
    package func run() throws(RoostError) {
        let paths = repository.paths
        let (archive, backup) = (try isFilled(paths.archive), try isFilled(paths.backup))
        if archive || backup {
            try checkStopped()
            for path in [paths.archiveInfo, paths.backupInfo] {
                try repository.storage.remove(path)
                try repository.storage.remove(StanzaPaths.copy(of: path))
            }
            for path in [paths.archive, paths.backup] where try repository.storage.exists(path) {
                try syncDirectory(path)
            }
        }
        try repository.storage.removeTree(paths.archive)
        try repository.storage.removeTree(paths.backup)
        try stopFile.remove(stanza: paths.stanza)
    }

    private func isFilled(_ path: String) throws(RoostError) -> Bool { try !repository.storage.names(path).isEmpty }

    private func checkStopped() throws(RoostError) {
        let stanza = repository.paths.stanza
        guard try stopFile.exists(stanza: stanza) else {
            throw RoostError(
                .fileMissing, "stop file does not exist for stanza '\(stanza)'",
                hints: ["has the pgbackrest stop command been run on this server for this stanza?"])
        }
        guard !settings.force, try FileStatus.of("\(settings.dataDirectory)/postmaster.pid") != nil else { return }
        throw RoostError(
            .pgRunning,
            "postmaster.pid exists - looks like PostgreSQL is running. To delete stanza '\(stanza)' on "
                + "\(repository.name), shut down PostgreSQL for stanza '\(stanza)' and try again, or use --force.")
    }

    private func syncDirectory(_ path: String) throws(RoostError) {
        guard repository.storage.traits.contains(.directories) else { return }
        try repository.storage.syncDirectory(path)
    }
}
