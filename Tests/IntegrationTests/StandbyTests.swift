import RoostTesting
import Testing

struct StandbyTests {
    @Test func `a standby follows the archive, and a backup or check of it is sent to the primary`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            try stanza.backup(.roost)
            try stanza.cluster.generateLoad()
            try stanza.cluster.archiveCurrentSegment()
            let standby = try stanza.restore(.roost, "--type=standby", into: "standby")
            try standby.start()
            let rows = try stanza.cluster.rowChecksum()
            try waitUntil("replay of the archive") { try standby.rowChecksum() == rows }
            #expect(try standby.value("select pg_is_in_recovery()") == "t")
            let place = ["--pg1-path=\(standby.dataDirectory)", "--pg1-socket-path=\(standby.socketDirectory)"]
            for command in [["--type=full", "backup"], ["check"]] {
                let result = try stanza.command(.roost, place + command).run().require(status: 56)
                #expect(result.output.contains("unable to find primary cluster - cannot proceed"))
                #expect(result.output.contains("is in recovery"))
                #expect(result.output.contains("HINT: run this command on the primary"))
            }
            #expect(try stanza.info(.roost).labels.count == 1)
        }
    }
}
