import Foundation
import RoostTesting

/// A stanza with a backup and four steps after it, for `roost pitr`: the server is started without any option of the test.
struct PitrBed {
    let stanza: ScratchStanza
    /// When each step was there and the next was not.
    let times: [String]

    var cluster: ScratchCluster { stanza.cluster }
    var data: String { cluster.dataDirectory }

    static func with<T>(major: Int = 15, settings: [String] = [], _ body: (PitrBed) throws -> T) throws -> T {
        try ScratchDirectory.with { scratch in
            // A directory of its own, to see all that comes beside the data.
            _ = try scratch.directory("home")
            let cluster = try ScratchCluster.make(
                .init(major: major, walSegmentMegabytes: 1), in: scratch, named: "home/data")
            let stanza = try ScratchStanza(cluster: cluster, in: scratch)
            try PitrBed.standAlone(cluster, settings)
            try stanza.begin(archivingWith: .roost)
            return try body(try PitrBed(stanza))
        }
    }

    /// Puts into `postgresql.conf` what the test otherwise tells on the command line.
    static func standAlone(_ cluster: ScratchCluster, _ settings: [String] = []) throws {
        let path = cluster.dataDirectory + "/postgresql.conf"
        let lines =
            [
                "listen_addresses = ''", "unix_socket_directories = '\(cluster.socketDirectory)'", "port = 5432",
                "fsync = off", "shared_buffers = 32MB", "max_connections = 20",
            ] + settings
        let text = try String(contentsOfFile: path, encoding: .utf8) + lines.joined(separator: "\n") + "\n"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private init(_ stanza: ScratchStanza) throws {
        self.stanza = stanza
        let cluster = stanza.cluster
        try cluster.execute("create table step (n int)")
        try stanza.backup(.roost)
        try stanza.waitForNextSecond()
        var times: [String] = []
        for number in 1...4 {
            try cluster.execute("insert into step values (\(number))")
            times.append(try cluster.moment())
        }
        try cluster.archiveCurrentSegment()
        self.times = times
    }

    /// What the playbook would tell of a member, by default the primary; of a replica nobody tells what it is.
    func specification(_ pitr: [String: Any], _ member: ScratchCluster? = nil) throws -> String {
        var specification: [String: Any] = [
            "cluster": ScratchStanza.name, "data": (member ?? cluster).dataDirectory, "port": 5432,
            "socket_dir": (member ?? cluster).socketDirectory,
            "bin_dir": try TestHost.serverPrograms(major: cluster.major), "config": stanza.configuration,
            "service": "pg_ctl", "log": stanza.scratch.path + "/log", "pitr": pitr,
        ]
        if member == nil { specification["role"] = "primary" }
        let json = try JSONSerialization.data(withJSONObject: specification)
        return try stanza.scratch.file("spec.json", String(decoding: json, as: UTF8.self))
    }

    func command(_ step: String, _ pitr: [String: Any], _ arguments: [String] = []) throws -> Command {
        var command = Command(
            try Tool.roost.path, ["pitr", step, "--output=json", "--spec", try specification(pitr)] + arguments)
        command.environment = ["PGUSER": "postgres"]
        return command
    }

    /// Runs a step and reads its report.
    @discardableResult
    func run(
        _ step: String, _ pitr: [String: Any] = [:], _ arguments: String..., status: Int32 = 0
    ) throws -> AdminResult {
        let result = try command(step, pitr, arguments).run().require(status: status)
        return try AdminResult(result)
    }

    /// Runs a step on a replica.
    @discardableResult
    func run(
        _ step: String, _ pitr: [String: Any], on replica: ScratchCluster, fault: String? = nil
    ) throws -> CommandResult {
        let specification = try specification(pitr, replica)
        var command = Command(try Tool.roost.path, ["pitr", step, "--output=json", "--spec", specification, "--yes"])
        command.environment = ["PGUSER": "postgres"]
        if let fault { command.environment["ROOST_FAULT"] = fault }
        return try command.run()
    }

    /// A second server that follows the first by a slot, with a setting of its own.
    func makeReplica() throws -> ScratchCluster {
        let directory = stanza.scratch.path + "/home/replica"
        try cluster.query("select pg_create_physical_replication_slot('second')")
        try Command(
            try TestHost.serverPrograms(major: cluster.major) + "/pg_basebackup",
            [
                "--pgdata", directory, "--host", cluster.socketDirectory, "--username=postgres", "--checkpoint=fast",
                "--write-recovery-conf", "--slot=second",
            ]
        ).run().requireSuccess()
        let replica = try ScratchCluster(major: cluster.major, dataDirectory: directory, in: stanza.scratch)
        try Self.standAlone(replica, ["work_mem = 3MB"])
        try replica.start()
        return replica
    }

    /// The steps that are there.
    var steps: String {
        get throws { try cluster.steps() }
    }

    /// What lies beside the data directory, itself included.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: stanza.scratch.path + "/home").sorted() }
    }
}

/// The JSON that a command of the administrator writes.
struct AdminResult {
    let changed: Bool
    let failed: Bool
    let code: Int
    let facts: [String: Any]
    let text: String

    init(_ result: CommandResult) throws {
        text = result.standardOutput
        guard text.hasSuffix("\n"), text.dropLast().allSatisfy({ !$0.isNewline }),
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let changed = object["changed"] as? Bool, let failed = object["failed"] as? Bool,
            let code = object["code"] as? Int, let facts = object["facts"] as? [String: Any]
        else { throw TestFailure("not one object on one line\n\(result)") }
        (self.changed, self.failed, self.code, self.facts) = (changed, failed, code, facts)
    }

    func fact(_ name: String) -> String? { facts[name] as? String }
}
