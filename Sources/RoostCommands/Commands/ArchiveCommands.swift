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
        try invocation.stopFile.check(stanza: stanza)
        let path = try WALPath.resolve(
            options.parameters[0], dataDirectory: options[Options.pgPath], command: "archive-push")
        var cluster: ClusterIdentity?
        if options[Options.pgPath] != nil { cluster = ClusterIdentity(try invocation.controlFile()) }
        let type = Compression(rawValue: options[Options.compressType]) ?? .gz
        var settings = ArchivePushSettings(
            walPath: path, cluster: cluster, compression: type, level: options[Options.compressLevel])
        settings.headerCheck = options[Options.archiveHeaderCheck]
        settings.modeCheck = options[Options.archiveModeCheck]
        try ArchivePush.run(settings, repository: try invocation.repository(stanza), context: invocation.context)
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
        let found = try ArchiveGet.run(
            parameters[0], destination: destination, cluster: ClusterIdentity(reading),
            repository: try invocation.repository(try invocation.stanza()), context: invocation.context)
        return found ? 0 : 1
    }
}

extension ClusterIdentity {
    init(_ control: ControlFile) { self.init(systemID: control.systemID, version: control.version.text) }
}
