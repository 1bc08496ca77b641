internal import RoostPostgres
internal import RoostSystem

/// What a fork will do, decided and checked before anything is touched.
package struct ForkPlan: Sendable, Equatable {
    package struct Tablespace: Sendable, Hashable {
        var oid: String
        /// Where it lies, and where the copy will.
        var location: String
        var copy: String
    }

    /// Without links.
    package let source: String
    package let destination: String
    package let destinationPort: UInt16
    /// The running server of the source; nil for a cold copy.
    let server: Postmaster?
    let tablespaces: [Tablespace]
    /// What is deleted first.
    let deleted: [String]

    /// Where the copy is made before it gets its name.
    var part: String { destination + Self.partSuffix }
    var tablespaceDirectory: String { destination + Self.tablespaceSuffix }
    var lock: String { destination + ".pg-fork.lock" }

    static let partSuffix = ".pg-fork.part"
    private static let tablespaceSuffix = "-tablespaces"

    /// - Throws: ``AdminRefusal`` for what must not be done; ``ErrorCode`` errors for what cannot be looked at.
    init(_ settings: ForkSettings) throws {
        source = try Self.sourceDirectory(settings.source)
        destination = try Self.destinationPath(settings.destination)
        destinationPort = settings.destinationPort
        try Self.checkPlaces(source, destination)
        server = try Self.server(of: source, settings)
        guard server?.port != destinationPort else {
            throw AdminRefusal(
                .usage, "port \(destinationPort) is that of '\(source)'", hints: ["give another one: -P,--dst-port"])
        }
        let place = destination + Self.tablespaceSuffix
        tablespaces = try Self.tablespaces(of: source).map {
            Tablespace(oid: $0.key, location: $0.value, copy: "\(place)/\($0.key)")
        }.sorted { $0.oid < $1.oid }
        for tablespace in tablespaces { try Self.checkPlaces(tablespace.location, destination) }
        deleted = try Self.checkDeleted(destination, place)
    }

    /// The links in `pg_tblspc`: object id and where it leads.
    static func tablespaces(of source: String) throws(RoostError) -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileSystem.list("\(source)/pg_tblspc") {
            let path = "\(source)/pg_tblspc/\(name)"
            guard try FileStatus.of(path)?.kind == .symbolicLink else { continue }
            found[name] = try FileSystem.linkDestination(path)
        }
        return found
    }

    /// For a person, one fact a line.
    package var text: String {
        let state = server.map { "running on port \($0.port)" } ?? "stopped"
        var lines = [("fork", source + " (\(state))"), ("to", "\(destination) (port \(destinationPort))")]
        lines.append(("copy", "blocks are shared where the file system can, else every byte is copied"))
        lines += tablespaces.map { ("tablespace", "\($0.location) to \($0.copy)") }
        lines += deleted.map { ("delete", "\($0) with all that is in it") }
        return lines.map { name, text in
            "  \(name)\(String(repeating: " ", count: max(1, 12 - name.count)))\(text)\n"
        }.joined()
    }
}

// MARK: Checks

extension ForkPlan {
    private static func sourceDirectory(_ path: String) throws -> String {
        guard let resolved = try FileSystem.resolved(path), try isDataDirectory(resolved) else {
            throw AdminRefusal(
                .usage, "'\(path)' is no data directory of PostgreSQL: it lacks PG_VERSION or global/pg_control",
                hints: ["which directory is to be forked? give it with -d,--data"])
        }
        let user = CurrentProcess.effectiveUser
        guard let owner = try FileStatus.of(resolved)?.owner, owner == user, user != 0 else {
            throw AdminRefusal(
                .user, "'\(resolved)' does not belong to the user that runs pg-fork",
                hints: ["run it as the user that PostgreSQL runs as"])
        }
        for name in ["backup_label", "recovery.signal", "backup.manifest"]
        where try FileStatus.of("\(resolved)/\(name)") != nil {
            throw AdminRefusal(
                .role, "'\(resolved)/\(name)' exists: a restore or a recovery of '\(resolved)' has not ended",
                hints: ["let it end, then fork"])
        }
        return resolved
    }

    private static func isDataDirectory(_ path: String) throws(RoostError) -> Bool {
        for name in ["PG_VERSION", ControlFile.relativePath] where try FileStatus.of("\(path)/\(name)") == nil {
            return false
        }
        return true
    }

