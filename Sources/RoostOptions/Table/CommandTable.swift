/// All commands, each row at the place of its ``Command/rawValue``.
enum CommandTable {
    static let rows: [CommandDeclaration] = [
        CommandDeclaration(
            .annotate,
            "annotate",
            "add, change or remove annotations of a backup",
            roles: [.main, .remote],
            lock: .backup,
            locksAtStart: true,
            locksOnRemote: true
        ),
        CommandDeclaration(
            .archiveGet,
            "archive-get",
            "fetch a WAL segment from the repository",
            roles: [.main, .async, .local, .remote],
            lock: .archive,
            parameters: "WAL-SEGMENT DESTINATION"
        ),
        CommandDeclaration(
            .archivePush,
            "archive-push",
            "store a WAL segment in the repository",
            roles: [.main, .async, .local, .remote],
            lock: .archive,
            locksOnRemote: true,
            parameters: "WAL-PATH"
        ),
        CommandDeclaration(
            .backup,
            "backup",
            "back up a cluster",
            roles: [.main, .local, .remote],
            lock: .backup,
            locksAtStart: true,
            locksOnRemote: true,
            writesLogFile: true
        ),
        CommandDeclaration(
            .check,
            "check",
            "test configuration, connections and archiving",
            roles: [.main, .remote]
        ),
        CommandDeclaration(
            .expire,
            "expire",
            "remove backups and WAL beyond the retention",
            roles: [.main, .remote],
            lock: .backup,
            locksAtStart: true,
            locksOnRemote: true,
            writesLogFile: true
        ),
        CommandDeclaration(
            .help,
            "help",
            "explain commands and options",
            beginLevel: .debug,
            parameters: "[COMMAND [OPTION]]"
        ),
        CommandDeclaration(
            .info,
            "info",
            "list stanzas and their backups",
            roles: [.main, .remote],
            beginLevel: .debug
        ),
        CommandDeclaration(
            .manifest,
            "manifest",
            "show the manifest of a backup",
            roles: [.main, .remote],
            beginLevel: .debug,
            isHidden: true
        ),
        CommandDeclaration(
            .repoGet,
            "repo-get",
            "print a file of a repository",
            roles: [.main, .remote],
            beginLevel: .debug,
            parameters: "FILE"
        ),
        CommandDeclaration(
            .repoLs,
            "repo-ls",
            "list files of a repository",
            roles: [.main, .remote],
            beginLevel: .debug,
            parameters: "[PATH]"
        ),
        CommandDeclaration(
            .repoRm,
            "repo-rm",
            "remove files from a repository",
            roles: [.main, .remote],
            beginLevel: .debug,
            parameters: "PATH",
            isHidden: true
        ),
        CommandDeclaration(
            .restore,
            "restore",
            "put a cluster back from a backup",
            roles: [.main, .local, .remote],
            lock: .restore,
            locksAtStart: true,
            writesLogFile: true
        ),
        CommandDeclaration(.server, "server", "serve other hosts over TLS", writesLogFile: true),
        CommandDeclaration(
            .serverPing,
            "server-ping",
            "test whether a TLS server answers",
            parameters: "[HOST]"
        ),
        CommandDeclaration(
            .stanzaCreate,
            "stanza-create",
            "prepare a repository for a cluster",
            roles: [.main, .remote],
            lock: .all,
            locksAtStart: true,
            locksOnRemote: true,
            writesLogFile: true
        ),
        CommandDeclaration(
            .stanzaDelete,
            "stanza-delete",
            "remove everything a repository holds of a stanza",
            roles: [.main, .remote],
            lock: .all,
            locksAtStart: true,
            locksOnRemote: true,
            writesLogFile: true
        ),
        CommandDeclaration(
            .stanzaUpgrade,
            "stanza-upgrade",
            "tell a stanza about a new major version of its cluster",
            roles: [.main, .remote],
            lock: .all,
            locksAtStart: true,
            locksOnRemote: true,
            writesLogFile: true
        ),
        CommandDeclaration(.start, "start", "allow commands again after stop", writesLogFile: true),
        CommandDeclaration(.stop, "stop", "keep commands from running", writesLogFile: true),
        CommandDeclaration(
            .verify,
            "verify",
            "read a repository and check every checksum",
            roles: [.main, .local, .remote],
            writesLogFile: true
        ),
        CommandDeclaration(.version, "version", "print the version", beginLevel: .debug),
        CommandDeclaration(
            .config,
            "config",
            "show every effective setting and where it comes from",
            beginLevel: .debug,
            parameters: "show"
        ),
    ]
}
