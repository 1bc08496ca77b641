internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostPostgres
internal import RoostSystem

/// `archive-push %p`.
struct ArchivePushCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        guard options.parameters.count == 1 else {
            throw RoostError(
                .paramRequired, "WAL segment to push required",
                hints: ["archive_command = 'roost --stanza=NAME archive-push %p'"])
        }
        let stanza = try invocation.stanza()
        try checkOwn(stanza)
        try invocation.stopFile.check(stanza: stanza)
        let path = try WALPath.resolve(
            options.parameters[0], dataDirectory: options[Options.pgPath], command: "archive-push")
        if options[Options.archiveAsync] { return try runAsync(stanza, path) }
        var cluster: ClusterIdentity?
        if options[Options.pgPath] != nil { cluster = ClusterIdentity(try invocation.controlFile()) }
        let type = Compression(rawValue: options[Options.compressType]) ?? .gz
        var settings = ArchivePushSettings(
            walPath: path, cluster: cluster, compression: type, level: options[Options.compressLevel])
        settings.headerCheck = options[Options.archiveHeaderCheck]
        settings.modeCheck = options[Options.archiveModeCheck]
        let repository = try invocation.repository(stanza)
        if let limit = options[Options.archivePushQueueMax],
            try ArchivePush.dropIfQueueExceeds(limit, settings, repository: repository, context: invocation.context)
        {
            return
        }
        try ArchivePush.run(settings, repository: repository, context: invocation.context)
    }

    /// The WAL of a copy must not pass for that of the cluster it was made from: both have one system identifier, and the
    /// copy's settings may still name the other's stanza.
    ///
    /// - Throws: ``ErrorCode/archiveMismatch`` for a stanza that this host's configuration, which has others, does not know.
    private func checkOwn(_ stanza: String) throws(RoostError) {
        let configured = invocation.options.configuredStanzas
        guard !configured.isEmpty, !configured.contains(stanza) else { return }
        throw RoostError(
            .archiveMismatch,
            "stanza '\(stanza)' is not of this host, whose configuration has '\(configured.joined(separator: "', '"))'",
            hints: [
                "is this a copy of '\(stanza)'? its WAL must not go there: `roost clone adopt` gives it a stanza of its own",
                "is it '\(stanza)' itself? the configuration needs a section [\(stanza)]",
            ])
    }

    private func runAsync(_ stanza: String, _ path: String) throws {
        guard let directory = invocation.options[Options.pgPath] else {
            throw RoostError(
                .optionRequired, "'archive-push' command in async mode requires option 'pg1-path'")
        }
        let spool = try invocation.spool(stanza)
        let witness = try SpoolWitness(
            spool, .push, cluster: ClusterIdentity(try invocation.controlFile()), dataDirectory: directory,
            repository: try invocation.repository(stanza))
        let settings = AsyncPush.Settings(
            walPath: path, timeout: invocation.options[Options.archiveTimeout], workerLog: invocation.workerLog(stanza))
        try AsyncPush(
            settings, spool: spool, witness: witness, context: invocation.context,
            start: invocation.workerStart(stanza)
        ).run()
    }
}

/// `archive-get %f "%p"`.
struct ArchiveGetCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// - Returns: 1 if the archive does not have the file.
    func run() throws -> Int32 {
        let parameters = invocation.options.parameters
        guard parameters.count >= 2 else {
            let what = parameters.isEmpty ? "WAL segment to get" : "path to copy WAL segment"
            throw RoostError(
                .paramRequired, "\(what) required",
                hints: ["restore_command = 'roost --stanza=NAME archive-get %f \"%p\"'"])
        }
        guard parameters.count == 2 else { throw RoostError(.paramInvalid, "extra parameters found") }
        let directory = try invocation.dataDirectory()
        let destination = try WALPath.resolve(parameters[1], dataDirectory: directory, command: "archive-get")
        let reading = try invocation.controlFile()
        if reading.isCheckpointInvalid, try FileStatus.of("\(directory)/backup_label") == nil {
            throw RoostError(
                .format, "pg_control from backup is not valid without backup_label",
                hints: [
                    "was the backup_label file removed?",
                    "starting PostgreSQL after removing backup_label will result in corruption",
                    "restore the backup again and do not remove backup_label",
                ])
        }
        let found: Bool
        if invocation.options[Options.archiveAsync], let segment = WALSegmentName(parameters[0]) {
            found = try getAsync(segment, destination, directory, reading)
        } else {
            found = try ArchiveGet.run(
                parameters[0], destination: destination, cluster: ClusterIdentity(reading),
                repository: try invocation.repository(try invocation.stanza()), context: invocation.context)
        }
        return found ? 0 : 1
    }

    private func getAsync(
        _ segment: WALSegmentName, _ destination: String, _ directory: String, _ control: ControlFile
    ) throws -> Bool {
        let options = invocation.options
        let stanza = try invocation.stanza()
        let (spool, repository) = (try invocation.spool(stanza), try invocation.repository(stanza))
        let cluster = ClusterIdentity(control)
        var settings = AsyncGet.Settings(
            segment: segment, destination: destination, timeout: options[Options.archiveTimeout],
            queueSize: options[Options.archiveGetQueueMax], segmentSize: control.walSegmentSize,
            workerLog: invocation.workerLog(stanza))
        settings.missingRetry = options[Options.archiveMissingRetry]
        let witness = try SpoolWitness(
            spool, .get, cluster: cluster, dataDirectory: directory, repository: repository)
        return try AsyncGet(
            settings, cluster: cluster, spool: spool, witness: witness, repository: repository,
            context: invocation.context, start: invocation.workerStart(stanza)
        ).run()
    }
}

extension ClusterIdentity {
    init(_ control: ControlFile) { self.init(systemID: control.systemID, version: control.version.text) }
}
