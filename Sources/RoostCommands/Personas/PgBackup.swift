internal import RoostAdmin
internal import RoostOptions
internal import RoostSystem

/// `pg-backup [full|diff|incr]`: one backup of the only stanza of this host, run on the primary by cron or by hand.
struct PgBackup {
    private let program: String

    static let help =
        "usage: pg-backup [full|diff|incr]\nmakes a backup of this host's primary; incr is the default\n"

    private static let wrongUser = "run this as dbsu (postgres group member)"

    init(program: String) { self.program = program }

    func run(_ arguments: [String]) -> Int32 {
        if arguments == ["--help"] || arguments == ["-h"] {
            StandardOutput.write(Self.help)
            return 0
        }
        let configuration = CurrentProcess.environment("PGBACKREST_CONFIG") ?? "/etc/pgbackrest/pgbackrest.conf"
        let settings = ConfiguredStanza(path: configuration)
        let role = PgRole(dataDirectory: CurrentProcess.environment("PGDATA") ?? settings?.dataDirectory).role
        // Somebody else may not look into the data directory, which is no reason to speak of replicas.
        guard role != .unknown || isDatabaseUser else { return fail(2, Self.wrongUser) }
        guard role == .primary else {
            return fail(
                1,
                "this script should run on pgsql primary instance, got \(role.rawValue)\nbackups are made on the primary only; on a replica there is nothing to do"
            )
        }
        say("[INFO] run on primary instance")
        guard isDatabaseUser else { return fail(2, Self.wrongUser) }
        let mode = arguments.first ?? "incr"
        guard arguments.count <= 1, ["full", "diff", "incr"].contains(mode) else {
            return fail(3, "invalid backup mode: \(arguments.joined(separator: " "))")
        }
        guard let stanza = settings?.name else {
            return fail(4, "could not determine stanza from pgbackrest configuration")
        }
        return backup(stanza, mode, configuration)
    }

    private func backup(_ stanza: String, _ mode: String, _ configuration: String) -> Int32 {
        let what = "pgbackrest --type=\(mode)"
        say("[BEGIN] pgbackrest ========================")
        say("[BEGIN] \(what) for \(stanza) begin at \(now)")
        say("$ /usr/bin/pgbackrest --stanza=\(stanza) --type=\(mode) backup")
        let options = ["--stanza=\(stanza)", "--type=\(mode)", "backup"]
        // The configuration that named the stanza is the one to back up by.
        let config = CurrentProcess.environment("PGBACKREST_CONFIG") == nil ? [] : ["--config=\(configuration)"]
        let status = CommandRunner(program: program, dialect: .pgbackrest).run(config + options)
        if status == 0 {
            say("[DONE] \(what) backup for \(stanza) completed at \(now)")
        } else {
            say("[FAIL] \(what) backup for \(stanza) failed with status \(status) at \(now)")
        }
        return status
    }

    private var now: String { LocalTime(SystemClock().now().seconds).text }

    /// Named postgres, or a member of the group postgres.
    private var isDatabaseUser: Bool {
        var accounts = AccountNames()
        if accounts.user(CurrentProcess.effectiveUser) == "postgres" { return true }
        guard let group = AccountNames.groupID("postgres") else { return false }
        return CurrentProcess.groups.contains(group)
    }

    private func say(_ line: String) { StandardOutput.write(line + "\n") }

    private func fail(_ status: Int32, _ message: String) -> Int32 {
        say("[FAIL] \(message)")
        return status
    }
}
