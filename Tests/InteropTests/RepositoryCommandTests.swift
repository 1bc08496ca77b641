import Foundation
import RoostTesting
import Testing

/// Commands that look at a repository or change single things in it: the same output and exit status as stock's.
@Suite struct RepositoryCommandTests {
    @Test(
        arguments: TestHost.cases(
            [RepositoryOptions(.zst), RepositoryOptions(.gz, encrypted: true)],
            else: [RepositoryOptions(.gz, encrypted: true)]))
    func `lists, files and details are shown as stock shows them`(options: RepositoryOptions) throws {
        try ScratchStanza.with(options: options, archiver: .dropIn) { stanza in
            let space = try stanza.scratch.directory("space", mode: 0o700)
            try stanza.cluster.execute("create tablespace elsewhere location '\(space)'")
            let label = try stanza.backup(.dropIn, "full", "--annotation=by=hand")
            let history = stanza.scratch.path + "/00000002.history"
            try stanza.scratch.file("00000002.history", "1\t0/2000000\tno reason\n")
            try stanza.run(.dropIn, "archive-push", history)

            let segment = try FileManager.default
                .contentsOfDirectory(atPath: "\(stanza.repository)/archive/demo/15-1/0000000100000000").sorted()[0]
            let lists = [
                ["repo-ls"], ["repo-ls", "backup"], ["repo-ls", "backup/demo", "--output=json"],
                ["repo-ls", "--recurse", "archive"], ["repo-ls", "--recurse", "--sort=desc", "archive/"],
                ["repo-ls", "--recurse", "--filter=(info|manifest)$", "--output=json"],
                ["repo-ls", "\(stanza.repository)/backup/demo/backup.info", "--output=json"],
                ["repo-ls", "no/such/path"],
                ["repo-ls", "no/such/path", "--output=json"], ["repo-ls", "/etc"], ["repo-ls", "a//b"],
                ["repo-ls", "a", "b"],
            ]
            let files = [
                "archive/demo/archive.info", "backup/demo/backup.info.copy", "backup/demo/\(label)/backup.manifest",
                "archive/demo/15-1/00000002.history", "archive/demo/15-1/0000000100000000/\(segment)",
                "backup/demo/backup.history/2026/\(label).manifest.gz", "no/such/file", "backup", "x/y/z",
            ].flatMap { [["repo-get", $0], ["repo-get", "--raw", $0], ["repo-get", "--ignore-missing", $0]] }
            for arguments in lists + files + [["repo-get"], ["repo-rm", "backup/demo"], ["repo-rm", "a", "b"]] {
                let results = try [Tool.stock, .dropIn].map { try stanza.command($0, arguments).run() }
                #expect(results[0].status == results[1].status, "\(arguments)")
                if results[0].status == 0 {
                    #expect(results[0].standardOutput == results[1].standardOutput, "\(arguments)")
                }
            }

            // The line of the position is newer than 2.45.
            let details = try [Tool.stock, .dropIn].map { tool in
                try stanza.run(tool, "info", "--set=\(label)").standardOutput.split(separator: "\n").filter { line in
                    !["lsn start", "timestamp", " size: "].contains { line.contains($0) }
                }
            }
            #expect(details[0] == details[1])
            #expect(details[1].contains { $0.contains("elsewhere (") })
            let fields = try [Tool.stock, .dropIn].map { tool in
                try RepositoryInfo(json: stanza.run(tool, "info", "--set=\(label)", "--output=json").standardOutput)
                    .fields()
                    .filter { !$0.key.contains("lock.restore") }
            }
            for path in Set(fields[0].keys).union(fields[1].keys) {
                #expect(fields[0][path] == fields[1][path], "\(path)")
            }
            for arguments in [["--set=20200101-000000F"], ["--set=nothing"], ["--type=diff"]] {
                let texts = try [Tool.stock, .dropIn].map {
                    try stanza.command($0, ["info"] + arguments).run().standardOutput
                }
                #expect(texts[0] == texts[1], "\(arguments)")
            }
        }
    }

    @Test func `notes of one tool are changed by the other`() throws {
        try ScratchStanza.with(archiver: .dropIn) { stanza in
            let label = try stanza.backup(.dropIn)
            func notes() throws -> [String: String] {
                try stanza.info(.stock).fields().filter { $0.key.contains("annotation") }
            }
            try stanza.run(.stock, "annotate", "--set=\(label)", "--annotation=a=1", "--annotation=b=2")
            try stanza.run(.dropIn, "annotate", "--set=\(label)", "--annotation=a=", "--annotation=c=x y")
            #expect(
                try notes() == ["[0].backup[0].annotation.b": "2", "[0].backup[0].annotation.c": "x y"])
            try stanza.run(.dropIn, "annotate", "--set=\(label)", "--annotation=b=", "--annotation=c=")
            #expect(try notes().isEmpty)
            for tool in [Tool.stock, .dropIn] {
                try stanza.attempt(tool, "annotate", "--set=20200101-000000F", "--annotation=a=1").require(status: 75)
                try stanza.attempt(tool, "annotate", "--set=nothing", "--annotation=a=1").require(status: 32)
                try stanza.attempt(tool, "annotate", "--set=\(label)").require(status: 37)
                try stanza.attempt(tool, "annotate", "--set=\(label)", "--annotation=a").require(status: 31)
            }
        }
    }

    @Test(arguments: [Tool.stock, .dropIn])
    func `a stanza of either tool is deleted by the other, under the same conditions`(writer: Tool) throws {
        let tool = writer.other
        try ScratchStanza.with(archiver: writer) { stanza in
            try stanza.backup(writer)
            try stanza.attempt(tool, "stanza-delete").require(status: 55)
            try stanza.run(writer, "stop")
            try stanza.attempt(tool, "stanza-delete").require(status: 38)
            try stanza.cluster.stop()
            try stanza.run(tool, "stanza-delete")
            for part in ["archive", "backup"] {
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(stanza.repository)/\(part)").isEmpty)
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: stanza.lockDirectory).allSatisfy {
                    !$0.hasSuffix(".stop")
                })
            try stanza.run(tool, "stanza-delete")
            #expect(try stanza.run(tool, "info").standardOutput.contains("missing stanza path"))
        }
    }

    @Test func `repo-rm removes a file, a directory with all below, and nothing else`() throws {
        try ScratchStanza.with(archiver: .dropIn) { stanza in
            let label = try stanza.backup(.dropIn)
            try stanza.run(.dropIn, "repo-rm", "backup/demo/backup.info.copy")
            try stanza.run(.dropIn, "repo-rm", "--recurse", "backup/demo/\(label)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(stanza.repository)/backup/demo").sorted()
                    == ["backup.history", "backup.info", "latest"])
            try stanza.attempt(.dropIn, "repo-rm", "--recurse", "../lock").require(status: 96)
            #expect(FileManager.default.fileExists(atPath: stanza.lockDirectory))
        }
    }
}
