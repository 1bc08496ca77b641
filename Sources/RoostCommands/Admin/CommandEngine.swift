internal import RoostAdmin
internal import RoostOptions
internal import RoostSystem

/// The engine's commands, run in this process as if somebody had typed them.
struct CommandEngine: StanzaEngine {
    private let stanza: String
    private let configuration: String
    private let isFriendly: Bool

    /// - Parameter isQuiet: Whether standard output is for one JSON object.
    init(_ specification: ClusterSpecification, isQuiet: Bool) {
        stanza = specification.cluster
        configuration = specification.configuration
        isFriendly = !isQuiet && StandardOutput.isTerminal
    }

    private func common(_ configuration: String) -> [String] { ["--config=\(configuration)", "--stanza=\(stanza)"] }

    func run(_ command: String, _ options: [String]) throws(RoostError) {
        var failure: RoostError?
        // Standard output is for the report; what a person must see comes by the other stream, an error in the report.
        let streams = ["--log-level-console=off", "--log-level-stderr=\(isFriendly ? "warn" : "off")"]
        let runner = CommandRunner(program: Self.program, dialect: isFriendly ? .roost : .pgbackrest) { failure = $0 }
        let status = runner.run(common(configuration) + streams + options + [command])
        if let failure { throw failure }
        guard status == 0 else { throw RoostError(.unknown, "\(command) ended with exit status \(status)") }
    }

    func configured() throws(RoostError) -> ConfiguredEngine { try configured(by: configuration) }

    func configured(by path: String) throws(RoostError) -> ConfiguredEngine {
        // Of all commands the one that knows every option that is asked for here.
        let input = OptionInput(
            program: Self.program, arguments: common(path) + ["restore"], environment: CurrentProcess.environment(),
            dialect: .pgbackrest)
        let options = try ResolvedOptions.resolve(input)
        let invocation = Invocation(
            options: options, log: CommandLog(CommandLog.Levels(), timestamp: false), isFriendly: false)
        let isLocal = options[Options.repoType] == "posix" && options[Options.repoHost] == nil
        return ConfiguredEngine(
            repository: try invocation.repository(stanza), lockPath: options[Options.lockPath],
            spoolPath: options[Options.spoolPath], dataDirectory: options[Options.pgPath],
            repositoryPath: isLocal ? options[Options.repoPath] : nil,
            lockProbe: isLocal ? PosixLockProbe(root: options[Options.repoPath], stanza: stanza) : nil)
    }

    /// The file of this program: asynchronous archiving starts it again.
    static var program: String {
        // Without /proc the name by which it was called must do.
        (try? FileSystem.linkDestination("/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
