import Foundation
import RoostTesting
import Testing

@Suite struct PgRoleTests {
    private func role(_ arguments: String..., data: String? = nil, as account: Command.Account = .unprivileged) throws
        -> String
    {
        var command = Command(
            arguments.isEmpty ? try Tool.directory + "/pg-role" : try Tool.roost.path, arguments, as: account)
        command.environment = ["PGUSER": "postgres"]
        if let data { command.environment["PGDATA"] = data }
        return try command.run().requireSuccess().standardOutput
    }

    @Test func `REQ-9 the server of the directory answers, and the directory where none runs`() throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let data = cluster.dataDirectory
            #expect(try role(data: data) == "primary\n")
            #expect(try role(data: scratch.path + "/none") == "unknown\n")
            // Another server of the same user runs, which is none of this directory.
            let other = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch, named: "other")
            try Command("/usr/bin/touch", [other.dataDirectory + "/standby.signal"]).run().requireSuccess()
            try other.start()
            #expect(try role(data: data) == "primary\n")
            #expect(try role(data: other.dataDirectory) == "replica\n")
            #expect(try role("role", "--data", other.dataDirectory) == "replica\n")
            #expect(try role("role", "--data=\(data)", "--port", "5433") == "primary\n")
            // Promoted: the server knows before the file is gone from everybody's mind.
            try other.execute("select pg_promote()")
            #expect(try role(data: other.dataDirectory) == "primary\n")
            let json = try role("role", "--data", other.dataDirectory, "--output=json")
            #expect(json.contains(#""facts":{"role":"primary"}"#))
            // A server that lets nobody in tells by its own file, and warnings keep off the answer.
            try "local all all reject\n".write(
                toFile: other.dataDirectory + "/pg_hba.conf", atomically: false, encoding: .utf8)
            try other.reload()
            try waitUntil("the reload") { try !other.program("psql", ["-c", "select"]).run().succeeded }
            #expect(try role(data: other.dataDirectory) == "primary\n")
            // As a crash leaves it: whoever has the number now is not this server.
            let pidFile = try String(contentsOfFile: other.dataDirectory + "/postmaster.pid", encoding: .utf8)
            try other.stop()
            let stale = "1\n" + pidFile.split(separator: "\n", maxSplits: 1)[1]
            try stale.write(toFile: other.dataDirectory + "/postmaster.pid", atomically: false, encoding: .utf8)
            try Command("/usr/bin/touch", [other.dataDirectory + "/recovery.signal"]).run().requireSuccess()
            #expect(try role(data: other.dataDirectory) == "replica\n")
            try FileManager.default.removeItem(atPath: other.dataDirectory + "/postmaster.pid")
        }
    }
}
