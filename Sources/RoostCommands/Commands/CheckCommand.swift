internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// `check`, of one stanza or of all that are configured.
struct CheckCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        guard let stanza = options[Options.stanza] else {
            return try checkAll()
        }
        var settings = Check.Settings(dataDirectory: try invocation.dataDirectory(), session: invocation.session())
        settings.archiveCheck = options[Options.archiveCheck]
        settings.archiveModeCheck = options[Options.archiveModeCheck]
        settings.archiveTimeout = options[Options.archiveTimeout]
        try Check(settings, repository: try invocation.repository(stanza), context: invocation.context).run()
    }

    /// Each stanza has options of its own: the command runs anew for it.
    private func checkAll() throws {
        let stanzas = invocation.options.configuredStanzas
        guard !stanzas.isEmpty else {
            return invocation.log.warn(
                "no stanzas found to check\nHINT: are there non-empty stanza sections in the configuration?")
        }
        var failed: [String] = []
        for stanza in stanzas {
            invocation.log.info("check stanza '\(stanza)'")
            let dialect: Dialect = invocation.isFriendly ? .roost : .pgbackrest
            let arguments = Array(CommandLine.arguments.dropFirst()) + ["--stanza=\(stanza)"]
            if CommandRunner(program: invocation.options.program, dialect: dialect).run(arguments) != 0 {
                failed.append(stanza)
            }
        }
        guard failed.isEmpty else {
            throw RoostError(.command, "check failed for stanza(s): \(failed.joined(separator: ", "))")
        }
    }
}
