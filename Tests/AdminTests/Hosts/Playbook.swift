import Foundation
import RoostTesting

/// Which Ansible runs a playbook: the oldest and the newest that are supported.
enum Ansible: String, Sendable, CaseIterable {
    case debian, pypi

    var programs: String { self == .debian ? "/usr/bin" : "/var/cache/roost-test/ansible/bin" }
}

/// What a playbook did.
struct PlayResult: Sendable, CustomStringConvertible {
    /// The line of a host in the recap.
    struct Recap: Sendable, Equatable {
        var changed = 0
        var unreachable = 0
        var failed = 0
    }

    let result: CommandResult
    /// The addresses of the members that the inventory has, and that were asked for.
    let members: Set<String>
    /// By address.
    let recap: [String: Recap]

    var output: String { result.output }
    var changed: Int { recap.values.reduce(0) { $0 + $1.changed } }
    var failed: Int { recap.values.reduce(0) { $0 + $1.failed } }
    var description: String { "\(result)" }

    init(_ result: CommandResult, members: Set<String>) {
        self.result = result
        self.members = members
        var recap: [String: Recap] = [:]
        let lines = result.standardOutput.components(separatedBy: "PLAY RECAP").last ?? ""
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == ":" else { continue }
            var entry = Recap()
            for word in words.dropFirst(2) {
                let parts = word.split(separator: "=")
                guard parts.count == 2, let number = Int(parts[1]) else { continue }
                switch parts[0] {
                case "changed": entry.changed = number
                case "unreachable": entry.unreachable = number
                case "failed": entry.failed = number
                default: continue
                }
            }
            recap[String(words[0])] = entry
        }
        self.recap = recap
    }

    /// - Throws: ``TestFailure`` with the whole output unless it succeeded on each host that was asked for.
    @discardableResult
    func requireGreen() throws -> PlayResult {
        try result.requireSuccess()
        let succeeded = recap.filter { $0.value.failed == 0 && $0.value.unreachable == 0 }
        let missing = members.subtracting(succeeded.keys)
        guard missing.isEmpty, !members.isEmpty else { throw TestFailure("\(missing) took no part\n\(result)") }
        return self
    }
}

extension HostBed {
    /// Runs a playbook of `ansible/` as its first line says, with an inventory.
    ///
    /// - Parameters:
    ///   - host: Where it is run: ``admin``, or one of the hosts with `ansible_connection: local` in the inventory.
    ///   - arguments: As an administrator types them.
    func play(
        _ playbook: String, _ arguments: [String] = [], inventory: Inventory, with ansible: Ansible = .debian,
        on host: String = HostBed.admin
    ) throws -> PlayResult {
        let hosts = try scratch.file("inventory.json", inventory.text(key: directory + "/key"))
        let isAdmin = host == Self.admin
        let directory = isAdmin ? Self.root + "/ansible" : Self.playbooks
        var words = ["env", "-C", directory, "ANSIBLE_HOME=\(isAdmin ? scratch.path : "/tmp")/ansible"]
        // Its connections stay open for a minute, and the hosts of all beds have the same addresses.
        words.append("ANSIBLE_SSH_CONTROL_PATH_DIR=\(isAdmin ? scratch.path : "/tmp")/cp")
        words += ["PATH=\(ansible.programs):/usr/local/bin:/usr/bin:/bin", "ANSIBLE_NOCOLOR=1", "./\(playbook)"]
        if isAdmin {
            words += ["-i", hosts]
        } else {
            try command(host, ["tee", "/tmp/inventory.json"], as: .root).with(input: hosts).run().requireSuccess()
            words += ["-i", "/tmp/inventory.json"]
        }
        let result = try command(host, words + arguments, as: .root).run()
        return PlayResult(result, members: inventory.members(limitedBy: arguments))
    }
}

extension Command {
    func with(input: String) -> Command {
        var copy = self
        copy.input = input
        return copy
    }
}
