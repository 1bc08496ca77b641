/// For which commands, in which of their roles, an option is valid.
///
/// A role that a command does not have may be in the set: nothing can ask for it.
package struct CommandSet: Sendable, Hashable {
    /// One bit per command, one word per role.
    private var bits: SIMD4<UInt32>

    private init(bits: SIMD4<UInt32>) { self.bits = bits }

    static let none = CommandSet(bits: .zero)

    /// The commands, in those roles only.
    static func roles(_ roles: Role..., of commands: Command...) -> CommandSet {
        let mask = mask(of: commands)
        var bits = SIMD4<UInt32>.zero
        for role in roles { bits[Int(role.rawValue)] = mask }
        return CommandSet(bits: bits)
    }

    /// The commands as the user starts them.
    static func main(_ commands: Command...) -> CommandSet {
        CommandSet(bits: [mask(of: commands), 0, 0, 0])
    }

    /// The commands in every role.
    static func all(_ commands: Command...) -> CommandSet {
        CommandSet(bits: SIMD4(repeating: mask(of: commands)))
    }

    private static func mask(of commands: [Command]) -> UInt32 {
        commands.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
    }

    package func contains(_ command: Command, _ role: Role) -> Bool {
        bits[Int(role.rawValue)] & (1 << UInt32(command.rawValue)) != 0
    }

    /// The same commands without the role on another host.
    var withoutRemote: CommandSet { CommandSet(bits: [bits[0], bits[1], bits[2], 0]) }

    /// The same commands in the roles that hand out work, not in those that get it.
    var coordinating: CommandSet { CommandSet(bits: [bits[0], bits[1], 0, 0]) }

    /// The same commands in the roles that get work handed out.
    var serving: CommandSet { CommandSet(bits: [0, 0, bits[2], bits[3]]) }

    /// How many commands of the user accept the option.
    var mainCount: Int { bits[0].nonzeroBitCount }

    static func + (first: CommandSet, second: CommandSet) -> CommandSet {
        CommandSet(bits: first.bits | second.bits)
    }
}

extension CommandSet {
    /// All that read or write a repository.
    static let repository = all(
        .annotate,
        .archiveGet,
        .archivePush,
        .backup,
        .check,
        .expire,
        .info,
        .manifest,
        .repoGet,
        .repoLs,
        .repoRm,
        .restore,
        .stanzaCreate,
        .stanzaDelete,
        .stanzaUpgrade,
        .verify
    )

    /// All that use a network or could.
    static let network = repository + all(.server, .serverPing)

    /// Every command that does something.
    static let everywhere = network + all(.start, .stop)

    /// Those that a repository on another host concerns.
    static let repositoryClient = repository.withoutRemote

    /// Those that talk to a running server.
    static let database = all(.backup, .check, .stanzaCreate, .stanzaDelete, .stanzaUpgrade)

    /// Those that may find their cluster on another host.
    static let clusterClient = (database + all(.manifest)).withoutRemote

    /// Those that spread their work over processes.
    static let workers = all(.archiveGet, .archivePush, .backup, .restore, .verify)

    /// Those that apply retention.
    static let retention = main(.backup, .expire)

    /// The background and foreground part of `archive-push`.
    static let push = all(.archivePush).coordinating
}
