import Foundation
import RoostTesting
import Testing

/// Every kind of target that `pg_pitr` can name, of the cluster itself and of another one that becomes its copy.
@Suite struct PitrTargetTests {
    /// Steps 5 to 8 after those of the bed, with what can be aimed at between them, and a second backup at the end.
    private struct Targets {
        let lsn: String
        let transaction: String
        let firstBackup: String

        init(_ bed: PitrBed) throws {
            let cluster = bed.cluster
            firstBackup = try #require(try bed.stanza.info(.roost).labels.first)
            try cluster.execute("insert into step values (5)", "select pg_create_restore_point('five')")
            try cluster.execute("insert into step values (6)")
            lsn = try cluster.value("select pg_current_wal_insert_lsn()")
            transaction = try cluster.value(
                "with added as (insert into step values (7) returning n) select pg_current_xact_id() from added")
            try cluster.execute("insert into step values (8)")
            try cluster.archiveCurrentSegment()
            try bed.stanza.backup(.roost)
        }
    }

    /// The server that is recovered.
    private struct Member {
        let name: String
        let cluster: ScratchCluster
    }

    @Test(arguments: TestHost.cases([15, 17], else: [15]))
    func `REQ-30 REQ-31 each kind of target is reached, in place and by a clone`(major: Int) throws {
        try PitrBed.with(major: major) { bed in
            let targets = try Targets(bed)
            let other = try ScratchCluster.makeForeign(
                .init(major: major, walSegmentMegabytes: 1), in: bed.stanza.scratch, named: "home/other")
            try PitrBed.standAlone(other)
            let first = targets.firstBackup
            let cases: [([String: Any], String, String)] = [
                (["type": "latest"], "promoted", "12345678"), (["type": "immediate"], "paused", "12345678"),
                (["type": "immediate", "set": first], "paused", ""), (["time": bed.times[1]], "paused", "12"),
                (["lsn": targets.lsn], "paused", "123456"),
                (["xid": targets.transaction, "set": first], "paused", "1234567"),
                (["xid": targets.transaction, "set": first, "exclusive": true], "paused", "123456"),
                (["name": "five", "set": first, "action": "promote"], "promoted", "12345"),
            ]
            let itself = Member(name: ScratchStanza.name, cluster: bed.cluster)
            let copy = Member(name: "demo2", cluster: other)
            // By `pg-pitr` each kind is reached in every run.
            let chosen = TestHost.cases(cases, else: [cases[0], cases[4], cases[5], cases[7]])
            for (index, (pitr, outcome, steps)) in chosen.enumerated() {
                for member in TestHost.cases([itself, copy], else: [index % 2 == 0 ? itself : copy]) {
                    for step in ["down", "restore"] { try run(bed, step, pitr, member) }
                    #expect(try run(bed, "wait", pitr, member).fact("outcome") == outcome, "\(pitr)")
                    #expect(try member.cluster.steps() == steps, "\(pitr) on \(member.name)")
                    try run(bed, "undo", pitr, member)
                }
            }
            #expect(try bed.steps == "12345678")
            #expect(!other.isRunning)
        }
    }

    @discardableResult
    private func run(_ bed: PitrBed, _ step: String, _ pitr: [String: Any], _ member: Member) throws -> AdminResult {
        let specification: [String: Any] = [
            "cluster": member.name, "data": member.cluster.dataDirectory, "port": 5432,
            "socket_dir": member.cluster.socketDirectory, "config": bed.stanza.configuration, "service": "pg_ctl",
            "bin_dir": try TestHost.serverPrograms(major: bed.cluster.major), "log": bed.stanza.scratch.path + "/log",
            "pitr": pitr.merging(["cluster": ScratchStanza.name]) { $1 },
        ]
        let json = try JSONSerialization.data(withJSONObject: specification)
        let file = try bed.stanza.scratch.file("spec.json", String(decoding: json, as: UTF8.self))
        let command = Command(try Tool.roost.path, ["pitr", step, "--output=json", "--spec", file])
        return try AdminResult(command.run().requireSuccess())
    }
}
