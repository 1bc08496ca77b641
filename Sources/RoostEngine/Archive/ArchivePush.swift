package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
package import RoostSystem
internal import RoostTransform

/// What `archive-push` is told.
package struct ArchivePushSettings: Sendable {
    /// Absolute.
    package var walPath: String
    /// Of the data directory, if it is known.
    package var cluster: ClusterIdentity?
    package var compression: Compression
    package var level: Int
    /// Check that the segment is of this cluster.
    package var headerCheck = true
    /// Warn of a segment that is archived already.
    package var modeCheck = true

    package init(walPath: String, cluster: ClusterIdentity?, compression: Compression, level: Int) {
        self.walPath = walPath
        self.cluster = cluster
        self.compression = compression
        self.level = level
    }
}

/// `archive-push`: puts one file into the archive.
///
/// When it returns the file is durable there.
package enum ArchivePush {
    /// - Throws: ``ErrorCode/repoInvalid`` if the stanza is not of this cluster or cannot be read,
    ///   ``ErrorCode/archiveMismatch`` if the segment is not, ``ErrorCode/archiveDuplicate`` if another segment of this name is
    ///   archived, ``ErrorCode/command`` if the repository failed.
    package static func run(
        _ settings: ArchivePushSettings, repository: Repository, context: CommandContext
    ) throws(RoostError) {
        let name = lastPart(of: settings.walPath)
        _ = try WALFileName(name)
        guard try FileStatus.of(settings.walPath, followingLinks: true) != nil else {
            throw RoostError.missing(settings.walPath)
        }
        let info = try loadInfo(settings.cluster, repository)
        let pending = PendingGaps(walDirectory: directoryPart(of: settings.walPath))
        try pending.flushIfPossible(to: repository, info, context.log)
        let warning = try push(settings, info: info, repository: repository, SegmentBuffers(sideBySide: true))
        if let warning { context.log.warn(warning) }
        context.log.info("pushed WAL file '\(name)' to the archive")
    }

    /// Puts one file into an archive that is known to be the cluster's.
    ///
    /// - Returns: What the administrator should hear of it.
    static func push(
        _ settings: ArchivePushSettings, info: ArchiveInfo, repository: Repository, _ buffers: SegmentBuffers
    ) throws(RoostError) -> String? {
        let file = try WALFileName(lastPart(of: settings.walPath))
        guard case .segment(let segment, let partial) = file else {
            try inRepository(repository) { () throws(RoostError) in
                try copy(file, from: settings.walPath, info: info, repository: repository)
            }
            return nil
        }
        if settings.headerCheck { try checkHeader(settings.walPath, info.history.current) }
        let push = SegmentPush(settings, segment, partial: partial, info: info, repository: repository)
        switch try inRepository(repository, { () throws(RoostError) in try push.run(buffers) }) {
        case .archived(let warning): return warning
        case .conflict(let error): throw error
        }
    }

    /// Loads `archive.info` and checks that it is the cluster's.
    static func loadInfo(
        _ cluster: ClusterIdentity?, _ repository: Repository
    ) throws(RoostError) -> ArchiveInfo {
        do throws(RoostError) {
            let info = try repository.loadArchiveInfo()
            if let cluster, info.history.current != cluster {
                throw RoostError(
                    .archiveMismatch,
                    "PostgreSQL \(cluster) do not match stanza \(info.history.current)",
                    hints: ["are you archiving to the correct stanza?"])
            }
            return info
        } catch {
            if error.isFatal { throw error }
            throw RoostError(
                .repoInvalid, "unable to find a valid repository:\n\(repository.name): [\(error.code.name)] \(error)")
        }
    }

    private static func checkHeader(_ path: String, _ expected: ClusterIdentity) throws(RoostError) {
        let header = try WALHeader.read(path)
        guard header.version.text == expected.version, header.systemID == expected.systemID else {
            throw RoostError(
                .archiveMismatch,
                "WAL file '\(path)' version \(header.version.text), system-id \(header.systemID) do not match stanza \(expected)",
                hints: ["are you archiving to the correct stanza?"])
        }
    }

    /// History and backup label files, and anything else: stored as they are, again each time.
    static func copy(
        _ file: WALFileName, from path: String, info: ArchiveInfo, repository: Repository
    ) throws(RoostError) {
        try store(try FileSystem.read(path), as: file, info: info, repository: repository)
    }

    static func store(
        _ bytes: [UInt8], as file: WALFileName, info: ArchiveInfo, repository: Repository
    ) throws(RoostError) {
        try repository.storage.write(
            target(of: file, info, repository), try transformed(bytes, encrypting: info.cipherPass))
    }

    /// Where such a file lies.
    static func target(of file: WALFileName, _ info: ArchiveInfo, _ repository: Repository) -> String {
        "\(repository.paths.directory(info.currentArchiveID, of: file))/\(file.name)"
    }

    /// Failures of a repository are reported as a list, since a push goes to each of them; whatever must end the command at
    /// once is not among them.
    private static func inRepository<Value>(
        _ repository: Repository, _ body: () throws(RoostError) -> Value
    ) throws(RoostError) -> Value {
        do {
            return try body()
        } catch {
            if error.isFatal { throw error }
            throw RoostError(
                .command,
                "archive-push command encountered error(s):\n\(repository.name): [\(error.code.name)] \(error)",
                errno: error.errno)
        }
    }
}

extension WALHeader {
    /// Reads the header of a segment.
    static func read(_ path: String) throws(RoostError) -> WALHeader {
        let file = try OwnedDescriptor.read(path)
        let chunk = Chunk(capacity: byteCount)
        _ = try file.read(into: chunk)
        do {
            return try WALHeader(parsing: chunk.bytes)
        } catch {
            throw error.during("WAL file '\(path)'")
        }
    }
}
