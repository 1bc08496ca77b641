internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `info`.
struct InfoCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        var settings = InfoQuery.Settings(lockPath: options[Options.lockPath])
        settings.stanza = options[Options.stanza]
        settings.set = options[Options.set]
        settings.type = options[Options.type].flatMap { BackupType(rawValue: $0) }
        settings.progressOnly = options[Options.detailLevel] == "progress"
        let infos = try InfoQuery(settings, repository: try invocation.repository(settings.stanza ?? "")).run()
        let output = OutputBuffer()
        if options[Options.output] == "json" {
            output.add(JSONValue.array(infos.map { settings.progressOnly ? $0.briefJSON : $0.json }).text)
        } else if infos.isEmpty {
            output.add("No stanzas exist in the repository.\n")
        } else {
            let texts = infos.map { info in
                settings.progressOnly ? info.heading : info.text(showsDetails: settings.set != nil)
            }
            output.add(texts.joined(separator: "\n"))
        }
        try output.finish()
    }
}
