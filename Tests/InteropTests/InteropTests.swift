import Foundation
import RoostTesting
import Testing

/// Debian's pgBackRest and Roost on one repository, driven by one unmodified configuration file.
///
/// Each test has a `writer` that begins and the other tool that goes on.
@Suite struct InteropTests {
    @Test(arguments: RepositoryOptions.coveredByWriter)
    func `one tool lists, verifies, continues and restores what the other wrote`(
        options: RepositoryOptions,
        writer: Tool
    ) throws {
        let reader = writer.other
        try ScratchStanza.with(options: options, archiver: writer) { stanza in
            let full = try stanza.backup(writer)
            try stanza.cluster.generateLoad()
            try expectSameInformation(stanza)
            try stanza.verify(reader)

            let second = try stanza.backup(reader, "incr")
            #expect(try stanza.info(writer).backups.last?.prior == full)
            try stanza.cluster.generateLoad()
            let third = try stanza.backup(writer, "incr")
            #expect(try stanza.info(reader).backups.last?.prior == second)
            try stanza.cluster.generateLoad()
            let segment = try stanza.cluster.archiveCurrentSegment()
            try expectSameInformation(stanza)
            try stanza.verify(writer)
            try stanza.verify(reader)

            try expectSameSegment(stanza, segment)
            for label in TestHost.isFull ? [full, second, third] : [third] {
                let byReader = try stanza.restore(reader, "--set=\(label)", into: "reader-\(label)")
                let byWriter = try stanza.restore(writer, "--set=\(label)", into: "writer-\(label)")
                try expectSameRestore(byReader.dataDirectory, byWriter.dataDirectory)
                try expectSound(byReader, like: stanza.cluster)
            }
        }
    }

