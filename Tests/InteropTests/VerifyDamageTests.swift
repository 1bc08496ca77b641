import Foundation
import RoostTesting
import Testing

/// Copies of one repository, each damaged in another way, and what stock's `verify` and ours find in them.
@Suite struct VerifyDamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// It hits bundles that a later backup refers to, which stock then takes for valid.
        var isMissedInBundles: Bool
        var body: @Sendable (DamagedRepository) throws -> Void

        init(
            _ name: String, isMissedInBundles: Bool = false,
            _ body: @escaping @Sendable (DamagedRepository) throws -> Void
        ) {
            testDescription = name
            self.isMissedInBundles = isMissedInBundles
            self.body = body
        }
    }

    static let damages: [Damage] = [
        Damage("nothing") { _ in },
        Damage("a changed byte of a file", isMissedInBundles: true) { try $0.flip($0.file(0), at: 200) },
        Damage("a file cut short", isMissedInBundles: true) { try $0.cut($0.file(1), to: 100) },
        Damage("a file that is empty", isMissedInBundles: true) { try $0.cut($0.file(1), to: 0) },
        Damage("a file that is gone", isMissedInBundles: true) { try $0.remove($0.file(2)) },
        Damage("a file of the increment") { try $0.flip($0.file(0, of: $0.labels[1]), at: 50) },
        Damage("a changed WAL segment") { try $0.flip(try $0.segments[1], at: 300) },
        Damage("a WAL segment cut short") { try $0.cut(try $0.segments[2], to: 200) },
        Damage("a gap in the WAL between backups") { try $0.remove(try $0.segmentBetween) },
        Damage("a gap in the WAL that a backup needs") { repository in
            try repository.remove(try #require(try repository.segments.first { $0.contains(repository.stop) }))
        },
        Damage("two files of one segment") { repository in
            let name = try repository.segments[1]
            let dash = try #require(name.lastIndex(of: "-"))
            let rest = name[dash...].dropFirst(5)
            try repository.copy(name, to: "\(name[..<dash])-0123\(rest)")
        },
        Damage("a manifest that is gone") { try $0.remove("\($0.backup(0))/backup.manifest") },
        Damage("a manifest and its copy that are gone") { try $0.removeManifests(0) },
        Damage("the newest manifest and its copy gone") { try $0.removeManifests(1) },
        Damage("a manifest that cannot be read") { try $0.flip("\($0.backup(0))/backup.manifest", at: 90) },
        Damage("a manifest and its copy that cannot be read") { repository in
            for suffix in ["", ".copy"] {
                try repository.flip("\(repository.backup(0))/backup.manifest\(suffix)", at: 90)
            }
        },
        Damage("a listed backup whose directory is gone") { try $0.remove($0.backup(1)) },
        Damage("a backup under way") { repository in
            let directory = "backup/demo/29991231-000000F"
            try repository.copy(repository.backup(0), to: directory)
            try repository.remove("\(directory)/backup.manifest")
        },
        Damage("the archive of a cluster nobody knows") { repository in
            let name = try repository.segments[1]
            try repository.copy(name, to: name.replacingOccurrences(of: "/15-1/", with: "/14-9/"))
        },
        Damage("backup.info that cannot be read") { repository in
            for suffix in ["", ".copy"] { try repository.flip("backup/demo/backup.info\(suffix)", at: 90) }
        },
        Damage("archive.info that cannot be read") { repository in
            for suffix in ["", ".copy"] { try repository.flip("archive/demo/archive.info\(suffix)", at: 90) }
        },
        Damage("archive.info whose copy is good") { try $0.flip("archive/demo/archive.info", at: 90) },
    ]

    @Test(
        arguments: TestHost.cases(
            [RepositoryOptions(.zst), RepositoryOptions(.gz, encrypted: true), RepositoryOptions(.lz4, bundled: true)],
            else: [RepositoryOptions(.gz, encrypted: true)]))
    func `findings are stock's`(options: RepositoryOptions) throws {
        let isCurrent = try stockVersion() >= "2.54"
        try ScratchStanza.with(options: options, archiver: .dropIn) { stanza in
            let full = try stanza.backup(.dropIn)
            let stop = try #require(try stanza.info(.dropIn).backups[0].archiveStop)
            try stanza.cluster.generateLoad()
            try stanza.cluster.archiveCurrentSegment()
            try stanza.cluster.archiveCurrentSegment()
            let second = try stanza.backup(.dropIn, "incr")
            try stanza.cluster.archiveCurrentSegment()
            try stanza.cluster.stop()
            let good = stanza.scratch.path + "/good"
            try Command("/bin/cp", ["-a", stanza.repository, good], as: .root).run().requireSuccess()
            for damage in Self.damages {
                try Command("/bin/rm", ["-rf", stanza.repository], as: .root).run().requireSuccess()
                try Command("/bin/cp", ["-a", good, stanza.repository], as: .root).run().requireSuccess()
                try damage.body(DamagedRepository(root: stanza.repository, labels: [full, second], stop: stop))
                // 2.45 does not mention a listed backup whose directory is gone.
                let isComparable = isCurrent || damage.testDescription != "a listed backup whose directory is gone"
                for arguments in isComparable ? commands(second, options, damage, isCurrent: isCurrent) : [] {
                    let outputs = try [Tool.stock, .dropIn].map { tool in
                        let quiet = ["--output=text", "--log-level-console=off", "verify"]
                        let result = try stanza.command(tool, arguments + quiet).run()
                        return "\(result.status)\n\(result.standardOutput)"
                    }
                    #expect(outputs[0] == outputs[1], "\(damage.testDescription), \(arguments)")
                }
                let friendly = try stanza.command(.roost, ["verify"]).run()
                let isDamaged = ![
                    "nothing", "a gap in the WAL between backups", "a backup under way",
                    "a manifest that is gone", "a manifest that cannot be read", "archive.info whose copy is good",
                ].contains(damage.testDescription)
                #expect(friendly.status == (isDamaged ? 26 : 0), "\(damage.testDescription)\n\(friendly)")
            }
        }
    }

    /// The options of each run: `--set` is newer than 2.45, and a second try at what is damaged would only wait.
    private func commands(
        _ label: String, _ options: RepositoryOptions, _ damage: Damage, isCurrent: Bool
    ) -> [[String]] {
        let all = options.isBundled && damage.isMissedInBundles ? [] : [["--verbose"], []]
        let sets = isCurrent ? [["--set=\(label)", "--verbose"], ["--set=x"]] : []
        return (all + sets).map { $0 + ["--job-retry=0"] }
    }
}

