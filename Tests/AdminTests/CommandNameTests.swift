import RoostTesting
import Testing

@Suite struct CommandNameTests {
    @Test func `REQ-9 a command of the administrator is the same as a link and behind roost`() throws {
        try ScratchDirectory.with { scratch in
            var link = Command(try Tool.directory + "/pg-role", [])
            var command = Command(try Tool.roost.path, ["pg-role"])
            link.environment = ["PGDATA": scratch.path + "/none"]
            command.environment = link.environment
            #expect(try link.run().requireSuccess().standardOutput == "unknown\n")
            #expect(try command.run().requireSuccess().standardOutput == "unknown\n")
        }
    }
}
