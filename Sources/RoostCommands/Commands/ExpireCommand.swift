internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// `expire`.
struct ExpireCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let stanza = try invocation.stanza()
        try invocation.stopFile.check(stanza: stanza)
        var settings = RetentionSettings()
        settings.fullType = .init(rawValue: options[Options.repoRetentionFullType]) ?? .count
        settings.full = options[Options.repoRetentionFull]
        settings.diff = options[Options.repoRetentionDiff]
        settings.archiveType = .init(rawValue: options[Options.repoRetentionArchiveType]) ?? .full
        settings.archive = options[Options.repoRetentionArchive]
        settings.history = options[Options.repoRetentionHistory]
        let dryRun = options.isValid(Options.dryRun) && options[Options.dryRun]
        let repository = try invocation.repository(stanza)
        do {
            try Expire(settings, repository: repository, context: invocation.context, dryRun: dryRun).run()
        } catch {
            let failure = RoostError.wrapping(error)
            if failure.isFatal { throw failure }
            invocation.log.error(failure.during(repository.name))
            throw RoostError(.command, "expire command encountered 1 error(s), check the log file for details")
        }
    }
}
