import RoostTesting
import Testing

/// Commands that name no stanza, on a host that has one.
struct AssumedStanzaTests {
    @Test func `roost backs up and recovers the only stanza unnamed, a second section later harms no recovery`() throws
    {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            func roost(_ arguments: String...) throws -> Command {
                var command = Command(try Tool.roost.path, arguments)
                command.environment = ["PGBACKREST_CONFIG": stanza.configuration]
                command.directory = stanza.cluster.socketDirectory
                return command
            }
            try stanza.cluster.execute(
                "alter system set archive_command = '\(try Tool.roost.path) --config=\(stanza.configuration) archive-push %p'"
            )
            try stanza.cluster.reload()
            for line in [["stanza-create"], ["check"], ["backup"], ["verify"], ["expire"]] {
                try Command(try Tool.roost.path, ["--config=\(stanza.configuration)"] + line).run().requireSuccess()
            }
            let backup = try roost("backup", "--type=full").run().requireSuccess()
            #expect(backup.output.contains("--stanza=demo"))
            #expect(try stanza.info(.stock).backups.map { $0.label.last } == ["F", "F"])
            try stanza.cluster.generateLoad(transactions: 20)
            try stanza.cluster.archiveCurrentSegment()
            let rows = try stanza.cluster.rowChecksum()

            let target = try stanza.scratch.directory("restored", mode: 0o700)
            try Command(
                try Tool.roost.path, ["--config=\(stanza.configuration)", "--pg1-path=\(target)", "restore"]
            ).run().requireSuccess()
            try stanza.appendSection("second", ["pg1-path=/nowhere"])
            let restored = try stanza.restoredCluster(at: target)
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == rows)
            try restored.stop(.immediate)

            let refused = try roost("backup").run().require(status: 37)
            #expect(refused.output.contains("name one of the configuration with --stanza: demo, second."))
        }
    }

    @Test func `pb is pgbackrest on the first stanza`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .dropIn) { stanza in
            try stanza.appendSection("second", ["pg1-path=/nowhere"])
            func pb(_ arguments: String...) throws -> Command {
                var command = Command(try Tool.directory + "/pb", arguments)
                command.environment = ["PGBACKREST_CONFIG": stanza.configuration]
                command.directory = stanza.cluster.socketDirectory
                return command
            }
            let backup = try pb("--type=full", "backup").run().requireSuccess()
            #expect(backup.standardOutput.contains(" --stanza=demo "))
            let info = try pb("info").run().requireSuccess()
            #expect(info.standardOutput == (try stanza.run(.dropIn, "info")).standardOutput)
            #expect(
                try pb("--stanza=second", "info").run().requireSuccess().standardOutput.hasPrefix("stanza: second\n"))
            #expect(try pb("version").run().requireSuccess().standardOutput.hasPrefix("pgBackRest "))
            #expect(try !pb("help").run().requireSuccess().standardOutput.contains("roost"))
            #expect(try Command(try Tool.roost.path, ["pb", "version"]).run().requireSuccess().succeeded)
            try pb("nonsense").run().require(status: 48)
        }
    }
}
