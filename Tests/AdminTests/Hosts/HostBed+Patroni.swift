import Foundation
import RoostTesting

/// Which Patroni manages the servers.
enum PatroniRelease: String, Sendable, CaseIterable {
    case debian, pypi

    /// Where its programs are.
    var directory: String { self == .debian ? "/usr/bin" : "/var/cache/roost-test/patroni/bin" }
}

extension HostBed {
    /// Has the hosts use a release of Patroni, and starts etcd on the first of them.
    ///
    /// - Returns: What an inventory says of both.
    func preparePatroni(_ release: PatroniRelease) throws -> [String: Inventory.Value] {
        for host in hosts where release != .debian {
            for program in ["patroni", "patronictl"] {
                try run(host.name, "ln", "-sf", "\(release.directory)/\(program)", "/usr/bin/\(program)", as: .root)
            }
        }
        let client = "http://\(hosts[0].address):2379"
        let peer = "http://127.0.0.1:2380"
        try run(
            "h1", "systemd-run", "--quiet", "--unit=etcd-bed", "-p", "Type=notify", "etcd", "--data-dir=/tmp/etcd",
            "--listen-client-urls=http://0.0.0.0:2379", "--advertise-client-urls=\(client)",
            "--listen-peer-urls=\(peer)", "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=default=\(peer)",
            "--unsafe-no-fsync", as: .root)
        return [
            "patroni_enabled": true, "patroni_store": ["etcd3": ["hosts": [.text("\(hosts[0].address):2379")]]],
        ]
    }

    /// A member as `patronictl list` shows it: role and state.
    func patroniMembers(_ host: String = "h1", cluster: String) throws -> [String: String] {
        let text = try run(host, "patronictl", "-c", "/etc/patroni/patroni.yml", "list", cluster, "-f", "json")
        let rows = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
        return rows.reduce(into: [:]) { members, row in
            guard let name = row["Member"] as? String, let role = row["Role"] as? String else { return }
            members[name] = "\(role) \(row["State"] as? String ?? "")"
        }
    }

    /// Waits until the members of a cluster are a running leader and replicas that follow it.
    func waitForMembers(_ names: [String], cluster: String) throws {
        try waitUntil("the members of \(cluster) to run", timeout: 120) {
            let members = try patroniMembers(cluster: cluster)
            let following = members.values.filter { ["Replica running", "Replica streaming"].contains($0) }.count
            return Set(members.keys) == Set(names) && members.values.contains("Leader running")
                && following == names.count - 1
        }
    }
}
