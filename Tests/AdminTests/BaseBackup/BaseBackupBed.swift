import Foundation
import RoostTesting
import Synchronization

/// One running cluster that all tests of `pg-basebackup` read from, known as `pg-meta`.
///
/// Over its socket and over TCP the user `postgres` needs no password, and `keeper` has one and the right to replicate.
final class BaseBackupBed: Sendable {
    static let password = "p@ss w/ö'rd%"

    let cluster: ScratchCluster
    /// An address of the loopback network that no other test process uses.
    let address: String
    private let scratch: ScratchDirectory

    private static let counter = Atomic<Int>(0)
    private static let made = Result { try BaseBackupBed(in: try ScratchDirectory()) }

    /// Made at first use, gone with the process.
    static func shared() throws -> BaseBackupBed { try made.get() }

    init(major: Int = 15, in scratch: ScratchDirectory) throws {
        self.scratch = scratch
        let id = ProcessInfo.processInfo.processIdentifier
        address = "127.\(Self.counter.add(1, ordering: .relaxed).newValue).\(id >> 8 & 0xFF).\(id & 0xFF)"
        cluster = try ScratchCluster.make(.init(major: major, walSegmentMegabytes: 1), in: scratch, named: "bed")
        cluster.set("cluster_name", "pg-meta")
        cluster.set("listen_addresses", address)
        // Backups that run at once must not take each other's WAL away by their checkpoints.
        cluster.set("wal_keep_size", "64MB")
        let rules = """
            local all,replication keeper,plain scram-sha-256
            host all,replication keeper 127.0.0.0/8 scram-sha-256
            local all,replication all trust
            host all,replication postgres 127.0.0.0/8 trust

            """
        try rules.write(toFile: cluster.dataDirectory + "/pg_hba.conf", atomically: false, encoding: .utf8)
        try cluster.start()
        let quoted = Self.password.replacingOccurrences(of: "'", with: "''")
        try cluster.execute(
            "create role keeper login replication password '\(quoted)'",
            "create role plain login password '\(quoted)'")
    }

    /// The tool with the environment of a user of this cluster.
    func command(_ arguments: [String], at place: Place, environment: [String: String] = [:]) throws -> Command {
        var command = Command(try Tool.directory + "/pg-basebackup", arguments)
        command.directory = place.destination
        command.environment = [
            "PATH": "\(try TestHost.serverPrograms(major: cluster.major)):/usr/local/bin:/usr/bin:/bin",
            "PGHOST": cluster.socketDirectory, "PGUSER": "postgres", "PG_BASEBACKUP_LOCK": place.lock,
        ].merging(environment) { _, new in new }
        return command
    }

    /// Runs the tool with its destination.
    func run(
        _ arguments: String..., at place: Place, environment: [String: String] = [:]
    ) throws -> CommandResult {
        try command(["-d", place.destination] + arguments, at: place, environment: environment).run()
    }
}

/// Where one test lets backups go.
struct Place {
    let scratch: ScratchDirectory
    let destination: String
    let lock: String

    init(in scratch: ScratchDirectory, destination: String? = nil) throws {
        self.scratch = scratch
        self.destination = try destination ?? scratch.directory("backup")
        lock = scratch.path + "/backup.lock"
    }

    static func with<T>(_ body: (Place) throws -> T) throws -> T {
        try ScratchDirectory.with { try body(Place(in: $0)) }
    }

    /// Hidden ones included.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: destination).sorted() }
    }

    func path(_ name: String) -> String { destination + "/" + name }

    func content(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// Writes a file as an earlier run would have left it.
    func file(_ name: String, _ content: String = "an earlier backup", minutesAgo: Double = 0) throws {
        try content.write(toFile: path(name), atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -60 * minutesAgo)], ofItemAtPath: path(name))
        try TestHost.giveToAccount(path(name))
    }

    /// Runs a pipeline of the user in the shell, by the user of the cluster.
    @discardableResult
    func shell(_ script: String, environment: [String: String] = [:]) throws -> CommandResult {
        var command = Command("/bin/bash", ["-o", "pipefail", "-euc", script])
        command.environment = environment
        return try command.run()
    }

    /// Extracts a backup with the tools of the page, after whatever decrypts it.
    func extract(_ name: String, after decrypt: String = "cat", into target: String = "data") throws -> String {
        let data = scratch.path + "/" + target
        try shell("mkdir -p \(data); \(decrypt) \(path(name)) | unlz4 -d -c | tar -xC \(data); chmod 700 \(data)")
            .requireSuccess()
        return data
    }

    /// Whether a file is one whole backup.
    func requireWhole(_ name: String) throws {
        try shell("unlz4 -d -c \(path(name)) | tar -t | grep -qx backup_manifest").requireSuccess()
    }
}

/// The date in the name of a file, by the clock and the time zone of the commands.
var today: String {
    get throws {
        try Command("/bin/date", ["+%Y%m%d"]).run().requireSuccess().standardOutput
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The command lines of all processes.
func processList() throws -> String {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.map { id in
        String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data(), as: UTF8.self)
    }.joined(separator: "\n")
}
