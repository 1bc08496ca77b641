import Foundation
import RoostTesting
import Testing

/// Each finding of `roost doctor`, provoked on a real server; ``DoctorBed`` proves that there is none without a fault.
@Suite struct DoctorTests {
    @Test func `text tells each part in a line, and help the exit statuses`() throws {
        try DoctorBed.with { bed in
            var command = try bed.command([])
            command.arguments.removeAll { $0 == "--output=json" }
            let text = try command.run().requireSuccess().standardOutput
            for line in [
                "ok       server         PostgreSQL 15, primary", "ok       backup         the last backup, ",
                "ok       schedule       00 01 * * * \(bed.program) full",
                "ok       archiving      archive_mode is on, archive_command archives into demo",
            ] { #expect(text.contains(line), "\(line) in \(text)") }
            command.arguments = ["doctor", "--help"]
            let help = try command.run().requireSuccess().standardOutput
            for part in ["0 all is well", "10 somebody", "20 backups"] { #expect(help.contains(part)) }
            command.arguments = ["doctor", "--max-age=old", "--config", bed.stanza.configuration]
            try command.run().require(status: 3)
            guard TestHost.isRoot else { return }
            var asRoot = try bed.command([])
            asRoot.account = .root
            try asRoot.run().require(status: 2)
        }
    }

    @Test func `WAL that goes elsewhere, nowhere, or does not arrive`() throws {
        try DoctorBed.with { bed in
            try bed.archive(by: "roost --stanza=other archive-push %p")
            let other = try bed.expect(problems: ["archiving"])
            #expect(other["archiving"]?.contains("sends WAL to the stanza other, this is demo") == true)
            #expect(other["archiving"]?.contains("mend: roost enable --cluster=demo") == true)
            // Whose is it?
            try bed.archive(by: "roost --config=\(bed.stanza.configuration) archive-push %p")
            try bed.expect()
            try bed.stanza.appendSection("second", ["pg1-path=/nowhere"])
            let unnamed = try bed.expect(problems: ["archiving"])
            #expect(unnamed["archiving"]?.contains("archive_command names no stanza, and '") == true)
            try bed.archive(by: "/bin/true")
            #expect(try bed.expect(problems: ["archiving"])["archiving"]?.contains("'/bin/true'") == true)

            try bed.archive(by: "false # archive-push --stanza demo")
            try bed.cluster.query("create table more as select 1")
            try bed.cluster.query("select pg_switch_wal()")
            try waitUntil("a failure") { try bed.cluster.value("select failed_count > 0 from pg_stat_archiver") == "t" }
            let failing = try bed.expect(problems: ["archive"])
            #expect(failing["archive"]?.contains("failed ") == true)
            #expect(failing["archive"]?.contains("WAL file(s) wait, the first for ") == true)
            #expect(failing["archive"]?.contains("mend: roost --stanza=demo check") == true)
            try bed.archiveAsBefore()
            try bed.expect()

            // An archiver that hangs does not fail.
            let pipe = bed.stanza.scratch.path + "/log/pipe"
            try bed.shell("mkfifo \(pipe)")
            try bed.archive(by: "cat \(pipe) # archive-push --stanza=demo")
            try bed.cluster.query("create table again as select 1")
            try bed.cluster.query("select pg_switch_wal()")
            try waitUntil("a file that waits") { try bed.stanza.waiting > 0 }
            try bed.shell("touch -d '20 minutes ago' \(bed.cluster.dataDirectory)/pg_wal/archive_status/*.ready")
            let waiting = try bed.expect(problems: ["archive"])
            #expect(waiting["archive"]?.contains("WAL file(s) wait, the first for 20 minutes") == true)
            try bed.cluster.execute("alter system reset archive_command", "select pg_reload_conf()")
            try bed.shell("echo > \(pipe)")
            try bed.archiveAsBefore()
            try bed.expect()

            bed.cluster.set("archive_mode", "off")
            try bed.cluster.stop()
            try bed.cluster.start()
            let off = try bed.expect(problems: ["archiving"])
            #expect(off["archiving"]?.contains("archive_mode is off") == true)
        }
    }

    @Test func `a repository that is away, empty, or another cluster's`() throws {
        try DoctorBed.with { bed in
            try bed.moveRepository(away: true)
            let gone = try bed.expect(problems: ["stanza"])
            #expect(gone["stanza"]?.contains("mend: roost --stanza=demo stanza-create") == true)
            try bed.moveRepository(away: false)

            try bed.stanza.waitForNextSecond()
            let old = try bed.expect(problems: ["backup"], "--max-age=0")
            #expect(old["backup"]?.contains("mend: pg-backup full") == true)

            // The same configuration for a cluster that was made anew in the same place.
            let foreign = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: bed.stanza.scratch)
            try bed.cluster.stop()
            try Command("/bin/mv", [bed.cluster.dataDirectory, bed.cluster.dataDirectory + ".old"], as: .root).run()
                .requireSuccess()
            try Command("/bin/mv", [foreign.dataDirectory, bed.cluster.dataDirectory], as: .root).run().requireSuccess()
            let other = try bed.expect(problems: ["server", "stanza"])
            #expect(other["stanza"]?.contains("stanza-upgrade") == true)
            #expect(other["stanza"]?.contains(try bed.cluster.systemIdentifier) == true)
        }
    }

    @Test func `lost WAL, damaged pages, and a stanza without a backup`() throws {
        try DoctorBed.with { bed in
            _ = try bed.stanza.provokeGap()
            let lost = try bed.expect(problems: ["archiving", "archive", "gaps"])
            #expect(lost["gaps"]?.contains("and no backup is newer\nmend: pg-backup full") == true)
            try bed.archiveAsBefore()
            try bed.expect(problems: ["gaps"])

            let file = try bed.cluster.value("select pg_relation_filepath('document')")
            try bed.cluster.execute("checkpoint")
            try damage("\(bed.cluster.dataDirectory)/\(file)", at: 9000)
            try bed.stanza.backup(.roost)
            let passed = try bed.expect(problems: ["backup"], warnings: ["gaps"])
            #expect(passed["backup"]?.contains("found damaged pages") == true)
            #expect(passed["gaps"]?.contains("a later backup does not need them") == true)
        }
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            let bed = DoctorBed(stanza: stanza, crontab: "", program: "", page: "none")
            let none = try bed.expect(problems: ["backup"], warnings: ["schedule"])
            #expect(none["backup"]?.contains("there is no backup of this cluster\nmend: pg-backup full") == true)
        }
    }

