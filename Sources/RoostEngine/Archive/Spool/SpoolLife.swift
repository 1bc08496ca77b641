package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
package import RoostSystem

/// Which life of a cluster and of its archive the files of a spool belong to.
///
/// Upstream's spool files tell a name and no more. What an earlier life left there, of a data directory that was put back, of a
/// cluster before `pg_upgrade`, of a stanza or repository that was another, must acknowledge nothing. So Roost writes
/// beside them, where stock tools do not look, for whom they are; what has no such witness is not believed.
package struct SpoolLife: Sendable, Equatable {
    package var cluster: ClusterIdentity
    package var dataDirectory: String
    /// Where the archive of the stanza lies.
    package var archive: String
    /// The directory of the repository that begins anew when the archive does; nil if the repository could not be asked.
    package var directory: String?
    /// Of that directory; nil like it.
    package var incarnation: String?
    /// For files that are not synced: the start of the machine they were written after.
    package var boot: String?

    package init(cluster: ClusterIdentity, dataDirectory: String, archive: String) {
        self.cluster = cluster
        self.dataDirectory = dataDirectory
        self.archive = archive
    }

    /// - Returns: Nil for anything that ``text`` did not write.
    init?(parsing text: String) {
        guard let value = try? JSONValue(parsing: text),  // whatever it is, it is no witness
            case .unsigned(let id) = value["system-id"], case .string(let version) = value["version"],
            case .string(let data) = value["data"], case .string(let archive) = value["archive"]
        else { return nil }
        self.init(
            cluster: ClusterIdentity(systemID: SystemID(id), version: version), dataDirectory: data, archive: archive)
        if case .string(let text) = value["directory"] { directory = text }
        if case .string(let text) = value["incarnation"] { incarnation = text }
        if case .string(let text) = value["boot"] { boot = text }
    }

    var text: String {
        var members: [String: JSONValue] = [
            "system-id": .unsigned(cluster.systemID.value), "version": .string(cluster.version),
            "data": .string(dataDirectory), "archive": .string(archive),
        ]
        members["directory"] = directory.map { .string($0) }
        members["incarnation"] = incarnation.map { .string($0) }
        members["boot"] = boot.map { .string($0) }
        return JSONValue.object(members).text
    }
}

/// Judges whether what lies in a queue of the spool belongs to the present life.
package struct SpoolWitness: Sendable {
    private let spool: ArchiveSpool
    private let queue: ArchiveSpool.Queue
    private let repository: Repository
    private let life: SpoolLife

    /// - Parameter cluster: That of the data directory.
    package init(
        _ spool: ArchiveSpool, _ queue: ArchiveSpool.Queue, cluster: ClusterIdentity, dataDirectory: String,
        repository: Repository
    ) throws(RoostError) {
        self.spool = spool
        self.queue = queue
        self.repository = repository
        var life = SpoolLife(
            cluster: cluster, dataDirectory: dataDirectory,
            archive: repository.storage.displayPath(repository.paths.archive))
        if queue == .get { life.boot = try CurrentProcess.bootID() }
        self.life = life
    }

    private var path: String { "\(spool.ownDirectory)/life-\(queue.rawValue)" }

    /// Whether the queue is of this life.
    ///
    /// The repository is not opened: at most the status of one directory of it is looked at, and where it cannot be seen at
    /// all, what was true stays true.
    func isPresent() throws(RoostError) -> Bool {
        guard try FileStatus.of(path) != nil else { return false }
        let text = String(decoding: try FileSystem.read(path, limit: 1 << 16), as: UTF8.self)
        guard let recorded = SpoolLife(parsing: text) else { return false }
        var expected = life
        expected.directory = recorded.directory
        expected.incarnation = recorded.incarnation
        guard recorded == expected else { return false }
        return try isUnchanged(recorded)
    }

    private func isUnchanged(_ recorded: SpoolLife) throws(RoostError) -> Bool {
        do throws(RoostError) {
            if let directory = recorded.directory, let found = try repository.storage.incarnation(directory) {
                return found == recorded.incarnation
            }
            return try !repository.storage.exists(repository.paths.archiveInfo)
        } catch {
            if error.isFatal { throw error }
            return true  // a repository that cannot be seen has not begun anew
        }
    }

    /// Makes the queue one of this life: forgets all that is in it unless it is of this life already.
    ///
    /// The order of durable steps: the files go; their directory is synced, so that no power cut brings them back; then the
    /// new witness is written.
    ///
    /// - Parameter directory: Of the repository, there for as long as the archive; nil if the repository is away.
    /// - Returns: How many files were thrown away.
    func adopt(_ directory: String?) throws(RoostError) -> Int {
        var wanted = life
        if let directory, let incarnation = try repository.storage.incarnation(directory) {
            (wanted.directory, wanted.incarnation) = (directory, incarnation)
        }
        if try isPresent() {
            let recorded = try FileSystem.read(path, limit: 1 << 16)
            if wanted.directory == nil || recorded == Array(wanted.text.utf8) { return 0 }
        }
        let names = try FileSystem.list(spool.directory(queue))
        for name in names { try FileSystem.removeFile(spool.file(name, queue)) }
        try FileSystem.syncDirectory(spool.directory(queue))
        try DurableFile.write(path, Array(wanted.text.utf8))
        return names.count
    }
}