    /// The path without links; also where there is nothing yet.
    private static func destinationPath(_ path: String) throws -> String {
        if let status = try FileStatus.of(path, followingLinks: true), let resolved = try FileSystem.resolved(path) {
            guard status.kind == .directory else {
                throw AdminRefusal(
                    .usage, "destination '\(path)' is no directory", hints: ["give another one: -D,--dst"])
            }
            return resolved
        }
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let name = lastPart(of: trimmed)
        guard let above = try FileSystem.resolved(directoryPart(of: trimmed)), ![".", "..", ""].contains(name) else {
            throw AdminRefusal(
                .usage, "the directory above destination '\(path)' does not exist",
                hints: ["make it, or give another destination: -D,--dst"])
        }
        return above == "/" ? "/\(name)" : "\(above)/\(name)"
    }

    /// Neither may contain the other.
    private static func checkPlaces(_ source: String, _ destination: String) throws {
        let (from, to) = (try FileSystem.resolved(source) ?? source, destination)
        let how: String? =
            if from == to {
                "is"
            } else if to.hasPrefix(from == "/" ? "/" : from + "/") {
                "lies in"
            } else if from.hasPrefix(to == "/" ? "/" : to + "/") {
                "contains"
            } else {
                nil
            }
        guard let how else { return }
        throw AdminRefusal(
            .usage, "destination '\(destination)' \(how) '\(from)', which is to be copied",
            hints: ["give another destination: -D,--dst"])
    }

    private static func server(of source: String, _ settings: ForkSettings) throws -> Postmaster? {
        switch try DataDirectoryUse.of(source) {
        case .running(let server):
            guard !settings.isCold else {
                throw AdminRefusal(
                    .role, "a server runs on '\(source)' (process \(server.id)): its files cannot be copied cold",
                    hints: ["leave -s,--skip out: a running server is copied as a backup is"])
            }
            guard let port = settings.sourcePort, port != server.port else { return server }
            throw AdminRefusal(
                .usage, "the server of '\(source)' has port \(server.port), not \(port)",
                hints: ["give that port with -p, or leave it out"])
        case .held(let processes):
            throw AdminRefusal(
                .role,
                "processes of PostgreSQL work on '\(source)' but its postmaster.pid does not tell how to reach them: "
                    + processes.map(String.init).joined(separator: ", "),
                hints: ["is the server starting or has its first process been killed? look at them first"])
        case .free, .stale:
            guard settings.isCold else {
                throw AdminRefusal(
                    .role, "no server runs on '\(source)'",
                    hints: ["start it, or give -s,--skip to copy the files of a stopped server"])
            }
            return nil
        }
    }

    /// - Returns: What stands where the fork is to be.
    private static func checkDeleted(_ destination: String, _ tablespaces: String) throws -> [String] {
        var found: [String] = []
        if try FileStatus.of(destination) != nil {
            guard try !FileStatus.isMountPoint(destination) else {
                throw AdminRefusal(
                    .usage, "a file system is mounted at destination '\(destination)'",
                    hints: ["give a directory below it: -D,--dst"])
            }
            let isEmpty = try FileSystem.list(destination).isEmpty
            guard try isEmpty || isDataDirectory(destination) else {
                throw AdminRefusal(
                    .usage, "destination '\(destination)' holds files and is no data directory of PostgreSQL",
                    hints: ["it is not deleted: look what it is, or give another destination: -D,--dst"])
            }
            let use = try DataDirectoryUse.of(destination)
            switch use {
            case .running, .held:
                throw AdminRefusal(
                    .role, "a server runs on destination '\(destination)'",
                    hints: ["stop it: pg_ctl -D \(destination) stop"])
            case .free, .stale: found.append(destination)
            }
        }
        if try FileStatus.of(tablespaces) != nil {
            guard try FileSystem.list(tablespaces).allSatisfy({ $0.allSatisfy(\.isNumber) }) else {
                throw AdminRefusal(
                    .usage, "'\(tablespaces)', where the tablespaces of the fork go, holds other files",
                    hints: ["move it away, or give another destination: -D,--dst"])
            }
            found.append(tablespaces)
        }
        return found
    }
}
