import Foundation
import RoostTesting
import Testing

/// Promise 2: a backup that fails is not listed, says what was wrong, and leaves a repository in which the next one works.
@Suite struct BackupFailureTests {
    @Test(
        arguments: TestHost.cases(
            [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")], else: [(SIGTERM, "SIGTERM")]))
    func `a signal ends a backup cleanly`(signal: Int32, name: String) throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            let running = try startPausedBackup(stanza, "--log-level-console=info")
            running.send(signal)
            running.send(SIGCONT)
            let result = try running.wait().require(status: 63)
            #expect(result.output.contains(" INFO: backup command end: terminated on signal [\(name)]\n"))
            #expect(!result.output.contains("ERROR"))
            #expect(try names(in: stanza.lockDirectory).filter { $0.hasSuffix(".lock") } == [])
            try waitUntil("end of the server's backup mode") {
                try stanza.cluster.value(
                    "select count(*) from pg_stat_activity where application_name like 'pgBackRest%'"
                ) == "0"
            }
            #expect(try stanza.info(.roost).labels.count == 1)
            try stanza.backup(.roost)
            try stanza.verify(.roost)
        }
    }

    @Test(
        arguments: TestHost.cases(
            [(.stock, .dropIn), (.dropIn, .stock), (.dropIn, .dropIn)],
            else: [(Tool.stock, Tool.dropIn), (.dropIn, .stock)]))
    func `two backups at once are refused by either tool`(holder: Tool, second: Tool) throws {
        try withSmallStanza { stanza in
            let running = try stanza.command(
                holder,
                ["--type=full", "--compress-type=bz2", "--compress-level=9", "backup"]
            ).start()
            try waitUntil("the holder's lock") {
                try names(in: stanza.lockDirectory).contains { $0.hasSuffix(".lock") }
            }
            running.send(SIGSTOP)
            let result = try stanza.attempt(second, "--type=full", "backup")
            #expect(result.status == 50, "\(result)")
            let expire = try stanza.attempt(second, "expire")
            #expect(expire.status == 50, "\(expire)")
            running.send(SIGCONT)
            try running.wait().requireSuccess()
            #expect(try stanza.info(.roost).labels.count == 1)
        }
    }

    @Test(arguments: ["demo-backup.lock", "demo-backup-1.lock"])
    func `the lock of every release counts`(name: String) throws {
        try withSmallStanza { stanza in
            let holder = try Command.holdLock(stanza.lockDirectory + "/" + name)
            try stanza.attempt(.roost, "--type=full", "backup").require(status: 50)
            holder.send(SIGKILL)
            _ = try holder.wait()
            try stanza.backup(.roost)
        }
    }

    @Test func `a full disk ends a backup with an error and the next one works when there is room`() throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let disk = try MemoryFileSystem(megabytes: 12, named: "disk", in: scratch)
            let repository = disk.mountPoint + "/repo"
            try Command("/bin/mkdir", ["-m", "0750", repository]).run().requireSuccess()
            let stanza = try ScratchStanza(
                cluster: cluster,
                in: scratch,
                options: .init(.none),
                repository: repository
            )
            try stanza.begin(archivingWith: .roost)
            let result = try stanza.attempt(.roost, "--type=full", "backup")
            #expect(!result.succeeded)
            #expect(result.output.contains("No space left on device"))
            #expect(try stanza.info(.roost).labels == [])
            try disk.resize(megabytes: 512)
            try stanza.backup(.roost)
            try stanza.verify(.roost)
            try stanza.cluster.archiveCurrentSegment()
            try stanza.requireRecoverable(into: "restored")
        }
    }

    @Test func `a restore onto a full disk fails and is continued when there is room`() throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            try stanza.cluster.archiveCurrentSegment()
            let disk = try MemoryFileSystem(megabytes: 20, named: "target", in: stanza.scratch)
            let target = disk.mountPoint + "/pg"
            try Command("/bin/mkdir", ["-m", "0700", target]).run().requireSuccess()
            let result = try stanza.attempt(.roost, "--pg1-path=\(target)", "restore")
            #expect(!result.succeeded)
            #expect(result.output.contains("No space left on device"))
            #expect(!FileManager.default.fileExists(atPath: target + "/global/pg_control"))
            try disk.resize(megabytes: 512)
            try stanza.run(.roost, "--pg1-path=\(target)", "--delta", "restore")
            let restored = try stanza.restoredCluster(at: target)
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == stanza.cluster.rowChecksum())
        }
    }

    @Test(
        arguments: TestHost.cases(
            ["write", "fsync,syncfs", "close", "rename", "mkdir", "open"].flatMap { [($0, "EIO"), ($0, "EDQUOT")] },
            else: [
                ("write", "EDQUOT"), ("fsync,syncfs", "EIO"), ("close", "EDQUOT"), ("rename", "EIO"),
                ("mkdir", "EDQUOT"), ("open", "EIO"),
            ]))
    func `a failing system call ends a backup with an error that names it`(calls: String, error: String) throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            var known = try stanza.info(.roost).labels
            let place = calls == "write" || calls == "close" ? "" : ":\(stanza.repository)"
            for position in TestHost.cases([1, 2, 5, 20, 100], else: [1, 5, 100]) {
                let result = try attempt(stanza, fault: "\(calls):\(position):\(error)\(place)")
                let labels = try stanza.info(.roost).labels
                if result.succeeded {
                    // The call was retried, or is one that need not succeed; expiry may have followed.
                    #expect(labels.last != known.last)
                    known = labels
                } else if labels != known {
                    // The backup is complete and listed; what failed is the second copy of the list.
                    #expect(labels.dropLast() == known && result.output.contains("backup.info.copy"), "\(result)")
                    known = labels
                }
                try stanza.verify(.roost)
            }
            try stanza.backup(.roost)
            try stanza.verify(.stock)
        }
    }

    @Test func `a file that cannot be read ends a backup with its name`() throws {
        try withSmallStanza { stanza in
            let file = stanza.cluster.dataDirectory + "/unreadable"
            try replace(file, with: "secret")
            chmod(file, 0)
            let result = try stanza.attempt(.roost, "--type=full", "backup")
            #expect(result.status == 41, "\(result)")
            #expect(result.output.contains("unreadable"))
            #expect(try stanza.info(.roost).labels == [])
        }
    }

    @Test(arguments: ["shrinks", "grows", "vanishes"])
    func `a file that changes while it is copied does no harm`(change: String) throws {
        try withSmallStanza { stanza in
            let file = stanza.cluster.dataDirectory + "/base/5/changing"
            try replace(file, with: String(repeating: "x", count: 3 << 20))
            let running = try stanza.command(
                .roost,
                ["--type=full", "--no-checksum-page", "backup"],
                environment: ["ROOST_FAULT": "open:1:pause:base/5/changing"]
            ).start()
            // Stopped at its first open of the file, after the list was made.
            if try running.waitUntilStopped() {
                switch change {
                case "shrinks": try Command("/usr/bin/truncate", ["-s", "1000", file]).run().requireSuccess()
                case "grows": try Command("/usr/bin/truncate", ["-s", "9M", file]).run().requireSuccess()
                default: try remove(file)
                }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            try stanza.verify(.roost)
            try stanza.verify(.stock)
            try stanza.cluster.archiveCurrentSegment()
            try stanza.requireRecoverable(into: "restored")
        }
    }

    @Test func `a server that stops in mid-backup ends it`() throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            let running = try startPausedBackup(stanza)
            try stanza.cluster.stop(.immediate)
            running.send(SIGCONT)
            let result = try running.wait()
            #expect([56, 57].contains(result.status), "\(result)")
            try stanza.cluster.start()
            #expect(try stanza.info(.roost).labels.count == 1)
            try stanza.backup(.roost)
        }
    }

    @Test func `a reader that goes away does not harm a backup`() throws {
        try withSmallStanza { stanza in
            let backup = try stanza.command(.roost, ["--type=full", "backup"])
            // The first line is written after the reader is gone, so that every write meets a closed pipe.
            let script = "(/bin/sleep 0.3; exec \"$0\" \"$@\") | exec /bin/true"
            var piped = Command("/bin/bash", ["-c", script, backup.program] + backup.arguments)
            piped.directory = backup.directory
            _ = try piped.run()
            let labels = try stanza.info(.roost).labels
            try stanza.verify(.roost)
            try stanza.backup(.roost)
            #expect(try stanza.info(.roost).labels.count == labels.count + 1)
            try stanza.verify(.stock)
        }
    }

    @Test func `a clock that went back is noticed`() throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            let year = "\(stanza.backupDirectory)/backup.history/2099"
            try Command("/bin/mkdir", [year]).run().requireSuccess()
            try Command("/usr/bin/touch", ["\(year)/20990101-000000F.manifest.gz"]).run().requireSuccess()
            try stanza.attempt(.roost, "--type=full", "backup").require(status: 106)
        }
    }

    @Test func `the wrong cluster is refused by backup, check and stanza-create`() throws {
        try withSmallStanza { stanza in
            let foreign = try ScratchCluster.makeForeign(in: stanza.scratch)
            foreign.set("archive_mode", "on")
            foreign.set("archive_command", "/bin/true pgbackrest")
            try foreign.start()
            let place = ["--pg1-path=\(foreign.dataDirectory)", "--pg1-socket-path=\(foreign.socketDirectory)"]
            try stanza.command(.roost, place + ["--type=full", "backup"]).run().require(status: 51)
            try stanza.command(.roost, place + ["check"]).run().require(status: 28)
            try stanza.command(.roost, place + ["stanza-create"]).run().require(status: 28)
            // Data directory of one, connection to the other: refused by the stanza or by the comparison, whichever comes first.
            for half in place {
                let result = try stanza.command(.roost, [half, "--type=full", "backup"]).run()
                #expect([51, 58].contains(result.status), "\(result)")
            }
            #expect(try stanza.info(.roost).labels == [])
        }
    }

    @Test func `each refusal has its own exit status`() throws {
        try withSmallStanza { stanza in
            try stanza.run(.roost, "stop")
            for command in [["--type=full", "backup"], ["expire"], ["stanza-create"]] {
                try stanza.command(.roost, command).run().require(status: 62)
            }
            try stanza.run(.roost, "start")
            try stanza.attempt(.roost, "--pg1-socket-path=/nonexistent", "--type=full", "backup").require(status: 56)
            try stanza.attempt(.roost, "--repo1-path=/nonexistent", "--type=full", "backup").require(status: 55)
            try stanza.attempt(.roost, "--no-online", "--type=full", "backup").require(status: 38)
            try stanza.attempt(.roost, "--type=nonsense", "backup").require(status: 32)
            try stanza.attempt(.roost, "--nonsense", "backup").require(status: 31)
            try stanza.attempt(.roost, "nonsense").require(status: 48)

            try stanza.cluster.execute("alter system set archive_command = '/bin/true'", "select pg_reload_conf()")
            try waitUntil("the new archive_command") { try stanza.cluster.value("show archive_command") == "/bin/true" }
            try stanza.attempt(.roost, "--type=full", "backup").require(status: 68)
            let silent = "/bin/true pgbackrest"
            try stanza.cluster.execute("alter system set archive_command = '\(silent)'", "select pg_reload_conf()")
            try waitUntil("the new archive_command") { try stanza.cluster.value("show archive_command") == silent }
            try stanza.attempt(.roost, "--archive-timeout=1", "--type=full", "backup").require(status: 82)
            try stanza.attempt(.roost, "--archive-timeout=1", "check").require(status: 82)
            #expect(try stanza.info(.roost).labels == [])

            try stanza.cluster.stop()
            stanza.cluster.set("archive_mode", "off")
            try stanza.cluster.start()
            try stanza.attempt(.roost, "--type=full", "backup").require(status: 87)
        }
    }

    /// A full backup that stands still at one of its files until it is sent SIGCONT.
    private func startPausedBackup(_ stanza: ScratchStanza, _ options: String...) throws -> RunningCommand {
        let running = try stanza.command(
            .roost, options + ["--type=full", "backup"], environment: ["ROOST_FAULT": "open:1:pause:base/1/1249"]
        ).start()
        try #require(try running.waitUntilStopped(), "the fault plan did not pause")
        return running
    }
}
