internal import RoostAdmin

/// What `pg-pitr` tells beside its work.
enum PitrHelp {
    static let text = """
        usage: pg-pitr (-d | -i | -t TIME | -n NAME | -l LSN | -x XID) [options] [-- engine options]

        Restores the cluster of this host from its repository, so that it recovers to a target when it is started.
        The server must be stopped, and Patroni too.

        -d, --default         to the end of the WAL in the archive
        -i, --immediate       as soon as the backup is consistent
        -t, --time            to a time, best with a zone: '2026-11-22 15:00:00+00'
        -n, --name            to a restore point, made with pg_create_restore_point
        -l, --lsn             to a position in the WAL: 0/4000028
        -x, --xid             to the end of a transaction

        -D, --data            data directory, that of the configuration or /pg/data
        -s, --stanza          the first of the configuration
        -S, -b, --set, --backup
                              backup set to begin with: latest, or a label
        -X, --exclusive, --target-exclusive
                              stop just before the target (time, LSN, transaction)
        -P, --promote, --target-action=promote
                              end recovery at the target; without it the server pauses there, to be looked at
        -T, --timeline        latest, current or a number
        -v, --verbose         tell more
        -c, --check, --dry-run
                              show the plan and what can be reached, change nothing; the server may run
        -y, --yes             no countdown
            --output          json: one object about the run on standard output
        -h, --help            this text
        --                    what follows goes to the engine's restore

        Always restores with --delta --force: files that are as in the backup stay, others are replaced or removed.
        Exit status: 0 done; 1 refused here; else the engine's, as 75 for a target that cannot be reached.

        """

    static func nextSteps(_ request: PitrArguments) -> String {
        let data = request.data
        let isOff = request.shownArguments.contains("--archive-mode=off")
        let options = request.isCopy && !isOff ? " -o '-c archive_mode=off'" : ""
        var steps = ["start the server, which recovers:   pg_ctl -D \(data)\(options) start"]
        if request.goal.waitsAtTarget {
            steps.append("wait until it has paused there:     psql -c 'select pg_get_wal_replay_pause_state()'")
            steps.append("look at the data; then end it:      psql -c 'select pg_promote()'")
            steps.append("or go to another target:            pg_ctl -D \(data) stop, and pg-pitr again")
        } else {
            steps.append("wait until recovery has ended:      psql -c 'select pg_is_in_recovery()'")
        }
        guard !request.isCopy else {
            steps.append("leave archiving off: it is a copy, whose WAL must not come into the stanza of its source")
            return numbered(steps)
        }
        if isOff {
            steps.append("turn archiving on again:            psql -c 'alter system reset archive_mode', then restart")
        }
        steps.append("make a full backup:                 pg-backup full")
        return numbered(steps)
    }

    private static func numbered(_ steps: [String]) -> String {
        "\nNext:\n" + steps.enumerated().map { "  \($0 + 1). \($1)\n" }.joined()
    }
}
