internal import RoostFormat
internal import RoostSystem

/// What `info` tells of a stanza.
struct SourceStanza {
    let name: String
    let version: String
    let systemID: String
    let backups: Int
    /// Of these, how many are of the cluster that the stanza belongs to now.
    let currentBackups: Int
    let newest: String
    let walMaximum: String

    /// - Parameter engine: With the options that name the stanza.
    /// - Throws: ``AdminRefusal/Reason/configuration`` if the repository does not have it, or no backup that is needed.
    init(_ name: String, askedOf engine: EngineProgram, needsBackup: Bool = true) throws {
        let text = try engine.run(["--output=json", "info"])
        guard case .array(let stanzas) = try JSONValue(parsingForeign: text), let stanza = stanzas.first,
            let code = stanza["status"]?["code"]?.plain
        else { throw RoostError(.format, "what `info` tells of stanza '\(name)' cannot be read") }
        guard code == "0" || (code == "2" && !needsBackup) else {
            let refusal = "stanza '\(name)' cannot be restored from here: "
            // "other" is told of the stanza, the reason of the repository.
            guard code != "99" else {
                let reason = stanza["repo"]?.elements.first?["status"]?["message"]?.plain ?? "unknown"
                throw AdminRefusal(.configuration, refusal + reason, hints: ["`roost info` tells the same"])
            }
            throw AdminRefusal(
                .configuration, refusal + (stanza["status"]?["message"]?.plain ?? ""),
                hints: [
                    "does the configuration name the repository that '\(name)' uses? 'repo' in pg_pitr names another",
                    "a repository on a disk of another host cannot be seen: use a shared one",
                ])
        }
        self.name = name
        let clusters = stanza["db"]?.elements ?? []
        version = clusters.last?["version"]?.plain ?? ""
        systemID = clusters.last?["system-id"]?.plain ?? ""
        let current = clusters.last?["id"]
        let all = stanza["backup"]?.elements ?? []
        backups = all.count
        currentBackups = all.count { $0["database"]?["id"] == current }
        newest = all.last?["label"]?.plain ?? "none"
        walMaximum = stanza["archive"]?.elements.last?["max"]?.plain ?? "none"
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    fileprivate var plain: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        default: nil
        }
    }
}
