import RoostAdmin
import Testing

@Suite struct ServerSettingsTextTests {
    private static let before = """
        # port = 1
        port = 5432
          Port=5433
        port 5434
        recovery_target_time = '2026-01-01'
        ported = on
        restore_command = 'cp %p'

        """

    @Test func `REQ-30 a setting is given one line and recovery is taken out, whatever the lines look like`() {
        var text = ServerSettingsText(Array(Self.before.utf8))
        text.drop(where: ServerSettingsText.isOfRecovery)
        text.set("port", "it's C:\\x\ny")
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # port = 1
                ported = on
                port = 'it''s C:\\\\x\\ny'

                """)
    }

    @Test func `lines become comments and everything else stays, also what is not UTF-8`() {
        var text = ServerSettingsText([0xFF, 0x0A] + Array("data_directory = '/x'\nother = 1".utf8))
        text.comment(["data_directory"], because: "gone")
        #expect(text.bytes == [0xFF, 0x0A] + Array("# gone: data_directory = '/x'\nother = 1\n".utf8))
        #expect(text.has("other"))
        #expect(!text.has("data_directory"))
    }
}
