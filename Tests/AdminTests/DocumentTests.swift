import Foundation
import RoostTesting
import Testing

/// The commands that `docs/admin.md` tells people to type, typed.
@Suite struct DocumentTests {
    @Test func `REQ-27 the commands of the section on logical backups work as they stand`() throws {
        let blocks = try AdminPage().blocks(under: "Logical Backup")
        try #require(blocks.count == 2)
        try DumpBed.withOwnCluster { dump in
            try dump.cluster.execute("create database app")
            try dump.cluster.execute(
                "create table bill as select n, n * 2 as sum from generate_series(1, 500) n", database: "app")
            let target = try ScratchCluster.makeForeign(
                .init(major: 18, walSegmentMegabytes: 1), in: dump.place.scratch)
            try target.start()
            for (block, server) in zip(blocks, [dump.cluster, target]) {
                var command = try dump.command([], clients: [server.major])
                command.program = "/bin/bash"
                let script = block.replacingOccurrences(of: "/pg/backup", with: dump.place.destination)
                command.arguments = ["-o", "pipefail", "-euc", script]
                command.environment["PATH"] = "\(try Tool.directory):\(command.environment["PATH"] ?? "")"
                command.environment["PGHOST"] = server.socketDirectory
                let result = try command.run()
                // The role postgres is there already, which psql tells and goes on.
                #expect(result.succeeded, "\(result)")
            }
            #expect(try target.rowChecksum(of: "app") == dump.cluster.rowChecksum(of: "app"))
            #expect(try dump.place.files == ["app.dir", "app.dump", "globals.sql"])
        }
    }

    @Test func `REQ-25 the commands of the section on base backups work as they stand`() throws {
        let bed = try BaseBackupBed.shared()
        let blocks = try AdminPage().blocks(under: "Base Backup")
        #expect(blocks.count == 4)
        try Place.with { place in
            let extracted = try place.scratch.directory("extracted")
            // The default directory, the date and the place of the link are the only things that differ here.
            let script = blocks.joined(separator: "\n").replacingOccurrences(of: "/tmp/", with: extracted + "/")
                .replacingOccurrences(of: "/pg/backup", with: place.destination)
                .replacingOccurrences(of: "20250713", with: try today)
            let function = "pg-basebackup() { command pg-basebackup --dst \(place.destination) \"$@\"; }\n"
            var command = try bed.command([], at: place)
            command.program = "/bin/bash"
            command.arguments = ["-o", "pipefail", "-euc", function + script]
            command.environment["PATH"] = "\(try Tool.directory):\(command.environment["PATH"] ?? "")"
            try command.run().requireSuccess()
            #expect(try FileManager.default.contentsOfDirectory(atPath: extracted).sorted() == ["aes", "data", "rc4"])
            for name in ["aes", "data", "rc4"] {
                try bed.cluster.program("pg_verifybackup", ["-q", "\(extracted)/\(name)"]).run().requireSuccess()
            }
        }
    }

    /// The table names, for each requirement, exactly the suites that have tests named after it.
    @Test func `the page says of each requirement where its tests are`() throws {
        var said: Set<String> = []
        for line in try AdminPage().lines(under: "Requirements and their tests") where line.hasPrefix("| REQ-") {
            let cells = line.split(separator: "|").map(String.init)
            try #require(cells.count == 3, "\(line)")
            let suites = cells[1].matches(of: /`([A-Za-z]+)`/).map(\.1)
            for number in cells[0].matches(of: /[0-9]+/) { for suite in suites { said.insert("\(number.0) \(suite)") } }
        }
        var found: Set<String> = []
        let tests = HostBed.root + "/Tests"
        for path in try FileManager.default.subpathsOfDirectory(atPath: tests) where path.hasSuffix("Tests.swift") {
            let suite = (path as NSString).lastPathComponent.dropLast(6)
            let text = try String(contentsOfFile: tests + "/" + path, encoding: .utf8)
            for name in text.matches(of: /func `(REQ-[^`]*)`/) {
                for numbers in name.1.matches(of: /REQ-([0-9]+(?:, [0-9]+)*)/) {
                    for number in numbers.1.matches(of: /[0-9]+/) { found.insert("\(number.0) \(suite)") }
                }
            }
        }
        #expect(said.subtracting(found) == [], "told, and not there")
        #expect(found.subtracting(said) == [], "there, and not told")
        #expect(Set(found.compactMap { Int($0.prefix { $0.isNumber }) }) == Set(1...32))
    }
}
