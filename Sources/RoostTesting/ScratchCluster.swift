import Foundation
import RoostSystem
import Synchronization

/// A throwaway PostgreSQL server, reached through a private socket directory.
package final class ScratchCluster: Sendable {
    /// How a data directory is made.
    package struct Layout: Sendable, Hashable {
        package var major: Int
        package var checksums: Bool
        package var walSegmentMegabytes: Int
        /// Scale of the pgbench tables; 1 is about 15 MB.
        package var scale: Int

        package init(major: Int = 15, checksums: Bool = true, walSegmentMegabytes: Int = 16, scale: Int = 1) {
            self.major = major
            self.checksums = checksums
            self.walSegmentMegabytes = walSegmentMegabytes
            self.scale = scale
        }
    }

    package enum StopMode: String, Sendable { case fast, immediate, smart }

    package let major: Int
    package let dataDirectory: String
    package let socketDirectory: String
    package let log: String
    /// Sockets carry it in their name; each cluster has its own directory, so all can use one number.
    package let port = 5432
    private let programs: String
    /// Settings that only hold while this test runs the server, so that a restored directory needs no edit.
    private let settings: Guarded<[String: String]>

    /// A cluster on a data directory that exists or will (a restore makes it).
    package init(major: Int, dataDirectory: String, in scratch: ScratchDirectory, durable: Bool = false) throws {
        self.major = major
        self.dataDirectory = dataDirectory
        programs = try TestHost.serverPrograms(major: major)
        let name = "s" + String(Self.counter.add(1, ordering: .relaxed).newValue)
        socketDirectory = try scratch.directory(name, mode: 0o700)
        log = socketDirectory + "/server.log"
        settings = Guarded([
            "listen_addresses": "''", "unix_socket_directories": socketDirectory, "port": "5432",
            "fsync": durable ? "on" : "off", "shared_buffers": "32MB", "max_connections": "20",
            "autovacuum": "off", "log_min_messages": "warning",
        ])
        scratch.atEnd { [self] in try stop(.immediate) }
    }

    private static let counter = Atomic<Int>(0)

    /// A new cluster with pgbench's tables and some of other kinds; not started.
    ///
    /// Copied from one data directory per layout that is made at first use: so all have the same system identifier.
    package static func make(
        _ layout: Layout = Layout(),
        in scratch: ScratchDirectory,
        named name: String = "pg",
        durable: Bool = false
    ) throws -> ScratchCluster {
        let template = try Templates.directory(for: layout)
        let target = scratch.path + "/" + name
        try Command("/bin/cp", ["-a", "--reflink=auto", template, target], as: .root).run().requireSuccess()
        return try ScratchCluster(major: layout.major, dataDirectory: target, in: scratch, durable: durable)
    }

    /// A new cluster that shares nothing with the others, not even its system identifier.
    package static func makeForeign(
        _ layout: Layout = Layout(),
        in scratch: ScratchDirectory,
        named name: String = "foreign"
    ) throws -> ScratchCluster {
        let cluster = try ScratchCluster(major: layout.major, dataDirectory: scratch.path + "/" + name, in: scratch)
        try cluster.initialize(layout)
        return cluster
    }

    func initialize(_ layout: Layout) throws {
        var arguments = [
            "--pgdata=\(dataDirectory)", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8",
            "--locale=C.UTF-8", "--wal-segsize=\(layout.walSegmentMegabytes)",
        ]
        if layout.checksums {
            arguments.append("--data-checksums")
        } else if layout.major >= 18 {
            arguments.append("--no-data-checksums")
        }
        try program("initdb", arguments).run().requireSuccess()
    }

    // MARK: Running

    package func program(_ name: String, _ arguments: [String]) -> Command {
        var command = Command(programs + "/" + name, arguments)
        command.environment = ["PGHOST": socketDirectory, "PGPORT": String(port), "PGUSER": "postgres"]
        command.directory = socketDirectory
        return command
    }

    /// Changes a setting of the server command line; takes effect at the next start.
    package func set(_ name: String, _ value: String) { settings.withLock { $0[name] = value } }

    /// Starts the server and waits until it takes connections, read-only ones while it recovers.
    package func start() throws {
        let options = settings.withLock { $0 }.sorted { $0.key < $1.key }
            .map { "-c \($0.key)='\($0.value == "''" ? "" : $0.value)'" }
        let result = try program(
            "pg_ctl",
            ["start", "-w", "-t", "120", "-D", dataDirectory, "-l", log, "-o", options.joined(separator: " ")]
        ).run()
        guard result.succeeded else {
            throw TestFailure("\(result)\n\(log):\n\(try serverLog())")
        }
    }

    package func stop(_ mode: StopMode = .fast) throws {
        guard isRunning else { return }
        try program("pg_ctl", ["stop", "-w", "-t", "120", "-m", mode.rawValue, "-D", dataDirectory]).run()
            .requireSuccess()
    }

    package func reload() throws { try program("pg_ctl", ["reload", "-D", dataDirectory]).run().requireSuccess() }

    package var isRunning: Bool {
        guard let text = try? String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8),
            let process = pid_t(text.prefix { $0.isNumber })
        else { return false }
        return kill(process, 0) == 0
    }

    package func serverLog() throws -> String {
        try String(decoding: Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
    }

    /// Waits until a restored server has ended its recovery and takes writes.
    package func waitForRecoveryEnd() throws {
        try waitUntil("end of recovery of \(dataDirectory)", timeout: 120) {
            try query("select pg_is_in_recovery()") == [["f"]]
        }
    }

    /// Waits until recovery has reached its target and paused there.
    package func waitForRecoveryPause() throws {
        try waitUntil("pause of recovery of \(dataDirectory)", timeout: 120) {
            try query("select pg_get_wal_replay_pause_state()") == [["paused"]]
        }
    }
}
