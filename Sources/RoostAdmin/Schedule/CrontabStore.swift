internal import RoostSystem

/// Where the crontab of a user is kept.
package enum CrontabStore: Sendable, Equatable {
    /// cron's own, through the program `crontab`, which knows its place, owner and mode.
    case program
    /// A file that somebody else puts in place.
    case file(String)

    /// What every run on this host finds that changes the crontab, whoever runs it; its lock keeps the others waiting.
    ///
    /// Nil if it is not there, or closed to this user.
    var shared: String? {
        get throws {
            let path =
                switch self {
                case .program: try Self.programPath()
                case .file(let path): directoryPart(of: path)
                }
            return FileSystem.isReadable(path) ? path : nil
        }
    }

    /// - Returns: The text, empty if there is none.
    func read(account: String) throws -> String {
        switch self {
        case .program: try readByProgram(account)
        case .file(let path):
            try FileStatus.of(path) == nil ? "" : Self.text(try FileSystem.read(path, limit: 1 << 20), path)
        }
    }

    /// Replaces all of it; empty text removes it.
    func write(_ text: String, account: String) throws {
        let isEmpty = text.allSatisfy(\.isWhitespace)
        switch self {
        case .program:
            var program = try Self.program(isEmpty ? ["-r"] : ["-"], account)
            if !isEmpty { program.input = .bytes(Array(text.utf8)) }
            let result = try program.run()
            guard result.succeeded else { throw result.failure("unable to write the crontab of '\(account)'") }
        case .file(let path) where isEmpty: try FileSystem.removeFile(path)
        case .file(let path):
            let before = try FileStatus.of(path)
            try DurableFile.write(path, Array(text.utf8), mode: 0o600)
            try FileSystem.setMode(path, 0o600)
            if let before, CurrentProcess.isRoot {
                try FileSystem.setOwner(path, owner: before.owner, group: before.group)
            }
        }
    }

    private func readByProgram(_ account: String) throws -> String {
        var bytes: [UInt8] = []
        let result = try Self.program(["-l"], account).run { piece throws(RoostError) in bytes += piece.array() }
        if result.succeeded { return try Self.text(bytes, "crontab of '\(account)'") }
        guard result.errors.contains("no crontab for") else {
            throw result.failure("unable to read the crontab of '\(account)'")
        }
        return ""
    }

    private static func programPath() throws -> String {
        guard let path = ChildProgram.find("crontab", in: ["/usr/bin"]) else {
            throw AdminRefusal(
                .configuration, "there is no program 'crontab': cron is not installed",
                hints: ["install Debian's package cron, or cronie"])
        }
        return path
    }

    private static func program(_ arguments: [String], _ account: String) throws -> ChildProgram {
        let path = try programPath()
        var names = AccountNames()
        let isOwn = names.user(CurrentProcess.effectiveUser) == account
        guard isOwn || CurrentProcess.isRoot else {
            throw AdminRefusal(.user, "run this as dbsu: the crontab of '\(account)' is meant")
        }
        var program = ChildProgram(path, (isOwn ? [] : ["-u", account]) + arguments)
        // Messages in English, by which "none" is told from a failure.
        program.environment = ["LC_ALL": "C"]
        return program
    }

    /// What is no text would come back changed.
    private static func text(_ bytes: [UInt8], _ name: String) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AdminRefusal(.configuration, "'\(name)' is not UTF-8, so it is left alone")
        }
        return text
    }
}
