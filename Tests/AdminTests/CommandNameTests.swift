import RoostTesting
import Testing

@Suite struct CommandNameTests {
    @Test func `commands for whole clusters are in the help of roost, and unknown to pgbackrest`() throws {
        let help = try Command(try Tool.roost.path, ["help"]).run().requireSuccess().standardOutput
        for name in [
            "clone", "disable", "doctor", "dump", "enable", "exporter", "install", "pitr", "remove", "role", "schedule",
            "uninstall",
        ] {
            #expect(help.contains("\n    \(name) "), "\(help)")
            let one = try Command(try Tool.roost.path, ["help", name]).run().requireSuccess()
            #expect(one.standardOutput.contains("\n  roost \(name) [OPTION]..."))
            #expect(try Command(try Tool.dropIn.path, [name]).run().status == 48)
        }
        #expect(try !Command(try Tool.dropIn.path, ["help"]).run().standardOutput.contains("For administrators"))
    }

    @Test func `a program called by its name tells servers its path, unless they find the name`() throws {
        var command = Command("/usr/bin/env", ["roost", "config", "show"])
        command.environment = ["PATH": "\(try Tool.directory):/usr/bin:/bin"]
        #expect(try command.run().requireSuccess().standardOutput.contains(" \(try Tool.directory)/roost"))
    }

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
