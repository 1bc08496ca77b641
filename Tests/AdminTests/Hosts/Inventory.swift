import Foundation

/// The inventory of a test: clusters with their members, and what else is to be said, as Ansible takes it in JSON.
struct Inventory: Sendable {
    struct Cluster: Sendable {
        var name: String
        /// Addresses; the first one is the declared primary.
        var members: [String]
        var variables: [String: Value] = [:]
    }

    /// A value of a variable.
    indirect enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
        ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
    {
        case text(String)
        case number(Int)
        case truth(Bool)
        case map([String: Value])
        case list([Value])

        init(stringLiteral value: String) { self = .text(value) }
        init(integerLiteral value: Int) { self = .number(value) }
        init(booleanLiteral value: Bool) { self = .truth(value) }
        init(dictionaryLiteral elements: (String, Value)...) { self = .map(Dictionary(uniqueKeysWithValues: elements)) }
        init(arrayLiteral elements: Value...) { self = .list(elements) }

        var plain: Any {
            switch self {
            case .text(let text): text
            case .number(let number): number
            case .truth(let truth): truth
            case .map(let map): map.mapValues(\.plain)
            case .list(let list): list.map(\.plain)
            }
        }
    }

    var clusters: [Cluster]
    var variables: [String: Value] = [:]

    /// The addresses that a command line means: those of the cluster, or the one, that follows `-l`, else all.
    func members(limitedBy arguments: [String]) -> Set<String> {
        let limits = zip(arguments, arguments.dropFirst()).filter { $0.0 == "-l" }.flatMap {
            $0.1.split(separator: ",")
        }
        return Set(
            clusters.flatMap { cluster in
                cluster.members.filter { member in
                    limits.isEmpty || limits.contains { $0 == cluster.name || $0 == member }
                }
            })
    }

    /// - Parameter key: The file of the ssh key that opens the hosts.
    func text(key: String) throws -> String {
        var groups: [String: Any] = [:]
        for cluster in clusters {
            var hosts: [String: Any] = [:]
            for (number, address) in cluster.members.enumerated() {
                hosts[address] =
                    ["pg_seq": number + 1, "pg_role": number == 0 ? "primary" : "replica"] as [String: Any]
            }
            var variables = cluster.variables.mapValues(\.plain)
            variables["pg_cluster"] = cluster.name
            groups[cluster.name] = ["hosts": hosts, "vars": variables]
        }
        let common: [String: Value] = [
            "pg_version": 15, "pg_bin_dir": "/usr/lib/postgresql/15/bin", "patroni_enabled": false,
            "ansible_ssh_private_key_file": .text(key),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        ]
        let all: [String: Any] = [
            "all": [
                "children": groups, "vars": common.merging(variables) { $1 }.mapValues(\.plain),
            ] as [String: Any]
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: all, options: .sortedKeys), as: UTF8.self)
    }
}
