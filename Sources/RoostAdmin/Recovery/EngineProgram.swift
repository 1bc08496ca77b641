internal import RoostSystem

/// Runs commands of the engine as programs of their own: by another configuration than the cluster's, and so that what they say
/// can be read; ``StanzaEngine`` runs them by the cluster's own, in this process.
///
/// It is this program, by the path that it was started from: PostgreSQL is told that path for its `restore_command`.
struct EngineProgram {
    /// The options that tell configuration, stanza and place.
    let options: [String]

    /// - Parameters:
    ///   - isUninterrupted: Also after a signal: for what cleans up behind one.
    ///   - warn: Gets each warning.
    /// - Returns: What the command wrote to standard output.
    /// - Throws: The engine's own error, by its exit status, with what it said.
    @discardableResult
    func run(
        _ arguments: [String], isUninterrupted: Bool = false, warn: (String) -> Void = { _ in }
    ) throws(RoostError) -> String {
        let path = try FileSystem.linkDestination("/proc/self/exe")
        let log = ["--log-level-console=off", "--log-level-stderr=warn"]
        var program = ChildProgram(path, log + options + arguments)
        program.environment[CurrentProcess.ownerVariable] = "\(CurrentProcess.id)"
        program.isUninterrupted = isUninterrupted
        let result = try program.run()
        for warning in Self.warnings(result.errors) { warn(warning) }
        guard !result.succeeded else { return result.output }
        guard let code = ErrorCode.all.first(where: { $0.exitStatus == result.status }) else {
            throw result.failure("unable to run '\(arguments.last ?? "")'")
        }
        throw RoostError(code, Self.message(result.errors) ?? "'\(arguments.last ?? "")' failed and said nothing")
    }

    /// What follows `WARN: `, with the lines that belong to it, which are indented.
    static func warnings(_ errors: String) -> [String] {
        var found: [String] = []
        for line in errors.split(whereSeparator: \.isNewline) {
            // What follows is of the error.
            if line.contains("ERROR: [") { break }
            if let begin = line.firstRange(of: "WARN: ") {
                found.append(String(line[begin.upperBound...]))
            } else if line.hasPrefix("    "), !found.isEmpty {
                found[found.count - 1] += "\n" + line.drop { $0 == " " }
            }
        }
        return found
    }

    /// What follows `ERROR: [075]: `, with its hints.
    static func message(_ errors: String) -> String? {
        guard let begin = errors.firstRange(of: "ERROR: [") else { return nil }
        let text = errors[begin.upperBound...].drop { $0 != ":" }.dropFirst(2)
        return text.isEmpty ? nil : String(text).trimmingLineEnds
    }
}

extension String {
    fileprivate var trimmingLineEnds: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}

extension AdminReport {
    /// Adds a warning of the engine, once.
    mutating func warn(of text: String) {
        let message = "WARNING: \(text)"
        if !steps.contains(where: { $0.message == message }) { ok("engine", message) }
    }
}
