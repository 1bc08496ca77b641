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
        let control = try invocation.controlFile()
        if invocation.options[Options.online] {
            let session = try ServerPreflight.connect(
                invocation.session(), dataDirectory: try invocation.dataDirectory(), control: control)
            session.close()
        }
        _ = try StanzaCreate.run(
            repository: try invocation.repository(stanza), cluster: control, context: invocation.context)
    }
}
