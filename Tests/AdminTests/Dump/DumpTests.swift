import Foundation
import RoostTesting
import Testing

@Suite struct DumpTests {
    struct Move: Sendable, CustomTestStringConvertible {
        var options: [String]
        var target: Int
        var testDescription: String { "\(options) to \(target)" }
    }

    private static let formats = [["-Fp"], ["-Fc"], ["-Fd", "-j2"], ["-Ft"], ["-Fc", "-Z0"]]
    private static let moves = TestHost.cases(
        formats.flatMap { format in [15, 17, 18].map { Move(options: format, target: $0) } },
        else: [
            Move(options: ["-Fp"], target: 18), Move(options: ["-Fc"], target: 17),
            Move(options: ["-Fd", "-j2"], target: 18), Move(options: ["-Ft"], target: 15),
        ])

    /// An empty cluster of another release.
    private func target(_ major: Int, in scratch: ScratchDirectory) throws -> ScratchCluster {
        let target = try ScratchCluster.makeForeign(.init(major: major, walSegmentMegabytes: 1), in: scratch)
        try target.start()
        return target
    }

    @Test(arguments: moves)
    func `REQ-27 a dump restores into another database and into newer major versions with all its rows`(
        move: Move
    ) throws {
        try DumpBed.with { bed in
            // By the client of the server's release, among newer ones: 17.11 and 18.6 know nothing of what 15.20 keeps with columns.
            let clients = [15, 18]
            try bed.command(["-f", "app", "postgres", "--"] + move.options, clients: clients).run().requireSuccess()
            let target = move.target == bed.cluster.major ? bed.cluster : try target(move.target, in: bed.place.scratch)
            let name = "copy_\(UInt32.random(in: 0 ... .max))"
            try target.execute("create database \(name)")
            let file = bed.place.path("app")
            let command =
                move.options == ["-Fp"]
                ? target.program("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-f", file])
                : target.program("pg_restore", ["--exit-on-error", "-d", name, file])
            try command.run().requireSuccess()
            #expect(try target.rowChecksum(of: name) == bed.cluster.rowChecksum(of: "postgres"))
            try target.execute("drop database \(name)")
        }
    }

    @Test func `REQ-27 all databases and all roles move to a newer major version`() throws {
        try DumpBed.withOwnCluster { bed in
            try bed.run("--globals", "-f", "globals.sql", clients: [15]).requireSuccess()
            try bed.run("--all", "-f", "all.sql", "postgres", clients: [15]).requireSuccess()
            let globals = try bed.place.content("globals.sql")
            #expect(globals.contains("CREATE ROLE keeper;"))
            #expect(!globals.contains("CREATE TABLE"))
            #expect(try bed.mode("globals.sql") == 0o600)
            let target = try target(18, in: bed.place.scratch)
            for name in ["globals.sql", "all.sql"] {
                // Roles that exist already are told of, and no more.
                let result = try target.program("psql", ["-X", "-q", "-f", bed.place.path(name)]).run().requireSuccess()
                let errors = result.standardError.split(separator: "\n").filter { $0.contains("ERROR") }
                #expect(errors.allSatisfy { $0.contains("already exists") }, "\(result)")
            }
            #expect(try target.rowChecksum() == bed.cluster.rowChecksum())
            let roles = "select rolname, rolcanlogin, rolpassword from pg_authid where oid >= 16384 order by 1"
            #expect(try target.query(roles) == bed.cluster.query(roles))
        }
    }

    @Test func `REQ-28 a dump is no backup: help says so, and info does not know it`() throws {
        try DumpBed.with { bed in
            let help = try bed.run("--help").requireSuccess().standardOutput
            #expect(help.contains("no source for point-in-time recovery"))
            try bed.run("second").requireSuccess()
            let info = Command(try Tool.roost.path, ["--repo1-path=\(bed.place.destination)", "info"])
            #expect(try info.run().requireSuccess().standardOutput == "No stanzas exist in the repository.\n")
        }
    }

    @Test(
        arguments: [
            (["-t", "document"], ["CREATE TABLE public.document ", "COPY public.document "], ["pgbench"]),
            (["-T", "pgbench_*"], ["CREATE TABLE public.document "], ["pgbench"]),
            (["-n", "public", "-T", "*"], ["PostgreSQL database dump complete"], ["CREATE TABLE"]),
            (["-N", "public"], ["PostgreSQL database dump complete"], ["CREATE TABLE"]),
            (["-s", "-t", "document"], ["CREATE TABLE public.document "], ["COPY"]),
            (["-a", "-t", "document"], ["COPY public.document "], ["CREATE TABLE"]),
            (["--inserts", "--rows-per-insert=100", "-at", "document"], ["INSERT INTO public.document"], ["COPY"]),
        ] as [([String], [String], [String])])
    func `REQ-29 options of pg_dump select what is dumped`(options: [String], present: [String], absent: [String])
        throws
    {
        try DumpBed.with { bed in
            try bed.command(["-f", "x.sql", "postgres", "--"] + options).run().requireSuccess()
            let text = try bed.place.content("x.sql")
            for part in present { #expect(text.contains(part), "\(part)") }
            for part in absent { #expect(!text.contains(part), "\(part)") }
        }
    }

    @Test func `REQ-29 a filter file of release 17 passes through`() throws {
        try DumpBed.with { bed in
            let filter = try bed.place.scratch.file("filter", "include table document\n")
            let programs = try TestHost.serverPrograms(major: 17)
            try bed.run("-f", "x.sql", "--bin-dir", programs, "postgres", "--", "--filter=\(filter)").requireSuccess()
            let text = try bed.place.content("x.sql")
            #expect(text.contains("CREATE TABLE public.document "))
            #expect(!text.contains("pgbench"))
        }
    }

    @Test(arguments: [
        ([], ".sql", 0o600), (["-Fc"], ".dump", 0o600), (["-Ft"], ".tar", 0o600), (["-Fd"], ".dir", 0o700),
    ])
    func `REQ-29 by default a dump is named after the database, the time and its format, and is for its owner only`(
        options: [String], end: String, mode: Int
    ) throws {
        try DumpBed.with { bed in
            let source = "host=\(bed.cluster.socketDirectory) dbname=second"
            let result = try bed.command([source, "--"] + options).run().requireSuccess()
            let name = try #require(try bed.place.files.first)
            #expect(try bed.place.files == [name])
            #expect(name.range(of: "^second_\\d{8}-\\d{6}\\\(end)$", options: .regularExpression) != nil, "\(name)")
            #expect(try bed.mode(name) == mode)
            #expect(result.standardOutput.contains("changed  dump    './\(name)', "))
            guard mode == 0o700 else { return }
            for file in try FileManager.default.contentsOfDirectory(atPath: bed.place.path(name)) {
                #expect(try bed.mode("\(name)/\(file)") == 0o600)
            }
        }
    }

    @Test func `REQ-29 the client of the server's release is used, else the newest, but none that is older`() throws {
        try DumpBed.with { bed in
            let places = try [14, 17, 16].flatMap { ["--bin-dir", try TestHost.serverPrograms(major: $0)] }
            let found = try bed.command(["--dry-run", "second"] + places).run().requireSuccess()
            let programs = try TestHost.serverPrograms(major: 17)
            #expect(found.standardOutput.contains("ok       client  \(programs)/pg_dump, release 17."), "\(found)")
            #expect(found.standardOutput.contains("for a server of 15."))
            let own = try bed.run("--dry-run", "second", clients: [14, 17, 15, 16]).requireSuccess()
            let client = try TestHost.serverPrograms(major: 15) + "/pg_dump, release 15."
            #expect(own.standardOutput.contains("ok       client  \(client)"), "\(own)")
            #expect(try bed.place.files == [])
            let old = try TestHost.serverPrograms(major: 14)
            let refused = try bed.run("--bin-dir", old, "second").require(status: 4)
            #expect(refused.standardError.contains("the newest pg_dump found is 14."))
            let missing = try bed.run("--bin-dir=\(bed.place.destination)", "second").require(status: 4)
            #expect(missing.standardError.contains("there is no pg_dump in \(bed.place.destination)\n"))
            #expect(try bed.place.files == [])
        }
    }

    @Test func `REQ-29 one JSON object tells what was done`() throws {
        try DumpBed.with { bed in
            let result = try bed.run("--output=json", "-f", "x.dump", "second", "--", "-Fc").requireSuccess()
            let text = result.standardOutput
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["changed"] as? Bool == true)
            #expect(object["code"] as? Int == 0)
            let facts = try #require(object["facts"] as? [String: Any])
            #expect(facts["file"] as? String == "./x.dump")
            #expect(facts["bytes"] as? Int == (try contents(bed.place.path("x.dump")).count))
            let failed = try bed.run("--output=json", "nowhere").require(status: 1)
            #expect(failed.standardOutput.contains(#"database \"nowhere\" does not exist"#), "\(failed)")
            #expect(failed.standardError == "")
        }
    }

    @Test func `REQ-27 passwords come from where libpq takes them, and from nowhere else`() throws {
        try DumpBed.with { bed in
            let source = "host=\(bed.bed.address) dbname=second user=keeper"
            let password = BaseBackupBed.password
            let escaped = password.replacingOccurrences(of: ":", with: "\\:")
            try bed.cluster.execute("grant pg_read_all_data to keeper")
            let file = try bed.place.scratch.file("pass", "*:*:*:keeper:\(escaped)\n", mode: 0o600)
            for (number, environment) in [["PGPASSWORD": password], ["PGPASSFILE": file]].enumerated() {
                try bed.run("-f", "\(number)", source, environment: environment).requireSuccess()
            }
            let wrong = try bed.run("-f", "x", source, environment: ["PGPASSWORD": "wrong"]).require(status: 1)
            #expect(wrong.standardError.contains("password authentication failed"))
            try bed.run("-f", "x", source).require(status: 1)
            let refused = try bed.run("-f", "x", source + " password='s3cret'").require(status: 3)
            #expect(refused.standardError.contains("put it into .pgpass"))
            #expect(!refused.output.contains("s3cret"))
            #expect(try bed.place.files == ["0", "1"])
        }
    }
}
