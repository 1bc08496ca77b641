internal import RoostSystem

/// Services of systemd, started and stopped by whoever runs this: the user that PostgreSQL runs as has no right to it by
/// himself, and is given one by sudo, as Pigsty does (`postgres ALL=NOPASSWD: /bin/systemctl stop patroni`).
package enum SystemService {
    package enum Action: String, Sendable { case start, stop, restart }

    /// Blocks until the service is as wanted.
    ///
    /// - Throws: ``AdminRefusal/Reason/configuration`` without systemctl; ``ErrorCode/service``.
    package static func perform(_ action: Action, _ unit: String) throws {
        guard let systemctl = ChildProgram.find("systemctl") else {
            throw AdminRefusal(
                .configuration, "the service '\(unit)' is to be managed by systemd, and there is no systemctl",
                hints: ["--service=pg_ctl does without"])
        }
        // Just these words: a rule of sudo names them.
        let words = [systemctl, action.rawValue, unit]
        let program =
            if let sudo = try permission(words) {
                ChildProgram(sudo, ["-n"] + words)
            } else {
                ChildProgram(systemctl, ["--no-ask-password"] + words.dropFirst())
            }
        let result = try program.run()
        guard result.succeeded else {
            var failure = result.failure("unable to \(action.rawValue) the service '\(unit)'", code: .service)
            if CurrentProcess.effectiveUser != 0 {
                failure.hints.append("sudo must let this user run: \(words.joined(separator: " "))")
            }
            throw failure
        }
    }

    /// - Returns: The path of sudo if it lets this user run the words without a password; nil for root, who needs none.
    private static func permission(_ words: [String]) throws -> String? {
        guard CurrentProcess.effectiveUser != 0, let sudo = ChildProgram.find("sudo") else { return nil }
        var question = ChildProgram(sudo, ["-n", "-l"] + words)
        question.output = .discarded
        return try question.run().succeeded ? sudo : nil
    }
}
