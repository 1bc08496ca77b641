internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostPostgres
internal import RoostSystem

/// `expire`.
struct ExpireCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let stanza = try invocation.stanza()
        try invocation.stopFile.check(stanza: stanza)
        let settings = try settings()
        let dryRun = options.isValid(Options.dryRun) && options[Options.dryRun]
        let repository = try invocation.repository(stanza)
        do {
            let plan = try Expire(settings, repository: repository, context: invocation.context, dryRun: dryRun).run()
            if dryRun { explain(plan, repository.name) }
        } catch {
            let failure = RoostError.wrapping(error)
            if failure.isFatal { throw failure }
            invocation.log.error(failure.during(repository.name))
            throw RoostError(.command, "expire command encountered 1 error(s), check the log file for details")
        }
    }

    private func settings() throws(RoostError) -> RetentionSettings {
        let options = invocation.options
        var settings = RetentionSettings()
        settings.fullType = .init(rawValue: options[Options.repoRetentionFullType]) ?? .count
        settings.full = options[Options.repoRetentionFull]
        settings.diff = options[Options.repoRetentionDiff]
        settings.archiveType = .init(rawValue: options[Options.repoRetentionArchiveType]) ?? .full
        settings.archive = options[Options.repoRetentionArchive]
        settings.history = options[Options.repoRetentionHistory]
        settings.createLatestLink = options[Options.repoSymlink]
        if options.isValid(Options.oldest), options[Options.oldest] { settings.request = .oldest }
        if let text = options[Options.set] { settings.request = .set(try Self.label(text)) }
        if let text = options[Options.archiveExpireBefore] {
            guard let segment = WALSegmentName(text) else {
                throw RoostError(
                    .optionInvalidValue,
                    "'\(text)' is not a valid WAL segment name for option '--archive-expire-before'",
                    hints: ["a name has 24 upper-case hexadecimal digits, for example 000000010000000000000004"])
            }
            settings.archiveBefore = segment
        }
        return settings
    }

    /// The backup that the option `set` names.
    static func label(_ text: String) throws(RoostError) -> BackupLabel {
        guard let label = BackupLabel(text) else {
            throw RoostError(.optionInvalidValue, "'\(text)' is not a valid backup label format")
        }
        return label
    }

    /// Says of each backup what would become of it and why: as the drop-in in the log, where upstream's lines stay as they are.
    private func explain(_ plan: ExpirePlan, _ repository: String) {
        for (label, fate) in plan.fates {
            let verdict = plan.expires(label) ? "expires" : "stays"
            let line = "\(repository): \(label) \(verdict): \(fate.sentence(repository))"
            if invocation.isFriendly { StandardOutput.write(line + "\n") } else { invocation.log.detail(line) }
        }
    }
}
