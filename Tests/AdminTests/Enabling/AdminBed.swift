import Foundation
import RoostTesting

/// A running cluster that knows nothing of backups yet, and the places where its configuration, repository, spool and logs go.
final class AdminBed: Sendable {
    let scratch: ScratchDirectory
    let cluster: ScratchCluster
    let name: String
    let configuration: String
    let repository: String

    /// - Parameters:
    ///   - repository: Of another bed, to share it; nil for one of its own, not made yet.
    ///   - configuration: Of another bed.
    init(
        named name: String = "pg-test", cluster: ScratchCluster? = nil, in scratch: ScratchDirectory,
        repository: String? = nil
    ) throws {
        self.scratch = scratch
        self.name = name
        let home = try scratch.directory(name)
        self.cluster =
            try cluster ?? ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch, named: "\(name)/data")
        configuration = home + "/etc/pgbackrest/pgbackrest.conf"
        self.repository = repository ?? home + "/backup"
    }

    static func with<T>(_ body: (AdminBed) throws -> T) throws -> T {
        try ScratchDirectory.with { scratch in
            let bed = try AdminBed(in: scratch)
            try bed.cluster.start()
            return try body(bed)
        }
    }

    private var home: String { scratch.path + "/" + name }
    var spool: String { home + "/spool" }
    var locks: String { home + "/lock" }
    var marker: String { (configuration as NSString).deletingLastPathComponent + "/initial.done" }

    /// The specification that a playbook would hand over.
    func specification(_ changes: [String: Any] = [:]) throws -> [String: Any] {
        // Without block increments, which Debian's pgBackRest cannot read.
        let base: [String: Any] = [
            "cluster": name, "role": "primary", "data": cluster.dataDirectory, "port": cluster.port,
            "socket_dir": cluster.socketDirectory, "bin_dir": try TestHost.serverPrograms(major: cluster.major),
            "config": configuration, "spool": spool, "log": home + "/log", "lock": locks,
            "backup_dir": repository, "service": "pg_ctl", "dbsu": TestHost.account,
            "repo": ["method": "local", "path": repository, "retention_full": 2, "block": "n"],
        ]
        return base.merging(changes) { _, new in new }.filter { !($0.value is NSNull) }
    }

    /// A command of the administrator with `--spec` and `--output=json`.
    func command(_ words: [String], _ changes: [String: Any] = [:]) throws -> Command {
        let json = try JSONSerialization.data(withJSONObject: specification(changes), options: [.sortedKeys])
        let file = try scratch.file(
            "\(name)-spec-\(UUID().uuidString).json", String(decoding: json, as: UTF8.self), mode: 0o600)
        var command = Command(try Tool.roost.path, words + ["--spec=-", "--output=json"])
        command.input = file
        command.environment = ["PGUSER": "postgres"]
        command.directory = cluster.socketDirectory
        return command
    }

    /// Runs a command.
    @discardableResult
    func roost(_ words: String..., with changes: [String: Any] = [:], status: Int32 = 0) throws -> Outcome {
        try Outcome(try command(words, changes).run().require(status: status))
    }

    /// Stock pgBackRest with the configuration of this bed.
    func stock(_ arguments: String...) throws -> CommandResult {
        var command = Command(try Tool.stock.path, ["--config=\(configuration)", "--stanza=\(name)"] + arguments)
        command.environment = ["PGUSER": "postgres"]
        command.directory = cluster.socketDirectory
        return try command.run()
    }

    /// What stock tells of the stanza.
    func info() throws -> RepositoryInfo {
        try RepositoryInfo(json: stock("info", "--output=json").requireSuccess().standardOutput)
    }

    func setting(_ name: String) throws -> String { try cluster.value("select current_setting('\(name)')") }

    /// Everything below the directory of the bed but data directory and sockets.
    func tree() throws -> DirectoryTree { try DirectoryTree(home + "/etc") }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}

/// The report of a command of the administrator.
struct Outcome: CustomStringConvertible {
    struct Step {
        var name: String
        var status: String
        var message: String
    }

    let hasChanged: Bool
    let hasFailed: Bool
    let code: Int
    let steps: [Step]
    let facts: [String: Any]
    let result: CommandResult

    init(_ result: CommandResult) throws {
        self.result = result
        guard result.standardOutput.hasSuffix("}\n"), !result.standardOutput.dropLast().contains("\n"),
            let object = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any],
            let changed = object["changed"] as? Bool, let failed = object["failed"] as? Bool,
            let code = object["code"] as? Int, let steps = object["steps"] as? [[String: String]],
            let facts = object["facts"] as? [String: Any]
        else { throw TestFailure("no report\n\(result)") }
        hasChanged = changed
        hasFailed = failed
        self.code = code
        self.facts = facts
        self.steps = steps.map {
            Step(name: $0["name"] ?? "", status: $0["status"] ?? "", message: $0["message"] ?? "")
        }
        guard code == Int(result.status) else { throw TestFailure("code and exit status differ\n\(result)") }
    }

    subscript(name: String) -> Step? { steps.first { $0.name == name } }

    /// The status of a step, empty if there is none.
    func status(_ name: String) -> String { self[name]?.status ?? "" }

    func message(_ name: String) -> String { self[name]?.message ?? "" }

    /// The names of the steps that changed something.
    var changes: [String] { steps.filter { $0.status == "changed" }.map(\.name) }

    var description: String { "\(result)" }
}
