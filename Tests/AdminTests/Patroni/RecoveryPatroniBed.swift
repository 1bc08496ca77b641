import Foundation
import RoostTesting

/// One member of a cluster under Patroni, with a store of its own, and a stanza.
final class RecoveryPatroniBed: Sendable {
    let stanza: ScratchStanza
    private let store: EtcdServer
    let configuration: String

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
        store = try EtcdServer(in: stanza.scratch)
        let address = store.address(1)
        let cluster = stanza.cluster
        configuration = try stanza.scratch.file(
            "patroni.yml",
            """
            scope: demo
            namespace: /pg/
            name: demo-1
            log: {dir: \(try stanza.scratch.directory("patroni"))}
            restapi: {listen: '\(address):8008', connect_address: '\(address):8008'}
            etcd3: {hosts: '\(store.client)'}
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
        scratch.atEnd { [self] in
            for process in try patroniProcesses() { kill(process, SIGKILL) }
            try cluster.stop(.immediate)
        }
        try waitUntil("the store") { try put("/pg/demo2/config", "of another cluster").succeeded }
        _ = try Command("/usr/bin/patroni", [configuration]).start()
        try waitForLeader()
        try waitUntil("the configuration in the store") { try hasKey("/pg/demo/config") }
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
        try ask("put", ["key": key, "value": value])
    }

    /// Whether the store has a key.
    func hasKey(_ key: String) throws -> Bool {
        try ask("range", ["key": key]).requireSuccess().standardOutput.contains("\"kvs\"")
    }

    private func ask(_ action: String, _ fields: [String: String]) throws -> CommandResult {
        let body = fields.map { "\"\($0)\":\"\(Data($1.utf8).base64EncodedString())\"" }.joined(separator: ",")
        let script = """
            import sys, urllib.request as u
            print(u.urlopen(u.Request(sys.argv[1], sys.argv[2].encode())).read().decode())
            """
        return try Command(
            "/usr/bin/python3", ["-c", script, "http://\(store.client)/v3/kv/\(action)", "{\(body)}"]
        ).run()
    }

    // MARK: roost

    @discardableResult
    func run(_ step: String, _ pitr: [String: Any], status: Int32 = 0) throws -> AdminResult {
        try AdminResult(command(step, pitr).run().require(status: status))
    }

    func command(_ step: String, _ pitr: [String: Any]) throws -> Command {
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
        return command
    }
}
