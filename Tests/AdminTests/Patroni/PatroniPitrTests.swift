import Foundation
import RoostTesting
import Testing

/// `roost pitr` of a member that Patroni manages, with a real Patroni and a real store.
@Suite struct PatroniPitrTests {
    @Test func `REQ-31 Patroni steps aside, takes over when recovery is over, and takes over again when it is undone`()
        throws
    {
        try RecoveryPatroniBed.with { bed in
            let cluster = bed.cluster
            let setting = ["edit-config", "demo", "--force", "--quiet", "-p"]
            try bed.stanza.run(.roost, "stanza-create")
            // What Patroni writes beside the data comes into the backup, and back with it (T4).
            try Command("/usr/bin/patronictl", ["-c", bed.configuration] + setting + ["work_mem=5MB"]).run()
                .requireSuccess()
            try waitUntil("the first setting") { try cluster.value("show work_mem") == "5MB" }
            try waitUntil("Patroni's copy") {
                let copy = cluster.dataDirectory + "/patroni.dynamic.json"
                return try FileManager.default.fileExists(atPath: copy)
                    && String(contentsOfFile: copy, encoding: .utf8).contains("5MB")
            }
            try bed.stanza.backup(.roost)
            try bed.stanza.waitForNextSecond()
            try Command("/usr/bin/patronictl", ["-c", bed.configuration] + setting + ["work_mem=7MB"]).run()
                .requireSuccess()
            try waitUntil("the second setting") { try cluster.value("show work_mem") == "7MB" }
            // One that holds after a restart only.
            try Command("/usr/bin/patronictl", ["-c", bed.configuration] + setting + ["max_connections=133"]).run()
                .requireSuccess()
            try cluster.execute("create table step as select 1 as n")
            let pitr = ["time": try cluster.moment()]
            try cluster.execute("insert into step values (2)")
            try cluster.archiveCurrentSegment()

            // Undone before Patroni has come back, also from a mere stop: it must not stay paused.
            for steps in [["down"], ["down", "restore"]] {
                for step in steps { try bed.run(step, pitr) }
                try bed.run("undo", pitr)
                try bed.waitForLeader()
                #expect(try cluster.value("select string_agg(n::text, '') from step") == "12")
                #expect(try !bed.control("list", "demo").requireSuccess().standardOutput.contains("Maintenance mode"))
                #expect(try bed.hasKey("/pg/demo/config"))
            }
            #expect(try bed.run("undo", pitr).changed == false)
            try interruptsStop(bed, pitr)

            try bed.run("down", pitr)
            #expect(try bed.patroniProcesses() == [])
            #expect(!cluster.isRunning)
            #expect(try bed.run("down", pitr).changed == false)
            try bed.run("restore", pitr)
            try bed.run("wait", pitr)
            #expect(try cluster.value("select string_agg(n::text, '') from step") == "1")
            // T1: Patroni would replay past the target and promote.
            #expect(try bed.run("up", pitr, status: 1).text.contains("is not over"))
            #expect(try bed.patroniProcesses() == [])
            try bed.run("promote", pitr)
            let up = try bed.command("up", pitr).start()
            try waitUntil("Patroni to be started") { try !bed.patroniProcesses().isEmpty }
            up.send(SIGINT)
            _ = try up.wait().require(status: 63)
            try bed.run("up", pitr)
            try bed.waitForLeader()
            #expect(try bed.list().contains("\"running\""))
            #expect(try cluster.value("select string_agg(n::text, '') from step") == "1")
            #expect(try bed.hasKey("/pg/demo/config"))
            // T5: a prefix without its slash would have taken this along.
            #expect(try bed.hasKey("/pg/demo2/config"))
            #expect(try cluster.value("show work_mem") == "7MB", "the configuration as it was")
            #expect(try cluster.value("show max_connections") == "133", "at once, without another restart")
            #expect(try cluster.value("show archive_mode") == "on")
            #expect(try !bed.control("list", "demo").requireSuccess().standardOutput.contains("Maintenance mode"))
            try cluster.archiveCurrentSegment()

            try bed.run("undo", pitr)
            try bed.waitForLeader()
            #expect(try cluster.value("select string_agg(n::text, '') from step") == "12")
            #expect(try bed.hasKey("/pg/demo2/config"))
            #expect(try !bed.control("list", "demo").requireSuccess().standardOutput.contains("Maintenance mode"))
        }
    }

    /// Where Patroni does not stop, the cluster must not stay without failover.
    private func interruptsStop(_ bed: RecoveryPatroniBed, _ pitr: [String: Any]) throws {
        var command = try bed.command("down", pitr)
        command.environment["ROOST_FAULT"] = "open:1:pause:cgroup"
        let down = try command.start()
        try #require(try down.waitUntilStopped())
        #expect(try bed.control("list", "demo").standardOutput.contains("Maintenance mode"))
        let patroni = try #require(try bed.patroniProcesses().first)
        kill(patroni, SIGSTOP)
        down.send(SIGCONT)
        try waitUntil("Patroni to be told to end") { try isPending(SIGTERM, for: patroni) }
        down.send(SIGINT)
        let told = try AdminResult(down.wait().require(status: 63))
        #expect(!told.text.contains("WARNING"), "\(told)")
        #expect(try !bed.control("list", "demo").requireSuccess().standardOutput.contains("Maintenance mode"))
        kill(patroni, SIGCONT)
        try waitUntil("Patroni to end") { try bed.patroniProcesses() == [] }
        try bed.run("undo", pitr)
        try bed.waitForLeader()
    }

    /// Whether a stopped process will get a signal when it goes on.
    private func isPending(_ signal: Int32, for process: Int32) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let pending = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }?.split(separator: "\t").last
        return (pending.flatMap { UInt64($0, radix: 16) } ?? 0) & (1 << UInt64(signal - 1)) != 0
    }
}
