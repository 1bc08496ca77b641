import Foundation
import RoostTesting
import Testing

/// A backup that was interrupted goes on where it was, with real servers, kills and power cuts.
@Suite struct ResumeTests {
    @Test(arguments: [RepositoryOptions(.zst), RepositoryOptions(.lz4, encrypted: true, bundled: true)])
    func `a backup that is killed again and again is continued and restores`(options: RepositoryOptions) throws {
        try withResumableStanza(options) { stanza in
            var label = ""
            var resumed = 0
            var last: CommandResult?
            // Each partial manifest is two durable steps; the further ones are those of the end.
            for position in TestHost.cases([4, 9, 30, 80, 150, 400, 100_000], else: [4, 30, 150, 100_000]) {
                let result = try stanza.attempt(
                    .roost,
                    "--type=full",
                    "backup",
                    environment: ["ROOST_FAULT": "durable:\(position):kill"]
                )
                // The first one is killed before anything can be gone on with.
                let isResumed = result.output.contains("resumable backup \(label) of same type exists")
                if isResumed { resumed += 1 }
                if result.succeeded {
                    last = result
                    #expect(isResumed)
                    break
                }
                try #require(result.ending == .killed(signal: SIGKILL), "\(result)")
                let directories = try labelDirectories(stanza)
                #expect(directories.count == 1)
                if isResumed { #expect(directories == [label]) } else { label = directories.first ?? "" }
                #expect(try stanza.info(.roost).labels == [])
                try stanza.cluster.generateLoad(transactions: 20)
            }
            #expect(resumed >= 2)
            #expect(try #require(last).output.contains("did not have expected checksum") == false)
            #expect(try stanza.info(.roost).labels == [label])
            #expect(try log(stanza, "backup").contains("checksum resumed file"))
            try requireSound(stanza)
            try stanza.cluster.generateLoad(transactions: 50)
            try stanza.backup(.roost, "incr")
            try requireSound(stanza)
        }
    }

    @Test func `what was damaged in the repository is copied again, and what changed in the cluster too`() throws {
        try withResumableStanza(RepositoryOptions(.none)) { stanza in
            let directory = try interrupt(stanza)
            let stored = try paths(below: directory, endingIn: "").filter { path in
                guard path.hasPrefix("pg_data/base/1/"), path.last?.isNumber == true else { return false }
                return try contents("\(directory)/\(path)").count > 16_384
            }
            try #require(stored.count > 3)
            try damage("\(directory)/\(stored[0])", at: 9_000)
            try Command("/usr/bin/truncate", ["-s", "-1", "\(directory)/\(stored[1])"]).run().requireSuccess()
            try Command("/usr/bin/truncate", ["-s", "0", "\(directory)/\(stored[2])"]).run().requireSuccess()
            try remove("\(directory)/\(stored[3])")
            try stanza.cluster.execute("create table later as select generate_series(1, 10000) n", "checkpoint")

            let result = try stanza.run(.roost, "--type=full", "backup")
            let warnings = result.output.split(separator: "\n").filter { $0.contains("did not have expected checksum") }
            #expect(warnings.count == 3)
            for path in stored[0...2] { #expect(warnings.contains { $0.contains("backup file \(path) did not") }) }
            try requireSound(stanza)
        }
    }

    @Test(arguments: [
        (["--type=full", "--no-resume"], "resume is disabled"),
        (["--type=full", "--compress-type=gz"], "new compression"),
    ])
    func `a backup that does not fit is removed and made anew`(options: [String], reason: String) throws {
        try withResumableStanza(RepositoryOptions(.zst)) { stanza in
            let directory = try interrupt(stanza)
            let result = try stanza.command(.roost, options + ["backup"]).run().requireSuccess()
            #expect(result.output.contains("cannot be resumed: \(reason)"))
            #expect(!FileManager.default.fileExists(atPath: directory))
            try requireSound(stanza)
        }
    }

    @Test func `after a power cut at any point a backup is continued, with nothing lost`() throws {
        try ScratchDirectory.with { scratch in
            let image = try FileSystemImage(megabytes: 160, in: scratch)
            let repository = image.mountPoint + "/repo"
            try Command("/bin/mkdir", ["-m", "0750", repository]).run().requireSuccess()
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(
                cluster: cluster,
                in: scratch,
                options: RepositoryOptions(.lz4),
                repository: repository,
                settings: ["manifest-save-threshold=256KiB"]
            )
            // Without a server nothing but the repository is written, and a restore must give exactly the directory.
            try stanza.run(.roost, "--no-online", "stanza-create")
            try Command("/bin/sync", ["-f", image.mountPoint], as: .root).run().requireSuccess()
            let source = try DirectoryTree(cluster.dataDirectory)
            var command = try stanza.command(
                .roost, ["--no-online", "--type=full", "backup"], environment: ["ROOST_FAULT": "durable:*:pause"])
            // Most of its time it waits for this test.
            command.timeout = 900
            let running = try command.start()
            var (steps, cuts, resumed, repaired) = (0, 0, 0, 0)
            while try running.waitUntilStopped() {
                steps += 1
                if steps % (TestHost.isFull ? 5 : 40) == 0 {
                    cuts += 1
                    let output = try continueAfterCut(stanza, image, cuts, source)
                    if output.contains("resumable backup") { resumed += 1 }
                    if output.contains("did not have expected checksum") { repaired += 1 }
                }
                running.send(SIGCONT)
            }
            try running.wait().requireSuccess()
            #expect(cuts >= 3 && resumed >= 2)
            #expect(repaired > 0, "no cut lost a file: it proves nothing")
        }
    }

    // MARK: Helpers

    private func continueAfterCut(
        _ stanza: ScratchStanza,
        _ image: FileSystemImage,
        _ number: Int,
        _ source: DirectoryTree
    ) throws -> String {
        let copy = try image.afterPowerCut()
        defer { #expect(throws: Never.self) { try copy.discard() } }
        let place = [
            "--repo1-path=\(copy.mountPoint)/repo", "--lock-path=\(try stanza.scratch.directory("lock-\(number)"))",
        ]
        let result = try stanza.command(.roost, place + ["--no-online", "--type=full", "backup"]).run().requireSuccess()
        let check = try stanza.command(.roost, place.dropLast() + ["--output=text", "--verbose", "verify"]).run()
        #expect(check.output.contains("status: ok"), "\(check)")
        let target = try stanza.scratch.directory("restored-\(number)", mode: 0o700)
        try stanza.command(.roost, place + ["--pg1-path=\(target)", "--type=none", "restore"]).run().requireSuccess()
        // No backup holds the rows of an unlogged table, and without recovery nobody makes its empty files.
        let unlogged = source.entries.keys.filter { $0.hasSuffix("_init") }.map { String($0.dropLast(5)) }
        let differences = try source.differences(from: DirectoryTree(target)) { path in
            DirectoryTree.isExcludedFromBackup(path)
                || unlogged.contains { path == $0 || path == "\($0)_fsm" || path == "\($0)_vm" }
        }
        #expect(differences == [])
        try remove(target)
        return result.output
    }

    /// A stanza whose backups save their manifest after every file.
    private func withResumableStanza(_ options: RepositoryOptions, _ body: (ScratchStanza) throws -> Void) throws {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1),
            options: options,
            archiver: .roost,
            settings: ["manifest-save-threshold=1B", "repo1-bundle-limit=64KiB"],
            body
        )
    }

    /// Kills a backup when most of its files are stored.
    ///
    /// - Returns: Its directory.
    private func interrupt(_ stanza: ScratchStanza) throws -> String {
        let result = try stanza.attempt(
            .roost,
            "--type=full",
            "backup",
            environment: ["ROOST_FAULT": "open:1:kill:pg_data/PG_VERSION"]
        )
        try #require(result.ending == .killed(signal: SIGKILL), "\(result)")
        let label = try #require(try labelDirectories(stanza).last)
        return "\(stanza.backupDirectory)/\(label)"
    }

    private func labelDirectories(_ stanza: ScratchStanza) throws -> [String] {
        try names(in: stanza.backupDirectory).filter { $0.first?.isNumber == true }
    }

    private func log(_ stanza: ScratchStanza, _ command: String) throws -> String {
        try String(contentsOfFile: "\(stanza.scratch.path)/log/\(ScratchStanza.name)-\(command).log", encoding: .utf8)
    }

    private func requireSound(_ stanza: ScratchStanza) throws {
        try stanza.cluster.archiveCurrentSegment()
        try stanza.verify(.roost)
        try stanza.verify(.stock)
        try stanza.requireRecoverable(into: "restored")
    }
}
