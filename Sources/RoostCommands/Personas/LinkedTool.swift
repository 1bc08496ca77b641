internal import RoostOptions

/// A tool that has a name of its own, by a link to `roost`.
struct LinkedTool {
    var name: String
    /// What it does, for the list of pages: without a full stop.
    var summary: String
    /// What it prints about itself; nil for one that takes no words.
    var help: String?
    /// What its command line may hold beside operands.
    var options: [ToolOption] = []

    static let all = [
        LinkedTool(
            name: "pb", summary: "run pgBackRest's commands on this host's stanza",
            help: """
                usage: pb [OPTIONS] COMMAND [PARAMETERS]
                is pgbackrest with --stanza=NAME, the first stanza of the configuration, where none is named

                """),
        LinkedTool(name: "pg-backup", summary: "back up this host's primary", help: PgBackup.help),
        LinkedTool(
            name: "pg-basebackup", summary: "make base backup from PostgreSQL instance", help: BaseBackupHelp.text,
            options: BaseBackupArguments.options),
        LinkedTool(
            name: "pg-fork", summary: "copy this host's cluster to a second server", help: PgFork.help,
            options: PgFork.options),
        LinkedTool(
            name: "pg-pitr", summary: "restore this host's cluster to a point in time", help: PitrHelp.text,
            options: PitrArguments.options),
        LinkedTool(
            name: "pg-role", summary: "tell whether this host's cluster is primary or replica",
            help: "usage: pg-role\nprints primary, replica or unknown for the data directory PGDATA, else /pg/data\n"),
    ]
}