/// Files of a repository, by what they are.
struct DamagedRepository {
    let root: String
    let labels: [String]
    /// The last WAL segment that the first backup needs.
    let stop: String

    /// A segment that only recovery between the backups needs.
    var segmentBetween: String {
        get throws {
            try #require(try segments.first { URL(fileURLWithPath: $0).lastPathComponent.prefix(24) > stop })
        }
    }

    func backup(_ index: Int) -> String { "backup/demo/\(labels[index])" }

    /// One of the larger files of data that lie by themselves, or a bundle.
    func file(_ index: Int, of label: String? = nil) throws -> String {
        let directory = "backup/demo/\(label ?? labels[0])"
        let entries = try DirectoryTree("\(root)/\(directory)").entries.compactMap { path, entry -> (String, Int)? in
            guard case .file(_, _, _, let content) = entry, !path.contains("manifest") else { return nil }
            return (path, content.count)
        }
        let bySize = entries.sorted { ($0.1, $0.0) > ($1.1, $1.0) }
        return "\(directory)/\(bySize[min(index, bySize.count - 1)].0)"
    }

    var segments: [String] {
        get throws {
            let directory = "archive/demo/15-1/0000000100000000"
            return try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(directory)").sorted()
                .filter { $0.dropFirst(24).first == "-" }.map { "\(directory)/\($0)" }
        }
    }

    func flip(_ path: String, at offset: Int) throws {
        let url = URL(fileURLWithPath: "\(root)/\(path)")
        var bytes = try Data(contentsOf: url)
        bytes[min(offset, bytes.count - 1)] ^= 0x10
        try bytes.write(to: url)
        try TestHost.giveToAccount(url.path)
    }

    func cut(_ path: String, to size: UInt64) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(root)/\(path)"))
        try handle.truncate(atOffset: size)
        try handle.close()
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }

    func removeManifests(_ index: Int) throws {
        for suffix in ["", ".copy"] { try remove("\(backup(index))/backup.manifest\(suffix)") }
    }

    func copy(_ path: String, to target: String) throws {
        let directory = (target as NSString).deletingLastPathComponent
        try Command("/bin/mkdir", ["-p", "\(root)/\(directory)"]).run().requireSuccess()
        try Command("/bin/cp", ["-a", "\(root)/\(path)", "\(root)/\(target)"], as: .root).run().requireSuccess()
    }
}

/// `2.45` of `pgBackRest 2.45`.
func stockVersion() throws -> String {
    let text = try Command(try Tool.stock.path, ["version"]).run().requireSuccess().standardOutput
    return text.split(separator: " ").last.map { String($0.prefix(4)) } ?? ""
}
