internal import RoostEngine
internal import RoostOptions
internal import RoostPostgres
internal import RoostSystem

/// `stanza-create`.
struct StanzaCreateCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let stanza = try invocation.stanza()
        try invocation.stopFile.check(stanza: stanza)
        let control = try invocation.checkedControlFile()
        _ = try StanzaCreate.run(
            repository: try invocation.repository(stanza), cluster: control, context: invocation.context)
    }
}

/// `stanza-upgrade`.
struct StanzaUpgradeCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let stanza = try invocation.stanza()
        try invocation.stopFile.check(stanza: stanza)
        let control = try invocation.checkedControlFile()
        let repository = try invocation.repository(stanza)
        let outcome = try StanzaUpgrade.run(repository: repository, cluster: control, context: invocation.context)
        guard invocation.isFriendly else { return }
        let advice =
            outcome == .upgraded
            ? "; make a full backup now: there is none of the new cluster yet" : ", as it was before"
        StandardOutput.write("stanza '\(stanza)' is of PostgreSQL \(control.version.text)\(advice)\n")
    }
}

/// `stanza-delete`.
struct StanzaDeleteCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let stanza = try invocation.stanza()
        var settings = StanzaDelete.Settings(dataDirectory: try invocation.dataDirectory())
        settings.force = invocation.options[Options.force]
        try StanzaDelete(settings, repository: try invocation.repository(stanza), stopFile: invocation.stopFile).run()
    }
}

extension Invocation {
    /// The identity of the cluster at hand, which the server confirms unless the command is to work without it.
    fileprivate func checkedControlFile() throws -> ControlFile {
        let control = try controlFile()
        guard options[Options.online] else { return control }
        let session = try ServerPreflight.connect(session(), dataDirectory: try dataDirectory(), control: control)
        session.close()
        return control
    }
}
