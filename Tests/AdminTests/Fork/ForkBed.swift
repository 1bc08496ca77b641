import Foundation
import RoostTesting

/// A cluster to be forked, and where its forks go.
struct ForkBed {
    let scratch: ScratchDirectory
    let cluster: ScratchCluster
    let destination: String

    /// Runs a body with a cluster of small WAL segments, which a checkpoint takes away as soon as it may.
    static func with<T>(major: Int = 15, starting: Bool = true, _ body: (ForkBed) throws -> T) throws -> T {
        try ScratchDirectory.with { scratch in
            let home = try scratch.directory("home")
            let cluster = try ScratchCluster.make(
                .init(major: major, walSegmentMegabytes: 1), in: scratch, named: "home/data")
            cluster.set("max_wal_size", "2MB")
            cluster.set("min_wal_size", "2MB")
            if starting { try cluster.start() }
            return try body(ForkBed(scratch: scratch, cluster: cluster, destination: home + "/data1"))
        }
    }

    var source: String { cluster.dataDirectory }
    var part: String { destination + ".pg-fork.part" }

    /// The tool on this bed; options after these take their place.
    func command(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> Command {
        var command = Command(
            try Tool.directory + "/pg-fork", ["1", "-y", "-d", source, "-D", destination] + arguments)
        command.environment = ["PGUSER": "postgres"].merging(environment) { $1 }
        return command
    }

    func fork(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandResult {
        try command(arguments, environment: environment).run()
    }

    /// Starts a fork that stops before `pg_control` is copied, last of the server's files.
    func startAndPause() throws -> RunningCommand {
        // Two plans have looked at it before.
        let run = try command(environment: ["ROOST_FAULT": "open:3:pause:\(source)/global/pg_control"]).start()
        guard try run.waitUntilStopped() else { throw TestFailure("\(try run.wait())") }
        return run
    }

    /// The fork as a server of the test, not started.
    func server() throws -> ScratchCluster {
        try ScratchCluster(major: cluster.major, dataDirectory: destination, in: scratch)
    }

    /// What lies beside the source.
    var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/home").sorted()
        }
    }

    func content(_ name: String) throws -> String {
        try String(contentsOfFile: destination + "/" + name, encoding: .utf8)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
