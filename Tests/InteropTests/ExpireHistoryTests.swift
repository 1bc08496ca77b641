import Foundation
import RoostFormat
import RoostTesting
import Testing

/// Random lives of a stanza, expired by stock and by ours under random settings: the same files remain, and the same lines are
/// logged.
///
/// `ROOST_TEST_STOCK` names another stock program than Debian's and `ROOST_TEST_SEEDS` how many lives there are.
@Suite struct ExpireHistoryTests {
    private static let seeds =
        TestHost.environment("ROOST_TEST_SEEDS").flatMap { UInt64($0) } ?? (TestHost.isFull ? 40 : 12)

    @Test func `the same files remain, whatever the history and the settings`() throws {
        let isCurrent = try stockVersion() >= "2.59"
        try ScratchDirectory.with { scratch in
            var removals = 0
            for seed in 1...Self.seeds {
                var random = SplitMix(seed &* 977)
                let repository = try scratch.directory("repo-\(seed)")
                let history = try FabricatedHistory(
                    seed: seed, root: repository, now: Int64(Date().timeIntervalSince1970), unfinished: isCurrent)
                let settings = Self.settings(history.backups.map(\.label), &random, isCurrent: isCurrent)
                let before = try names(repository)
                let outcomes = try [Tool.stock, .dropIn].map { tool in
                    let copy = "\(repository)-\(tool)"
                    try Command("/bin/cp", ["-a", repository, copy], as: .root).run().requireSuccess()
                    try Command("/bin/chown", ["-R", TestHost.account, copy], as: .root).run().requireSuccess()
                    let outcome = try expire(tool, scratch, copy, settings)
                    try FileManager.default.removeItem(atPath: copy)
                    return outcome
                }
                let what: Comment = "seed \(seed): expire \(settings.joined(separator: " "))"
                #expect(outcomes[0].status == outcomes[1].status, what)
                #expect(outcomes[0].names == outcomes[1].names, what)
                #expect(outcomes[0].list == outcomes[1].list, what)
                if isCurrent { #expect(outcomes[0].log == outcomes[1].log, what) }
                if outcomes[1].names.count < before.count { removals += 1 }
                try FileManager.default.removeItem(atPath: repository)
            }
            #expect(removals > Int(Self.seeds) / 2, "most lives must have something to expire")
        }
    }

    /// Options in random combination; some only newer releases have.
    private static func settings(_ labels: [BackupLabel], _ random: inout SplitMix, isCurrent: Bool) -> [String] {
        var options: [String] = []
        let isByTime = random.chance(3)
        if isByTime { options.append("--repo1-retention-full-type=time") }
        if !random.chance(5) { options.append("--repo1-retention-full=\(random.number(1...6))") }
        if random.chance(2) { options.append("--repo1-retention-diff=\(random.number(1...4))") }
        if random.chance(2) {
            options.append("--repo1-retention-archive-type=\(["full", "diff", "incr"][random.number(0...2)])")
        }
        // Before 2.47 retention by time took no WAL where it took no full backup.
        if random.chance(2) || isByTime && !isCurrent {
            options.append("--repo1-retention-archive=\(random.number(1...5))")
        }
        if random.chance(2) { options.append("--repo1-retention-history=\(random.number(0...500))") }
        if random.chance(6) {
            let label = random.chance(4) ? nil : labels.randomElement(using: &random)
            options.append("--set=\(label?.text ?? "20200101-000000F")")
        } else if isCurrent, random.chance(8) {
            options.append("--oldest")
        }
        if isCurrent, random.chance(6) {
            let text = "0000000\(random.number(1...2))0000000\(random.number(0...4))000000\(random.number(10...99))"
            options.append("--archive-expire-before=\(text)")
        }
        if random.chance(10) { options.append("--dry-run") }
        return options
    }

    private struct Outcome {
        var status: Int32
        var names: [String]
        var list: [String]
        var log: [String]
    }

    private func expire(
        _ tool: Tool, _ scratch: ScratchDirectory, _ repository: String, _ settings: [String]
    ) throws -> Outcome {
        let common = [
            "--no-config", "--stanza=demo", "--repo1-path=\(repository)", "--lock-path=\(scratch.path)/lock-\(tool)",
            "--log-level-file=off", "--log-level-console=detail", "--log-level-stderr=off", "--no-log-timestamp",
        ]
        let result = try Command(try tool.path, common + settings + ["expire"]).run()
        let info = try Command(
            try Tool.dropIn.path,
            ["--no-config", "--stanza=demo", "--repo1-path=\(repository)", "--output=json", "info"]
        ).run().requireSuccess()
        let log = result.output.replacingOccurrences(of: repository, with: "REPOSITORY").split(separator: "\n")
            .map(String.init)
            .filter { !$0.contains("expire command") && !$0.contains(" stays: ") && !$0.contains(" expires: ") }
        return Outcome(
            status: result.status, names: try names(repository),
            list: try RepositoryInfo(json: info.standardOutput).labels,
            log: log)
    }

    /// Paths of files, directories and links; of links also where they point.
    private func names(_ root: String) throws -> [String] {
        try DirectoryTree(root).entries.map { path, entry in
            if case .link(let destination) = entry { "\(path) -> \(destination)" } else { path }
        }.sorted()
    }
}
