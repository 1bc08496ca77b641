import Foundation
import RoostTesting
import Testing

@Suite struct EnableTests {
    @Test func `REQ-1 one command enables a cluster, stock agrees, and the second run changes nothing`() throws {
        try AdminBed.with { bed in
            let first = try bed.roost("enable")
            #expect(
                first.changes
                    == ["directories", "configuration", "stanza", "archiving", "restart", "backup", "marker"],
                "\(first)")
            #expect(first.status("check") == "ok")
            #expect(try bed.setting("archive_mode") == "on")
            #expect(try bed.setting("archive_timeout") == "5min")
            let command = try bed.setting("archive_command")
            #expect(command.hasSuffix("/pgbackrest --config=\(bed.configuration) --stanza=pg-test archive-push %p"))
            let attributes = try FileManager.default.attributesOfItem(atPath: bed.configuration)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(attributes[.ownerAccountName] as? String == TestHost.account)
            #expect(bed.exists(bed.marker))
            let info = try bed.info()
            #expect(info.statusCode == 0 && info.backups.map(\.type) == ["full"])
            try bed.stock("check").requireSuccess()

            let before = try bed.tree()
            let second = try bed.roost("enable")
            #expect(!second.hasChanged && second.changes == [], "\(second)")
            #expect(second.steps.allSatisfy { $0.status == "ok" }, "\(second)")
            #expect(try before.differences(from: bed.tree()) == [])
            #expect(try bed.info().labels == info.labels)
        }
    }

    @Test func `REQ-1 phases, a dry run, no first backup, and a marker that tells nothing`() throws {
        try AdminBed.with { bed in
            let dry = try bed.roost("enable", "--dry-run")
            #expect(dry.hasChanged && dry.status("stanza") == "changed" && dry.status("backup") == "changed", "\(dry)")
            #expect(!bed.exists(bed.configuration) && !bed.exists(bed.repository))
            #expect(try bed.setting("archive_command") == "(disabled)")

            try bed.roost("enable", "--phase=dir")
            #expect(!bed.exists(bed.configuration))
            #expect(try bed.roost("enable", "--phase=config").changes == ["configuration"])
            #expect(try bed.setting("archive_mode") == "off")
            let none = try bed.roost("enable", with: ["init_backup": "false"])
            #expect(none.status("backup") == "skipped" && none.status("check") == "ok", "\(none)")
            #expect(!bed.exists(bed.marker))
            #expect(try bed.info().statusCode == 2)

            // The file says that there is a backup, and the repository knows better.
            try Command("/usr/bin/touch", [bed.marker]).run().requireSuccess()
            let third = try bed.roost("enable", "--phase=backup")
            #expect(third.changes == ["backup"], "\(third)")
            #expect(try bed.info().backups.count == 1)
        }
    }

    @Test(
        arguments: [
            ["retention_full": 0], ["retention_full": -1], ["retention_full": "two"], ["retention_full": "10000000"],
            ["retention_full_type": "days"], ["retention_diff": 0], ["cipher_type": "aes-256-cbc"], ["path": "backup"],
        ] as [[String: any Sendable]])
    func `REQ-1 a repository that could not work is refused before anything is written`(
        entry: [String: any Sendable]
    ) throws {
        try ScratchDirectory.with { scratch in
            // No server is asked.
            let cluster = try ScratchCluster(major: 15, dataDirectory: scratch.path + "/none", in: scratch)
            let bed = try AdminBed(cluster: cluster, in: scratch)
            let base: [String: Any] = ["method": "local", "path": bed.repository]
            let outcome = try bed.roost(
                "enable", with: ["repo": base.merging(entry.mapValues { $0 as Any }) { _, new in new }], status: 4)
            #expect(
                entry.keys.contains { outcome.result.standardOutput.contains($0.replacing("_", with: "-")) },
                "\(outcome)")
            #expect(!bed.exists(bed.configuration))
        }
    }

    @Test func `REQ-1 REQ-2 REQ-32 false means leave alone, unless the command was asked for by name`() throws {
        try AdminBed.with { bed in
            let off = try bed.roost("enable", with: ["enabled": "false"])
            #expect(!off.hasChanged && off.steps.map(\.status) == ["skipped"], "\(off)")
            #expect(!bed.exists(bed.configuration))
            #expect(try bed.setting("archive_mode") == "off")
            let asked = try bed.roost("enable", with: ["enabled": false, "requested": true])
            #expect(asked.message("enabled").contains("WARNING: the inventory still says pgbackrest_enabled: false"))
            #expect(try bed.info().statusCode == 0)
            // Typed, without a playbook: the stanza is the one that is configured.
            var typed = Command(
                try Tool.roost.path,
                [
                    "enable", "--config", bed.configuration, "--phase=backup", "--bin-dir",
                    try TestHost.serverPrograms(major: 15),
                ])
            typed.environment = ["PGUSER": "postgres"]
            let result = try typed.run().requireSuccess()
            #expect(result.standardOutput.contains("ok       backup  backup "), "\(result)")
        }
    }

    @Test func `REQ-2 a restart that is not allowed leaves the rest done and ends red`() throws {
        try AdminBed.with { bed in
            let first = try bed.roost("enable", with: ["restart": "never"], status: 87)
            #expect(first.status("stanza") == "changed" && first.status("archiving") == "changed")
            #expect(first.message("restart").contains("restart pending"))
            #expect(try bed.info().statusCode == 2)
            // Red as long as it is pending.
            try bed.roost("enable", with: ["restart": "never"], status: 87)
            try bed.cluster.stop()
            try bed.cluster.start()
            let last = try bed.roost("enable", with: ["restart": "never"])
            #expect(last.changes == ["backup", "marker"], "\(last)")
        }
    }

    @Test func `REQ-2 stop file, stale spool and somebody's archive command do not stay`() throws {
        try AdminBed.with { bed in
            bed.cluster.set("archive_mode", "on")
            try bed.cluster.stop()
            try bed.cluster.start()
            try bed.cluster.execute("alter system set archive_command = '/bin/true %p'", "select pg_reload_conf()")
            try bed.roost("enable", "--phase=dir,config")
            // From an earlier cluster of the name: this mark would let stock report success without sending anything.
            let segment = try bed.cluster.value("select pg_walfile_name(pg_current_wal_lsn())")
            let out = bed.spool + "/archive/pg-test/out"
            try bed.shell("mkdir -p \(out) && touch \(out)/\(segment).ok && mkdir -p \(bed.locks)")
            try bed.stock("stop").requireSuccess()
            let outcome = try bed.roost("enable")
            #expect(
                outcome.changes == ["stop-file", "spool", "stanza", "archiving", "backup", "marker"], "\(outcome)")
            #expect(outcome.message("archiving").contains("was '/bin/true %p'"))
            #expect(try bed.info().archiveMinimum == segment)
            try bed.stock("check").requireSuccess()
        }
    }

    @Test func `REQ-2 the stanza of another cluster is a red failure with both and the choice`() throws {
        try ScratchDirectory.with { scratch in
            let old = try AdminBed(in: scratch)
            try old.cluster.start()
            try old.roost("enable")
            try old.cluster.stop()
            let foreign = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: scratch)
            try foreign.start()
            // Rebuilt under the same name: the repository and configuration of before.
            let changes: [String: Any] = [
                "data": foreign.dataDirectory, "socket_dir": foreign.socketDirectory,
            ]
            let before = try DirectoryTree(old.repository)
            let outcome = try old.roost("enable", with: changes, status: 28)
            for text in [
                try old.cluster.systemIdentifier, try foreign.systemIdentifier, "--mismatch=upgrade", "roost remove",
                "another name",
            ] { #expect(outcome.message("stanza").contains(text), "\(text) in \(outcome)") }
            #expect(try before.differences(from: DirectoryTree(old.repository)) == [])
            #expect(try foreign.value("select current_setting('archive_command')") == "(disabled)")

            let upgraded = try old.roost("enable", with: changes.merging(["mismatch": "upgrade"]) { $1 })
            #expect(upgraded.message("stanza").hasPrefix("upgraded stanza 'pg-test'"), "\(upgraded)")
            // Those of the old cluster do not count as the first backup of the new one.
            #expect(upgraded.status("backup") == "changed")
            #expect(try old.info().backups.count == 2)
            #expect(try old.roost("enable", with: changes).changes == [])
        }
    }

    @Test func `REQ-2 nothing is half enabled when the repository cannot be used, and others are left alone`() throws {
        try ScratchDirectory.with { scratch in
            let shared = try scratch.directory("shared", mode: 0o750)
            let neighbour = try AdminBed(named: "pg-other", in: scratch, repository: shared)
            try neighbour.cluster.start()
            let method: [String: Any] = ["method": "nfs", "path": shared, "retention_full": 2, "block": "n"]
            try neighbour.roost("enable", with: ["repo": method])
            try neighbour.cluster.stop()
            let bed = try AdminBed(in: scratch, repository: shared)
            try bed.cluster.start()

            let missing = method.merging(["path": shared + "/missing"]) { $1 }
            let none = try bed.roost("enable", with: ["repo": missing], status: 4)
            #expect(none.message("repository").contains("of repository 'nfs' does not exist"), "\(none)")
            #expect(!bed.exists(shared + "/missing"))
            #expect(try bed.setting("archive_command") == "(disabled)")

            let replica = try bed.roost("enable", with: ["repo": method, "role": "replica"])
            #expect(replica.message("stanza").contains("enable the primary first"), "\(replica)")
            #expect(try bed.setting("archive_command") == "(disabled)")

            let before = try DirectoryTree(scratch.path + "/pg-other/etc")
            let stanza = try DirectoryTree(shared + "/archive/pg-other")
            let backups = try DirectoryTree(shared + "/backup/pg-other")
            try bed.roost("enable", with: ["repo": method])
            #expect(try before.differences(from: DirectoryTree(scratch.path + "/pg-other/etc")) == [])
            #expect(try stanza.differences(from: DirectoryTree(shared + "/archive/pg-other")) == [])
            #expect(try backups.differences(from: DirectoryTree(shared + "/backup/pg-other")) == [])
            // The primary has made it: now the replica archives too, and makes neither stanza nor backup.
            let again = try bed.roost("enable", with: ["repo": method, "role": "replica"])
            #expect(
                again.status("stanza") == "ok" && again.status("backup") == "skipped" && !again.hasChanged, "\(again)")
        }
    }

    @Test func `REQ-2 a wrong passphrase names the repository and shows no noise`() throws {
        try AdminBed.with { bed in
            let entry: [String: Any] = [
                "method": "local", "path": bed.repository, "retention_full": 2, "block": "n",
                "cipher_type": "aes-256-cbc", "cipher_pass": "right",
            ]
            try bed.roost("enable", with: ["repo": entry])
            let configuration = try String(contentsOfFile: bed.configuration, encoding: .utf8)
            let wrong = try bed.command(["enable"], ["repo": entry.merging(["cipher_pass": "wr0ng-secret"]) { $1 }])
                .run()
            let outcome = try Outcome(wrong)
            #expect([29, 95].contains(outcome.code), "\(outcome)")
            #expect(outcome.message("configuration").contains("stanza 'pg-test' in repo1"), "\(outcome)")
            // The server goes on archiving by what works.
            #expect(try String(contentsOfFile: bed.configuration, encoding: .utf8) == configuration)
            #expect(!bed.exists(bed.configuration + ".roost-probe"))
            #expect(!wrong.output.contains("wr0ng-secret"))
            #expect(wrong.output.unicodeScalars.allSatisfy { $0.isASCII })
        }
    }

    @Test func `REQ-2 what is wrong with the caller or the command line is told at once`() throws {
        try AdminBed.with { bed in
            if TestHost.isRoot {
                var command = try bed.command(["enable"])
                command.account = .root
                let outcome = try Outcome(command.run().require(status: 2))
                #expect(outcome.message("user").contains("run this as dbsu"), "\(outcome)")
            }
            for (words, status) in [
                (["--phase=all"], 3), (["--restart=perhaps"], 3), (["--nonsense"], 3), (["extra"], 3),
            ] as [([String], Int32)] {
                try bed.command(["enable"] + words).run().require(status: status)
            }
            try bed.roost("enable", with: ["enabeld": true], status: 3)
            #expect(!bed.exists(bed.configuration))
            try bed.cluster.stop()
            let down = try bed.roost("enable", status: 56)
            #expect(down.message("archiving").contains("no server runs"), "\(down)")
            let help = try Command(try Tool.roost.path, ["enable", "--help"]).run().requireSuccess()
            #expect(help.standardOutput.contains("--mismatch WHAT") && help.standardOutput.contains("--spec FILE"))
        }
    }

    /// Half a restart would be a server that is down.
    @Test(arguments: [SIGTERM, SIGINT]) func `REQ-2 a signal does not end a restart half-way`(signal: Int32) throws {
        try AdminBed.with { bed in
            let programs = try bed.scratch.directory("programs", mode: 0o755)
            let own = try TestHost.serverPrograms(major: 15)
            let (begun, goes) = (bed.scratch.path + "/programs/begun", bed.scratch.path + "/goes")
            try Command("/bin/bash", ["-c", "ln -s \(own)/* \(programs)/ && rm \(programs)/pg_ctl"]).run()
                .requireSuccess()
            try bed.scratch.file(
                "programs/pg_ctl",
                """
                #!/bin/bash
                [[ $1 != restart ]] || { touch \(begun); while [[ ! -e \(goes) ]]; do sleep 0.05; done; }
                exec \(own)/pg_ctl "$@"
                """, mode: 0o755)
            let run = try bed.command(["enable"], ["bin_dir": programs]).start()
            try waitUntil("the restart") { bed.exists(begun) }
            run.send(signal)
            try bed.scratch.file("goes", "")
            #expect(try Outcome(run.wait().require(status: 63)).hasFailed)
            #expect(try bed.setting("archive_mode") == "on")
        }
    }

    @Test func `REQ-1 a standby that is declared the primary gets neither backup nor marker`() throws {
        try AdminBed.with { bed in
            try bed.roost("enable", with: ["init_backup": false])
            try bed.cluster.stop()
            try Command("/usr/bin/touch", [bed.cluster.dataDirectory + "/standby.signal"]).run().requireSuccess()
            try bed.cluster.start()
            let outcome = try bed.roost("enable")
            #expect(outcome.message("backup").hasPrefix("WARNING: there is no backup yet"), "\(outcome)")
            #expect(!bed.exists(bed.marker))
        }
    }

    @Test func `REQ-1 a cluster that follows another one makes nothing in a repository of both`() throws {
        try AdminBed.with { bed in
            let method: [String: Any] = ["method": "nfs", "path": bed.repository, "retention_full": 2]
            try Command("/bin/mkdir", [bed.repository]).run().requireSuccess()
            let outcome = try bed.roost("enable", with: ["upstream": "10.0.0.1", "repo": method])
            #expect(outcome.status("stanza") == "skipped" && outcome.status("backup") == "skipped", "\(outcome)")
            #expect(bed.exists(bed.configuration))
            #expect(!bed.exists(bed.repository + "/archive") && !bed.exists(bed.repository + "/backup"))
            #expect(try bed.setting("archive_mode") == "off")
        }
    }

    /// What the inventory of Pigsty has beside the local one.
    @Test func `REQ-1 an object store is refused before anything is written`() throws {
        try AdminBed.with { bed in
            let entry: [String: Any] = [
                "method": "minio", "type": "s3", "s3_endpoint": "sss.pigsty", "s3_region": "us-east-1",
                "s3_bucket": "pgsql", "s3_key": "pgbackrest", "s3_key_secret": "S3User.Backup", "s3_uri_style": "path",
                "path": bed.repository, "storage_port": 9000, "bundle": "y", "retention_full": 14,
            ]
            let outcome = try bed.command(["enable"], ["repo": entry]).run()
            #expect(!outcome.succeeded && outcome.output.contains("type"), "\(outcome)")
            #expect(!outcome.output.contains("S3User.Backup"))
            #expect(!bed.exists(bed.configuration) && !bed.exists(bed.repository))
            #expect(try bed.setting("archive_mode") == "off")
        }
    }
}

extension AdminBed {
    /// By the user of the cluster.
    @discardableResult
    func shell(_ script: String) throws -> CommandResult {
        try Command("/bin/bash", ["-o", "pipefail", "-euc", script]).run().requireSuccess()
    }
}
