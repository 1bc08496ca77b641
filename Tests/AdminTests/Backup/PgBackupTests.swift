import Foundation
import RoostTesting
import Testing

@Suite struct PgBackupTests {
    private func run(
        _ arguments: String..., on stanza: ScratchStanza, configuration: String? = nil,
        as account: Command.Account? = nil
    ) throws -> CommandResult {
        var command = Command(try Tool.directory + "/pg-backup", arguments)
        command.environment = [
            "PGBACKREST_CONFIG": configuration ?? stanza.configuration, "PGUSER": "postgres",
            "PGDATA": stanza.cluster.dataDirectory,
        ]
        if let account { command.account = account }
        return try command.run()
    }

    @Test func `REQ-9 REQ-10 without a word it is incremental, each mode builds on what it should, and stock reads it`()
        throws
    {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .dropIn) { stanza in
            let first = try run(on: stanza).requireSuccess()
            let lines = first.standardOutput.split(separator: "\n").map(String.init)
            #expect(lines.first == "[INFO] run on primary instance")
            #expect(lines.dropFirst().first == "[BEGIN] pgbackrest ========================")
            #expect(lines.dropFirst(3).first == "$ /usr/bin/pgbackrest --stanza=demo --type=incr backup")
            let time = #/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/#
            #expect(lines[2].wholeMatch(of: #/\[BEGIN\] pgbackrest --type=incr for demo begin at .{19}/#) != nil)
            #expect(lines[2].contains(time))
            let end = try #require(lines.last)
            #expect(end.hasPrefix("[DONE] pgbackrest --type=incr backup for demo completed at ") && end.contains(time))
            // The first one of a stanza is a full whatever was asked for, with a word about it.
            #expect(lines.filter { $0.contains(" WARN: ") && $0.contains("full") }.count == 1, "\(first)")
            try stanza.cluster.generateLoad(transactions: 20)
            try run("diff", on: stanza).requireSuccess()
            try run("incr", on: stanza).requireSuccess()
            try run("diff", on: stanza).requireSuccess()
            try run("full", on: stanza).requireSuccess()
            let info = try stanza.info(.stock)
            #expect(info.backups.map { $0.label.last } == ["F", "D", "I", "D", "F"])
            #expect(info.backups.map(\.prior) == [nil, info.labels[0], info.labels[1], info.labels[0], nil])
            let references = try #require(
                (JSONSerialization.jsonObject(with: Data(info.text.utf8)) as? [[String: Any]])?.first?["backup"]
                    as? [[String: Any]])
            #expect(references[2]["reference"] as? [String] == [info.labels[0], info.labels[1]])
            #expect(references[3]["reference"] as? [String] == [info.labels[0]])
            try stanza.verify(.stock)
        }
    }

    @Test func `REQ-9 REQ-10 what is wrong has its exit status, in the order of the checks`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .dropIn) { stanza in
            for words in [["FULL"], ["all"], ["full", "incr"], [""], ["--type=full"]] {
                let result = try Command(try Tool.directory + "/pg-backup", words).with(stanza).run().require(status: 3)
                #expect(result.standardOutput.contains("[FAIL] invalid backup mode: \(words.joined(separator: " "))\n"))
            }
            let global = try stanza.scratch.file("global.conf", "[global]\nrepo1-path=/nowhere\n[global:backup]\n")
            for configuration in [global, stanza.scratch.path + "/none.conf"] {
                let result = try run(on: stanza, configuration: configuration).require(status: 4)
                #expect(
                    result.standardOutput.hasSuffix(
                        "[FAIL] could not determine stanza from pgbackrest configuration\n"))
            }
            let wrong = try run("nonsense", on: stanza, configuration: global).require(status: 3)
            #expect(!wrong.standardOutput.contains("could not determine"))
            if TestHost.isRoot {
                // Root is no member of the group; that the server is a primary it can tell all the same.
                // Somebody else does not even see the data directory.
                for account in [Command.Account.root, .named("daemon")] {
                    let result = try run(on: stanza, as: account).require(status: 2)
                    #expect(
                        result.standardOutput.hasSuffix("[FAIL] run this as dbsu (postgres group member)\n"),
                        "\(result)")
                }
            }
            try stanza.run(.stock, "stop")
            let stopped = try run(on: stanza).require(status: 62)
            let last = stopped.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
            #expect(last.hasPrefix("[FAIL] pgbackrest --type=incr backup for demo failed with status 62 at "))
            try stanza.run(.stock, "start")
            let holder = try Command.holdLock(stanza.lockDirectory + "/demo-backup-1.lock")
            try run(on: stanza).require(status: 50)
            holder.send(SIGKILL)
            _ = try holder.wait()
            // The lock died with its holder.
            try run(on: stanza).requireSuccess()
            stanza.cluster.set("archive_mode", "off")
            try stanza.cluster.stop()
            // The data directory looks like a primary's, and no server answers.
            let down = try run(on: stanza).require(status: 56)
            #expect(down.standardOutput.hasPrefix("[INFO] run on primary instance\n"))
            try stanza.cluster.start()
            try run(on: stanza).require(status: 87)
            try stanza.cluster.stop()
            try Command("/usr/bin/touch", [stanza.cluster.dataDirectory + "/standby.signal"]).run().requireSuccess()
            let replica = try run("nonsense", on: stanza).require(status: 1)
            #expect(
                replica.standardOutput.hasPrefix(
                    "[FAIL] this script should run on pgsql primary instance, got replica\n"))
            #expect(replica.standardOutput.split(separator: "\n").count == 2)
        }
    }
}

extension Command {
    fileprivate func with(_ stanza: ScratchStanza) -> Command {
        var command = self
        command.environment = [
            "PGBACKREST_CONFIG": stanza.configuration, "PGUSER": "postgres", "PGDATA": stanza.cluster.dataDirectory,
        ]
        return command
    }
}
