import Foundation
import RoostTesting

/// A stanza with a full backup and four steps after it, each of which can be named in every way that a target can.
struct PgPitrBed {
    let stanza: ScratchStanza
    /// One for each step: what was true when it was there and the next was not.
    private(set) var points: [Point] = []
    let label: String

    struct Point {
        var time: String
        var lsn: String
        var xid: String
        var name: String
    }

    var cluster: ScratchCluster { stanza.cluster }

    static func with<T>(_ body: (PgPitrBed) throws -> T) throws -> T {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { try body(PgPitrBed($0)) }
    }

    init(_ stanza: ScratchStanza) throws {
        self.stanza = stanza
        let cluster = stanza.cluster
        try cluster.execute("create table step (n int)")
        label = try stanza.backup(.roost)
        try stanza.waitForNextSecond()
        for number in 1...4 {
            let xid = try cluster.value(
                "with added as (insert into step values (\(number)) returning xmin) select txid_current() from added")
            let lsn = try cluster.value("select pg_create_restore_point('step-\(number)')")
            points.append(Point(time: try cluster.moment(), lsn: lsn, xid: xid, name: "step-\(number)"))
        }
        try cluster.archiveCurrentSegment()
        // What is restored here again and again must not add to the archive.
        cluster.set("archive_mode", "off")
    }

    func command(_ arguments: [String], as account: Command.Account = .unprivileged) throws -> Command {
        var command = Command(try Tool.directory + "/pg-pitr", arguments, as: account)
        command.environment = ["PGBACKREST_CONFIG": stanza.configuration, "PGUSER": "postgres"]
        return command
    }

    func run(_ arguments: String...) throws -> CommandResult { try command(arguments).run() }

    /// The steps that are there.
    var steps: String {
        get throws { try cluster.steps() }
    }
}

extension ScratchCluster {
    /// What is in the table `step`, in a row.
    func steps() throws -> String {
        String(try value("select 's' || coalesce(string_agg(n::text, '' order by n), '') from step").dropFirst())
    }
}

extension ScratchStanza {
    /// A backup serves targets from the second on that follows the one in which it ended.
    func waitForNextSecond() throws {
        let stop = try info(.roost).backups.last?.stopTime ?? 0
        try waitUntil("the next second") {
            try cluster.value("select clock_timestamp() >= to_timestamp(\(stop + 1))") == "t"
        }
    }
}
