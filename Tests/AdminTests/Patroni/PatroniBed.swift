import Foundation
import RoostTesting

/// Two members of a cluster that Patroni manages, with etcd, on loopback addresses of their own.
final class PatroniBed: Sendable {
    let leader: AdminBed
    let replica: AdminBed
    let configuration: String

    /// Starts all of it and waits until both members are as they should be.
    init(in scratch: ScratchDirectory) throws {
        let store = try EtcdServer(in: scratch)
        var beds: [AdminBed] = []
        var files: [String] = []
        for number in 1...2 {
            let name = "pg-test-\(number)"
            let data = scratch.path + "/\(name)/data"
            let cluster = try ScratchCluster(major: 15, dataDirectory: data, in: scratch)
            beds.append(
                try AdminBed(
                    named: name, cluster: cluster, in: scratch, repository: scratch.path + "/backup"))
            files.append(
                try scratch.file(
                    "\(name).yml",
                    Self.configuration(
                        name, cluster, address: store.address(number), store: store.client,
                        programs: TestHost.serverPrograms(major: 15)), mode: 0o600))
        }
        (leader, replica, configuration) = (beds[0], beds[1], files[0])
        for (bed, file) in zip(beds, files) {
            let patroni = try Command("/usr/bin/patroni", [file]).start()
            scratch.atEnd {
                patroni.send(SIGTERM)
                _ = try patroni.wait()
                // One that a command has started in its place.
                for id in try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap({ Int32($0) }) {
                    let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
                    if String(decoding: words, as: UTF8.self).hasSuffix("patroni\0\(file)\0") { kill(id, SIGTERM) }
                }
            }
            try waitUntil("\(bed.name) to be up", timeout: 90) {
                let list = try self.control("list", "pg-test", "-f", "json").standardOutput
                return list.contains("\"Member\": \"\(bed.name)\"") && !list.contains("creating")
                    && list.components(separatedBy: "running").count + list.components(separatedBy: "streaming").count
                        == beds.prefix { $0 !== bed }.count + 3
            }
        }
    }

    /// `patronictl`.
    func control(_ arguments: String...) throws -> CommandResult {
        try Command("/usr/bin/patronictl", ["-c", configuration] + arguments).run()
    }

    /// Of the specification of a member.
    func changes(_ bed: AdminBed, role: String) -> [String: Any] {
        [
            "cluster": "pg-test", "role": role, "service": "auto",
            "patroni": [
                "config": "\(bed.scratch.path)/\(bed.name).yml", "scope": "pg-test", "namespace": "/pg",
                "name": bed.name,
            ],
            "repo": ["method": "nfs", "path": bed.repository, "retention_full": 2, "block": "n"],
        ]
    }

    private static func configuration(
        _ name: String, _ cluster: ScratchCluster, address: String, store: String, programs: String
    ) -> String {
        """
        scope: pg-test
        namespace: /pg/
        name: \(name)
        restapi: {listen: '\(address):8008', connect_address: '\(address):8008'}
        etcd3: {hosts: '\(store)'}
        bootstrap:
          dcs:
            ttl: 20
            loop_wait: 1
            retry_timeout: 3
            postgresql: {use_pg_rewind: false, parameters: {fsync: 'off', shared_buffers: 32MB, max_connections: 20}}
          initdb: [{encoding: UTF8}, {auth: trust}, {wal-segsize: '1'}]
        postgresql:
          listen: '\(address):\(cluster.port)'
          connect_address: '\(address):\(cluster.port)'
          data_dir: \(cluster.dataDirectory)
          bin_dir: \(programs)
          pgpass: \(cluster.socketDirectory)/pgpass
          parameters: {unix_socket_directories: \(cluster.socketDirectory)}
          pg_hba: ['local all all trust', 'host all,replication all 127.0.0.0/8 trust']
          authentication: {superuser: {username: postgres}, replication: {username: postgres}}

        """
    }
}
