import Foundation
import RoostTesting
import Synchronization

/// One member of a cluster under Patroni, with a store of its own, and a stanza.
final class RecoveryPatroniBed: Sendable {
    let stanza: ScratchStanza
    /// Of the loopback network, which no other test uses.
    let address: String
    let configuration: String

    private static let counter = Atomic<Int>(0)

    var cluster: ScratchCluster { stanza.cluster }
    var scratch: ScratchDirectory { stanza.scratch }

    static func with<T>(_ body: (RecoveryPatroniBed) throws -> T) throws -> T {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let bed = try RecoveryPatroniBed(ScratchStanza(cluster: cluster, in: scratch))
            try bed.start()
            return try body(bed)
        }
    }

    private init(_ stanza: ScratchStanza) throws {
        self.stanza = stanza
        let id = ProcessInfo.processInfo.processIdentifier
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        address = "127.\(100 + number).\(id >> 8 & 0xFF).\(id & 0xFF | 1)"
        let cluster = stanza.cluster
        configuration = try stanza.scratch.file(
            "patroni.yml",
            """
            scope: demo
            namespace: /pg/
            name: demo-1
            log: {dir: \(try stanza.scratch.directory("patroni"))}
            restapi: {listen: '\(address):8008', connect_address: '\(address):8008'}
            etcd3: {hosts: '\(address):2379'}
            bootstrap:
              dcs:
                ttl: 20
                loop_wait: 1
                retry_timeout: 3
                postgresql:
                  parameters:
                    archive_mode: 'on'
                    archive_command: '\(try stanza.archiveCommand(.roost))'
            postgresql:
              listen: '\(address):5432'
              connect_address: '\(address):5432'
              data_dir: \(cluster.dataDirectory)
              bin_dir: \(try TestHost.serverPrograms(major: cluster.major))
              pgpass: \(stanza.scratch.path)/patroni/pgpass
              authentication: {superuser: {username: postgres}, replication: {username: postgres}}
              parameters: {unix_socket_directories: '\(cluster.socketDirectory)', fsync: 'off', shared_buffers: 32MB}
              pg_hba: ['local all all trust', 'host all,replication all 127.0.0.0/8 trust']

            """)
    }

    private func start() throws {
        let (client, peer) = ("http://\(address):2379", "http://\(address):2380")
        let store = try Command(
            "/usr/bin/etcd",
            [
                "--data-dir=\(try scratch.directory("etcd", mode: 0o700))", "--listen-client-urls=\(client)",
                "--advertise-client-urls=\(client)", "--listen-peer-urls=\(peer)",
                "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=default=\(peer)",
            ]
        ).start()
        scratch.atEnd { store.send(SIGKILL) }
        scratch.atEnd { [self] in
            for process in try patroniProcesses() { kill(process, SIGKILL) }
            try cluster.stop(.immediate)
        }
        try waitUntil("the store") { try put("/pg/demo2/config", "of another cluster").succeeded }
        _ = try Command("/usr/bin/patroni", [configuration]).start()
        try waitForLeader()
    }

    func waitForLeader() throws {
        try waitUntil("Patroni to lead") { try cluster.isRunning && list().contains("\"Role\": \"Leader\"") }
        try waitUntil("writes") { try cluster.value("select pg_is_in_recovery()") == "f" }
    }

    func list() throws -> String { try control("list", "demo", "-f", "json").standardOutput }

    func control(_ words: String...) throws -> CommandResult {
        try Command("/usr/bin/patronictl", ["-c", configuration] + words).run()
    }

    /// Those that work with this configuration.
    func patroniProcesses() throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { id in
            let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
            let text = String(decoding: words, as: UTF8.self)
            return text.contains("/usr/bin/patroni\0\(configuration)\0")
        }
    }

    // MARK: the store

    private func put(_ key: String, _ value: String) throws -> CommandResult {
        try store("put", ["key": key, "value": value])
    }

    /// Whether the store has a key.
    func hasKey(_ key: String) throws -> Bool {
        try store("range", ["key": key]).requireSuccess().standardOutput.contains("\"kvs\"")
    }

    private func store(_ action: String, _ fields: [String: String]) throws -> CommandResult {
        let body = fields.map { "\"\($0)\":\"\(Data($1.utf8).base64EncodedString())\"" }.joined(separator: ",")
        let script = """
            import sys, urllib.request as u
            print(u.urlopen(u.Request(sys.argv[1], sys.argv[2].encode())).read().decode())
            """
        return try Command(
            "/usr/bin/python3", ["-c", script, "http://\(address):2379/v3/kv/\(action)", "{\(body)}"]
        ).run()
    }

    // MARK: roost

    @discardableResult
    func run(_ step: String, _ pitr: [String: Any], status: Int32 = 0) throws -> AdminResult {
        let specification: [String: Any] = [
            "cluster": ScratchStanza.name, "data": cluster.dataDirectory, "port": 5432,
            "socket_dir": cluster.socketDirectory, "config": stanza.configuration, "log": scratch.path + "/log",
            "bin_dir": try TestHost.serverPrograms(major: cluster.major), "pitr": pitr,
            "patroni": ["config": configuration, "scope": "demo", "name": "demo-1", "namespace": "/pg/"],
        ]
        let json = try JSONSerialization.data(withJSONObject: specification)
        let file = try scratch.file("spec.json", String(decoding: json, as: UTF8.self))
        let words = ["pitr", step, "--output=json", "--spec=\(file)", "--yes"]
        var command = Command(try Tool.roost.path, words)
        command.environment = ["LC_ALL": "C.UTF-8"]
        return try AdminResult(command.run().require(status: status))
    }
}
