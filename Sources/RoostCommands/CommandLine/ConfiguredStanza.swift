internal import RoostOptions
internal import RoostSystem

/// A stanza as a configuration file tells of it, for those who need to know before the engine is asked.
struct ConfiguredStanza {
    let name: String
    /// The stanzas that have sections, in their order, each once.
    let all: [String]
    private let global: [String: String]
    private let own: [String: String]

    var dataDirectory: String? { own["pg1-path"] }
    var port: UInt16? { own["pg1-port"].flatMap { UInt16($0) } }
    var socketDirectory: String? { own["pg1-socket-path"] }
    var spoolPath: String? { global["spool-path"] }
    var logPath: String? { global["log-path"] }
    var lockPath: String? { global["lock-path"] }

    /// Options of the repository by their names after `repo1-`; there may be secrets among them.
    var repository: [String: String] {
        let options = global.filter { $0.key.hasPrefix("repo1-") }
        return Dictionary(uniqueKeysWithValues: options.map { (String($0.key.dropFirst("repo1-".count)), $0.value) })
    }

    /// - Parameter wanted: Nil for the first stanza.
    /// - Returns: Nil if the file cannot be read or has no such stanza.
    init?(path: String, named wanted: String? = nil) {
        // Told by the caller, with its own exit status.
        guard let content = try? FileSystem.read(path), let entries = try? ConfigurationText.parse(content, path: path)
        else {
            return nil
        }
        let all = entries.stanzas
        guard let name = wanted ?? all.first, all.contains(name) else { return nil }
        self.name = name
        self.all = all
        func settings(_ section: String) -> [String: String] {
            Dictionary(entries.filter { $0.section == section }.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        }
        global = settings("global")
        own = settings(name)
    }
}
