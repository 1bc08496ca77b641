import Foundation
import RoostTesting

/// Hosts of a test: each with a root file system, processes, systemd, sshd and an address of its own; see `Tests/hosts/bed`.
///
/// They have the programs under test in `/usr/local/bin`, the playbooks in `/opt/ansible`, and share the directory `/nfs`. Nothing is
/// left of them when the scratch directory goes, or this process.
final class HostBed: Sendable {
    struct Host: Sendable {
        let name: String
        let address: String
    }

    /// The machine that playbooks are run on; in the hosts' network, with this machine's files.
    static let admin = "admin"
    /// Where the hosts see the playbooks.
    static let playbooks = "/opt/ansible"

    let hosts: [Host]
    let directory: String
    let scratch: ScratchDirectory
    private let process: RunningCommand

    /// Starts hosts named `h1`, `h2` with addresses from 10.10.10.10 on; takes a second.
    init(hosts count: Int, in scratch: ScratchDirectory) throws {
        self.scratch = scratch
        hosts = (0..<count).map { Host(name: "h\($0 + 1)", address: "10.10.10.\($0 + 10)") }
        directory = scratch.path + "/bed"
        var command = Command(
            try Self.script,
            ["start", directory, "--bind", "\(try Tool.directory):/usr/local/bin"]
                + ["--bind", "\(Self.root)/ansible:\(Self.playbooks)"] + hosts.map { "\($0.name)=\($0.address)" },
            as: .root)
        command.timeout = .infinity
        process = try command.start()
        scratch.atEnd { [process] in
            process.send(SIGTERM)
            try process.wait().requireSuccess()
        }
        try waitUntil("the hosts to take connections") {
            guard try process.isRunning() else { throw TestFailure("\(try process.wait())") }
            return FileManager.default.fileExists(atPath: directory + "/ready")
        }
    }

    /// The checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardized.path

    private static var script: String { get throws { root + "/Tests/hosts/bed" } }

    /// A command on a host, by default as the user of the servers there.
    func command(_ host: String = "h1", _ words: [String], as account: Account = .server) throws -> Command {
        let prefix =
            switch account {
            case .root: [String]()
            case .server: ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
            }
        return Command(try Self.script, ["exec", directory, host] + prefix + words, as: .root)
    }

    enum Account: Sendable { case root, server }

    /// Runs a command on a host to the end.
    ///
    /// - Returns: What it wrote to standard output, without the last line end.
    /// - Throws: ``TestFailure`` unless it exits 0.
    @discardableResult
    func run(_ host: String = "h1", _ words: String..., as account: Account = .server) throws -> String {
        let text = try command(host, words, as: account).run().requireSuccess().standardOutput
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// The only value that a query gives on the server of a host.
    @discardableResult
    func value(_ sql: String, on host: String = "h1", port: Int = 5432) throws -> String {
        try run(host, "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-p", String(port), "-d", "postgres", "-c", sql)
    }

    /// Whether a path exists on a host.
    func exists(_ path: String, on host: String = "h1") throws -> Bool {
        try command(host, ["test", "-e", path], as: .root).run().succeeded
    }

    /// Path, content, owner and mode of all files below a directory of a host: equal trees, equal texts.
    func tree(_ path: String, on host: String = "h1") throws -> String {
        try run(
            host, "sh", "-c",
            "cd \(path) && find . -printf '%P %y %U %m %l\\n' | sort && find . -type f -print0 | sort -z | xargs -0r sha256sum",
            as: .root)
    }
}
