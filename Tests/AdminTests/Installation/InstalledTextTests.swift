import Foundation
import RoostTesting
import Testing

/// The manual and the completion, as man and bash understand them.
@Suite struct InstalledTextTests {
    private static let installed = Result {
        let scratch = try ScratchDirectory()
        let root = try scratch.directory("texts")
        try Command(try Tool.roost.path, ["install", "--root", root]).run().requireSuccess()
        return (root, scratch)
    }

    private var share: String { get throws { try Self.installed.get().0 + "/usr/local/share" } }

    @Test func `man renders every page without a warning`() throws {
        let directory = try share + "/man/man1"
        let pages = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(pages.count > 25)
        for page in pages {
            let result = try Command(
                "/usr/bin/man", ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "\(directory)/\(page)"]
            )
            .run().requireSuccess()
            #expect(result.standardError == "", "\(page): \(result.standardError)")
        }
        var command = Command("/usr/bin/man", ["-l", "-Tutf8", directory + "/roost-dump.1"])
        command.environment = ["MANWIDTH": "100", "LC_ALL": "C.UTF-8"]
        let text = try command.run().requireSuccess().standardOutput.replacing(/.\u{8}/, with: "")
        let help = try Command(try Tool.roost.path, ["dump", "--help"]).run().requireSuccess().standardOutput
        func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        for part in [
            "roost-dump - make a logical dump with pg_dump or pg_dumpall",
            "roost dump [OPTION]... DATABASE [-- PG_DUMP-OPTION...]",
            "A dump is no source for point-in-time recovery", "roost dump -d /pg/backup app -- -Fc -t 'public.*'",
        ] { #expect(words(text).contains(part), "\(part) in \(text)") }
        for option in help.split(separator: "\n") where option.hasPrefix("  -") {
            #expect(words(text).contains(words(String(option))), "\(option)")
        }
    }

    @Test func `each command that help lists has its page`() throws {
        let help = try Command(try Tool.roost.path, ["help"]).run().requireSuccess().standardOutput
        let commands = help.split(separator: "\n").filter { $0.hasPrefix("    ") && !$0.hasPrefix("    roost ") }
            .compactMap { $0.split(separator: " ").first }
        #expect(commands.count > 30)
        for command in commands {
            let page = try String(contentsOfFile: try share + "/man/man1/roost-\(command).1", encoding: .utf8)
            #expect(page.contains(".SH OPTIONS"), "\(command)")
        }
    }

    private func complete(_ words: String...) throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            source \(try share)/bash-completion/completions/roost
            COMP_WORDS=(\(list)) COMP_CWORD=\(words.count - 1)
            _roost
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try Command("/bin/bash", ["--norc", "-uc", script]).run().requireSuccess()
        #expect(result.standardError == "")
        return result.standardOutput.split(separator: "\n").map(String.init)
    }

    @Test func `bash completes commands, options and words`() throws {
        #expect(try complete("roost", "stanza-") == ["stanza-create", "stanza-delete", "stanza-upgrade"])
        #expect(try complete("roost", "du") == ["dump"])
        #expect(try complete("roost", "doc") == ["doctor"])
        #expect(try complete("pgbackrest", "du") == [])
        #expect(try complete("pgbackrest", "back") == ["backup"])
        #expect(try complete("roost", "--stanza=demo", "backup", "--start") == ["--start-fast"])
        #expect(try complete("roost", "backup", "--compress-l") == ["--compress-level=", "--compress-level-network="])
        #expect(try complete("roost", "backup", "--type", "=", "").sorted() == ["diff", "full", "incr"])
        #expect(try complete("roost", "backup", "--type", "=", "f") == ["full"])
        #expect(try complete("roost", "backup", "--type", "=").sorted() == ["diff", "full", "incr"])
        #expect(try complete("roost", "dump", "--gl") == ["--globals"])
        #expect(try complete("pg-pitr", "--d").sorted() == ["--data=", "--default", "--dry-run"])
        #expect(try complete("pg-basebackup", "--enc").sorted() == ["--encrypt", "--encryption"])
        #expect(try complete("roost", "dump", "--output", "=", "j") == ["json"])
        #expect(try complete("/usr/bin/pg-basebackup", "--dst") == ["--dst="])
        #expect(try complete("roost", "dump", "app") == [])
        // A secret has no place on a command line.
        #expect(try complete("roost", "backup", "--repo1-cipher-p") == [])
    }
}