    @Test func `stop files, locks of the silent, and what asynchronous archiving could not do`() throws {
        try DoctorBed.with(settings: ["archive-async=y"]) { bed in
            try bed.stanza.run(.roost, "stop")
            #expect(try bed.expect(problems: ["stop"])["stop"]?.contains("mend: roost --stanza=demo start") == true)
            try bed.stanza.run(.roost, "start")
            let all = Command(try Tool.roost.path, ["--config", bed.stanza.configuration, "stop"])
            try all.run().requireSuccess()
            #expect(try bed.expect(problems: ["stop"])["stop"]?.contains("mend: roost start\n") == true)
            try bed.shell("rm \(bed.stanza.lockDirectory)/all.stop")

            var backup = try bed.stanza.command(.roost, ["--type=full", "backup"])
            backup.environment = ["ROOST_FAULT": "write:40:pause"]
            let run = try backup.start()
            #expect(try run.waitUntilStopped())
            #expect(try bed.expect()["locks"]?.contains("held by a command at work: demo-backup") == true)
            try bed.shell("touch -d '2 hours ago' \(bed.stanza.lockDirectory)/demo-backup*.lock")
            let silent = try bed.expect(warnings: ["locks"])
            #expect(silent["locks"]?.contains("has not been heard of for 2 hours") == true)
            #expect(silent["locks"]?.contains("stop --force") == true)
            run.send(SIGKILL)
            _ = try run.wait()
            try bed.expect()

            try bed.moveRepository(away: true)
            try bed.cluster.query("create table more as select 1")
            try bed.cluster.query("select pg_switch_wal()")
            let spool = bed.stanza.scratch.path + "/spool/archive/demo/out"
            try waitUntil("word of the failure") {
                try FileManager.default.contentsOfDirectory(atPath: spool).contains { $0.hasSuffix(".error") }
            }
            // Whether the server has heard of it yet does not matter here.
            let found = try bed.findings()
            #expect(found.problems.isSuperset(of: ["spool", "stanza"]), "\(found)")
            #expect(found.told["spool"]?.contains("failure(s) of asynchronous archiving, ") == true)
            try bed.moveRepository(away: false)
            try bed.cluster.archiveCurrentSegment()
            try waitUntil("the end of the failure") { try bed.findings().problems.isEmpty }
        }
    }

