import Foundation
import RoostTesting
import Testing

/// What can be said of the playbooks without a host.
@Suite struct PlaybookFormTests {
    private static let names = ["pgsql.yml", "pgsql-rm.yml", "pgsql-pitr.yml"]
    private static let directory = HostBed.root + "/ansible"

    private func command(_ ansible: Ansible, _ words: [String], in scratch: ScratchDirectory) -> Command {
        var command = Command("/usr/bin/env", words, as: .root)
        command.directory = Self.directory
        command.environment = [
            "PATH": "\(ansible.programs):/usr/bin:/bin", "ANSIBLE_HOME": scratch.path + "/ansible",
            "HOME": scratch.path, "ANSIBLE_NOCOLOR": "1",
        ]
        return command
    }

    @Test(arguments: Ansible.allCases)
    func `the playbooks and the example inventory are understood`(_ ansible: Ansible) throws {
        try ScratchDirectory.with { scratch in
            let checked = try command(ansible, ["ansible-playbook", "--syntax-check"] + Self.names, in: scratch).run()
                .requireSuccess()
            #expect(!checked.output.contains("WARNING"), "\(checked)")
            let listed = try command(ansible, ["./pgsql.yml", "-t", "pg_backup", "--list-hosts"], in: scratch).run()
                .requireSuccess()
            #expect(listed.standardOutput.contains("hosts (4)"), "\(listed)")
        }
    }

    /// What they do on hosts is for the other suites.
    @Test func `the commands of the page are ones that the playbooks know`() throws {
        let blocks = try AdminPage().blocks(under: "Playbooks")
        try #require(blocks.count == 2)
        let lines = blocks.joined(separator: "\n").split(separator: "\n")
        try ScratchDirectory.with { scratch in
            for line in lines {
                let script = "\(line.prefix { $0 != "#" }) --list-tasks"
                let listed = try command(.debian, ["bash", "-euc", script], in: scratch).run().requireSuccess()
                // A tag that nothing has leaves only the checks before.
                #expect(listed.standardOutput.contains("roost : Run roost"), "\(listed)")
            }
        }
    }

    /// The same word has another meaning in each playbook (T20), and none leaves out who a host is and what is safeguarded.
    @Test(arguments: names)
    func `the tags are those of the page, and no tag leaves out a check`(_ playbook: String) throws {
        let page = try String(contentsOfFile: Self.directory + "/README.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n\(playbook)").dropFirst().first)
            .components(separatedBy: "\n\n")[0]
        var described: Set<String> = []
        for line in section.split(separator: "\n") {
            // Two blanks or more are between the tags and what they mean.
            guard let words = line.firstMatch(of: /^ +(\S+(?:, \S+)*)(?:  | \(|$)/)?.1 else { continue }
            described.formUnion(words.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            // One that does a part of another.
            described.formUnion(line.matches(of: /\(([a-z_]+):/).map { String($0.1) })
        }
        try ScratchDirectory.with { scratch in
            func list(_ words: String...) throws -> String {
                try command(.debian, ["./\(playbook)"] + words, in: scratch).run().requireSuccess().standardOutput
            }
            let listed = try #require(list("--list-tags", "-t", "all,never").firstMatch(of: /TASK TAGS: \[(.*)\]/)?.1)
            let tags = Set(listed.components(separatedBy: ", ")).subtracting(["always", "never"])
            #expect(tags == described)
            for tag in tags {
                let tasks = try list("--list-tasks", "-t", tag)
                #expect(tasks.contains("pg_id : Check the identity of the member"), "\(tag)")
                let isSafeguarded = tasks.contains("pg_remove : Refuse what is safeguarded")
                #expect(isSafeguarded == (playbook == "pgsql-rm.yml"), "\(tag)")
            }
        }
    }

    @Test func `tasks use modules of ansible builtin only, and ignore no error`() throws {
        let files = try #require(FileManager.default.enumerator(atPath: Self.directory)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".yml") }
        #expect(files.count > 20)
        let module = /^ +(?:- )?([a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+):/
        for file in files {
            let text = try String(contentsOfFile: Self.directory + "/" + file, encoding: .utf8)
            #expect(!text.contains("ignore_errors"), "\(file)")
            for line in text.split(separator: "\n") {
                guard let name = line.prefixMatch(of: module)?.1 else { continue }
                #expect(name.hasPrefix("ansible.builtin."), "\(file): \(line)")
            }
        }
    }

    /// Secrets are in the specification, which is given to one task only.
    @Test func `the specification goes to one task, whose output is not shown`() throws {
        let task = try String(contentsOfFile: Self.directory + "/roles/roost/tasks/main.yml", encoding: .utf8)
        #expect(task.contains("no_log: true"))
        let files = try #require(FileManager.default.enumerator(atPath: Self.directory + "/roles"))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".yml") }
        let users = try files.filter {
            try String(contentsOfFile: Self.directory + "/roles/" + $0, encoding: .utf8).contains("roost_spec")
        }
        #expect(Set(users) == ["roost/tasks/main.yml", "pg_id/vars/main.yml"])
    }

    @Test(.enabled(if: TestHost.isFull)) func `ansible-lint has nothing to say`() throws {
        try ScratchDirectory.with { scratch in
            _ = try command(.pypi, ["ansible-lint", "--nocolor", "--offline"], in: scratch).run().requireSuccess()
        }
    }
}
