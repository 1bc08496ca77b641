package import RoostPostgres
package import RoostSystem

/// What a server must be told for its WAL to reach the repository, or to go nowhere without harm.
package struct ArchiveSettings: Sendable, Equatable {
    package enum Goal: Sendable { case archiving, parked }

    /// What a parked server does with a finished segment: nothing, with success, so that none piles up.
    package static let parkedCommand = ": archiving is parked by roost disable"
    static let names = ["archive_mode", "archive_command", "archive_timeout"]
    private static let defaultConfiguration = "/etc/pgbackrest/pgbackrest.conf"

    package let goal: Goal
    /// By name.
    package let wanted: [String: String]
    private let stanza: String
    private let configuration: String
    /// Whether the configuration has no other stanza.
    private let isOnlyStanza: Bool

    private init(_ specification: ClusterSpecification, _ goal: Goal, isOnlyStanza: Bool, wanted: [String: String]) {
        self.goal = goal
        self.wanted = wanted
        stanza = specification.cluster
        configuration = specification.configuration
        self.isOnlyStanza = isOnlyStanza
    }

    /// - Parameter program: What archives: the path of this program, or `pgbackrest` where that is the same.
    package static func archiving(
        _ specification: ClusterSpecification, isOnlyStanza: Bool, program: String
    ) -> ArchiveSettings {
        var words = [program]
        if specification.configuration != defaultConfiguration || program != "pgbackrest" {
            words.append("--config=\(specification.configuration)")
        }
        words += ["--stanza=\(specification.cluster)", "archive-push"]
        // The server replaces what follows a percent sign.
        let command = words.map(shellWord).joined(separator: " ").split(
            separator: "%", omittingEmptySubsequences: false
        ).joined(separator: "%%")
        return ArchiveSettings(
            specification, .archiving, isOnlyStanza: isOnlyStanza,
            wanted: ["archive_mode": "on", "archive_command": command + " %p", "archive_timeout": "300"])
    }

    /// Archiving switched off, at once in effect and by name with the next restart.
    package static func parked(_ specification: ClusterSpecification, isOnlyStanza: Bool) -> ArchiveSettings {
        ArchiveSettings(
            specification, .parked, isOnlyStanza: isOnlyStanza,
            wanted: ["archive_mode": "off", "archive_command": parkedCommand])
    }

    /// The settings that are not as wanted, by name.
    package func differing(_ current: [String: ServerSetting]) -> [String] {
        let mode = current["archive_mode"] ?? ServerSetting(value: "off")
        switch goal {
        case .archiving:
            return wanted.keys.filter { name in
                guard let setting = current[name], !setting.isPendingRestart else { return true }
                switch name {
                case "archive_mode": return setting.value == "off"
                case "archive_command": return !archives(setting.value)
                // Somebody may want segments sooner than we do.
                default: return !(1...300).contains(Int(setting.value) ?? 0)
                }
            }.sorted()
        case .parked:
            if mode == ServerSetting(value: "off") { return [] }
            // While the files say off and the server has not been restarted, it is pending.
            let wantsMode = mode.value == "off" || !mode.isPendingRestart
            let wantsCommand = current["archive_command"]?.value != Self.parkedCommand
            return (wantsCommand ? ["archive_command"] : []) + (wantsMode ? ["archive_mode"] : [])
        }
    }

    /// Whether a command is of this stanza and configuration, be it of pgBackRest or of Roost, whoever wrote it.
    package func archives(_ command: String) -> Bool {
        guard ["pgbackrest", "roost"].contains(where: command.contains) else { return false }
        let words = Self.words(of: command)
        guard words.contains("archive-push"), words.contains("%p") else { return false }
        // As `roost`, this program takes the only stanza.
        let isOwn =
            Self.option("stanza", in: command).map { $0 == stanza }
            ?? (isOnlyStanza && words.contains { lastPart(of: $0) == "roost" })
        return isOwn && (Self.option("config", in: command) ?? Self.defaultConfiguration) == configuration
    }

    /// What the command says for an option, in one word or in two.
    static func option(_ name: String, in command: String) -> String? {
        let words = words(of: command)
        let prefix = "--\(name)="
        if let word = words.last(where: { $0.hasPrefix(prefix) }) { return String(word.dropFirst(prefix.count)) }
        guard let place = words.lastIndex(of: "--\(name)"), place + 1 < words.count else { return nil }
        return words[place + 1]
    }

    private static func words(of command: String) -> [String] {
        command.split { $0 == " " || $0 == "\t" }.map { $0.filter { $0 != "'" && $0 != "\"" } }
    }

    /// A word as a shell takes it.
    static func shellWord(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-./=:,".utf8.contains(byte)
            }
        }
        return isPlain
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// The name by which a server's shell finds this program.
package enum OwnProgram {
    /// `pgbackrest` where `/usr/bin/pgbackrest` is this program, else the path of a link of that name beside it, else its path.
    ///
    /// Stock `check` and `backup` want the text `pgbackrest` in an archive command.
    package static func forArchiving() throws(RoostError) -> String {
        let own = try FileSystem.linkDestination("/proc/self/exe")
        if try FileSystem.resolved("/usr/bin/pgbackrest") == own { return "pgbackrest" }
        let link = "\(directoryPart(of: own))/pgbackrest"
        return try FileSystem.resolved(link) == own ? link : own
    }
}
