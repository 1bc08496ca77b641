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
        if let text = options[Options.set] {
            guard let label = BackupLabel(text) else {
                throw RoostError(.optionInvalidValue, "'\(text)' is not a valid backup label format")
            }
            settings.set = label
        }
        settings.type = options[Options.type].flatMap { BackupType(rawValue: $0) }
        let infos = try InfoQuery(settings, repository: try invocation.repository(settings.stanza ?? "")).run()
        let isBrief = options[Options.detailLevel] == "progress"
        if options[Options.output] == "json" {
            StandardOutput.write(JSONValue.array(infos.map { isBrief ? Self.brief($0.json) : $0.json }).text)
        } else if infos.isEmpty {
            StandardOutput.write("No stanzas exist in the repository.\n")
        } else {
            let texts = infos.map { info in
                isBrief ? Self.brief(info) : info.text(showsDetails: settings.set != nil)
            }
            StandardOutput.write(texts.joined(separator: "\n"))
        }
    }

    private static func brief(_ value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(members.filter { ["name", "status"].contains($0.key) })
    }

    private static func brief(_ info: StanzaInfo) -> String {
        info.text(showsDetails: false).split(separator: "\n").prefix(2).joined(separator: "\n") + "\n"
    }
}
