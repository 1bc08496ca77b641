import Foundation
import RoostTesting
import Testing

/// Every way to say up to where a restored server recovers, on one history of three steps.
@Suite(.serialized)  // the cases share a stanza, whose lock lets one restore run at a time
struct RecoveryTargetTests {
    /// A repository with one backup and the WAL of what followed; its server is stopped.
    private struct History {
        var stanza: ScratchStanza
        /// What a target may name: `time1`, `xid2`, `lsn2`.
        var marks: [String: String]
    }

    private static let shared = Result {
        let scratch = try ScratchDirectory()  // goes with the test process
        let cluster = try ScratchCluster.make(in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch)
        try stanza.begin(archivingWith: .roost)
        try cluster.execute("create table step (n int)")
        try stanza.backup(.roost)
        var marks: [String: String] = [:]
        try cluster.query("insert into step values (1)")
        // A backup that ended within the same second is not before that moment: its time of end has whole seconds.
        let ended = try cluster.moment().prefix(19)
        try waitUntil("the next second") { try cluster.moment().prefix(19) != ended }
        marks["time1"] = try cluster.moment()
        marks["xid2"] = try cluster.query("insert into step values (2) returning pg_current_xact_id()")[0][0]
        marks["lsn2"] = try cluster.value("select pg_current_wal_lsn()")
        try cluster.query("select pg_create_restore_point('after two')")
        try cluster.query("insert into step values (3)")
        try cluster.archiveCurrentSegment()
        try cluster.stop()
        return History(stanza: stanza, marks: marks)
    }

    struct Target: Sendable, CustomTestStringConvertible {
        var options: [String]
        var steps: [String]
        var testDescription: String { options.joined(separator: " ") }
    }

    @Test(arguments: [
        Target(options: [], steps: ["1", "2", "3"]),
        Target(options: ["--type=immediate", "--target-action=promote"], steps: []),
        Target(options: ["--type=time", "--target=time1", "--target-action=promote"], steps: ["1"]),
        Target(options: ["--type=xid", "--target=xid2", "--target-action=promote"], steps: ["1", "2"]),
        Target(
            options: ["--type=xid", "--target=xid2", "--target-exclusive", "--target-action=promote"],
            steps: ["1"]
        ),
        Target(options: ["--type=lsn", "--target=lsn2", "--target-action=promote"], steps: ["1", "2"]),
        Target(options: ["--type=name", "--target=after two", "--target-action=promote"], steps: ["1", "2"]),
        Target(options: ["--target-timeline=current"], steps: ["1", "2", "3"]),
    ])
    func `recovery ends at the target and the server takes writes`(target: Target) throws {
        let restored = try restore(target)
        try restored.start()
        try restored.waitForRecoveryEnd()
        #expect(try steps(restored) == target.steps)
        try restored.query("insert into step values (99)")
        try restored.stop(.immediate)
    }

    @Test func `recovery pauses at the target when no action is given`() throws {
        let restored = try restore(Target(options: ["--type=time", "--target=time1"], steps: []))
        try restored.start()
        try restored.waitForRecoveryPause()
        #expect(try steps(restored) == ["1"])
        try restored.stop(.immediate)
    }

    @Test func `the server stops at the target when asked to`() throws {
        let restored = try restore(
            Target(options: ["--type=name", "--target=after two", "--target-action=shutdown"], steps: [])
        )
        // Whether pg_ctl sees it come up before it shuts down is a matter of luck.
        _ = try? restored.start()
        try waitUntil("shutdown at the target") { !restored.isRunning }
        #expect(try restored.serverLog().contains("shutdown at recovery target"))
    }

    @Test func `a standby goes on in recovery`() throws {
        let restored = try restore(Target(options: ["--type=standby"], steps: []))
        #expect(FileManager.default.fileExists(atPath: restored.dataDirectory + "/standby.signal"))
        try restored.start()
        try waitUntil("replay of all steps") { try steps(restored) == ["1", "2", "3"] }
        #expect(try restored.value("select pg_is_in_recovery()") == "t")
        try restored.stop(.immediate)
    }

    @Test func `without recovery no settings are written`() throws {
        let restored = try restore(Target(options: ["--type=none"], steps: []))
        let settings = try String(contentsOfFile: restored.dataDirectory + "/postgresql.auto.conf", encoding: .utf8)
        #expect(!settings.contains("restore_command"))
    }

    @Test func `preserved settings stay as they are`() throws {
        let restored = try restore(Target(options: [], steps: []))
        let file = restored.dataDirectory + "/postgresql.auto.conf"
        try replace(file, with: "work_mem = '5MB'\n")
        let stanza = try Self.shared.get().stanza
        try stanza.run(.roost, "--pg1-path=\(restored.dataDirectory)", "--delta", "--type=preserve", "restore")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "work_mem = '5MB'\n")
        #expect(FileManager.default.fileExists(atPath: restored.dataDirectory + "/recovery.signal"))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var options: [String]
        var status: Int32
        var testDescription: String { options.joined(separator: " ") }
    }

    @Test(arguments: [
        Refusal(options: ["--type=time", "--target=2001-01-01 00:00:00"], status: 75),
        Refusal(options: ["--type=time", "--target=yesterday"], status: 29),
        Refusal(options: ["--type=lsn", "--target=nonsense"], status: 29),
        Refusal(options: ["--set=20200101-000000F"], status: 75),
        Refusal(options: ["--target=1"], status: 31),
        Refusal(options: ["--type=xid"], status: 37),
        Refusal(options: ["--tablespace-map=none=/nowhere"], status: 76),
        Refusal(options: ["--target-timeline=7"], status: 55),
        Refusal(options: ["--recovery-option=standby-mode=on"], status: 31),
    ])
    func `a target that cannot be reached is refused with its own exit status`(refusal: Refusal) throws {
        let stanza = try Self.shared.get().stanza
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            try stanza.command(.roost, ["--pg1-path=\(target)"] + refusal.options + ["restore"]).run()
                .require(status: refusal.status)
            #expect(!FileManager.default.fileExists(atPath: target + "/global/pg_control"))
        }
    }

    private func restore(_ target: Target) throws -> ScratchCluster {
        let history = try Self.shared.get()
        let options = target.options.map { option in
            history.marks.reduce(option) { $0.replacingOccurrences(of: "=\($1.key)", with: "=\($1.value)") }
        }
        let path = try history.stanza.scratch.directory("pg-\(UUID().uuidString.prefix(8))", mode: 0o700)
        try history.stanza.command(.roost, ["--pg1-path=\(path)"] + options + ["restore"]).run().requireSuccess()
        return try history.stanza.restoredCluster(at: path)
    }

    private func steps(_ cluster: ScratchCluster) throws -> [String] {
        try cluster.query("select n from step order by n").map { $0[0] }
    }
}
