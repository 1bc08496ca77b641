import RoostTesting
import Testing

struct OverviewCommandTests {
    @Test func `roost alone tells where each stanza stands, pgbackrest alone helps`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            try stanza.appendSection("planned", ["pg1-path=/nowhere"])
            let label = try stanza.backup(.roost)
            var command = Command(try Tool.roost.path, [])
            command.environment = ["PGBACKREST_CONFIG": stanza.configuration]
            let text = try command.run().requireSuccess().standardOutput
            #expect(text.contains("demo: ok\n    last backup: full \(label), "))
            #expect(text.contains("can be restored to: any time since "))
            #expect(
                text.contains("planned: error (missing stanza path)\n    next: roost --stanza=planned stanza-create\n"))
            #expect(text.hasSuffix("\n`roost help` lists the commands\n"))
            let help = try Command(try Tool.dropIn.path, []).run().requireSuccess()
            #expect(help.standardOutput.contains("Usage:"))
        }
    }
}
