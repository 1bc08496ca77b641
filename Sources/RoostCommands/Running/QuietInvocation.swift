internal import RoostOptions
internal import RoostSystem

extension Invocation {
    /// The options that a command of the engine would have, for those that only look and have a command line of their own.
    ///
    /// - Parameters:
    ///   - configuration: The file; nil for the default and the environment.
    ///   - further: Options as on the command line.
    /// - Throws: What keeps the options from being resolved.
    static func quiet(
        _ command: String, stanza: String?, configuration: String?, _ further: [String] = []
    ) throws(RoostError) -> Invocation {
        let options =
            (configuration.map { ["--config=\($0)"] } ?? []) + (stanza.map { ["--stanza=\($0)"] } ?? []) + further
        // It writes nothing, so that root may ask too.
        let input = OptionInput(
            program: CommandEngine.program, arguments: options + [command], environment: CurrentProcess.environment(),
            dialect: .roost, isRoot: false)
        var resolved = try ResolvedOptions.resolve(input)
        _ = try resolved.applyRules()
        return Invocation(
            options: resolved, log: CommandLog(CommandLog.Levels(), timestamp: false), isFriendly: false)
    }
}
