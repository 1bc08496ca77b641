import Foundation
import RoostTesting
import Testing

/// What a backup can contain and be besides files: each kind made by one tool and taken up by the other.
@Suite struct BackupInteropTests {
    @Test(arguments: Tool.sides(.stock))
    func `a backup that one tool left unfinished is removed by the other, never continued`(killed: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.bz2), archiver: killed) { stanza in
            let running = try stanza.command(
                killed,
                ["--type=full", "--compress-level=9", "--manifest-save-threshold=1B", "backup"]
            ).start()
            try waitUntil("first files of the backup") {
                guard try running.isRunning() else { return true }
                return try paths(below: "\(stanza.repository)/backup/demo", endingIn: ".bz2").count > 9
            }
            running.send(SIGKILL)
            #expect(try running.wait().ending == .killed(signal: SIGKILL))
            var result: CommandResult?
            // Stock's workers hold its lock a moment longer.
            try waitUntil("the lock of the killed process") {
                result = try stanza.attempt(killed.other, "--type=full", "--compress-level=1", "backup")
                return result?.status != 50
            }
            let output = try #require(result).requireSuccess().output
            #expect(output.contains("cannot be resumed: new pgBackRest version"))
            #expect(try stanza.info(killed).labels.count == 1)
            try stanza.verify(.stock)
            try stanza.cluster.archiveCurrentSegment()
            try expectSound(try stanza.restore(killed, into: "restored"), like: stanza.cluster)
        }
    }

    @Test(
        arguments: Tool.sides(.stock),
        TestHost.cases(
            [
                RepositoryOptions(.zst), RepositoryOptions(.none), RepositoryOptions(.gz, encrypted: true),
                RepositoryOptions(.lz4, bundled: true),
            ], else: [RepositoryOptions(.gz, encrypted: true), RepositoryOptions(.lz4, bundled: true)])
    )
    func `a backup with its WAL is restored without the archive`(writer: Tool, options: RepositoryOptions) throws {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1),
            options: options,
            archiver: writer,
            settings: ["archive-copy=y"]
        ) { stanza in
            try stanza.backup(writer)
            try stanza.cluster.generateLoad(transactions: 50)
            // The archive may be compressed in another way than the backup.
            try stanza.unconfigure("compress-type")
            try stanza.unconfigure("compress-level")
            try stanza.configure("compress-type=\(options.compression == .gz ? "lz4" : "gz")")
            try stanza.cluster.archiveCurrentSegment()
            let rows = try stanza.cluster.rowChecksum()
            try stanza.backup(writer.other, "incr", "--compress-type=\(options.compression.rawValue)")
            try expectSameInformation(stanza)
            try stanza.verify(.stock)
            try stanza.verify(.dropIn)
            try remove("\(stanza.repository)/archive/demo/15-1")
            for tool in [Tool.stock, .dropIn] {
                let restored = try stanza.restore(
                    tool, "--recovery-option=restore_command=/bin/false", into: "restored-\(tool)")
                try restored.start()
                try restored.waitForRecoveryEnd()
                #expect(try restored.rowChecksum() == rows)
                try restored.check()
                try restored.stop()
            }
        }
    }

    @Test(arguments: Tool.sides(.dropIn), [RepositoryOptions(.none), RepositoryOptions(.zst, encrypted: true)])
    func `a repository with hard links is continued, restored and expired by the other tool`(
        writer: Tool,
        options: RepositoryOptions
    ) throws {
        try ScratchStanza.with(options: options, archiver: writer, settings: ["repo1-hardlink=y"]) { stanza in
            let full = try stanza.backup(writer)
            try stanza.cluster.generateLoad(transactions: 50)
            let diff = try stanza.backup(writer.other, "diff")
            try stanza.cluster.generateLoad(transactions: 50)
            let incremental = try stanza.backup(writer, "incr")
            let root = "\(stanza.repository)/backup/demo"
            let name = "pg_data/base/1/1259\(options.compression == .none ? "" : ".\(options.compression.rawValue)")"
            let inodes = try [full, diff, incremental].map { try inode("\(root)/\($0)/\(name)") }
            #expect(Set(inodes).count == 1)
            let first = try Set(DirectoryTree("\(root)/\(diff)").entries.keys)
            let second = try Set(DirectoryTree("\(root)/\(incremental)").entries.keys)
            #expect(first == second)
            try expectSameInformation(stanza)
            try stanza.verify(.stock)
            try stanza.verify(.dropIn)
            try stanza.cluster.archiveCurrentSegment()
            for tool in [Tool.stock, .dropIn] {
                try expectSound(try stanza.restore(tool, into: "restored-\(tool)"), like: stanza.cluster)
            }
            let next = try stanza.backup(writer.other)
            try stanza.run(writer.other, "--repo1-retention-full=1", "expire")
            #expect(try stanza.info(writer).labels == [next])
            try stanza.verify(writer)
        }
    }

    @Test(arguments: Tool.sides(.dropIn))
    func `links to directories and files are listed alike and restored as links`(writer: Tool) throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: writer) { stanza in
            let outside = try stanza.scratch.directory("outside", mode: 0o700)
            let data = stanza.cluster.dataDirectory
            try stanza.cluster.stop()
            try link(data, "pg_xact", to: outside, as: "xact")
            try link(data, "pg_hba.conf", to: outside, as: "hba.conf")
            // Relative, and a link in what is behind a link.
            try link(data, "pg_multixact", to: outside, as: "multi", written: "../outside/multi")
            try link(outside, "multi/offsets", to: outside, as: "offsets")
            try stanza.cluster.start()
            for tool in [writer, writer.other] {
                try stanza.backup(tool)
                let details = try [Tool.stock, .dropIn].map { reader in
                    try stanza.run(reader, "--set=\(stanza.info(tool).labels.last ?? "")", "info").standardOutput
                        .split(separator: "\n").filter { $0.contains(" => ") }
                }
                #expect(details[0] == details[1])
                #expect(details[0].count == 4)
            }
            try stanza.cluster.archiveCurrentSegment()
            let maps = [
                "pg_xact": "xact", "pg_hba.conf": "hba.conf", "pg_multixact": "multi", "pg_multixact/offsets": "off",
            ]
            let moved = try stanza.scratch.directory("moved", mode: 0o700)
            let options = maps.map { "--link-map=\($0.key)=\(moved)/\($0.value)" }
            let target = try stanza.scratch.directory("restored", mode: 0o700)
            try stanza.command(.stock, ["--pg1-path=\(target)"] + options + ["restore"]).run().requireSuccess()
            for (name, place) in maps {
                #expect(
                    try FileManager.default.destinationOfSymbolicLink(atPath: "\(target)/\(name)")
                        == "\(moved)/\(place)")
            }
            try expectSound(try stanza.restoredCluster(at: target), like: stanza.cluster)
        }
    }

    @Test(arguments: [
        ("pg_wal/back", ".", 70), ("loop", "..", 70), ("inside", "base", 70), ("nowhere", "../missing", 41),
        ("indirect", "../indirect", 70), ("pg_tblspc/1", "../base", 70),
    ])
    func `links that cannot be backed up are refused by both tools alike`(
        name: String, destination: String, status: Int32
    )
        throws
    {
        try ScratchStanza.with(archiver: .dropIn) { stanza in
            let make = { (path: String, target: String) in
                _ = try Command("/bin/ln", ["-s", target, path]).run().requireSuccess()
            }
            try make("\(stanza.scratch.path)/indirect", "/tmp")
            let isInTablespaces = name.hasPrefix("pg_tblspc/")
            try make("\(stanza.cluster.dataDirectory)/\(name)", destination)
            for tool in [Tool.stock, .dropIn] {
                let result = try stanza.attempt(tool, "--type=full", "backup")
                // Online, a tablespace that the server does not know is refused first.
                #expect([status, isInTablespaces ? 25 : status].contains(result.status), "\(result)")
            }
            #expect(try stanza.info(.stock).labels == [])
        }
    }

    @Test(arguments: Tool.sides(.stock))
    func `exclusions leave out the same and say the same`(first: Tool) throws {
        try ScratchStanza.with(archiver: first, settings: ["exclude=log/", "exclude=extra", "exclude=base/1/112"]) {
            stanza in
            for name in ["log", "extra"] {
                let directory = "\(stanza.cluster.dataDirectory)/\(name)"
                try Command("/bin/mkdir", [directory]).run().requireSuccess()
                try Command("/usr/bin/touch", ["\(directory)/file"]).run().requireSuccess()
            }
            var told: [[String]] = []
            var files: [Set<String>] = []
            for tool in [first, first.other] {
                let result = try stanza.run(tool, "--type=full", "backup")
                told.append(
                    result.output.split(separator: "\n").filter { $0.contains("exclude ") }.compactMap {
                        $0.range(of: "exclude ").map { [line = $0] range in String(line[range.lowerBound...]) }
                    })
                let label = try #require(try stanza.info(tool).labels.last)
                files.append(try Set(DirectoryTree("\(stanza.repository)/backup/demo/\(label)").entries.keys))
            }
            #expect(told[0] == told[1])
            #expect(told[0].count == 3)
            #expect(files[0].subtracting(["pg_data/backup_label"]) == files[1].subtracting(["pg_data/backup_label"]))
            #expect(files[0].contains("pg_data/log") && !files[0].contains("pg_data/extra"))
        }
    }

    @Test(arguments: Tool.sides(.dropIn))
    func `page checksum failures are recorded and shown alike`(writer: Tool) throws {
        try ScratchStanza.with(archiver: writer) { stanza in
            let table = try stanza.cluster.value("select pg_relation_filepath('pgbench_accounts')")
            let other = try stanza.cluster.value("select pg_relation_filepath('pgbench_tellers')")
            try stanza.cluster.stop()
            for page in [3, 5, 6, 7, 20] { try spoil("\(stanza.cluster.dataDirectory)/\(table)", page: page) }
            try Command("/usr/bin/truncate", ["-s", "+700", "\(stanza.cluster.dataDirectory)/\(other)"]).run()
                .requireSuccess()
            try stanza.cluster.start()
            var lines: [[String]] = []
            for tool in [writer, writer.other] {
                let result = try stanza.run(tool, "--type=full", "--compress-type=none", "backup")
                #expect(result.output.contains("at pages 3, 5-7, 20"))
                #expect(result.output.contains("is not divisible by page size 8192"))
                let info = try stanza.info(tool.other)
                let label = try #require(info.labels.last)
                #expect(info.backups.last?.hasErrors == true)
                let manifest = try String(
                    contentsOfFile: "\(stanza.repository)/backup/demo/\(label)/backup.manifest",
                    encoding: .utf8
                )
                lines.append(
                    manifest.split(separator: "\n").filter { $0.contains("\"checksum-page\":false") }.map(String.init))
                let details = try [Tool.stock, .dropIn].map { reader in
                    try stanza.run(reader, "--set=\(label)", "info").standardOutput.split(separator: "\n")
                        .filter { $0.contains("error list") }
                }
                #expect(details[0] == details[1])
                #expect(details[0].count == 1)
                let plain = try stanza.run(tool.other, "info").standardOutput
                #expect(plain.contains("error(s) detected during backup"))
            }
            #expect(lines[0] == lines[1])
            #expect(lines[0].count == 2)
            #expect(lines[0].contains { $0.contains("\"checksum-page-error\":[3,[5,7],20]") })
        }
    }

    @Test(arguments: Tool.sides(.stock))
    func `a running backup and its progress are seen by the other tool`(writer: Tool) throws {
        try ScratchStanza.with(options: RepositoryOptions(.bz2), archiver: writer) { stanza in
            for isFirst in [true, false] {
                let stored = {
                    try DirectoryTree("\(stanza.repository)/backup/demo").entries.keys.count { $0.hasSuffix(".bz2") }
                }
                let before = try stored()
                let running = try stanza.command(writer, ["--type=full", "--compress-level=9", "backup"]).start()
                // Larger relations come first, so the first of the many small files shows that some percent are done.
                try waitUntil("files of the backup") {
                    guard try running.isRunning() else { return true }
                    return try stored() > before + 300
                }
                running.send(SIGSTOP)
                let texts = try [Tool.stock, .dropIn].map { tool in
                    try stanza.run(tool, "info").standardOutput.split(separator: "\n")[1]
                }
                #expect(texts[0] == texts[1])
                let begin = isFirst ? "error (no valid backups, " : "ok ("
                #expect(texts[0].hasPrefix("    status: \(begin)backup/expire running - "), "\(texts[0])")
                #expect(!texts[0].contains(" 0.00%"))
                // Later releases tell more than 2.45: whatever stock tells, ours tells too.
                let (stock, ours) = try (stanza.info(.stock).fields(), stanza.info(.dropIn).fields())
                for (path, value) in stock where path.hasPrefix("[0].status.lock.backup") {
                    #expect(ours[path] == value)
                }
                #expect(ours["[0].status.lock.backup.held"] == "1")
                running.send(SIGCONT)
                try running.wait().requireSuccess()
                #expect(try stanza.info(writer.other).fields()["[0].status.lock.backup.held"] == "0")
            }
        }
    }

    @Test(arguments: Tool.sides(.dropIn))
    func `what an increment must take from its prior is taken, and a new timeline forces delta`(writer: Tool) throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), options: RepositoryOptions(.zst), archiver: writer) {
            stanza in
            let full = try stanza.backup(writer)
            for tool in [Tool.stock, .dropIn] {
                try stanza.cluster.generateLoad(transactions: 20)
                let result = try stanza.run(
                    tool, "--type=incr", "--compress-type=gz", "--no-checksum-page", "backup")
                #expect(
                    result.output.contains(
                        "incr backup cannot alter compress-type option to 'gz', reset to value in \(full)"))
                #expect(
                    result.output.contains(
                        "incr backup cannot alter 'checksum-page' option to 'false', reset to 'true' from "))
                #expect(!result.output.contains("enabling delta checksum"))
            }
            try stanza.verify(.stock)
            try stanza.cluster.archiveCurrentSegment()
            try stanza.cluster.stop()
            // Promoted in its own directory: the same cluster on the next timeline.
            try stanza.run(writer, "--delta", "--type=immediate", "--target-action=promote", "restore")
            try stanza.cluster.start()
            try stanza.cluster.waitForRecoveryEnd()
            for tool in [Tool.stock, .dropIn] {
                let prior = try #require(try stanza.info(tool).labels.last)
                let result = try stanza.run(tool, "--type=diff", "backup")
                #expect(
                    result.output.contains(
                        "a timeline switch has occurred since the \(full) backup, enabling delta checksum"))
                let label = try #require(try stanza.info(tool).labels.last)
                #expect(label != prior)
                let manifest = try String(
                    contentsOfFile: "\(stanza.repository)/backup/demo/\(label)/backup.manifest",
                    encoding: .utf8
                )
                #expect(manifest.contains("\noption-delta=true\n"))
            }
            try stanza.verify(.dropIn)
            try stanza.cluster.archiveCurrentSegment()
            try expectSound(try stanza.restore(.dropIn, into: "restored"), like: stanza.cluster)
        }
    }

    @Test func `clocks and times that went back force delta with the same words`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .dropIn) { stanza in
            try stanza.backup(.dropIn)
            let file = stanza.cluster.dataDirectory + "/base/1/1259"
            for time in ["2001-02-03 04:05:06 UTC", "2099-02-03 04:05:06 UTC"] {
                try Command("/usr/bin/touch", ["-d", time, file]).run().requireSuccess()
                var told: [Substring] = []
                for tool in [Tool.stock, .dropIn] {
                    let result = try stanza.run(tool, "--type=diff", "backup")
                    let line = try #require(
                        result.output.split(separator: "\n").first { $0.contains("enabling delta checksum") })
                    let start = try #require(line.range(of: "file 'base/1/1259' has timestamp "))
                    // The moment of the copy differs.
                    told.append(line[start.lowerBound...].prefix { $0 != "(" } + line[start.lowerBound...].suffix(26))
                }
                #expect(told[0] == told[1])
            }
        }
    }
}

// MARK: Helpers

private func remove(_ path: String) throws {
    try Command("/bin/rm", ["-rf", path], as: .root).run().requireSuccess()
}

private func inode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
}

/// Moves a file or directory away and leaves a link.
private func link(
    _ directory: String,
    _ name: String,
    to outside: String,
    as newName: String,
    written: String? = nil
) throws {
    try Command("/bin/mv", ["\(directory)/\(name)", "\(outside)/\(newName)"]).run().requireSuccess()
    try Command("/bin/ln", ["-s", written ?? "\(outside)/\(newName)", "\(directory)/\(name)"]).run().requireSuccess()
}

/// Changes a byte in the middle of a page.
private func spoil(_ path: String, page: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(page * 8192 + 4000))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(page * 8192 + 4000))
    try file.write(contentsOf: Data([byte ^ 0x55]))
    try file.close()
}
