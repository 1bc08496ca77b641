import RoostSystem
import Testing

@testable import RoostOptions

@Suite struct HelpTests {
    private func help(_ line: String, _ dialect: Dialect = .pgbackrest) throws -> String {
        let options = try resolve(line, dialect: dialect)
        guard case .help(let topic) = options.purpose else { return "no help" }
        return Help(title: "pgBackRest 2.60.0", program: "pgbackrest", dialect: dialect).text(of: topic)
    }

    @Test(arguments: ["", "help", "--help"])
    func `without command there is general help`(line: String) throws {
        let text = try help(line)
        #expect(text.hasPrefix("pgBackRest 2.60.0 - General help\n\nUsage:\n    pgbackrest [OPTIONS] COMMAND"))
        #expect(text.contains("    archive-push    store a WAL segment in the repository\n"))
        #expect(!text.contains("repo-rm") && !text.contains("config "))
    }

    @Test(arguments: Command.allCases)
    func `every command has help that fits 80 columns`(command: Command) throws {
        let text = try help("help \(command.name)", .roost)
        #expect(text.contains("'\(command.name)' command help"))
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
    }

    @Test func `help of a command lists its options and not those of others or hidden ones`() throws {
        let text = try help("help backup")
        for line in [
            "\nCommand options:\n", "\nRepository options:\n", "  --start-fast   ", "  --repo1-path  ", "[default=gz]",
            "  --pg1-path ",
        ] {
            #expect(text.contains(line))
        }
        #expect(!text.contains("--dry-run") && !text.contains("--exec-id") && !text.contains("--fsync-method"))
        #expect(try help("help backup", .roost).contains("--fsync-method"))
        #expect(try help("help restore", .roost).contains("--dry-run"))
        #expect(try !help("help restore").contains("--dry-run"))
    }

    @Test(arguments: ["repo-retention-full", "repo1-retention-full", "retention-full"])
    func `help of an option tells all about it`(word: String) throws {
        #expect(
            try help("help backup \(word)") == """
                pgBackRest 2.60.0 - 'backup' command - 'repo-retention-full' option help

                How many full backups, or days of them, to keep.

                value: number
                allowed: 1 to 9999999
                given: command line, environment, configuration file
                deprecated name: retention-full

                """
        )
    }

    @Test func `every option has help`() throws {
        for option in Options.all {
            for command in Command.allCases where option.commands.contains(command, .main) {
                let text = Help(title: "t", program: "p", dialect: .roost).text(of: .option(command, option.name))
                #expect(text.contains("value: ") && text.contains("given: "), "\(option.name)")
            }
        }
    }

    @Test func `a flag behind a command explains the command under the name of Roost`() throws {
        #expect(try help("backup --help", .roost).contains("'backup' command help"))
        #expect(failure("backup --help") == "[031]: option 'help' not valid for command 'backup'")
    }

    @Test func `help is refused for options that the command does not have`() throws {
        #expect(failure("help backup --dry-run") == "[031]: option 'dry-run' not valid for command 'backup'")
        #expect(try help("help backup --stanza=demo").contains("'backup' command help"))
    }

    @Test func `the version can be asked for by command or flag`() throws {
        #expect(try resolve("version").command == .version)
        #expect(try resolve("--version").command == .version)
        #expect(try resolve("version --output=num")[Options.output] == "num")
        #expect(try resolve("--version")[Options.output] == "text")
        #expect(try resolve("--version").purpose == .run)
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ab", 1),
        ("kitten", "sitting", 3),
    ])
    func `distance counts added, removed, replaced and swapped letters`(first: String, second: String, distance: Int) {
        #expect(Suggestion.distance(Array(first.utf8), Array(second.utf8)) == distance)
        #expect(Suggestion.distance(Array(second.utf8), Array(first.utf8)) == distance)
    }

    @Test(arguments: [
        ("--strat-fast", "--start-fast"), ("--repo2-pathh=/x", "--repo2-path"), ("--compres-type=x", "--compress-type"),
        ("--stanzaa=x", "--stanza"),
    ])
    func `a misspelt option brings the right one to mind`(word: String, suggestion: String) {
        #expect(failure("backup \(word)").hasSuffix("\nHINT: did you mean '\(suggestion)'?"))
    }

    @Test func `what is far from everything brings nothing to mind`() {
        #expect(failure("backup --xyzzyxyzzy") == "[031]: invalid option '--xyzzyxyzzy'")
        #expect(failure("xyzzyxyzzy") == "[048]: invalid command 'xyzzyxyzzy'")
    }
}
