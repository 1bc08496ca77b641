internal import RoostSystem

extension ClusterSpecification {
    /// The stanzas that have sections in ``configuration``, each once; none where there is no such file.
    func configuredStanzas() throws(RoostError) -> [String] {
        guard try FileStatus.of(configuration, followingLinks: true) != nil else { return [] }
        return Self.stanzas(in: String(decoding: try FileSystem.read(configuration, limit: 1 << 20), as: UTF8.self))
    }

    /// Whether the configuration has no other stanza, so that who names none can only mean this one.
    func isOnlyStanza() throws(RoostError) -> Bool { try configuredStanzas().allSatisfy { $0 == cluster } }

    /// The stanzas that have sections, each once.
    package static func stanzas(in configuration: String) -> [String] {
        var names: [String] = []
        for line in configuration.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            guard trimmed.hasPrefix("["), let end = trimmed.firstIndex(of: "]") else { continue }
            let name = String(trimmed.dropFirst()[..<end].prefix { $0 != ":" })
            if name != "global", !names.contains(name) { names.append(name) }
        }
        return names
    }
}