    @Test func `a crontab without backups, no crontab, and exporters that fail`() throws {
        try DoctorBed.with { bed in
            try "# 00 01 * * * \(bed.program) full\n".write(toFile: bed.crontab, atomically: false, encoding: .utf8)
            let empty = try bed.expect(warnings: ["schedule"])
            let remedy = "echo '00 01 * * * \(bed.program) full' | roost schedule apply --lines -"
            #expect(empty["schedule"]?.contains("mend: \(remedy)\n") == true)
            // What is advised works.
            let told = "--config=\(bed.stanza.configuration) --crontab-file=\(bed.crontab)"
            try bed.shell("PATH=\(try Tool.directory):$PATH; \(remedy) \(told)")
            try bed.expect()
            try bed.shell("printf '0 1 * * * pgbackrest --type=full backup\\n' > \(bed.crontab)")
            try bed.expect()
            try bed.shell("printf '0 1 * * * /nowhere/pg-backup full\\n' > \(bed.crontab)")
            let lost = try bed.expect(problems: ["schedule"])
            #expect(lost["schedule"]?.contains("there is no program '/nowhere/pg-backup'") == true)
            try bed.shell("printf '0 1 * * * \(bed.program) full\\n' > \(bed.crontab)")

            let nobody = try bed.expect(warnings: ["exporter"], "--exporter", "127.254.254.254:9")
            #expect(nobody["exporter"]?.contains("mend: roost exporter --listen 127.254.254.254:9") == true)
            try bed.expect("--exporter=none")
            try bed.shell("touch -d '2 hours ago' \(bed.page)")
            #expect(try bed.expect(warnings: ["exporter"])["exporter"]?.contains("was written 2 hours ago") == true)
            try bed.shell("rm \(bed.page)")
            #expect(try bed.expect(warnings: ["exporter"])["exporter"]?.contains("there is no") == true)
            let broken = try bed.stanza.scratch.file("broken.conf", "[global]\nrepo1-type=often\n")
            try Command(try Tool.roost.path, ["exporter", "--config", broken, "--textfile", bed.page]).run()
                .require(status: 1)
            #expect(try bed.expect(problems: ["exporter"])["exporter"]?.contains("cannot ask the repository") == true)

            let id = ProcessInfo.processInfo.processIdentifier
            let address = "127.99.\(id >> 8 & 0xFF).\(id & 0xFF):9854"
            let server = try bed.stanza.exporter("--listen", address).start()
            defer { server.send(SIGTERM) }
            try waitUntil("the exporter") {
                try bed.command(["--exporter", address]).run().status == 0
            }
            try bed.expect("--exporter", address)
        }
    }

