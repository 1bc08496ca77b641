import Foundation
import RoostTesting
import Testing

/// A server that trusts nobody, with the password in `~/.pgpass` only: nobody can be asked for it.
@Suite struct PasswordFileTests {
    private static let password = "f1le of passwords"

    private struct Bed {
        let admin: AdminBed
        let home: String

        static func with(_ body: (Bed) throws -> Void) throws {
            try ScratchDirectory.with { scratch in
                let admin = try AdminBed(in: scratch)
                let cluster = admin.cluster
                try PitrBed.standAlone(cluster)
                try cluster.start()
                try cluster.execute("alter role postgres password '\(password)'")
                // What asks for the test itself comes as another role.
                try "local all postgres scram-sha-256\nlocal replication postgres scram-sha-256\n".write(
                    toFile: cluster.dataDirectory + "/pg_hba.conf", atomically: false, encoding: .utf8)
                try cluster.reload()
                let home = try scratch.directory("keeper")
                try body(Bed(admin: admin, home: home))
            }
        }

        /// Writes what all later runs read.
        func writePassword() throws {
            try admin.scratch.file("keeper/.pgpass", "*:*:*:postgres:\(password)\n", mode: 0o600)
        }

        @discardableResult
        func run(_ words: String..., with changes: [String: Any] = [:], status: Int32 = 0) throws -> Outcome {
            var command = try admin.command(words, changes)
            command.environment["HOME"] = home
            let result = try command.run().require(status: status)
            #expect(!result.output.contains(password))
            return try Outcome(result)
        }
    }

    @Test func `each command that asks the server finds the password`() throws {
        try Bed.with { bed in
            let refused = try bed.run("enable", status: 56)
            #expect(refused.result.output.contains("no password supplied"), "\(refused)")
            try bed.writePassword()
            #expect(try bed.run("enable").changes.contains("backup"))
            #expect(try !bed.run("enable").hasChanged)

            let doctor = try bed.run("doctor", status: 10)
            #expect(doctor.facts["problems"] as? [String] == [], "\(doctor)")

            let fork = bed.admin.scratch.path + "/fork"
            var copy = Command(
                try Tool.directory + "/pg-fork", ["1", "-y", "-d", bed.admin.cluster.dataDirectory, "-D", fork])
            copy.environment = ["PGUSER": "postgres", "HOME": bed.home]
            try copy.run().requireSuccess()
            #expect(bed.admin.exists(fork + "/backup_label"))

            let pitr: [String: Any] = ["pitr": ["type": "latest", "action": "promote"]]
            for step in ["down", "restore", "wait", "up"] { try bed.run("pitr", step, with: pitr) }
            try bed.run("pitr", "accept", "--yes", with: pitr)
            #expect(try bed.run("clone", "adopt").status("stanza") == "ok")

            #expect(try bed.run("disable").changes.contains("archiving"))
            #expect(try bed.run("remove", "--yes").changes.contains("stanza"))
        }
    }
}
