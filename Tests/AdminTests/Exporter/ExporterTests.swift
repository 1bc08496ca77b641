import Foundation
import RoostTesting
import Testing

@Suite struct ExporterTests {
    /// A stanza with three backups, and the exporter on it.
    private func with(_ body: (ScratchStanza) throws -> Void) throws {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1), options: .init(.lz4, encrypted: true, blocks: true), archiver: .roost
        ) { stanza in
            try stanza.backup(.roost, "full", "--annotation=why=test", "--annotation=who=me")
            try stanza.backup(.roost, "diff")
            try stanza.backup(.roost, "incr")
            try body(stanza)
        }
    }

    @Test func `every metric tells what info tells`() throws {
        try with { stanza in
            let json = try stanza.run(.roost, "info", "--output=json").standardOutput
            let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
            let told = try #require((object as? [[String: Any]])?.first)
            let page = try stanza.exporter("--references", "--databases", "--verbose-wal").run().requireSuccess()
            #expect(page.standardError == "")
            let metrics = Metrics(page.standardOutput)
            let expected = try Self.expectation(told)
            for (series, value) in expected { #expect(metrics.values[series] == value, "\(series)") }
            let others = Set(metrics.values.keys).subtracting(expected.keys).map { $0.prefix { $0 != "{" } }
            // What changes by the clock, what only the manifest knows, what is the same for every repository.
            let known = [
                "pgbackrest_backup_since_last_completion_seconds", "pgbackrest_backup_databases",
                "pgbackrest_backup_last_databases", "pgbackrest_exporter_build_info", "roost_archive_ready_segments",
                "roost_archive_ready_age_seconds",
            ]
            #expect(Set(others.map(String.init)) == Set(known))
            // postgres and second.
            #expect(metrics.values(of: "pgbackrest_backup_databases") == ["2", "2", "2"])
            #expect(metrics.values(of: "pgbackrest_backup_last_databases") == ["2", "2", "2"])
            for age in metrics.values(of: "pgbackrest_backup_since_last_completion_seconds") {
                #expect((0..<300).contains(Int(age) ?? -1))
            }
            let lint = Command(try TestHost.promtool(), ["check", "metrics"])
            try Self.check(page.standardOutput, by: lint, in: stanza.scratch)
        }
    }

    /// By Prometheus' own parser; its advice on names is not for us, who did not choose them.
    private static func check(_ page: String, by command: Command, in scratch: ScratchDirectory) throws {
        var command = command
        command.input = try scratch.file("page", page)
        let result = try command.run()
        #expect(result.status == 0 || result.status == 3, "\(result)")
        #expect(!result.output.contains("error while linting"), "\(result)")
    }

    /// The series that follow from `info`, made here in another way.
    private static func expectation(_ stanza: [String: Any]) throws -> [String: String] {
        var expected = [
            #"pgbackrest_exporter_status{stanza="all-stanzas"}"#: "1", "pgbackrest_version_info": "2060000",
            #"pgbackrest_stanza_status{stanza="demo"}"#: "0",
            #"pgbackrest_repo_status{cipher="aes-256-cbc",repo_key="1",stanza="demo"}"#: "0",
        ]
        for name in ["backup_lock_status", "lock_status", "restore_lock_status"]
            + ["backup", "restore"].flatMap({ ["\($0)_total_bytes", "\($0)_complete_bytes"] })
        {
            expected["pgbackrest_stanza_\(name){stanza=\"demo\"}"] = "0"
        }
        let archive = try #require((stanza["archive"] as? [[String: Any]])?.first)
        let place = #"database_id="1",pg_version="15",repo_key="1",stanza="demo""#
        let ends = "wal_max=\"\(try #require(archive["max"]))\",wal_min=\"\(try #require(archive["min"]))\""
        expected["pgbackrest_wal_archive_status{\(place),\(ends)}"] = "1"
        expected["roost_archive_gap_segments{\(place)}"] = "0"
        let backups = try #require(stanza["backup"] as? [[String: Any]])
        for (number, backup) in backups.enumerated() {
            let type = ["full", "diff", "incr"][number]
            let base =
                "backup_name=\"\(try #require(backup["label"]))\",backup_type=\"\(type)\",block_incr=\"y\","
                + #"database_id="1",repo_key="1",stanza="demo""#
            let last = "backup_type=\"\(type)\",block_incr=\"y\",stanza=\"demo\""
            let info = try #require(backup["info"] as? [String: Any])
            let repository = try #require(info["repository"] as? [String: Any])
            let references = backup["reference"] as? [String] ?? []
            let measures: [(String, Any?)] = [
                ("size_bytes", info["size"]), ("delta_bytes", info["delta"]), ("repo_size_bytes", 0),
                ("repo_delta_bytes", repository["delta"]), ("repo_size_map_bytes", repository["size-map"]),
                ("repo_delta_map_bytes", repository["delta-map"]), ("error_status", 0),
                ("annotations", (backup["annotation"] as? [String: String])?.count ?? 0),
            ]
            for (name, value) in measures {
                expected["pgbackrest_backup_\(name){\(base)}"] = "\(try #require(value))"
                expected["pgbackrest_backup_last_\(name){\(last)}"] = "\(try #require(value))"
            }
            for (kind, letter) in [("full", "F"), ("diff", "D"), ("incr", "I")] {
                let count = "\(references.count { $0.hasSuffix(letter) })"
                let labels = [base, last].map {
                    $0.replacingOccurrences(of: "repo_key", with: "ref_backup=\"\(kind)\",repo_key")
                }
                expected["pgbackrest_backup_references{\(labels[0])}"] = count
                let short = last.replacingOccurrences(of: "stanza=", with: "ref_backup=\"\(kind)\",stanza=")
                expected["pgbackrest_backup_last_references{\(short)}"] = count
            }
            try addTimes(backup, base, last, &expected)
        }
        return expected
    }

    private static func addTimes(
        _ backup: [String: Any], _ base: String, _ last: String, _ expected: inout [String: String]
    ) throws {
        let times = try #require(backup["timestamp"] as? [String: Int])
        let (start, stop) = (try #require(times["start"]), try #require(times["stop"]))
        let format = DateFormatter()
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        format.timeZone = TimeZone(identifier: "UTC")
        func text(_ seconds: Int) -> String { format.string(from: Date(timeIntervalSince1970: Double(seconds))) }
        expected[
            "pgbackrest_backup_duration_seconds{\(base),start_time=\"\(text(start))\",stop_time=\"\(text(stop))\"}"] =
            "\(stop - start)"
        expected["pgbackrest_backup_last_duration_seconds{\(last)}"] = "\(stop - start)"
        let wal = try #require(backup["archive"] as? [String: String])
        let lsn = try #require(backup["lsn"] as? [String: String])
        var labels = "backrest_ver=\"2.60.0\",\(base)"
        let version =
            "lsn_start=\"\(lsn["start"] ?? "")\",lsn_stop=\"\(lsn["stop"] ?? "")\",pg_version=\"15\",prior=\"\(backup["prior"] as? String ?? "")\""
        labels = labels.replacingOccurrences(of: "repo_key", with: version + ",repo_key")
        labels += ",wal_start=\"\(wal["start"] ?? "")\",wal_stop=\"\(wal["stop"] ?? "")\""
        expected["pgbackrest_backup_info{\(labels)}"] = "1"
    }

    @Test func `a backup that runs, WAL that waits and WAL that is lost show`() throws {
        try with { stanza in
            var backup = try stanza.command(.roost, ["--type=full", "backup"])
            backup.environment = ["ROOST_FAULT": "write:40:pause"]
            let run = try backup.start()
            #expect(try run.waitUntilStopped())
            let busy = Metrics(try stanza.exporter().run().requireSuccess().standardOutput)
            #expect(busy.values[#"pgbackrest_stanza_backup_lock_status{stanza="demo"}"#] == "1")
            #expect(busy.values[#"pgbackrest_stanza_lock_status{stanza="demo"}"#] == "1")
            #expect(busy.values[#"pgbackrest_stanza_restore_lock_status{stanza="demo"}"#] == "0")
            run.send(SIGKILL)
            _ = try run.wait()

            let lost = try stanza.provokeGap()
            let now = Metrics(try stanza.exporter().run().requireSuccess().standardOutput)
            #expect(now.values[#"pgbackrest_stanza_backup_lock_status{stanza="demo"}"#] == "0")
            let place = #"database_id="1",pg_version="15",repo_key="1",stanza="demo""#
            #expect(now.values["roost_archive_gap_segments{\(place)}"] == "\(lost)")
            #expect(now.values[#"roost_archive_ready_segments{stanza="demo"}"#] == "\(try stanza.waiting)")
            #expect(try stanza.waiting > 0)
        }
    }

    @Test func `a stanza without backups, one that is not there, and those left out`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            let all = Metrics(try stanza.exporter().run().requireSuccess().standardOutput)
            #expect(all.values[#"pgbackrest_stanza_status{stanza="demo"}"#] == "2")
            #expect(all.values(of: "pgbackrest_backup_since_last_completion_seconds") == [])
            let none = Metrics(try stanza.exporter("--exclude", "demo").run().requireSuccess().standardOutput)
            #expect(none.values[#"pgbackrest_exporter_status{stanza="all-stanzas-except-excluded"}"#] == "1")
            #expect(none.values(of: "pgbackrest_stanza_status") == [])
            let other = Metrics(try stanza.exporter("--stanza=gone").run().requireSuccess().standardOutput)
            #expect(other.values[#"pgbackrest_exporter_status{stanza="gone"}"#] == "1")
            #expect(other.values[#"pgbackrest_stanza_status{stanza="gone"}"#] == "1")
        }
    }

    @Test func `a repository that is away is told of each configured stanza, and what waits for it too`() throws {
        try with { stanza in
            try Command("/bin/mv", [stanza.repository, stanza.repository + ".away"], as: .root).run().requireSuccess()
            let gone = Metrics(try stanza.exporter().run().requireSuccess().standardOutput)
            #expect(gone.values[#"pgbackrest_stanza_status{stanza="demo"}"#] == "1")
            #expect(gone.values[#"roost_archive_ready_segments{stanza="demo"}"#] != nil)
        }
    }

    @Test func `a configuration that cannot be used is told by the status, and standard error says why`() throws {
        try ScratchDirectory.with { scratch in
            let path = try scratch.file("broken.conf", "[global]\nrepo1-type=often\n")
            var command = Command(try Tool.roost.path, ["exporter", "--config", path])
            let result = try command.run().require(status: 1)
            #expect(Metrics(result.standardOutput).values[#"pgbackrest_exporter_status{stanza="all-stanzas"}"#] == "0")
            #expect(result.standardError.hasPrefix("ERROR: [0"))
            for arguments in [
                ["x"], ["--nonsense"], ["--textfile=a", "--listen=:1"], ["--interval=-1"], ["--type=all"], ["--", "x"],
            ] {
                command.arguments = ["exporter"] + arguments
                try command.run().require(status: 3)
            }
        }
    }

    @Test func `the text file is replaced as a whole or not at all`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            let directory = try stanza.scratch.directory("textfile")
            let path = directory + "/roost.prom"
            let exporter = try stanza.exporter("--textfile", path)
            // As cron may start it.
            var careful = Command(
                "/bin/sh", ["-c", #"umask 077; exec "$@""#, "sh", exporter.program] + exporter.arguments)
            careful.environment = exporter.environment
            try careful.run().requireSuccess()
            let first = try contents(path)
            #expect(String(decoding: first, as: UTF8.self).contains("\npgbackrest_stanza_status{stanza=\"demo\"} 2\n"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o644)
            try stanza.backup(.roost)
            for fault in ["write:1:ENOSPC", "fsync:1:EIO:roost.prom", "rename:1:EIO:roost.prom"] {
                var command = try stanza.exporter("--textfile", path)
                command.environment["ROOST_FAULT"] = fault
                #expect(try command.run().status != 0)
                #expect(try contents(path) == first)
            }
            try stanza.exporter("--textfile", path).run().requireSuccess()
            #expect(
                String(decoding: try contents(path), as: UTF8.self).contains(
                    "\npgbackrest_stanza_status{stanza=\"demo\"} 0\n"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["roost.prom"])
        }
    }
}
