import Foundation
import RoostTesting
import Testing

/// `roost install` below a directory that stands for the root of a system: never on the real one.
@Suite struct InstallTests {
    private struct System {
        let root: String

        func run(_ command: String, _ arguments: String...) throws -> CommandResult {
            try Command(try Tool.roost.path, [command, "--root", root] + arguments).run()
        }

        func path(_ name: String) -> String { root + name }

        /// Every file, link and directory but those of dpkg, with what tells whether it has changed.
        var tree: DirectoryTree { get throws { try DirectoryTree(root) } }

        func isThere(_ name: String) -> Bool {
            (try? FileManager.default.attributesOfItem(atPath: path(name))) != nil
        }

        func link(_ name: String) throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: path(name))
        }
    }

    /// An empty system with the directories of dpkg.
    private func with(_ body: (System) throws -> Void) throws {
        try ScratchDirectory.with { scratch in
            let root = try scratch.directory("root")
            let script =
                "mkdir -p \(root)/usr/bin \(root)/var/lib/dpkg/info \(root)/var/lib/dpkg/updates; : > \(root)/var/lib/dpkg/status"
            try Command("/bin/bash", ["-euc", script]).run().requireSuccess()
            try body(System(root: root))
        }
    }

    private static let names = ["pb", "pg-backup", "pg-basebackup", "pg-role"]

    @Test func `everything is put in its place, once, and taken away again`() throws {
        try with { system in
            let before = try system.tree
            let dry = try system.run("install", "--dry-run").requireSuccess()
            #expect(dry.standardOutput.hasPrefix("dry run: nothing is changed\n"))
            #expect(try system.tree == before)

            let first = try system.run("install", "--output=json").requireSuccess()
            #expect(first.standardOutput.contains(#""changed":true"#))
            let program = Command(system.path("/usr/local/bin/roost"), ["version"])
            #expect(try program.run().requireSuccess().standardOutput.contains("2.60.0"))
            for name in Self.names {
                #expect(try system.link("/usr/local/bin/\(name)") == "roost")
                #expect(try system.link("/usr/local/share/bash-completion/completions/\(name)") == "roost")
            }
            #expect(try Command(system.path("/usr/local/bin/pg-role")).run().standardOutput == "unknown\n")
            #expect(!system.isThere("/usr/bin/pgbackrest"))
            let modes = [
                "/usr/local/bin/roost": 0o755, "/usr/local/share/man/man1/roost.1": 0o644, "/usr/local/share": 0o755,
            ]
            for (name, mode) in modes {
                let found = try FileManager.default.attributesOfItem(atPath: system.path(name))[.posixPermissions]
                #expect(found as? Int == mode, "\(name)")
            }

            let after = try system.tree
            let second = try system.run("install", "--output=json").requireSuccess()
            #expect(second.standardOutput.contains(#""changed":false"#))
            #expect(try system.tree.differences(from: after, allowing: { $0.hasSuffix("/installed") }) == [])

            let would = try system.run("uninstall", "--dry-run").requireSuccess()
            #expect(would.standardOutput.contains("would"))
            #expect(try system.tree.differences(from: after, allowing: { $0.hasSuffix("/installed") }) == [])
            try system.run("uninstall").requireSuccess()
            #expect(try system.tree.differences(from: before) == [])
            let again = try system.run("uninstall").requireSuccess()
            #expect(again.standardOutput.contains("nothing is installed"))
        }
    }

    @Test func `what somebody else has put there is neither replaced nor removed`() throws {
        try with { system in
            let script = """
                mkdir -p \(system.root)/usr/local/bin; echo mine > \(system.root)/usr/local/bin/pg-backup
                ln -s elsewhere \(system.root)/usr/local/bin/pg-role
                """
            try Command("/bin/bash", ["-euc", script]).run().requireSuccess()
            let before = try system.tree
            let refused = try system.run("install").require(status: 4)
            #expect(refused.standardError.contains("'/usr/local/bin/pg-backup', '/usr/local/bin/pg-role'"))
            #expect(try system.tree == before)

            try Command("/bin/rm", [system.path("/usr/local/bin/pg-backup"), system.path("/usr/local/bin/pg-role")])
                .run()
                .requireSuccess()
            try system.run("install").requireSuccess()
            // Changed since: an update refuses, a removal leaves it.
            try Command("/bin/bash", ["-c", "echo mine > \(system.root)/usr/local/share/man/man1/roost.1"]).run()
                .requireSuccess()
            try system.run("install").require(status: 4)
            let removal = try system.run("uninstall").requireSuccess()
            #expect(
                removal.standardOutput.contains("'/usr/local/share/man/man1/roost.1' has been changed since, it stays"))
            #expect(try contents(system.path("/usr/local/share/man/man1/roost.1")) == Data("mine\n".utf8))
            #expect(system.isThere("/usr/local/bin"), "it was there before")
            #expect(!system.isThere("/usr/local/share/bash-completion"))
        }
    }

    @Test func `a newer release replaces the older one, and what it no longer has goes`() throws {
        try with { system in
            try system.run("install", "--prefix=/opt/roost").requireSuccess()
            // As if the one before had another program and one page more.
            let manifest = system.path("/opt/roost/share/roost/installed")
            let script = """
                echo old > \(system.root)/opt/roost/bin/roost; echo page > \(system.root)/opt/roost/share/man/man1/roost-old.1
                old=$(sha1sum < \(system.root)/opt/roost/bin/roost | cut -c1-40)
                page=$(sha1sum < \(system.root)/opt/roost/share/man/man1/roost-old.1 | cut -c1-40)
                sed -i -e "s|^file.*\\(/opt/roost/bin/roost\\)$|file\\t$old\\t\\1|" \(manifest)
                printf 'file\\t%s\\t/opt/roost/share/man/man1/roost-old.1\\n' $page >> \(manifest)
                """
            try Command("/bin/bash", ["-euc", script]).run().requireSuccess()
            let update = try system.run("install", "--prefix=/opt/roost").requireSuccess()
            #expect(update.standardOutput.contains("changed  program     /opt/roost/bin/roost\n"), "\(update)")
            #expect(!system.isThere("/opt/roost/share/man/man1/roost-old.1"))
            #expect(try contents(system.path("/opt/roost/bin/roost")).count > 1000)
            try system.run("uninstall", "--prefix=/opt/roost").requireSuccess()
            #expect(!system.isThere("/opt"))
        }
    }

    @Test(arguments: [true, false])
    func `a package's pgbackrest is kept aside and brought back`(isInstalled: Bool) throws {
        try with { system in
            if isInstalled {
                try Command("/bin/bash", ["-c", "echo package > \(system.root)/usr/bin/pgbackrest"]).run()
                    .requireSuccess()
            }
            let before = try system.tree
            let dry = try system.run("install", "--pgbackrest", "--dry-run").requireSuccess()
            #expect(dry.standardOutput.contains("would    pgbackrest  '/usr/bin/pgbackrest' to /usr/local/bin/roost"))
            #expect(try system.tree == before)
            try system.run("install", "--pgbackrest").requireSuccess()
            #expect(try system.link("/usr/bin/pgbackrest") == "/usr/local/bin/roost")
            #expect(system.isThere("/usr/bin/pgbackrest.distrib") == isInstalled)
            #expect(try system.link("/usr/local/share/bash-completion/completions/pgbackrest") == "roost")
            let diverted = try Command(
                "/usr/bin/dpkg-divert", ["--root=\(system.root)", "--truename", "/usr/bin/pgbackrest"]
            )
            .run().requireSuccess()
            #expect(diverted.standardOutput == "/usr/bin/pgbackrest.distrib\n")
            let second = try system.run("install", "--pgbackrest", "--output=json").requireSuccess()
            #expect(second.standardOutput.contains(#""changed":false"#))
            // Without the option the link stays as it is.
            let third = try system.run("install", "--output=json").requireSuccess()
            #expect(try system.link("/usr/bin/pgbackrest") == "/usr/local/bin/roost", "\(third)")
            try system.run("uninstall").requireSuccess()
            let isOfDpkg = { (path: String) in path.hasPrefix("var/lib/dpkg") }
            #expect(try system.tree.differences(from: before, allowing: isOfDpkg) == [])
            let free = try Command("/usr/bin/dpkg-divert", ["--root=\(system.root)", "--list"]).run().requireSuccess()
            #expect(free.standardOutput == "")
        }
    }

    @Test func `without dpkg-divert an existing pgbackrest is refused before anything is done`() throws {
        try with { system in
            try Command("/bin/bash", ["-c", "echo mine > \(system.root)/usr/bin/pgbackrest"]).run().requireSuccess()
            let before = try system.tree
            var command = Command(try Tool.roost.path, ["install", "--root", system.root, "--pgbackrest"])
            command.environment = ["PATH": "/nonexistent"]
            try command.run().require(status: 4)
            #expect(try system.tree == before)
        }
    }

    @Test(arguments: [
        "fsync:1:ENOSPC:roost.pgbackrest.tmp", "rename:5:EIO", "link:2:EACCES", "mkdir:4:EACCES", "unlink:3:EACCES",
    ])
    func `an installation that breaks off is completed by the next and known to the removal`(fault: String) throws {
        for finishes in [true, false] {
            try with { system in
                let before = try system.tree
                var command = Command(try Tool.roost.path, ["install", "--root", system.root])
                command.environment = ["ROOST_FAULT": fault]
                #expect(try !command.run().succeeded)
                if finishes { try system.run("install").requireSuccess() }
                if finishes { #expect(try system.link("/usr/local/bin/pg-role") == "roost") }
                try system.run("uninstall").requireSuccess()
                // Where the list of what is installed is to lie must be made before it can tell of it.
                let isUnknown = { (path: String) in fault.hasPrefix("mkdir") && path == "usr/local" }
                #expect(try system.tree.differences(from: before, allowing: isUnknown) == [])
            }
        }
    }

    @Test(arguments: [
        ["install", "--prefix", "usr"], ["install", "--prefix=/usr/"], ["install", "--root=/a/../b"], ["install", "x"],
        ["uninstall", "--pgbackrest"], ["install", "--nonsense"], ["install", "--prefix=/"],
        ["install", "--output=xml"],
    ])
    func `what is wrong with the command line is told`(arguments: [String]) throws {
        try Command(try Tool.roost.path, arguments).run().require(status: 3)
    }

    @Test func `of several runs at once none spoils what another does`() throws {
        try with { system in
            let words = ["install", "--root", system.root, "--pgbackrest"]
            let runs = try (1...4).map { _ in try Command(try Tool.roost.path, words).start() }
            for run in runs {
                let result = try run.wait()
                // One that had to wait for too long.
                #expect(result.succeeded || result.status == 50, "\(result)")
            }
            let together = try DirectoryTree(system.path("/usr"))
            try system.run("uninstall").requireSuccess()
            try system.run("install", "--pgbackrest").requireSuccess()
            let alone = try DirectoryTree(system.path("/usr"))
            #expect(together.differences(from: alone, times: false) == [])
        }
    }
}
