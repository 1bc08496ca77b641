import RoostSystem
import Testing

@testable import RoostOptions

/// A command line that names no stanza.
@Suite struct AssumedStanzaTests {
    private static let file = "/etc/pgbackrest/pgbackrest.conf"
    private static let one =
        "[global]\nrepo1-path=/r\n[global:backup]\nstart-fast=y\n[demo:backup]\nprocess-max=3\n[demo]\npg1-path=/pg\n"
    private static let server =
        "server --tls-server-auth=client=demo --tls-server-ca-file=/ca --tls-server-cert-file=/c --tls-server-key-file=/k"
    private static let two = "[first]\npg1-path=/f\n[another]\npg1-path=/a\n"

    @Test(arguments: ["backup", "restore", "archive-push /wal", "expire", "verify", "stanza-create", "config show"])
    func `roost takes the only one of the configuration where a command needs one`(line: String) throws {
        let options = try resolve(line, config: Self.one, dialect: .roost)
        #expect(options[Options.stanza] == "demo")
        #expect(options.source(of: Options.stanza) == .file(path: Self.file, section: "demo:backup"))
        if options.isValid(Options.pgPath) { #expect(options[Options.pgPath] == "/pg") }
        if options.command == .backup { #expect(options[Options.processMax] == 3) }
    }

    @Test(arguments: ["info", "check", "start", "stop", "repo-ls", Self.server, "config show --for=server"])
    func `what can be about all stanzas is about all of them`(line: String) throws {
        let options = try resolve(line, config: Self.one, dialect: .roost)
        #expect(!options.isValid(Options.stanza) || options[Options.stanza] == nil)
    }

    @Test func `a stanza that is named is the one that is meant`() throws {
        let line = "backup --pg1-path=/pg"
        let named = try resolve("\(line) --stanza=other", config: Self.one, dialect: .roost)
        #expect(named[Options.stanza] == "other")
        let variable = try resolve(line, config: Self.one, environment: ["PGBACKREST_STANZA=other"], dialect: .roost)
        #expect(variable[Options.stanza] == "other")
    }

    @Test func `where none can be assumed the error tells which there are`() {
        #expect(
            failure("backup", config: Self.two, dialect: .roost) == """
                [037]: backup command requires option: stanza
                HINT: name one of the configuration with --stanza: another, first.
                """)
        #expect(
            failure("backup", config: "[global]\nrepo1-path=/r\n", dialect: .roost) == """
                [037]: backup command requires option: stanza
                HINT: no stanza has settings in the configuration.
                """)
        // As pgbackrest, one by one what pgBackRest says.
        #expect(failure("backup", config: Self.one) == "[037]: backup command requires option: stanza")
    }

    @Test(arguments: [
        ("backup", "first"), ("info", "first"), ("stop", "first"), ("repo-ls", "first"), ("version", nil),
    ])
    func `the first of several is taken by those that want it, for all that know the option`(
        line: String, stanza: String?
    ) throws {
        let options = try resolveFirst([line])
        #expect((options.isValid(Options.stanza) ? options[Options.stanza] : nil) == stanza)
    }

    @Test func `the first gives way to one that is named`() throws {
        #expect(try resolveFirst(["--stanza=another", "info"])[Options.stanza] == "another")
    }

    private func resolveFirst(_ arguments: [String]) throws -> ResolvedOptions {
        var input = OptionInput(
            program: "/usr/bin/pgbackrest", arguments: arguments, files: MemoryFiles(files: [Self.file: Self.two]))
        input.assumedStanza = .first
        return try ResolvedOptions.resolve(input)
    }

    /// A second section may come, and the server's environment is not that of who restores.
    @Test(arguments: [Self.one, "[global]\nrepo1-path=/r\n"])
    func `another process is told the stanza wherever it comes from`(config: String) throws {
        let options = try resolve(
            "restore --pg1-path=/pg", config: config,
            environment: config == Self.one ? [] : ["PGBACKREST_STANZA=demo"], dialect: .roost)
        #expect(
            options.restoreCommand == #"/usr/bin/pgbackrest --pg1-path=/pg --stanza=demo archive-get %f "%p""#)
        let worker = options.arguments(for: .archivePush, .async)
        #expect(worker.contains("--stanza=demo"))
    }
}
