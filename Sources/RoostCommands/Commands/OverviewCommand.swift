internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// `roost` without arguments: the stanzas of the repository and those that only the configuration knows.
struct OverviewCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        var infos = try query(invocation.options[Options.stanza])
        for name in invocation.options.configuredStanzas where !infos.contains(where: { $0.name == name }) {
            infos += try query(name)
        }
        let now = invocation.context.clock.now().seconds
        var text = infos.map { $0.overview(now: now) }.joined(separator: "\n")
        if infos.isEmpty {
            text = "no stanza is configured, and '\(invocation.options[Options.repoPath])' holds none\n"
        }
        StandardOutput.write(text + "\n`roost help` lists the commands\n")
    }

    private func query(_ stanza: String?) throws -> [StanzaInfo] {
        var settings = InfoQuery.Settings(lockPath: invocation.options[Options.lockPath])
        settings.stanza = stanza
        return try InfoQuery(settings, repository: try invocation.repository(stanza ?? "")).run()
    }
}
