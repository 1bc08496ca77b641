import Foundation
import RoostTesting
import Testing

/// Restores with options that choose what is restored and where, by both tools from one repository.
@Suite struct RestoreInteropTests {
    @Test(arguments: Tool.sides(.dropIn))
    func `databases that are left out are equal holes, and the server starts on the others`(writer: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.lz4, bundled: true), archiver: writer) { stanza in
            let space = try stanza.scratch.directory("space", mode: 0o700)
            try stanza.cluster.execute("create database app", "create database log", "create database old")
            try stanza.cluster.execute("create tablespace elsewhere location '\(space)'")
            for database in ["app", "log", "old"] {
                try stanza.cluster.execute(
                    "create table t as select n, repeat('x', 100) from generate_series(1, 5000) n",
                    "create table away tablespace elsewhere as select n from generate_series(1, 5000) n",
                    database: database)
            }
            try stanza.backup(writer)
            try stanza.cluster.archiveCurrentSegment()
            for (place, options) in [["--db-include=app"], ["--db-exclude=log", "--db-exclude=old"]].enumerated() {
                var restored: [Tool: ScratchCluster] = [:]
                for tool in [Tool.stock, .dropIn] {
                    let space = try stanza.scratch.directory("space-\(tool)-\(place)", mode: 0o700)
                    let target = try stanza.scratch.directory("restored-\(tool)-\(place)", mode: 0o700)
                    let places = ["--pg1-path=\(target)", "--tablespace-map=elsewhere=\(space)"]
                    try stanza.command(tool, places + options + ["restore"]).run().requireSuccess()
                    restored[tool] = try stanza.restoredCluster(at: target)
                }
                let (stock, ours) = (try #require(restored[.stock]), try #require(restored[.dropIn]))
                let first = try DirectoryTree(ours.dataDirectory)
                let differences = try first.differences(from: DirectoryTree(stock.dataDirectory)) {
                    DirectoryTree.isWrittenByRestore($0)
                        || $0.hasPrefix("pg_tblspc/") && $0.split(separator: "/").count == 2
                }
                // Ours does not give a hole the time of the file for which it stands: a later restore must not take it for that.
                let holes = try holes(in: ours.dataDirectory, first)
                #expect(holes.count > 100)
                #expect(differences.filter { line in !holes.contains { line.hasPrefix("\($0): time ") } } == [])
                try expectSameBlocks(ours.dataDirectory, stock.dataDirectory, first)
                try expectShells(ours)
            }
        }
    }

    /// Files take as little room in both directories.
    private func expectSameBlocks(_ first: String, _ second: String, _ tree: DirectoryTree) throws {
        for (name, entry) in tree.entries where name.hasPrefix("base/") {
            guard case .file = entry else { continue }
            let (ours, theirs) = (try blocks(first + "/" + name), try blocks(second + "/" + name))
            #expect(ours.blocks <= theirs.blocks, "\(name)")
        }
    }

    /// Files in which nothing is stored.
    private func holes(in directory: String, _ tree: DirectoryTree) throws -> [String] {
        try tree.entries.compactMap { name, entry in
            guard name.hasPrefix("base/") || name.hasPrefix("pg_tblspc/"), case .file = entry else { return nil }
            let found = try blocks("\(directory)/\(name)")
            return found.blocks == 0 && found.size > 0 ? name : nil
        }
    }

    private func blocks(_ path: String) throws -> (blocks: Int, size: Int) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw TestFailure("no \(path)") }
        return (status.st_blocks, status.st_size)
    }

    /// The included database is whole; a shell can be dropped.
    private func expectShells(_ restored: ScratchCluster) throws {
        try restored.start()
        try restored.waitForRecoveryEnd()
        for table in ["t", "away"] {
            #expect(try restored.value("select count(*) from \(table)", database: "app") == "5000")
        }
        #expect(throws: (any Error).self) { try restored.value("select count(*) from t", database: "log") }
        try restored.execute("drop database log", "drop database old")
        try restored.program("pg_amcheck", ["--database=app", "--install-missing", "--heapallindexed"]).run()
            .requireSuccess()
        try restored.stop()
    }

    @Test(arguments: Tool.sides(.stock))
    func `links of a backup are restored, moved and made by both tools alike`(writer: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.zst, bundled: true), archiver: writer) { stanza in
            let outside = try stanza.scratch.directory("outside", mode: 0o700)
            try stanza.cluster.stop()
            for name in ["pg_xact", "pg_ident.conf"] { try moveAndLink(name, of: stanza.cluster, to: outside) }
            try stanza.cluster.start()
            try stanza.backup(writer)
            try stanza.cluster.archiveCurrentSegment()
            let rows = try stanza.cluster.rowChecksum()
            try stanza.cluster.stop()

            var trees: [Tool: [DirectoryTree]] = [:]
            for tool in [Tool.stock, .dropIn] {
                // The place that the backup's link names must be free.
                try Command("/bin/mv", [outside, "\(outside)-source-\(tool)"]).run().requireSuccess()
                let moved = try stanza.scratch.directory("moved-\(tool)", mode: 0o700)
                let maps = ["--link-map=pg_ident.conf=\(moved)/ident", "--link-map=pg_multixact=\(moved)/multixact"]
                let target = try stanza.scratch.directory("restored-\(tool)", mode: 0o700)
                for step in [["--link-all"], ["--link-all", "--delta"]] {
                    try stanza.command(tool, ["--pg1-path=\(target)"] + maps + step + ["restore"]).run()
                        .requireSuccess()
                }
                let manager = FileManager.default
                #expect(try manager.destinationOfSymbolicLink(atPath: "\(target)/pg_xact") == "\(outside)/pg_xact")
                #expect(try manager.destinationOfSymbolicLink(atPath: "\(target)/pg_ident.conf") == "\(moved)/ident")
                #expect(try manager.destinationOfSymbolicLink(atPath: "\(target)/pg_multixact") == "\(moved)/multixact")
                trees[tool] = try [target, moved, outside].map { try DirectoryTree($0) }
                let restored = try stanza.restoredCluster(at: target)
                try restored.start()
                try restored.waitForRecoveryEnd()
                #expect(try restored.rowChecksum() == rows)
                try restored.stop()
                try Command("/bin/rm", ["-rf", outside], as: .root).run().requireSuccess()
                try Command("/bin/mv", ["\(outside)-source-\(tool)", outside]).run().requireSuccess()
            }
            for (ours, theirs) in zip(trees[.dropIn] ?? [], trees[.stock] ?? []) {
                let differences = ours.differences(from: theirs) {
                    DirectoryTree.isWrittenByRestore($0) || $0 == "pg_ident.conf" || $0 == "pg_multixact"
                }
                #expect(differences == [])
            }
        }
    }

    @Test func `recovery settings are those of the other tool`() throws {
        try ScratchStanza.with(options: RepositoryOptions(.lz4, bundled: true), archiver: .stock) { stanza in
            try stanza.backup(.stock)
            try stanza.cluster.archiveCurrentSegment()
            let rows: [[String]] = [
                [], ["--type=immediate"], ["--type=none"], ["--type=standby", "--archive-mode=off"],
                ["--type=xid", "--target=900", "--target-exclusive", "--target-action=promote"],
                ["--type=name", "--target=it", "--target-timeline=latest", "--recovery-option=recovery-end-command=x"],
                ["--target-timeline=current", "--repo=1"],
            ]
            for (place, options) in rows.enumerated() {
                var settings: [[String]] = []
                for tool in [Tool.stock, .dropIn] {
                    let target = try stanza.scratch.directory("\(tool)-\(place)", mode: 0o700)
                    let path = ["--pg1-path=\(target)"]
                    try stanza.command(tool, path + options + ["restore"]).run().requireSuccess()
                    let text = try String(contentsOfFile: "\(target)/postgresql.auto.conf", encoding: .utf8)
                    let lines = text.replacingOccurrences(of: "\(tool)-\(place)", with: "TARGET")
                        .replacingOccurrences(of: try tool.path, with: "PROGRAM").split(separator: "\n")
                        .map {
                            $0.hasPrefix("# Recovery settings generated by pgBackRest restore on ")
                                ? "HEADER" : String($0)
                        }
                    let signals = try FileManager.default.contentsOfDirectory(atPath: target)
                        .filter { $0.hasSuffix(".signal") }
                    settings.append(lines + signals.sorted())
                }
                // 2.45 still wrote the signal file where there is no recovery.
                if options == ["--type=none"] { settings[0].removeAll { $0 == "recovery.signal" } }
                #expect(settings[0] == settings[1], "\(options)")
            }
        }
    }
}

private func moveAndLink(_ name: String, of cluster: ScratchCluster, to directory: String) throws {
    let inside = cluster.dataDirectory + "/" + name
    try Command("/bin/mv", [inside, directory + "/" + name]).run().requireSuccess()
    try Command("/bin/ln", ["-s", directory + "/" + name, inside]).run().requireSuccess()
}
