package import RoostSystem

/// A running Patroni that watches over a data directory: it would start a server in the middle of a restore.
package struct PatroniProcess: Sendable, Equatable {
    package let process: Int32
    package let configuration: String
    /// Whether its configuration names the directory.
    package let isCertain: Bool

    /// Looks for one among the processes of this host.
    ///
    /// One whose configuration may not be read is taken for ours: better refused than overwritten.
    ///
    /// - Returns: Nil if there is none.
    package static func find(dataDirectory: String) throws(RoostError) -> PatroniProcess? {
        let wanted = try FileSystem.resolved(dataDirectory) ?? dataDirectory
        var uncertain: PatroniProcess?
        for name in try FileSystem.list("/proc") {
            guard let id = Int32(name), let configuration = configuration(of: id) else { continue }
            guard let found = managedDirectory(configuration, of: id) else {
                uncertain = uncertain ?? PatroniProcess(process: id, configuration: configuration, isCertain: false)
                continue
            }
            if try FileSystem.resolved(found) ?? found == wanted {
                return PatroniProcess(process: id, configuration: configuration, isCertain: true)
            }
        }
        return uncertain
    }

    /// The file that a process of Patroni was started with; nil for every other process.
    private static func configuration(of id: Int32) -> String? {
        // A process that ends meanwhile is none.
        guard let bytes = try? FileSystem.read("/proc/\(id)/cmdline", limit: 1 << 20) else { return nil }
        return configuration(in: bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }

    /// `python3 /usr/bin/patroni /etc/patroni/patroni.yml`, `python3 -m patroni FILE`.
    package static func configuration(in words: [String]) -> String? {
        guard let first = words.first else { return nil }
        let isInterpreter = lastPart(of: first).hasPrefix("python")
        let place = isInterpreter ? words.dropFirst().first == "-m" ? 2 : 1 : 0
        guard place < words.count, lastPart(of: words[place]) == "patroni" else { return nil }
        return words.dropFirst(place + 1).last { !$0.hasPrefix("-") }
    }

    /// - Returns: Nil if the file cannot be read or does not tell.
    private static func managedDirectory(_ configuration: String, of id: Int32) -> String? {
        // As the process sees it first, which may have another root, and has its own working directory.
        let seen = "/proc/\(id)/" + (configuration.hasPrefix("/") ? "root" : "cwd/") + configuration
        guard let bytes = (try? FileSystem.read(seen)) ?? (try? FileSystem.read(configuration)) else { return nil }
        return dataDirectory(in: String(decoding: bytes, as: UTF8.self))
    }

    /// The value of `data_dir` in Patroni's YAML.
    package static func dataDirectory(in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            guard trimmed.hasPrefix("data_dir:") else { continue }
            let value = trimmed.dropFirst("data_dir:".count).drop { $0 == " " }
            if let quote = value.first, quote == "'" || quote == "\"" {
                return String(value.dropFirst().prefix { $0 != quote })
            }
            return String(value.prefix { $0 != " " && $0 != "#" })
        }
        return nil
    }
}
