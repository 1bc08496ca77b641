import Foundation
import RoostTesting
import Testing

/// Restores from a repository of two timelines, of which the second branched off before a backup of the first.
///
///     timeline 1:  full --- row 1 --- time1 --- row 2 --- incr --- row 3 --- time3
///                                       \
///     timeline 2:                        row 10 --- time10 --- row 11
@Suite(.serialized)  // the cases share a stanza, whose lock lets one restore run at a time
struct RestoreTimelineTests {
    private struct History {
        var stanza: ScratchStanza
        var full: String
        var incr: String
        /// `time1`, `time3`, `time10`, `lsn10`.
        var marks: [String: String] = [:]
    }

    private static let shared = Result {
        let scratch = try ScratchDirectory()  // goes with the test process
        let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.lz4, bundled: true))
        try stanza.begin(archivingWith: .roost)
        try cluster.execute("create table step (n int)")
        let full = try stanza.backup(.roost)
        try cluster.query("insert into step values (1)")
        try waitForNextSecond(cluster)
        let time1 = try cluster.moment()
        try cluster.query("insert into step values (2)")
        let incr = try stanza.backup(.roost, "incr")
        var history = History(stanza: stanza, full: full, incr: incr)
        history.marks["time1"] = time1
        try cluster.query("insert into step values (3)")
        try waitForNextSecond(cluster)
        history.marks["time3"] = try cluster.moment()
        for _ in 0..<2 {
            try cluster.query("insert into step values (4)")
            try cluster.archiveCurrentSegment()
        }
        try cluster.stop()
        // Back to the first moment in place, onto a timeline of its own.
        let target = ["--delta", "--type=time", "--target=\(time1)", "--target-action=promote", "restore"]
        try stanza.command(.roost, target).run().requireSuccess()
        try cluster.start()
        try cluster.waitForRecoveryEnd()
        try cluster.query("insert into step values (10)")
        try waitForNextSecond(cluster)
        history.marks["time10"] = try cluster.moment()
        history.marks["lsn10"] = try cluster.value("select pg_current_wal_lsn()")
        try cluster.query("insert into step values (11)")
        try cluster.archiveCurrentSegment()
        try cluster.stop()
        return history
    }

    /// A backup that ended within the same second is not before that moment: its time of end has whole seconds.
    private static func waitForNextSecond(_ cluster: ScratchCluster) throws {
        let ended = try cluster.moment().prefix(19)
        while try cluster.moment().prefix(19) == ended {}
    }

    private func arguments(_ options: [String]) throws -> [String] {
        let marks = try Self.shared.get().marks
        return options.map { option in
            marks.reduce(option) { text, mark in
                text == "--target=\(mark.key)" ? "--target=\(mark.value)" : text
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var options: [String]
        var isFull: Bool
        var steps: [String]
        var testDescription: String { options.joined(separator: " ") }
    }

    @Test(arguments: [
        Case(options: ["--type=time", "--target=time1"], isFull: true, steps: ["1"]),
        Case(options: ["--type=time", "--target=time10"], isFull: true, steps: ["1", "10"]),
        Case(options: ["--type=time", "--target=time10", "--target-timeline=2"], isFull: true, steps: ["1", "10"]),
        Case(options: ["--type=lsn", "--target=lsn10", "--target-timeline=latest"], isFull: true, steps: ["1", "10"]),
        Case(
            options: ["--type=time", "--target=time3", "--target-timeline=1"], isFull: false, steps: ["1", "2", "3"]),
        Case(
            options: ["--type=time", "--target=time3", "--target-timeline=current"], isFull: false,
            steps: ["1", "2", "3"]),
        Case(options: ["--target-timeline=0x1"], isFull: false, steps: ["1", "2", "3", "4", "4"]),
    ])
    func `the set is one from which the wanted timeline can be reached`(row: Case) throws {
        let history = try Self.shared.get()
        let target = try history.stanza.scratch.directory("pg-\(UUID().uuidString.prefix(8))", mode: 0o700)
        var options = try arguments(row.options)
        if row.options.contains(where: { $0.hasPrefix("--type") }) { options.append("--target-action=promote") }
        let result = try history.stanza.command(.roost, ["--pg1-path=\(target)"] + options + ["restore"]).run()
            .requireSuccess()
        #expect(result.output.contains("restore backup set \(row.isFull ? history.full : history.incr),"))
        let restored = try history.stanza.restoredCluster(at: target)
        try restored.start()
        try restored.waitForRecoveryEnd()
        #expect(try restored.query("select n from step order by n").map { $0[0] } == row.steps)
        try restored.stop(.immediate)
    }

    @Test(
        arguments: [
            (["--set=incr"], 58, "is not in the history of timeline 2"),
            (["--type=time", "--target=2999-01-01 00:00:00+00"], 75, "lies in the future"),
            (["--type=lsn", "--target=FF/0"], 75, "lies behind the end of the archived WAL"),
            (["--type=lsn", "--target=0/100", "--set=full"], 75, "lies before the end of backup"),
            (["--type=lsn", "--target=0/100"], 75, "unable to find backup set with lsn"),
            (["--type=time", "--target=2001-01-01 00:00:00+00"], 75, "unable to find backup set with stop time"),
        ] as [([String], Int32, String)])
    func `what cannot be reached is refused before anything is touched, with what can`(
        options: [String], status: Int32, text: String
    ) throws {
        let history = try Self.shared.get()
        let options = try arguments(options).map {
            $0 == "--set=incr" ? "--set=\(history.incr)" : $0 == "--set=full" ? "--set=\(history.full)" : $0
        }
        let before = try DirectoryTree(history.stanza.cluster.dataDirectory)
        let result = try history.stanza.command(.roost, options + ["--delta", "restore"]).run().require(status: status)
        #expect(result.output.contains(text))
        if status == 75 {
            #expect(result.output.contains("HINT: can be reached: timeline 1: from "))
            #expect(result.output.contains("HINT: can be reached: timeline 2: from "))
        }
        #expect(try DirectoryTree(history.stanza.cluster.dataDirectory).differences(from: before) == [])
    }

    @Test func `a gap in the archive is seen before the server meets it`() throws {
        let history = try Self.shared.get()
        let stanza = history.stanza
        try ScratchDirectory.with { scratch in
            let repository = scratch.path + "/repo"
            try copy(stanza.repository, to: repository)
            // The segment after the one in which the backup ended is on the way to every later target.
            let stop = try stanza.run(.roost, "info", "--set=\(history.incr)").standardOutput
            let line = try #require(stop.split(separator: "\n").first { $0.contains("wal start/stop:") })
            let last = String(try #require(line.split(separator: " ").last))
            let directory = "\(repository)/archive/\(ScratchStanza.name)/15-1/\(last.prefix(16))"
            let later = try names(in: directory).filter { $0.count > 40 && $0.prefix(24) > last }
            try #require(later.count > 1)
            try remove("\(directory)/\(later[0])")
            let target = try scratch.directory("pg", mode: 0o700)
            let places = ["--pg1-path=\(target)", "--repo1-path=\(repository)", "--target-timeline=1"]
            let refused = try stanza.command(
                .roost, places + ["--type=lsn", "--target=0/FFFFFFF", "restore"]
            ).run().require(status: 75)
            #expect(refused.output.contains("lies behind WAL segment \(later[0].prefix(24)), which the archive lacks"))
            #expect(try names(in: target) == [])
            let warned = try stanza.command(.roost, places + ["restore"]).run().requireSuccess()
            #expect(
                warned.output.contains("the archive lacks WAL segment \(later[0].prefix(24)): recovery ends before"))
        }
    }

    @Test func `a dry run tells the plan and touches nothing`() throws {
        let history = try Self.shared.get()
        let stanza = history.stanza
        let target = stanza.cluster.dataDirectory
        try stanza.scratch.file("pg/base/1/stray", "x")
        let before = try (DirectoryTree(target), DirectoryTree(stanza.repository))
        let zoneless = try #require(history.marks["time10"]).prefix(19)
        let result = try stanza.run(
            .roost, "--delta", "--type=time", "--target=\(zoneless)", "--dry-run", "restore")
        #expect(try DirectoryTree(target).differences(from: before.0) == [])
        #expect(try DirectoryTree(stanza.repository).differences(from: before.1) == [])
        for text in [
            "restore into \(target)", "backup set   \(history.full) of repo1: the newest that ended before ",
            " on the way to timeline 2", "recovery     to time '\(zoneless)' along timeline 2, then pause",
            "delete       \(target)/", " \(target)/base/1/stray\n",
            "postgresql.auto.conf: recovery_target_time = '\(zoneless)'",
            "backup set '\(history.incr)' is newer than '\(history.full)' but not on the way to timeline 2",
            "target time '\(zoneless)' has no time zone: it was read as ", "in the archive without a gap to 00000002",
        ] {
            #expect(result.output.contains(text), "\(text)\n\(result.output)")
        }
        // Under the other name the option does not exist.
        try stanza.attempt(.dropIn, "--delta", "--dry-run", "restore").require(status: 31)
        try remove("\(target)/base/1/stray")
    }
}