    @Test func `a configuration that is missing, broken, open, or of another directory`() throws {
        try DoctorBed.with { bed in
            try bed.shell("chmod 0644 \(bed.stanza.configuration)")
            let open = try bed.expect(warnings: ["configuration"])
            #expect(open["configuration"]?.contains("mend: chmod 0640 \(bed.stanza.configuration)") == true)
            try bed.shell("chmod 0640 \(bed.stanza.configuration)")
            let text = try String(contentsOfFile: bed.stanza.configuration, encoding: .utf8)
            func configuration(_ name: String, _ text: String) throws -> String {
                try bed.stanza.scratch.file(name, text, mode: 0o640)
            }
            let broken = try configuration("broken.conf", text.replacing("start-fast=y", with: "start-fast=perhaps"))
            let told = try bed.expect(problems: ["configuration"], "--config", broken)
            #expect(told["configuration"]?.contains("start-fast") == true)
            let moved = try configuration(
                "moved.conf", text.replacing("pg1-path=\(bed.cluster.dataDirectory)", with: "pg1-path=/elsewhere"))
            let other = try bed.expect(problems: ["configuration"], "--config", moved)
            #expect(other["configuration"]?.contains("names '/elsewhere'") == true)
            let missing = bed.stanza.scratch.path + "/missing.conf"
            let none = try bed.expect(
                problems: ["configuration", "archiving"], "--config=\(missing)", "--cluster=main")
            #expect(none["configuration"]?.contains("there is no '\(missing)'\nmend: roost enable") == true)
        }
    }

    @Test func `a server that is down, was killed, or is a replica`() throws {
        try DoctorBed.with { bed in
            try bed.cluster.stop()
            let down = try bed.expect(problems: ["server"])
            #expect(down["server"]?.contains("mend: pg_ctl start -D \(bed.cluster.dataDirectory)") == true)
            let managed = bed.cluster.dataDirectory + "/patroni.dynamic.json"
            try Command("/usr/bin/touch", [managed]).run().requireSuccess()
            #expect(try bed.expect(problems: ["server"])["server"]?.contains("mend: systemctl start patroni") == true)
            try Command("/bin/rm", [managed]).run().requireSuccess()
            try Command("/bin/cp", ["-a", bed.cluster.dataDirectory, bed.stanza.scratch.path + "/replica"], as: .root)
                .run()
                .requireSuccess()
            try bed.cluster.start()

            let replica = try ScratchCluster(
                major: bed.cluster.major, dataDirectory: bed.stanza.scratch.path + "/replica", in: bed.stanza.scratch)
            try bed.shell("touch \(replica.dataDirectory)/standby.signal")
            replica.set("primary_conninfo", "host=\(bed.cluster.socketDirectory) user=postgres")
            try replica.start()
            let text = try String(contentsOfFile: bed.stanza.configuration, encoding: .utf8)
                .replacing("pg1-path=\(bed.cluster.dataDirectory)", with: "pg1-path=\(replica.dataDirectory)")
            let configuration = try bed.stanza.scratch.file("replica.conf", text, mode: 0o640)
            let told = try bed.expect("--config", configuration, "--data", replica.dataDirectory)
            #expect(told["server"]?.contains("PostgreSQL 15, replica") == true)
            let specification = try bed.stanza.scratch.file(
                "spec.json",
                #"{"cluster":"demo","role":"primary","data":"\#(replica.dataDirectory)","config":"\#(configuration)"}"#)
            let wrong = try bed.expect(
                warnings: ["server"], "--spec", specification, "--config", configuration, "--data",
                replica.dataDirectory)
            #expect(wrong["server"]?.contains("replica, declared as primary") == true)
            try replica.stop(.immediate)

            let pid = try String(contentsOfFile: bed.cluster.dataDirectory + "/postmaster.pid", encoding: .utf8)
                .prefix { $0.isNumber }
            try Command("/bin/bash", ["-c", "kill -9 \(pid)"], as: .root).run().requireSuccess()
            try waitUntil("the end of the server") { !bed.cluster.isRunning }
            let killed = try bed.expect(problems: ["server"])
            #expect(killed["server"]?.contains("process \(pid) of its postmaster.pid has been killed") == true)
        }
    }
}
