import Foundation
import RoostTesting
import Testing

@Suite struct RemoveTests {
    @Test func `REQ-3 REQ-5 the stanza goes, its neighbours and the data stay, and no WAL piles up`() throws {
        try ScratchDirectory.with { scratch in
            let shared = try scratch.directory("shared", mode: 0o750)
            let neighbour = try AdminBed(named: "pg-test2", in: scratch, repository: shared)
            try neighbour.cluster.start()
            try neighbour.roost("enable")
            try neighbour.cluster.stop()
            let bed = try AdminBed(in: scratch, repository: shared)
            try bed.cluster.start()
            try bed.roost("enable")
            // `/pg/backup` is also where base backups go.
            try bed.shell("touch \(shared)/backup_pg-test_20250713.tar.lz4")
            let before = try ["archive", "backup"].map { try DirectoryTree("\(shared)/\($0)/pg-test2") }

            let dry = try bed.roost("remove", "--dry-run")
            #expect(dry.changes == ["stanza", "archiving", "leftovers", "configuration"], "\(dry)")
            #expect(try bed.info().statusCode == 0)
            let outcome = try bed.roost("remove", "--yes")
            #expect(outcome.changes == dry.changes, "\(outcome)")
            #expect(outcome.facts["backups"] as? Int == 1)
            #expect(outcome.message("plan").contains("1 backup of "), "\(outcome)")
            for path in ["\(shared)/archive/pg-test", "\(shared)/backup/pg-test", bed.configuration, bed.marker] {
                #expect(!bed.exists(path), "\(path)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: bed.locks) == [])
            #expect(!bed.exists(bed.spool + "/archive/pg-test"))
            #expect(bed.exists("\(shared)/backup_pg-test_20250713.tar.lz4"))
            for (tree, name) in zip(before, ["archive", "backup"]) {
                #expect(try tree.differences(from: DirectoryTree("\(shared)/\(name)/pg-test2")) == [])
            }
            try neighbour.cluster.start()
            try neighbour.stock("check").requireSuccess()
            #expect(try neighbour.info().backups.count == 1)

            // The server goes on: it takes writes, and what it finishes is let go.
            let start = try bed.cluster.value("select pg_postmaster_start_time()")
            try bed.cluster.execute("create table later as select 1 as n", "select pg_switch_wal()")
            try waitUntil("the archiver to have nothing left") {
                try bed.cluster.value("select count(*) from pg_ls_dir('pg_wal/archive_status') f where f ~ 'ready$'")
                    == "0"
            }
            #expect(try bed.cluster.value("select pg_postmaster_start_time()") == start)
            // Nothing is left to do, and all can be had back without a restart.
            #expect(try !bed.roost("remove", "--yes").hasChanged)
            let again = try bed.roost("enable")
            #expect(again.changes == ["configuration", "stanza", "archiving", "backup", "marker"], "\(again)")
            try bed.stock("check").requireSuccess()
            #expect(try bed.cluster.value("select pg_postmaster_start_time()") == start)
        }
    }

    @Test func `REQ-5 disable parks the archiver of a running server, enable wakes it`() throws {
        try AdminBed.with { bed in
            #expect(try !bed.roost("disable").hasChanged)
            try bed.roost("enable")
            #expect(try bed.roost("disable", "--dry-run").changes == ["archiving"])
            let outcome = try bed.roost("disable")
            #expect(outcome.changes == ["archiving"])
            #expect(try bed.setting("archive_command") == ": archiving is parked by roost disable")
            #expect(try !bed.roost("disable").hasChanged)
            // After a restart it is off by name, too.
            try bed.cluster.stop()
            try bed.cluster.start()
            #expect(try bed.setting("archive_mode") == "off")
            #expect(try !bed.roost("disable").hasChanged)
            // WAL between has gone nowhere, so that only a new backup makes recovery possible again.
            #expect(try bed.roost("enable").changes == ["archiving", "restart", "backup"])
            #expect(try bed.info().backups.map(\.type) == ["full", "incr"])
            #expect(try !bed.roost("enable").hasChanged)
            // Whoever makes the backup; and a run that went no further leaves it to the next.
            for isByHand in [true, false] {
                try bed.roost("disable")
                #expect(try bed.roost("enable", "--phase=init").changes == ["archiving"])
                // A backup of the same second may have begun before.
                let noted = Date().timeIntervalSince1970.rounded(.down)
                try waitUntil("the next second") { Date().timeIntervalSince1970 >= noted + 1 }
                if isByHand {
                    var backup = Command(try Tool.directory + "/pg-backup", ["incr"])
                    backup.environment = ["PGBACKREST_CONFIG": bed.configuration, "PGUSER": "postgres"]
                    try backup.run().requireSuccess()
                }
                #expect(try bed.roost("enable").changes == (isByHand ? [] : ["backup"]))
                #expect(try !bed.roost("enable").hasChanged)
            }
            #expect(try bed.info().backups.count == 4)
            // It names no stanza, and there is only this one.
            let unnamed = "\(try Tool.roost.path) --config=\(bed.configuration) archive-push %p"
            try bed.cluster.execute("alter system set archive_command = '\(unnamed)'", "select pg_reload_conf()")
            try waitUntil("the reload") { try bed.setting("archive_command") == unnamed }
            #expect(try !bed.roost("enable").hasChanged)
            #expect(try bed.roost("disable").changes == ["archiving"])
            #expect(try bed.setting("archive_command") == ": archiving is parked by roost disable")
            // Somebody else's archive is none of our business.
            try bed.cluster.execute("alter system set archive_command = '/bin/true %p'", "select pg_reload_conf()")
            try waitUntil("the reload") { try bed.setting("archive_command") == "/bin/true %p" }
            #expect(try bed.roost("disable").message("archiving").contains("left alone"))
            #expect(try bed.setting("archive_command") == "/bin/true %p")
            try bed.cluster.stop()
            #expect(try bed.roost("disable").status("archiving") == "skipped")
        }
    }

    @Test func `REQ-3 REQ-4 a replica takes no backups with it, and --keep keeps them`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let configuration = try String(contentsOfFile: bed.configuration, encoding: .utf8)
            let before = try DirectoryTree(bed.repository)
            let local = try bed.roost("remove", "--dry-run", with: ["role": "replica"])
            #expect(local.message("stanza").hasPrefix("WARNING: kept"), "\(local)")
            try bed.cluster.stop()
            let kept = try bed.roost("remove", "--keep")
            #expect(kept.changes == ["leftovers"], "\(kept)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            #expect(try String(contentsOfFile: bed.configuration, encoding: .utf8) == configuration)
            #expect(bed.exists(bed.marker) && !bed.exists(bed.spool + "/archive/pg-test"))
            #expect(try bed.info().backups.count == 1)
            // The same, of a repository that all members share.
            let method: [String: Any] = ["method": "nfs", "path": bed.repository]
            let replica = try bed.roost("remove", "--yes", with: ["role": "replica", "repo": method])
            #expect(replica.changes == ["configuration"], "\(replica)")
            #expect(replica.message("stanza").contains("goes with the primary"), "\(replica)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
        }
    }

    /// Without a specification the server itself tells what the member is.
    @Test func `REQ-3 what is typed on a replica leaves the stanza alone`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            try bed.cluster.stop()
            let signal = bed.cluster.dataDirectory + "/standby.signal"
            try bed.shell("touch \(signal)")
            let before = try DirectoryTree(bed.repository)
            let typed = Command(
                try Tool.roost.path, ["remove", "--yes", "--output=json", "--config", bed.configuration])
            let plan = try Outcome(typed.with(["--dry-run"]).run().requireSuccess())
            #expect(plan.message("stanza").contains("goes with the primary"), "\(plan)")
            // PostgreSQL 11 and before have another file; and where the data are gone, nothing tells.
            try bed.shell("mv \(signal) \(bed.cluster.dataDirectory)/recovery.conf")
            let old = try Outcome(typed.with(["--dry-run"]).run().requireSuccess())
            #expect(old.message("stanza").contains("goes with the primary"), "\(old)")
            try bed.shell("mv \(bed.cluster.dataDirectory) \(bed.cluster.dataDirectory).gone")
            let unknown = try Outcome(typed.run().require(status: 1))
            #expect(unknown.message("role").contains("whether this is the primary"), "\(unknown)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            let gone = bed.cluster.dataDirectory
            try bed.shell("mv \(gone).gone \(gone); mv \(gone)/recovery.conf \(signal)")
            let asPrimary = try Outcome(typed.with(["--dry-run", "--role=primary"]).run().requireSuccess())
            #expect(asPrimary.changes.contains("stanza"), "\(asPrimary)")
            let outcome = try Outcome(typed.run().requireSuccess())
            #expect(outcome.changes == ["leftovers", "configuration"], "\(outcome)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
        }
    }

    @Test func `REQ-3 REQ-4 neither a lost configuration nor an unreadable repository is in the way`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            try bed.shell("truncate -s 10 \(bed.repository)/backup/pg-test/backup.info*")
            let before = try DirectoryTree(bed.repository)
            let kept = try bed.roost("remove", "--keep")
            #expect(kept.message("stanza").hasPrefix("WARNING: kept"), "\(kept)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            // Its WAL would pile up behind a command that cannot work.
            try FileManager.default.removeItem(atPath: bed.configuration)
            #expect(try bed.roost("remove", "--yes").changes == ["archiving"])
            #expect(try bed.setting("archive_command").hasPrefix(":"))
            #expect(try !bed.roost("remove", "--yes").hasChanged)
        }
    }

    @Test func `REQ-3 an empty local repository of a replica goes with it`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable", with: ["role": "replica"])
            let outcome = try bed.roost("remove", "--yes", with: ["role": "replica"])
            #expect(outcome.changes.contains("stanza") && !bed.exists(bed.repository + "/archive"), "\(outcome)")
            #expect(bed.exists(bed.repository))
        }
    }

    @Test func `REQ-7 nothing is deleted until somebody has agreed`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let before = try DirectoryTree(bed.repository)
            let refused = try bed.roost("remove", status: 5)
            #expect(
                refused.message("confirmation").contains("this would delete stanza 'pg-test' in repo1"), "\(refused)")
            #expect(refused.message("plan").contains(try bed.info().labels[0]))

            let bare = ["remove", "--config", bed.configuration, "--service=pg_ctl"]
            try Command(try Tool.roost.path, bare).run().require(status: 5)
            for (typed, status) in [("pg-tes", 5), ("pg-test", 0)] as [(String, Int32)] {
                let answer = try bed.scratch.file("answer", typed + "\n")
                #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
                var command = Command(try Tool.roost.path, bare).onTerminal()
                command.input = answer
                command.environment = ["PGUSER": "postgres"]
                let result = try command.run().require(status: status)
                #expect(result.standardOutput.contains("Type the name of the stanza"), "\(result)")
                #expect(result.standardOutput.contains("It cannot be undone"))
            }
            #expect(!bed.exists(bed.repository + "/backup/pg-test"))
        }
    }

    @Test func `REQ-3 a running backup is ended first, one that does not end keeps everything`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            // What a backup at work looks like to others: its lock, with its number.
            let lock = bed.locks + "/pg-test-backup-1.lock"
            let before = try DirectoryTree(bed.repository)
            let stubborn = try Command.holdLock(lock, ignoresTerm: true)
            let busy = try bed.roost("remove", "--yes", "--wait=0", status: 50)
            #expect(busy.status("stanza") == "failed" && bed.exists(bed.configuration), "\(busy)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            #expect(!bed.exists(bed.locks + "/pg-test.stop"))
            #expect(try stubborn.isRunning())
            // Somebody who does not want to wait for it any longer.
            let waiting = try bed.command(["remove", "--yes"]).start()
            try waitUntil("the stop file") { bed.exists(bed.locks + "/pg-test.stop") }
            waiting.send(SIGINT)
            let ended = try Outcome(waiting.wait().require(status: 63))
            #expect(ended.hasFailed, "\(ended)")
            #expect(!bed.exists(bed.locks + "/pg-test.stop") && bed.exists(bed.configuration), "\(ended)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            stubborn.send(SIGKILL)
            _ = try stubborn.wait()

            let holder = try Command.holdLock(lock)
            let outcome = try bed.roost("remove", "--yes")
            #expect(outcome.changes.contains("stanza"), "\(outcome)")
            #expect(try holder.wait().status == 143)
            #expect(!bed.exists(bed.repository + "/backup/pg-test"))
        }
    }

    @Test func `REQ-3 of two runs at once neither lets commands on while the other deletes`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            var first = try bed.command(["remove", "--yes"])
            first.environment["ROOST_FAULT"] = "unlink:1:pause:\(bed.repository)/"
            let paused = try first.start()
            #expect(try paused.waitUntilStopped())
            let second = try bed.roost("remove", "--yes", "--wait=0", status: 50)
            #expect(second.status("stanza") == "failed", "\(second)")
            #expect(bed.exists(bed.locks + "/pg-test.stop"))
            paused.send(SIGCONT)
            // The second asked it to end, as it does with whoever holds the lock.
            #expect(try Outcome(paused.wait().require(status: 63)).hasFailed)
            let third = try bed.roost("remove", "--yes")
            #expect(third.changes.contains("configuration"), "\(third)")
            #expect(!bed.exists(bed.repository + "/backup/pg-test") && !bed.exists(bed.locks + "/pg-test.stop"))
        }
    }

    @Test func `REQ-3 nothing goes behind the back of a Patroni that nobody has described`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let before = try DirectoryTree(bed.repository)
            let patroni = try RunningCommand.idlePatroni(over: bed.cluster.dataDirectory, in: bed.scratch)
            defer { patroni.send(SIGKILL) }
            let outcome = try bed.roost("remove", "--yes", with: ["service": NSNull()], status: 4)
            #expect(outcome.message("user").contains("Patroni (process \(patroni.processID)) manages"), "\(outcome)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            try bed.roost("remove", "--keep", with: ["service": NSNull()])
        }
    }

    @Test func `REQ-3 the kept stanza of an earlier cluster does not go by accident`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try AdminBed(in: scratch)
            try bed.cluster.start()
            try bed.roost("enable")
            try bed.cluster.stop()
            let foreign = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: scratch)
            let changes: [String: Any] = ["data": foreign.dataDirectory, "socket_dir": foreign.socketDirectory]
            // The configuration tells another directory.
            try bed.roost("remove", "--yes", with: changes, status: 4)
            try bed.roost("enable", "--phase=config", with: changes)
            let before = try DirectoryTree(bed.repository)
            let refused = try bed.roost("remove", "--yes", with: changes, status: 28)
            #expect(refused.message("identity").contains("--foreign"), "\(refused)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            #expect(try bed.roost("remove", "--yes", "--foreign", with: changes).changes.contains("stanza"))
        }
    }

    @Test func `REQ-3 REQ-7 backups whose list is lost are backups still`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let label = try #require(bed.info().labels.first)
            try bed.shell("rm \(bed.repository)/backup/pg-test/backup.info*")
            let replica = try bed.roost("remove", "--yes", "--dry-run", with: ["role": "replica"])
            #expect(replica.message("stanza").hasPrefix("WARNING: kept"), "\(replica)")
            let primary = try bed.roost("remove", "--yes", "--dry-run")
            #expect(primary.message("plan").contains("not listed: \(label)"), "\(primary)")
        }
    }

    @Test func `REQ-5 nothing is deleted where archiving could not be parked afterwards`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let rules = bed.cluster.dataDirectory + "/pg_hba.conf"
            try bed.shell("cp \(rules) \(rules).was; echo 'local all all scram-sha-256' > \(rules)")
            try bed.cluster.reload()
            let before = try DirectoryTree(bed.repository)
            let refused = try bed.roost("remove", "--yes", status: 56)
            #expect(refused.status("archiving") == "failed", "\(refused)")
            #expect(try before.differences(from: DirectoryTree(bed.repository)) == [])
            try bed.shell("mv \(rules).was \(rules)")
            try bed.cluster.reload()
            #expect(try bed.roost("remove", "--yes").changes.contains("stanza"))
        }
    }

    @Test(.enabled(if: TestHost.isRoot))
    func `REQ-3 a lock file of somebody else does not tell whom to end`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable")
            let id = try bed.cluster.value("select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)")
            let holder = try Command.holdLock(bed.locks + "/pg-test-backup-1.lock", telling: id, as: .root)
            defer { holder.send(SIGKILL) }
            let refused = try bed.roost("remove", "--yes", "--wait=0", status: 41)
            #expect(refused.message("stanza").contains("belongs to user 0"), "\(refused)")
            #expect(!bed.exists(bed.locks + "/pg-test.stop"))
            #expect(try bed.cluster.value("select 1") == "1")
        }
    }
}

extension Command {
    fileprivate func with(_ more: [String]) -> Command {
        var copy = self
        copy.arguments += more
        return copy
    }
}
