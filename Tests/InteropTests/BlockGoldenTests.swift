import Foundation
import RoostTesting
import Testing

/// Repositories with block increments that pgBackRest 2.60 wrote, and what Roost makes of them (`Golden/README.md`).
@Suite struct BlockGoldenTests {
    static let names = [
        "block-none", "block-gz", "block-lz4", "block-zst", "block-bz2", "block-zst-aes",
    ]
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden"

    /// One repository, unpacked.
    private struct Golden {
        let scratch: ScratchDirectory
        let root: String
        let isEncrypted: Bool

        init(_ name: String, in scratch: ScratchDirectory) throws {
            self.scratch = scratch
            isEncrypted = name.hasSuffix("-aes")
            root = try scratch.directory("golden")
            let archive = "\(BlockGoldenTests.directory)/\(name).tar.xz"
            try FileManager.default.copyItem(atPath: archive, toPath: root + "/archive.tar.xz")
            try TestHost.giveToAccount(root + "/archive.tar.xz")
            try Command("/bin/tar", ["--extract", "--xz", "--file", root + "/archive.tar.xz", "-C", root]).run()
                .requireSuccess()
        }

        var labels: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".sha1") }
                    .map { String($0.dropLast(5)) }.sorted()
            }
        }

        @discardableResult
        func run(_ command: String, _ arguments: String...) throws -> CommandResult {
            let locks = command == "verify" || command == "info" ? [] : ["--lock-path=\(root)/lock"]
            var run = Command(
                try Tool.roost.path,
                ["--no-config", "--stanza=demo", "--repo1-path=\(root)/repo", "--log-level-file=off"] + locks
                    + arguments
                    + [command])
            if isEncrypted {
                run.environment = [
                    "PGBACKREST_REPO1_CIPHER_TYPE": "aes-256-cbc", "PGBACKREST_REPO1_CIPHER_PASS": "golden-pass",
                ]
            }
            return try run.run().requireSuccess()
        }

        /// Expects the files of a directory to be those of the cluster when a backup was made.
        func check(_ directory: String, against label: String) throws {
            let command = "cd \(directory) && sha1sum --quiet -c \(root)/\(label).sha1"
            try Command("/bin/sh", ["-c", command]).run().requireSuccess()
        }
    }

    @Test(arguments: names) func `is restored from every backup, fresh and over another`(name: String) throws {
        try ScratchDirectory.with { scratch in
            let golden = try Golden(name, in: scratch)
            let labels = try golden.labels
            #expect(labels.count == 5)
            let over = try scratch.directory("over", mode: 0o700)
            for (index, label) in (labels + labels.reversed()).enumerated() {
                if index < labels.count {
                    let fresh = try scratch.directory("fresh-\(label)", mode: 0o700)
                    try golden.run("restore", "--pg1-path=\(fresh)", "--set=\(label)", "--type=none")
                    try golden.check(fresh, against: label)
                }
                let options = index == 0 ? "--no-delta" : "--delta"
                try golden.run("restore", "--pg1-path=\(over)", "--set=\(label)", "--type=none", options)
                try golden.check(over, against: label)
            }
        }
    }

    @Test(arguments: names) func `is verified, and damage in it is found`(name: String) throws {
        try ScratchDirectory.with { scratch in
            let golden = try Golden(name, in: scratch)
            try golden.run("verify")
            let full = try #require(try golden.labels.first)
            let path = "\(golden.root)/repo/backup/demo/\(full)/pg_data/base/1/20001.pgbi"
            try damage(path, at: try contents(path).count / 2)
            #expect(throws: TestFailure.self) { try golden.run("verify") }
        }
    }

    @Test(arguments: names) func `is continued with increments of its blocks`(name: String) throws {
        try ScratchDirectory.with { scratch in
            let golden = try Golden(name, in: scratch)
            let data = try scratch.directory("data", mode: 0o700)
            let last = try #require(try golden.labels.last)
            try golden.run("restore", "--pg1-path=\(data)", "--set=\(last)", "--type=none")
            let file = "\(data)/base/1/20001"
            var bytes = try contents(file)
            for round in 0..<2 {
                bytes[100_000 + 20_000 * round] ^= 1
                try bytes.write(to: URL(fileURLWithPath: file))
                // Two changes within one second could not be told apart.
                let modified = Date(timeIntervalSinceNow: Double(round) * 10 - 60)
                try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: file)
                try TestHost.giveToAccount(file)
                try golden.run(
                    "backup", "--pg1-path=\(data)", "--no-online", "--type=incr", "--no-checksum-page",
                    "--repo1-bundle",
                    "--repo1-block", "--repo1-bundle-limit=64KiB", "--compress-type=\(name.split(separator: "-")[1])",
                    "--no-expire-auto")
                let label = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: "\(golden.root)/repo/backup/demo").filter {
                        $0.hasSuffix("I")
                    }.max())
                let stored = "\(golden.root)/repo/backup/demo/\(label)/pg_data/base/1/20001.pgbi"
                // One of 25 blocks, or what is left of it, and a map.
                let size = try contents(stored).count
                #expect(size < 9500, "round \(round)")
                let restored = try scratch.directory("restored-\(round)", mode: 0o700)
                try golden.run("restore", "--pg1-path=\(restored)", "--set=\(label)", "--type=none")
                #expect(try contents("\(restored)/base/1/20001") == bytes)
            }
            try golden.run("verify")
        }
    }
}
