internal import RoostAdmin
internal import RoostPostgres
internal import RoostSystem

extension AdminCommand {
    /// `roost dump`: a logical dump by `pg_dump` or `pg_dumpall`.
    static let dump = AdminCommand(
        dumpSheet, operands: 0...Int.max, passesOn: true,
        .steps { arguments, report in
            let settings = try dumpSettings(arguments)
            // For files that pg_dump makes itself, below a directory.
            CurrentProcess.setUmask(0o077)
            report = Dump(settings).run()
        })

    private static let dumpSheet = CommandSheet(
        name: "dump", summary: "make a logical dump with pg_dump or pg_dumpall",
        synopsis: [
            "[OPTION]... DATABASE [-- PG_DUMP-OPTION...]",
            "[OPTION]... --all [DATABASE] [-- PG_DUMPALL-OPTION...]",
            "[OPTION]... --globals [DATABASE] [-- PG_DUMPALL-OPTION...]",
        ],
        description: """
            Runs the pg_dump (with --all and --globals pg_dumpall) of the server's own release if it is found, else the newest, \
            which must not be older than the server, and gives its output a name only when it is whole and durable. Everything after -- is passed on \
            untouched: -t, -n, -T, -N, -s, -a, -F, -j, --filter and all others select what is dumped, and how. The output \
            is what pg_dump makes: psql and pg_restore read it, also into a newer major version.

            A dump is no source for point-in-time recovery: it holds no WAL and cannot be rolled forward. `roost info` does \
            not list it and pg-pitr does not take it. For that make backups with pg-backup.

            DATABASE is a name or a connection string (postgres://host:5433/app, 'host=/run/postgresql dbname=app'); with \
            --all and --globals it is where pg_dumpall connects first. The rest comes from libpq's environment. A password \
            comes from PGPASSWORD, .pgpass or PGPASSFILE; nobody is asked for one.
            """,
        options: [
            .init("all", "dump every database, with roles and tablespaces"),
            .init("globals", "dump roles and tablespaces only, which no dump of one database holds"),
            .init(
                "dir", letter: "d", value: "DIR",
                "the directory for the dump, which exists; by default the current one"),
            .init(
                "file", letter: "f", value: "NAME",
                "its name there; defaults to <database>_<date>-<time> with .sql, .dump, .tar or .dir. A file of that name is "
                    + "replaced when the dump has succeeded, a directory never"),
            .init(
                "bin-dir", value: "DIR",
                "look for the programs only here; may be repeated. Defaults to /usr/lib/postgresql/*/bin, /usr/pgsql*/bin "
                    + "and PATH"),
            .dryRun, .output, .help,
        ],
        sections: [
            .init(
                title: "EXIT STATUS",
                text: """
                    0 done; that of pg_dump if it failed (1, or 128+n after signal n); 3 usage; 4 no pg_dump that is new enough; \
                    50 another run writes this dump; 63 interrupted; others as pgBackRest's. Whatever ends a run, an earlier \
                    dump of that name stays. Files have mode 0600, directories 0700.
                    """),
            .init(
                title: "EXAMPLES",
                text: """
                     roost dump app                                   SQL, app_20261122-141514.sql
                     roost dump -d /pg/backup app -- -Fc -t 'public.*'  some tables, for pg_restore
                     roost dump -d /pg/backup app -- -Fd -j4          a directory, by four processes
                     roost dump -d /pg/backup --globals               the roles that a restore needs first
                    """),
        ])

    private static func dumpSettings(_ arguments: ToolArguments) throws(AdminRefusal) -> DumpSettings {
        let scope: DumpSettings.Scope
        switch (arguments.has("all"), arguments.has("globals")) {
        case (true, true): throw AdminRefusal(.usage, "--all holds what --globals dumps: give one of them")
        case (true, false): scope = .all
        case (false, true): scope = .globals
        case (false, false): scope = .database
        }
        guard arguments.operands.count <= 1 else {
            throw AdminRefusal(
                .usage, "one database is dumped, not \(arguments.operands.count)",
                hints: ["options of pg_dump come after '--'"])
        }
        guard scope != .database || arguments.operands.first?.isEmpty == false else {
            throw AdminRefusal(.usage, "which DATABASE is to be dumped? Or --all, or --globals")
        }
        var settings = DumpSettings(scope, of: try connection(arguments.operands.first ?? ""))
        settings.directory = arguments["dir"] ?? "."
        settings.file = arguments["file"]
        settings.options = arguments.passedOn ?? []
        settings.programDirectories = arguments.all("bin-dir")
        settings.reportsErrors = arguments.wantsJSON
        settings.isDryRun = arguments.isDryRun
        return settings
    }

    private static func connection(_ text: String) throws(AdminRefusal) -> ConnectionString {
        do {
            return try ConnectionString(text)
        } catch {
            throw AdminRefusal(.usage, error.message, hints: error.hints)
        }
    }
}
