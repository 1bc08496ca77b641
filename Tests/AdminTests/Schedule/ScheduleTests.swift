import Foundation
import RoostTesting
import Testing

@Suite struct ScheduleTests {
    private let lines = ["00 01 * * 1 /pg/bin/pg-backup full", "00 01 * * 2,3,4,5,6,7 /pg/bin/pg-backup"]
    /// Cluster and data directory are looked at by nobody here.
    private func withBed<T>(_ body: (AdminBed) throws -> T) throws -> T {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster(major: 15, dataDirectory: scratch.path + "/none", in: scratch)
            return try body(AdminBed(cluster: cluster, in: scratch))
        }
    }

    @Test func `REQ-2 lines of cron are managed in a block, and the user's own stay`() throws {
        try withBed { bed in
            let file = try bed.scratch.file("crontab", "# mine\n5 5 * * * true\n")
            func schedule(_ word: String, _ crontab: Any? = nil, status: Int32 = 0) throws -> Outcome {
                try bed.roost(
                    "schedule", word, "--crontab-file=\(file)", with: ["crontab": crontab ?? NSNull()], status: status)
            }
            #expect(try schedule("apply").status("crontab") == "skipped")
            #expect(try schedule("apply", lines).changes == ["crontab"])
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let programs = try TestHost.serverPrograms(major: 15)
            #expect(
                text == """
                    # mine
                    5 5 * * * true
                    # BEGIN roost schedule pg-test
                    SHELL=/bin/bash
                    PATH=\(programs):/pg/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
                    MAILTO=""
                    00 01 * * 1 /pg/bin/pg-backup full
                    00 01 * * 2,3,4,5,6,7 /pg/bin/pg-backup
                    # END roost schedule pg-test

                    """)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try !schedule("apply", lines).hasChanged)
            #expect(
                try schedule("show").facts["crontab"] as? [String]
                    == text.split(separator: "\n")[3...7].map(String.init))
            for wrong in ["00 01 * * * date +%F", "00 01 * * * postgres x", "99 * * * * x"] {
                #expect(try schedule("apply", [wrong], status: 4).message("schedule").contains(wrong))
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
            // Told that there are none is not the same as told nothing.
            #expect(try schedule("apply", [String]()).changes == ["crontab"])
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "# mine\n5 5 * * * true\n")
            #expect(try !schedule("remove").hasChanged)
            _ = try schedule("later", status: 3)
        }
    }

    @Test func `a crontab of nothing but the block goes with it, one that is no text is left alone`() throws {
        try withBed { bed in
            let file = bed.scratch.path + "/crontab"
            try bed.roost("schedule", "apply", "--crontab-file=\(file)", with: ["crontab": lines])
            try bed.roost("schedule", "remove", "--crontab-file=\(file)")
            #expect(!bed.exists(file))
            try Data([0x23, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: file))
            try bed.roost("schedule", "apply", "--crontab-file=\(file)", with: ["crontab": lines], status: 4)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([0x23, 0xFF, 0x0A]))
        }
    }

    @Test func `REQ-2 of two runs at once neither loses the lines of the other`() throws {
        try withBed { bed in
            let directory = try bed.scratch.directory("crontabs")
            let words = ["schedule", "apply", "--crontab-file=\(directory)/crontab"]
            var first = try bed.command(words, ["crontab": lines])
            first.environment["ROOST_FAULT"] = "rename:1:pause:\(directory)"
            let paused = try first.start()
            #expect(try paused.waitUntilStopped())
            let second = try bed.command(words, ["crontab": lines, "cluster": "pg-other"]).start()
            let descriptors = "/proc/\(second.processID)/fd"
            try waitUntil("the second to wait for the first") {
                try FileManager.default.contentsOfDirectory(atPath: descriptors).contains { name in
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(name)")) == directory
                }
            }
            paused.send(SIGCONT)
            for run in [paused, second] { #expect(try Outcome(run.wait()).changes == ["crontab"]) }
            let text = try String(contentsOfFile: directory + "/crontab", encoding: .utf8)
            for cluster in ["pg-test", "pg-other"] { #expect(text.contains("# BEGIN roost schedule \(cluster)\n")) }
        }
    }

    @Test(.enabled(if: TestHost.isRoot)) func `a host without cron is told`() throws {
        try withBed { bed in
            var command = try bed.command(["schedule", "show"])
            // An empty directory in the place of the one where crontab is.
            command.arguments =
                [
                    "-m", "/bin/sh", "-c", "mount -t tmpfs none /usr/bin && exec \"$0\" \"$@\"", command.program,
                ] + command.arguments
            command.program = "/usr/bin/unshare"
            command.account = .root
            let outcome = try Outcome(command.run().require(status: 4))
            #expect(outcome.message("schedule").contains("cron is not installed"), "\(outcome)")
        }
    }

    @Test(.enabled(if: TestHost.isRoot && TestHost.isExecutable("/usr/bin/crontab")))
    func `cron's own crontab is read and written by its program`() throws {
        try withBed { bed in
            // A spool of our own, seen by the script alone.
            let roost = try Tool.roost.path
            let user = TestHost.account
            let spec = try bed.scratch.file(
                "spec", #"{"cluster":"pg-test","dbsu":"\#(user)","crontab":["00 01 * * * /pg/bin/pg-backup full"]}"#)
            let script = """
                mount -t tmpfs none /var/spool/cron/crontabs
                chgrp crontab /var/spool/cron/crontabs; chmod 1730 /var/spool/cron/crontabs
                as() { setpriv --reuid=\(user) --regid=\(user) --init-groups -- "$@"; }
                as \(roost) schedule show --spec=\(spec)
                echo '5 5 * * * true' | as crontab -
                as \(roost) schedule apply --spec=\(spec); as \(roost) schedule apply --spec=\(spec)
                as crontab -l
                stat -c 'mode %a %U %G' /var/spool/cron/crontabs/\(user)
                \(roost) schedule show --spec=\(spec)
                as \(roost) schedule remove --spec=\(spec)
                as crontab -l
                as crontab -r; as \(roost) schedule apply --spec=\(spec); as \(roost) schedule remove --spec=\(spec)
                as crontab -l || echo none
                """
            let command = Command("/usr/bin/unshare", ["-m", "/bin/bash", "-euc", script], as: .root)
            let result = try command.run().requireSuccess()
            let output = result.standardOutput
            #expect(
                output.contains("changed  crontab  wrote 1 line of 'pg-test' in the crontab of '\(user)'\n"),
                "\(result)")
            #expect(output.contains("ok       crontab  the lines are there of"), "\(result)")
            #expect(output.contains("mode 600 \(user) crontab\n"), "\(result)")
            #expect(output.components(separatedBy: "00 01 * * * /pg/bin/pg-backup full\n").count == 3, "\(result)")
            #expect(output.hasSuffix("none\n"), "\(result)")
        }
    }
}
