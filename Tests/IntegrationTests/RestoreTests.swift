import Foundation
import RoostTesting
import Testing

/// Restores into directories that are not empty, not finished, not ours to touch, or lie elsewhere.
@Suite(.serialized)  // the cases share a stanza, whose lock lets one restore run at a time
struct RestoreTests {
    /// A repository with one backup, which tests only read; its server is stopped.
    private static let shared = Result {
        let scratch = try ScratchDirectory()
        let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.lz4, bundled: true))
        try stanza.begin(archivingWith: .roost)
        try stanza.backup(.roost)
        try cluster.archiveCurrentSegment()
        let rows = try cluster.rowChecksum()
        try cluster.stop()
        return (stanza: stanza, rows: rows)
    }

    @Test(arguments: [["--delta"], ["--force"], ["--delta", "--force"]])
    func `a used directory is brought back to the backup`(options: [String]) throws {
        try withRestored { stanza, target in
            let before = try DirectoryTree(target)
            let victims = try paths(below: target, endingIn: "_fsm")
            let table = try #require(victims.first.map { target + "/" + $0.dropLast(4) })
            try Command("/bin/rm", [target + "/" + victims[1]]).run().requireSuccess()
            try Command("/usr/bin/truncate", ["-s", "100", target + "/" + victims[2]]).run().requireSuccess()
            try Command("/usr/bin/truncate", ["-s", "+8192", table]).run().requireSuccess()
            try damage(target + "/pg_xact/0000", at: 10)
            try Command("/usr/bin/touch", [target + "/base/1/not-of-the-backup"]).run().requireSuccess()
            try Command("/bin/mkdir", ["-p", target + "/not/of/the/backup"]).run().requireSuccess()
            try Command("/bin/chmod", ["0755", target + "/base"]).run().requireSuccess()

            try stanza.command(.roost, ["--pg1-path=\(target)"] + options + ["restore"]).run().requireSuccess()
            let differences = try differences(target, before)
            #expect(differences == [])
        }
    }

    @Test func `a delta restore finds damage that size and time hide`() throws {
        try withRestored { stanza, target in
            let before = try DirectoryTree(target)
            let file = target + "/pg_xact/0000"
            let time = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate]
            try damage(file, at: 10)
            try FileManager.default.setAttributes([.modificationDate: try #require(time)], ofItemAtPath: file)
            try stanza.run(.roost, "--pg1-path=\(target)", "--delta", "restore")
            let differences = try differences(target, before)
            #expect(differences == [])
        }
    }

    @Test func `a delta restore leaves equal files alone`() throws {
        try withRestored { stanza, target in
            let changes = try changeTimes(target)
            try stanza.run(.roost, "--pg1-path=\(target)", "--delta", "restore")
            let after = try changeTimes(target)
            let touched = changes.keys.filter { changes[$0] != after[$0] && !DirectoryTree.isWrittenByRestore($0) }
            #expect(touched.sorted() == [])
        }
    }

    @Test func `a directory that is not empty is refused and not changed`() throws {
        let (stanza, _) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            try scratch.file("pg/precious", "data")
            let before = try DirectoryTree(target)
            let result = try stanza.attempt(.roost, "--pg1-path=\(target)", "restore").require(status: 40)
            #expect(result.output.contains(target))
            // Without PG_VERSION or backup.manifest it is nobody's data directory: then --delta and --force count for nothing.
            try stanza.attempt(.roost, "--pg1-path=\(target)", "--delta", "restore").require(status: 40)
            try stanza.attempt(.roost, "--pg1-path=\(target)", "--force", "restore").require(status: 40)
            #expect(try DirectoryTree(target).differences(from: before) == [])
        }
    }

    @Test func `a running server is refused`() throws {
        try withRestored { stanza, target in
            let restored = try stanza.restoredCluster(at: target)
            try restored.start()
            try stanza.attempt(.roost, "--pg1-path=\(target)", "--delta", "restore").require(status: 38)
            #expect(try restored.value("select 1") == "1")
            try restored.stop(.immediate)
        }
    }

    @Test(
        arguments: TestHost.cases(
            ["rename", "mkdir", "unlink", "write", "utimens", "open"].flatMap { [($0, ["--delta"]), ($0, [])] },
            else: [("rename", []), ("mkdir", ["--delta"]), ("unlink", ["--delta"]), ("write", []), ("open", [])]))
    func `a restore that was killed leaves no server to start, and is continued`(
        call: String, options: [String]
    ) throws {
        let (stanza, rows) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            var position = 1
            while true {
                let result = try stanza.command(
                    .roost, ["--pg1-path=\(target)"] + options + ["restore"],
                    environment: ["ROOST_FAULT": "\(call):\(position):kill"]
                ).run()
                if result.succeeded { break }
                try #require(result.ending == .killed(signal: SIGKILL), "\(result)")
                // Further on in bigger steps: there are thousands of these calls.
                position = position * 2 + 1
            }
            let restored = try ScratchCluster(major: 15, dataDirectory: target, in: scratch)
            restored.set("archive_mode", "off")
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == rows)
            try restored.check()
        }
    }

    @Test func `until its last step a restore has no pg_control`() throws {
        let (stanza, _) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            let result = try stanza.attempt(
                .roost,
                "--pg1-path=\(target)",
                "restore",
                environment: ["ROOST_FAULT": "rename:*:kill:global/pg_control"]
            )
            #expect(result.ending == .killed(signal: SIGKILL))
            #expect(!FileManager.default.fileExists(atPath: target + "/global/pg_control"))
            #expect(FileManager.default.fileExists(atPath: target + "/global/pg_control.pgbackrest.tmp"))
            #expect(!FileManager.default.fileExists(atPath: target + "/backup.manifest"))
            try stanza.run(.roost, "--pg1-path=\(target)", "restore")
            #expect(FileManager.default.fileExists(atPath: target + "/global/pg_control"))
        }
    }

    @Test func `a file system that is mounted inside the data directory is restored into and stays mounted`() throws {
        let (stanza, rows) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            try stanza.run(.roost, "--pg1-path=\(target)", "restore")
            let before = try DirectoryTree(target)
            try remove(target + "/base")
            let disk = try MemoryFileSystem(megabytes: 512, named: "pg/base", in: scratch)
            try Command("/bin/mkdir", [disk.mountPoint + "/surplus"]).run().requireSuccess()
            try stanza.run(.roost, "--pg1-path=\(target)", "--delta", "restore")
            let differences = try differences(target, before)
            #expect(differences == [])
            #expect(try String(contentsOfFile: "/proc/mounts", encoding: .utf8).contains(" \(disk.mountPoint) tmpfs "))
            let restored = try stanza.restoredCluster(at: target)
            try restored.start()
            try restored.waitForRecoveryEnd()
            #expect(try restored.rowChecksum() == rows)
            try restored.stop(.immediate)
        }
    }

    /// Where a file system is mounted that is nobody's business, below the data directory.
    @Test(arguments: [("archive", "--delta"), ("base/surplus/deep", "--force")])
    func `a file system that is mounted where the backup has nothing is not emptied`(place: String, option: String)
        throws
    {
        try withRestored { stanza, target in
            try ScratchDirectory.with { scratch in
                let mountPoint = "\(target)/\(place)"
                let own = try scratch.directory("own")
                for mount in [["-t", "tmpfs", "tmpfs"], ["--bind", own]] {
                    try Command("/bin/mkdir", ["-p", mountPoint]).run().requireSuccess()
                    try Command("/bin/mount", mount + [mountPoint], as: .root).run().requireSuccess()
                    scratch.atEnd { _ = try Command("/bin/umount", ["-l", mountPoint], as: .root).run() }
                    try Command("/usr/bin/touch", ["\(mountPoint)/precious"], as: .root).run().requireSuccess()
                    try Command("/usr/bin/touch", ["\(target)/base/1/not-of-the-backup"]).run().requireSuccess()
                    let before = try DirectoryTree(target)
                    let restore = ["--pg1-path=\(target)", option, "restore"]
                    let refused = try stanza.command(.roost, restore).run().require(status: 40)
                    #expect(refused.output.contains("a file system is mounted at '\(mountPoint)'"))
                    #expect(refused.output.contains("unmount it first"))
                    #expect(try DirectoryTree(target).differences(from: before) == [])
                    try Command("/bin/umount", [mountPoint], as: .root).run().requireSuccess()
                    try stanza.command(.roost, restore).run().requireSuccess()
                    #expect(!FileManager.default.fileExists(atPath: mountPoint))
                }
                #expect(try names(in: own) == ["precious"])
            }
        }
    }

    @Test func `a file of the backup that is damaged is named`() throws {
        let (shared, _) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let repository = scratch.path + "/repo"
            try copy(shared.repository, to: repository)
            let label = try #require(try shared.info(.roost).labels.last)
            let files = try paths(below: "\(repository)/backup/\(ScratchStanza.name)/\(label)", endingIn: ".lz4")
            let victim = try #require(files.first { $0.hasPrefix("pg_data/base") })
            try damage("\(repository)/backup/\(ScratchStanza.name)/\(label)/\(victim)", at: 200)
            let target = try scratch.directory("pg", mode: 0o700)
            let result = try shared.attempt(
                .roost,
                "--pg1-path=\(target)",
                "--repo1-path=\(repository)",
                "restore"
            )
            #expect(!result.succeeded)
            #expect(result.output.contains(victim.dropFirst("pg_data/".count).dropLast(4)))
            #expect(!FileManager.default.fileExists(atPath: target + "/global/pg_control"))
        }
    }

    @Test(arguments: ["pg_data/../../../outside", "pg_data//absolute", "/absolute", "pg_data/a/./b", "pg_data/.."])
    func `a manifest that leads out of the data directory is refused`(name: String) throws {
        let (shared, _) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let repository = scratch.path + "/repo"
            try copy(shared.repository, to: repository)
            let label = try #require(try shared.info(.roost).labels.last)
            for suffix in ["", ".copy"] {
                let path = "\(repository)/backup/\(ScratchStanza.name)/\(label)/backup.manifest\(suffix)"
                try shared.forge(path) { text in
                    let line = text.split(separator: "\n").first { $0.hasPrefix("pg_data/PG_VERSION=") } ?? ""
                    return text.replacingOccurrences(of: line, with: "\(name)=\(line.split(separator: "=")[1])")
                }
            }
            let target = try scratch.directory("inner/", mode: 0o755) + "pg"
            _ = try scratch.directory("inner/pg", mode: 0o700)
            let result = try shared.attempt(
                .roost,
                "--pg1-path=\(target)",
                "--repo1-path=\(repository)",
                "restore"
            )
            #expect(!result.succeeded)
            #expect(try names(in: scratch.path) == ["inner", "repo"])
            #expect(!FileManager.default.fileExists(atPath: "/absolute"))
            #expect(!FileManager.default.fileExists(atPath: target + "/global/pg_control"))
        }
    }

    /// Runs a body with a directory into which the shared backup was restored.
    private func differences(_ target: String, _ before: DirectoryTree) throws -> [String] {
        try DirectoryTree(target).differences(from: before, allowing: DirectoryTree.isWrittenByRestore)
    }

    private func withRestored(_ body: (ScratchStanza, String) throws -> Void) throws {
        let (stanza, _) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let target = try scratch.directory("pg", mode: 0o700)
            try stanza.run(.roost, "--pg1-path=\(target)", "restore")
            try body(stanza, target)
        }
    }

    private func changeTimes(_ directory: String) throws -> [String: Int] {
        try Dictionary(
            uniqueKeysWithValues: DirectoryTree(directory).entries.compactMap { name, entry in
                guard case .file = entry else { return nil }
                var status = stat()
                guard lstat(directory + "/" + name, &status) == 0 else { throw TestFailure("no \(name)") }
                return (name, status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec)
            }
        )
    }
}
