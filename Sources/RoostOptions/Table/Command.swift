/// What the user asks the tool to do: the first word of the command line.
///
/// Declared in byte order of the names, because the first command that begins with an abbreviation is meant.
package enum Command: UInt8, Sendable, Hashable, CaseIterable {
    case annotate, archiveGet, archivePush, backup, check, expire, help, info, manifest, repoGet, repoLs, repoRm
    case restore, server, serverPing, stanzaCreate, stanzaDelete, stanzaUpgrade, start, stop, verify, version
    /// Only under the name `roost`: shows how options of another command resolve.
    case config
}

/// Which process of a command this is.
package enum Role: UInt8, Sendable, Hashable, CaseIterable {
    /// Started by the user.
    case main
    /// The background part of `archive-push` and `archive-get`.
    case async
    /// A worker on this host.
    case local
    /// A process on another host.
    case remote

    /// As written behind the command, empty for ``main``: `backup:local`.
    package var name: String {
        switch self {
        case .main: ""
        case .async: "async"
        case .local: "local"
        case .remote: "remote"
        }
    }
}

/// The locks a command takes.
package enum CommandLock: Sendable, Hashable {
    case none, archive, backup, restore, all
}

/// At which log level a command's begin and end lines appear.
package enum BeginLevel: Sendable, Hashable {
    case info, debug
}

/// The facts about one command.
package struct CommandDeclaration: Sendable {
    package let command: Command
    package let name: String
    /// One line for the list of commands, lower case, no full stop.
    package let summary: String
    package let roles: [Role]
    package let lock: CommandLock
    /// The lock is taken before the command begins.
    package let locksAtStart: Bool
    /// The first process on another host takes the lock there too.
    package let locksOnRemote: Bool
    package let writesLogFile: Bool
    package let beginLevel: BeginLevel
    /// Words behind the command as help shows them, nil if there may be none.
    package let parameters: String?
    /// Works, but is not listed.
    package let isHidden: Bool

    init(
        _ command: Command,
        _ name: String,
        _ summary: String,
        roles: [Role] = [.main],
        lock: CommandLock = .none,
        locksAtStart: Bool = false,
        locksOnRemote: Bool = false,
        writesLogFile: Bool = false,
        beginLevel: BeginLevel = .info,
        parameters: String? = nil,
        isHidden: Bool = false
    ) {
        self.command = command
        self.name = name
        self.summary = summary
        self.roles = roles
        self.lock = lock
        self.locksAtStart = locksAtStart
        self.locksOnRemote = locksOnRemote
        self.writesLogFile = writesLogFile
        self.beginLevel = beginLevel
        self.parameters = parameters
        self.isHidden = isHidden
    }
}

extension Command {
    package var declaration: CommandDeclaration { CommandTable.rows[Int(rawValue)] }

    package var name: String { declaration.name }

    /// The name with the role: `archive-push:async`.
    package func name(in role: Role) -> String { role == .main ? name : "\(name):\(role.name)" }

    /// The command of that exact name.
    package init?(named name: String) {
        guard let row = CommandTable.rows.first(where: { $0.name == name }) else { return nil }
        self = row.command
    }
}
