import Foundation
import RoostTesting
import Testing

/// `roost clone` (specification `admin-surface`, section 4): `demo`, in a shared repository, becomes `demo2` too.
@Suite struct CloneTests {
    /// A source with backups, and a target with its own data, stanza and backup.
    private struct Bed {
        static let name = "demo2"

        let source: ScratchStanza
        let target: ScratchCluster
        let configuration: String

        var scratch: ScratchDirectory { source.scratch }

        static func with<T>(_ body: (Bed) throws -> T) throws -> T {
            try ScratchDirectory.with { scratch in
                let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
                let source = try ScratchStanza(cluster: cluster, in: scratch)
                try PitrBed.standAlone(cluster, ["shared_preload_libraries = 'pg_cron'"])
                try source.begin(archivingWith: .roost)
                return try body(try Bed(source))
            }
        }

        init(_ source: ScratchStanza) throws {
            self.source = source
            let scratch = source.scratch
            try source.cluster.execute(
                "create table origin as select 1 as n", "alter system set cluster_name = 'demo'",
                "create subscription follows connection 'host=/nonexistent' publication p with (connect = false)",
                "alter subscription follows enable", "create extension pg_cron",
                "select cron.schedule('0 3 * * *', 'vacuum')")
            try source.backup(.roost)
            try source.cluster.execute("insert into origin values (2)")
            try source.cluster.archiveCurrentSegment()

            target = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: scratch, named: "target")
            let spool = try scratch.directory("spool2")
            configuration = try scratch.file(
                "pgbackrest2.conf",
                """
                [global]
                repo1-path=\(source.repository)
                lock-path=\(source.lockDirectory)
                log-path=\(scratch.path)/log
                spool-path=\(spool)
                start-fast=y
                repo1-retention-full=4
                [\(Self.name)]
                pg1-path=\(target.dataDirectory)
                pg1-socket-path=\(target.socketDirectory)
                pg1-port=\(target.port)
                pg1-user=postgres

                """)
            // Those that a life before this one has left there (T6).
            _ = try scratch.directory("spool2/archive")
            _ = try scratch.directory("spool2/archive/\(Self.name)")
            try scratch.file("spool2/archive/\(Self.name)/stale.ok", "")
            try PitrBed.standAlone(target)
            target.set("archive_mode", "on")
            target.set("archive_command", try archiveCommand)
            try target.start()
            try engine(.roost, "stanza-create").requireSuccess()
            try engine(.roost, "backup").requireSuccess()
        }

        /// As stock wants it too, which looks for its name in it.
        var archiveCommand: String {
            get throws {
                "\(try Tool.dropIn.path) --config=\(configuration) --stanza=\(Self.name) archive-push %p"
            }
        }

        func engine(_ tool: Tool, _ arguments: String...) throws -> CommandResult {
            try Command(
                try tool.path, ["--config=\(configuration)", "--stanza=\(Self.name)"] + arguments
            ).run()
        }

        @discardableResult
        func run(_ words: String..., pitr: [String: Any] = [:], status: Int32 = 0) throws -> AdminResult {
            try AdminResult(command(words, pitr).run().require(status: status))
        }

        func command(_ words: [String], _ pitr: [String: Any] = [:]) throws -> Command {
            let specification: [String: Any] = [
                "cluster": Self.name, "data": target.dataDirectory, "port": 5432,
                "socket_dir": target.socketDirectory, "config": configuration, "service": "pg_ctl",
                "bin_dir": try TestHost.serverPrograms(major: target.major), "log": scratch.path + "/log",
                "spool": scratch.path + "/spool2",
                "pitr": ["cluster": ScratchStanza.name].merging(pitr) { $1 },
            ]
            let json = try JSONSerialization.data(withJSONObject: specification)
            let file = try scratch.file("spec2.json", String(decoding: json, as: UTF8.self))
            return Command(try Tool.roost.path, words + ["--output=json", "--spec=\(file)"])
        }

