internal import RoostOptions
internal import RoostSystem

/// The name by which the tool was called decides which dialect it speaks; defaults and configuration are the same.
package struct Persona {
    private let program: String

    /// - Parameter argv0: The name or path of the program.
    package init(argv0: String) { program = Self.reachable(argv0) }

    /// The path of a program that was called by a name which the `restore_command` of a server would not find: Debian's servers look
    /// in the system's directories only.
    private static func reachable(_ name: String) -> String {
        guard !name.contains("/"), let path = ChildProgram.find(name), path.hasPrefix("/") else { return name }
        // What cannot be looked at is not this program.
        let places = [path, "/usr/bin/\(name)"].map { try? FileSystem.resolved($0) }
        return places[0] == places[1] ? name : path
    }

    /// - Returns: The exit status of the process.
    package func run(_ arguments: [String]) -> Int32 {
        CurrentProcess.endWithOwner()
        let name = lastPart(of: program)
        if let status = run(tool: name, arguments) { return status }
        if let first = arguments.first, let status = run(tool: first, Array(arguments.dropFirst())) { return status }
        let dialect: Dialect = name.hasPrefix("pgbackrest") ? .pgbackrest : .roost
        if dialect == .roost, let (command, words) = AdminCommand.named(in: arguments) { return command.run(words) }
        return CommandRunner(program: program, dialect: dialect).run(arguments)
    }

    /// The tools with a command line of their own.
    private func run(tool name: String, _ arguments: [String]) -> Int32? {
        switch name {
        case "pb":
            CommandRunner(program: CommandEngine.program, dialect: .pgbackrest, assumedStanza: .first).run(arguments)
        case "pg-backup": PgBackup(program: program).run(arguments)
        case "pg-basebackup": PgBasebackup().run(arguments)
        case "pg-fork": PgFork().run(arguments)
        case "pg-pitr": PgPitr(program: program).run(arguments)
        case "pg-role": PgRole().run()
        default: nil
        }
    }
}
