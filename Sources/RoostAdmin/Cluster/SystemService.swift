internal import RoostSystem

/// Services of systemd, started and stopped by whoever runs this: the user that PostgreSQL runs as has no right to it by
/// himself, and is given one by sudo, as Pigsty does (`postgres ALL=NOPASSWD: /bin/systemctl stop patroni`).
package enum SystemService {
    package enum Action: String, Sendable { case start, stop, restart }

    /// Whether systemd runs this host.
    static var isThere: Bool {
        // What cannot be looked at is not there for us.
        (try? FileStatus.of("/run/systemd/system", followingLinks: true))?.kind == .directory
    }

    /// Whether there is a unit of a name.
    static func knows(_ unit: String) -> Bool {
        // Not by systemctl, which may need a bus that this user cannot reach. `postgresql@15-main` comes from `postgresql@`.
        let names = [unit, unit.prefix { $0 != "@" } + "@"]
        return ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].contains { place in
            names.contains { name in
                // What cannot be looked at is not there for us.
                (try? FileStatus.of("\(place)/systemd/system/\(name).service", followingLinks: true)) != nil
            }
        }
    }

    /// The service that a process belongs to, without `.service`, if it is one of those looked for.
    static func unit(ofProcess id: Int32, where isWanted: (String) -> Bool) -> String? {
        // A process that is gone belongs to none.
        guard let bytes = try? FileSystem.read("/proc/\(id)/cgroup", limit: 1 << 16) else { return nil }
        return unit(inGroups: String(decoding: bytes, as: UTF8.self), where: isWanted)
    }

    /// - Parameter groups: Lines `0::/system.slice/postgres.service` (cgroups(7)).
    package static func unit(inGroups groups: String, where isWanted: (String) -> Bool) -> String? {
        let suffix = ".service"
        return groups.split { $0 == "/" || $0 == "\n" }.lazy.filter { $0.hasSuffix(suffix) }
            .map { String($0.dropLast(suffix.count)) }.first(where: isWanted)
    }

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
        var program =
            if let sudo = try permission(words) {
                ChildProgram(sudo, ["-n"] + words)
            } else {
                ChildProgram(systemctl, ["--no-ask-password"] + words.dropFirst())
            }
        program.isUninterrupted = action == .restart
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