    @Test(arguments: [Tool.stock, .dropIn], [false, true])
    func `an offline backup of one tool is restored by the other to exactly the source`(
        writer: Tool,
        bundled: Bool
    ) throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(in: scratch)
            // No backup holds the rows of an unlogged table, and without recovery nobody makes its empty files.
            try cluster.start()
            try cluster.execute("drop table scratch_space")
            try cluster.stop()
            let stanza = try ScratchStanza(
                cluster: cluster,
                in: scratch,
                options: RepositoryOptions(.zst, bundled: bundled)
            )
            try stanza.run(writer, "--no-online", "stanza-create")
            try stanza.run(writer, "--no-online", "--type=full", "backup")
            let restored = try stanza.restore(writer.other, "--type=none", into: "restored")
            let differences = try DirectoryTree(cluster.dataDirectory).differences(
                from: DirectoryTree(restored.dataDirectory),
                allowing: DirectoryTree.isExcludedFromBackup
            )
            #expect(differences == [])
            #expect(try control(cluster.dataDirectory) == control(restored.dataDirectory))
            try restored.start()
            try restored.check()
        }
    }

    @Test(arguments: Tool.sides(.stock))
    func `tablespaces and links that one tool backed up are restored by the other`(writer: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.lz4, bundled: true), archiver: writer) { stanza in
            let space = try stanza.scratch.directory("space", mode: 0o700)
            let outside = try stanza.scratch.directory("outside", mode: 0o700)
            try stanza.cluster.execute(
                "create tablespace elsewhere location '\(space)'",
                "create table far_away tablespace elsewhere as select n, md5(n::text) from generate_series(1, 5000) n",
                "create index on far_away (n) tablespace elsewhere"
            )
            try stanza.cluster.stop()
            try moveAndLink("pg_xact", of: stanza.cluster, to: outside)
            try stanza.cluster.start()

            try stanza.backup(writer)
            try stanza.cluster.execute("update far_away set n = n + 1")
            try stanza.backup(writer.other, "incr")
            try stanza.cluster.archiveCurrentSegment()
            try expectSameInformation(stanza)

            for tool in [writer, writer.other] {
                let newSpace = try stanza.scratch.directory("space-\(tool)", mode: 0o700)
                let restored = try stanza.restore(
                    tool,
                    "--tablespace-map=elsewhere=\(newSpace)",
                    into: "restored-\(tool)"
                )
                // Links that are not asked for become directories in their places.
                let transactions = restored.dataDirectory + "/pg_xact"
                #expect(
                    try FileManager.default.attributesOfItem(atPath: transactions)[.type] as? FileAttributeType
                        == .typeDirectory)
                #expect(try FileManager.default.contentsOfDirectory(atPath: transactions) == ["0000"])
                try expectSound(restored, like: stanza.cluster)
            }
            let first = try DirectoryTree(stanza.scratch.path + "/space-stock")
            let second = try DirectoryTree(stanza.scratch.path + "/space-dropIn")
            #expect(Set(first.entries.keys) == Set(second.entries.keys))
        }
    }

    @Test(arguments: [RepositoryOptions(.zst), RepositoryOptions(.gz, encrypted: true)])
    func `both tools push into one archive and each fetches what the other pushed`(options: RepositoryOptions) throws {
        try ScratchStanza.with(options: options, archiver: .stock) { stanza in
            try stanza.backup(.stock)
            var segments: [String] = []
            for tool in [Tool.dropIn, .stock, .dropIn, .stock] {
                try stanza.setArchiver(tool)
                try stanza.cluster.generateLoad(transactions: 50)
                segments.append(try stanza.cluster.archiveCurrentSegment())
            }
            for segment in segments { try expectSameSegment(stanza, segment) }
            try stanza.verify(.stock)
            try stanza.verify(.dropIn)
            for tool in [Tool.stock, .dropIn] {
                try expectSound(try stanza.restore(tool, into: "restored-\(tool)"), like: stanza.cluster)
            }
        }
    }

    @Test(arguments: [Tool.stock, .dropIn])
    func `a segment that one tool archived is neither stored twice nor replaced by the other`(first: Tool) throws {
        try ScratchStanza.with(archiver: first) { stanza in
            let segment = try stanza.cluster.archiveCurrentSegment()
            let copy = stanza.scratch.path + "/" + segment
            try stanza.run(first, "archive-get", segment, copy)
            let before = try DirectoryTree(stanza.repository + "/archive")
            try stanza.run(first.other, "archive-push", copy)
            #expect(try DirectoryTree(stanza.repository + "/archive").differences(from: before) == [])

            var content = try Data(contentsOf: URL(fileURLWithPath: copy))
            content[content.count - 1] ^= 1
            try content.write(to: URL(fileURLWithPath: copy))
            try stanza.attempt(first.other, "archive-push", copy).require(status: 45)
            #expect(try DirectoryTree(stanza.repository + "/archive").differences(from: before) == [])
        }
    }

    @Test(arguments: Tool.sides(.dropIn))
    func `each tool expires backups and WAL of the other`(writer: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.zst, bundled: true), archiver: writer) { stanza in
            var labels: [String] = []
            for _ in 1...2 {
                labels.append(try stanza.backup(writer))
                try stanza.cluster.archiveCurrentSegment()
                labels.append(try stanza.backup(writer, "incr"))
                try stanza.cluster.archiveCurrentSegment()
            }
            labels.append(try stanza.backup(writer))
            let all = try stanza.info(writer)
            try stanza.run(writer.other, "--repo1-retention-full=2", "expire")
            let kept = try stanza.info(writer)
            #expect(kept.labels == Array(labels.dropFirst(2)))
            #expect(kept.archiveMinimum == kept.backups.first?.archiveStart)
            #expect(kept.archiveMinimum != all.archiveMinimum)
            #expect(try labelDirectories(stanza) == Array(labels.dropFirst(2)))

            try expectSameInformation(stanza)
            try stanza.verify(writer)
            try expectSound(try stanza.restore(writer, into: "restored"), like: stanza.cluster)
        }
    }

    @Test(arguments: Tool.sides(.stock))
    func `both tools expire the same`(writer: Tool) throws {
        try ScratchStanza.with(archiver: writer) { stanza in
            for type in ["full", "incr", "diff", "full", "diff", "incr", "diff", "full"] {
                try stanza.backup(writer, type)
            }
            let start = stanza.scratch.path + "/start"
            try copy(stanza.repository, to: start)
            let rules = [
                ["--repo1-retention-full=1"], ["--repo1-retention-full=2", "--repo1-retention-archive=1"],
                ["--repo1-retention-full=9", "--repo1-retention-diff=2"],
                ["--repo1-retention-full=9", "--repo1-retention-diff=1", "--repo1-retention-archive-type=diff"],
                [
                    "--repo1-retention-full=9", "--repo1-retention-archive-type=incr",
                    "--repo1-retention-archive=2",
                ],
                ["--repo1-retention-full-type=time", "--repo1-retention-full=1"],
            ]
            for rule in rules {
                var outcomes: [[String]] = []
                for tool in [Tool.stock, .dropIn] {
                    try Command("/bin/rm", ["-rf", stanza.repository]).run().requireSuccess()
                    try copy(start, to: stanza.repository)
                    try stanza.command(tool, rule + ["expire"]).run().requireSuccess()
                    outcomes.append(try DirectoryTree(stanza.repository).entries.keys.sorted())
                }
                #expect(outcomes[0] == outcomes[1], "\(rule)")
            }
        }
    }
}

// MARK: Helpers

private func expectSameSegment(_ stanza: ScratchStanza, _ segment: String) throws {
    let copies = try [Tool.stock, .dropIn].map { tool in
        let path = stanza.scratch.path + "/segment-\(tool)"
        try stanza.run(tool, "archive-get", segment, path)
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    #expect(copies[0] == copies[1], "content of \(segment)")
    #expect(copies[0].count == 16 << 20)
}

private func control(_ directory: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: directory + "/global/pg_control"))
}

private func labelDirectories(_ stanza: ScratchStanza) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(stanza.repository)/backup/\(ScratchStanza.name)")
        .filter { $0.first?.isNumber == true }.sorted()
}

private func copy(_ source: String, to target: String) throws {
    try Command("/bin/cp", ["-a", source, target], as: .root).run().requireSuccess()
}

private func moveAndLink(_ name: String, of cluster: ScratchCluster, to directory: String) throws {
    let inside = cluster.dataDirectory + "/" + name
    try Command("/bin/mv", [inside, directory + "/" + name]).run().requireSuccess()
    try Command("/bin/ln", ["-s", directory + "/" + name, inside]).run().requireSuccess()
}