        /// The names of the backups of its stanza, finished or not.
        var backupNames: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: "\(source.repository)/backup/\(Self.name)")
                    .filter { $0.hasSuffix("F") }
            }
        }

        /// The files of the source's stanza.
        var sourceFiles: Set<String> {
            get throws {
                var found: Set<String> = []
                for part in ["archive", "backup"] {
                    let top = "\(source.repository)/\(part)/\(ScratchStanza.name)"
                    for name in try FileManager.default.subpathsOfDirectory(atPath: top) {
                        found.insert("\(part)/\(name)")
                    }
                }
                return found
            }
        }
    }

    @Test(arguments: ["upgrade", "recreate"])
    func `REQ-30 a clone becomes a cluster of its own, and its source does not notice`(mode: String) throws {
        try Bed.with { bed in
            let before = try bed.sourceFiles
            #expect(try bed.run("clone", "check").fact("source") == "demo")
            for step in ["down", "restore", "wait", "up"] { try bed.run("pitr", step) }
            let target = bed.target
            #expect(try target.value("select string_agg(n::text, '' order by n) from origin") == "12")
            #expect(try target.value("show archive_mode") == "off")
            #expect(try target.value("show cluster_name") == "demo2")
            #expect(try target.value("show max_logical_replication_workers") == "0")

            if mode == "recreate" {
                #expect(try bed.run("clone", "adopt", "--stanza-mode=recreate", status: 5).text.contains("deletes all"))
                try refusesLocked(bed)
                try recreateIsStopped(bed)
            }
            #expect(try bed.run("clone", "adopt", "--dry-run").changed)
            #expect(try target.value("show archive_mode") == "off")
            let adopted = try bed.run("clone", "adopt", "--stanza-mode=\(mode)", "--yes")
            #expect(adopted.fact("backup")?.hasSuffix("F") == true)
            #expect(adopted.text.contains("pg_cron runs the source's jobs here too"))
            #expect(try target.value("select count(*) from cron.job") == "1")
            #expect(try bed.run("clone", "adopt").changed == false)
            #expect(try target.value("show archive_mode") == "on")
            #expect(try target.value("show archive_command") == bed.archiveCommand)
            #expect(try target.value("select bool_or(subenabled) from pg_subscription") == "f")
            #expect(try target.value("show max_logical_replication_workers") != "0")
            let spool = bed.scratch.path + "/spool2/archive/demo2/stale.ok"
            #expect(!FileManager.default.fileExists(atPath: spool))

            // The new stanza, as stock sees it.
            try bed.engine(.stock, "check").requireSuccess()
            let told = try bed.engine(.stock, "info", "--output=json").requireSuccess().standardOutput
            let info = try RepositoryInfo(json: told)
            #expect(info.statusCode == 0)
            #expect(info.backups.count == (mode == "upgrade" ? 2 : 1))
            try bed.engine(.stock, "--type=incr", "backup").requireSuccess()

            // The source: whole, going on, with nothing of the clone in it.
            try bed.source.run(.stock, "check")
            let after = try bed.sourceFiles
            #expect(after.isSuperset(of: before))
            for name in after.subtracting(before) {
                #expect(name.hasPrefix("archive/15-1/00000001"), "\(name)")
            }
            #expect(try bed.source.cluster.value("select subenabled from pg_subscription") == "t")
            #expect(try target.systemIdentifier == bed.source.cluster.systemIdentifier)
            try bed.run("pitr", "accept", "--yes")
        }
    }

    /// While a command holds its lock nothing is deleted, and killed half-way the next run goes on.
    private func recreateIsStopped(_ bed: Bed) throws {
        let holder = try Command.holdLock(bed.source.lockDirectory + "/demo2-backup-1.lock")
        try bed.run("clone", "adopt", "--stanza-mode=recreate", "--yes", status: 50)
        #expect(!FileManager.default.fileExists(atPath: bed.source.lockDirectory + "/demo2.stop"))
        holder.send(SIGKILL)
        _ = try holder.wait()
        var command = try bed.command(["clone", "adopt", "--stanza-mode=recreate", "--yes"])
        command.environment["ROOST_FAULT"] = "unlink:1:kill:demo2/backup.info"
        #expect(try !command.run().succeeded)
        let own = "\(bed.source.repository)/archive/\(Bed.name)"
        #expect(!FileManager.default.fileExists(atPath: own + "/archive.info"))
    }

    /// T9: found half way, the lock would leave half a stanza.
    private func refusesLocked(_ bed: Bed) throws {
        guard TestHost.isRoot else { return }
        let own = "\(bed.source.repository)/archive/\(Bed.name)"
        let files = try FileManager.default.subpathsOfDirectory(atPath: own)
        let name = try #require(files.first { $0.contains("/0000") && $0.hasSuffix(".gz") })
        let segment = "\(own)/\(name)"
        try Command("/bin/chown", ["root", segment], as: .root).run().requireSuccess()
        let refused = try bed.run("clone", "adopt", "--stanza-mode=recreate", "--yes", status: 60)
        #expect(refused.text.contains("belongs to root") && refused.text.contains("nothing was changed"), "\(refused)")
        #expect(try Set(FileManager.default.subpathsOfDirectory(atPath: own)) == Set(files))
        try Command("/bin/chown", [TestHost.account, segment], as: .root).run().requireSuccess()
    }

    @Test func `REQ-30 wherever the adoption is killed, the next one goes on`() throws {
        try Bed.with { bed in
            for step in ["down", "restore", "wait", "up"] { try bed.run("pitr", step) }
            let info = "\(bed.source.repository)/archive/\(Bed.name)/archive.info"
            try killAdoption(bed, "the stanza to be upgraded") {
                try String(contentsOfFile: info, encoding: .utf8).contains("\n2={")
            }
            try killAdoption(bed, "archiving to be on") {
                // While it restarts nobody answers.
                (try? bed.target.value("show archive_mode")) == "on"
            }
            try killAdoption(bed, "the backup to begin") { try bed.backupNames.count == 2 }
            try adoptTwiceAtOnce(bed)
            #expect(try bed.run("clone", "adopt").changed == false)
            try bed.engine(.stock, "check").requireSuccess()
            #expect(try bed.backupNames.count == 2)
            #expect(try bed.target.value("select string_agg(n::text, '' order by n) from origin") == "12")
        }
    }

    private func adoptTwiceAtOnce(_ bed: Bed) throws {
        let first = try bed.command(["clone", "adopt"]).start()
        try waitUntil("the first run to call the engine") {
            try ["stanza-create", "check", "--type=full\0backup"].contains {
                try TestHost.hasProcess(naming: "\(bed.configuration)\0--stanza=\(Bed.name)\0\($0)")
            }
        }
        first.send(SIGSTOP)
        try #require(try first.waitUntilStopped())
        for line in [["clone", "adopt"], ["pitr", "undo"]] {
            let second = try bed.command(line).run().require(status: 50)
            #expect(second.output.contains("unable to acquire lock"), "\(second)")
        }
        first.send(SIGCONT)
        #expect(try AdminResult(first.wait().requireSuccess()).changed)
    }

    /// Kills a run that has come to a point, and waits for the engine that worked for it.
    private func killAdoption(_ bed: Bed, _ point: String, _ isReached: () throws -> Bool) throws {
        let run = try bed.command(["clone", "adopt"]).start()
        try waitUntil(point) { try isReached() }
        run.send(SIGKILL)
        #expect(try run.wait().ending == .killed(signal: SIGKILL), "it was at its end before \(point)")
        try waitUntil("the end of what worked for it") {
            try !TestHost.hasProcess(naming: "--config=\(bed.configuration)\0--stanza")
                && !TestHost.hasProcess(naming: "-s\0-D\0\(bed.target.dataDirectory)")
        }
        // Its restart of the server goes on without it.
        try waitUntil("the server to answer") { (try? bed.target.value("select 1")) == "1" }
    }

    @Test func `REQ-30 a copy does not archive into the stanza that its settings still name`() throws {
        try Bed.with { bed in
            let before = try bed.sourceFiles
            let pitr = ["type": "immediate", "action": "promote"]
            for step in ["down", "restore", "wait"] { try bed.run("pitr", step, pitr: pitr) }
            let history = bed.target.dataDirectory + "/pg_wal/00000002.history"
            try #require(FileManager.default.fileExists(atPath: history))
            // T3: with the path told, only this guard stands between the copy and the archive of its source.
            for tool in [Tool.roost, .dropIn] {
                let push = try Command(
                    try tool.path,
                    [
                        "--config=\(bed.configuration)", "--stanza=demo", "--pg1-path=\(bed.target.dataDirectory)",
                        "archive-push", history,
                    ]
                ).run().require(status: 44)
                #expect(push.output.contains("stanza 'demo' is not of this host, whose configuration has 'demo2'"))
            }
            #expect(try bed.sourceFiles == before)
            // Its own is not the copy's yet either.
            let own = try bed.engine(.roost, "archive-push", history).require(status: 103)
            #expect(own.output.contains("ArchiveMismatchError"))
        }
    }

    @Test func `REQ-30 what cannot be cloned is refused, and the target goes on`() throws {
        try Bed.with { bed in
            let same = try bed.run("clone", "check", pitr: ["cluster": "demo2"], status: 4)
            #expect(same.text.contains("are both 'demo2'"))
            let missing = try bed.run("clone", "check", pitr: ["cluster": "nowhere"], status: 4)
            #expect(missing.text.contains("cannot be restored from here: missing stanza path"))
            // Told where the source is, it is looked for there, and nothing of that stays.
            let elsewhere = ["repo": ["method": "local", "path": bed.scratch.path + "/elsewhere"]]
            let away = try bed.run("clone", "check", pitr: elsewhere, status: 4)
            #expect(away.text.contains("'repo' in pg_pitr names another"), "\(away)")
            let there = ["repo": ["method": "local", "path": bed.source.repository]]
            #expect(try bed.run("clone", "check", pitr: there).fact("source") == "demo")
            var wrong: [String: Any] = ["method": "local", "path": bed.source.repository, "cipher_type": "aes-256-cbc"]
            wrong["cipher_pass"] = "wr0ng-secret"
            let unreadable = try bed.run("clone", "check", pitr: ["repo": wrong], status: 4)
            #expect(unreadable.text.contains("Error]") && unreadable.text.contains(".info"), "\(unreadable)")
            #expect(!unreadable.text.contains("wr0ng") && !unreadable.text.contains("disk of another host"))
            // What a killed run has left, with its secrets.
            let abandoned = bed.target.dataDirectory + ".pitr-plan.999999999.conf"
            try "repo1-cipher-pass=x".write(toFile: abandoned, atomically: false, encoding: .utf8)
            try TestHost.giveToAccount(abandoned)
            try bed.run("clone", "check", pitr: there)
            #expect(!FileManager.default.fileExists(atPath: abandoned))
            if TestHost.isRoot {
                var root = try bed.command(["clone", "check"])
                root.account = .root
                try root.run().require(status: 2)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: bed.scratch.path)
            #expect(names.allSatisfy { !$0.contains("pitr") }, "\(names)")
            let early = ["time": "2020-01-01 00:00:00+00"]
            #expect(try bed.run("clone", "check", pitr: early, status: 75).text.contains("can be reached"))
            let version = bed.target.dataDirectory + "/PG_VERSION"
            try "14\n".write(toFile: version, atomically: false, encoding: .utf8)
            #expect(try bed.run("clone", "check", status: 4).text.contains("'demo' is of PostgreSQL 15"))
            try "15\n".write(toFile: version, atomically: false, encoding: .utf8)
            #expect(try bed.target.value("select 1") == "1")
            // A copy that has not ended its recovery is no cluster.
            for step in ["down", "restore", "wait"] { try bed.run("pitr", step, pitr: ["type": "immediate"]) }
            #expect(try bed.run("clone", "adopt", status: 1).text.contains("stands at 'reached'"))
            try bed.run("pitr", "undo")
            #expect(try bed.target.value("select to_regclass('origin') is null") == "t")
        }
    }

    /// On one host they would be restored over those of the source's running server.
    @Test func `REQ-30 the tablespaces of a source on the same host are not touched`() throws {
        try Bed.with { bed in
            let place = try bed.scratch.directory("fast", mode: 0o700)
            try bed.source.cluster.execute(
                "create tablespace fast location '\(place)'", "create table there tablespace fast as select 7 as n",
                "checkpoint")
            try bed.source.backup(.roost)
            try bed.source.cluster.execute("checkpoint")
            let before = try DirectoryTree(place)
            let refused = try bed.run("clone", "check", status: 40)
            #expect(refused.text.contains(place), "\(refused)")
            try bed.run("pitr", "down")
            try bed.run("pitr", "restore", status: 40)
            try bed.run("pitr", "undo")
            #expect(try before.differences(from: DirectoryTree(place)) == [])
            #expect(try bed.source.cluster.value("select n from there") == "7")
            #expect(try bed.target.value("select 1") == "1")
        }
    }
}
