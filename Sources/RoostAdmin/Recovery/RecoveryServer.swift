internal import RoostPostgres
internal import RoostSystem

/// A restored server on its way to the target: started by `pg_ctl` alone, with its messages in one file, and watched until it
/// is where it should be.
struct RecoveryServer {
    /// How long `pg_ctl` waits for a server that only has to begin, in seconds; the rest is watched here.
    private static let startTimeout = 60
    private static let pauses: ClosedRange<Int64> = 50...1000

    let specification: ClusterSpecification
    let data: String
    let log: String

    /// What is seen of the server at a moment.
    enum Sight: Equatable {
        case starting
        case recovering(RecoveryProgress.Row)
        case paused(RecoveryProgress.Row)
        case ended(RecoveryProgress.Row)
        case gone
    }

    /// Starts the server; that it ends at once may be what is wanted.
    func start(archives: Bool) throws {
        try FileSystem.removeFile(log)
        var settings: [(String, String)] = [
            ("port", "\(specification.port)"),
            // A pause at the target is only one for a server that answers.
            ("hot_standby", "on"),
            // So that all messages stand in one file, in the words that are looked for.
            ("logging_collector", "off"), ("log_destination", "stderr"), ("lc_messages", "C"),
            ("log_min_messages", "info"),
            // What is archived cannot be undone: a promoted server keeps its WAL until `up` starts it anew.
            ("archive_command", ""),
        ]
        if let directory = specification.socketDirectory { settings.append(("unix_socket_directories", directory)) }
        if !archives { settings.append(("archive_mode", "off")) }
        let options = settings.map { "-c \($0.0)=\(Self.shellQuoted($0.1))" }.joined(separator: " ")
        var program = ChildProgram(
            try ServerPrograms(specification).find("pg_ctl"),
            ["start", "-s", "-w", "-t", "\(Self.startTimeout)", "-D", data, "-l", log, "-o", options])
        program.output = .discarded
        let result = try program.run()
        // With a log there is a server, whose end is looked at where it is awaited.
        guard try result.succeeded || FileStatus.of(log) != nil else {
            throw result.failure("unable to start the server of '\(data)'")
        }
    }

    func stop(immediately: Bool = false) throws {
        guard try Postmaster.running(in: data) != nil else { return }
        var program = ChildProgram(
            try ServerPrograms(specification).find("pg_ctl"),
            ["stop", "-s", "-w", "-t", "600", "-m", immediately ? "immediate" : "fast", "-D", data])
        program.output = .discarded
        let result = try program.run()
        guard result.succeeded else { throw result.failure("unable to stop the server of '\(data)'") }
    }

    /// Ends recovery where it stands.
    func promote() throws {
        var program = ChildProgram(
            try ServerPrograms(specification).find("pg_ctl"), ["promote", "-s", "-w", "-t", "600", "-D", data])
        program.output = .discarded
        let result = try program.run()
        guard result.succeeded else { throw result.failure("unable to promote the server of '\(data)'") }
    }

    /// Waits until recovery has come to an end of one kind or another.
    ///
    /// - Parameter timeout: In milliseconds; nil to wait as long as the server is at work.
    /// - Returns: Where it stands, and what the server says of it; nil for a server that is gone.
    /// - Throws: ``ErrorCode/term``; the server goes on then.
    func wait(timeout: Int64?) throws -> (outcome: PitrState.Outcome, progress: RecoveryProgress.Row?) {
        let begin = monotonicMilliseconds()
        var pause = Self.pauses.lowerBound
        while true {
            switch try look() {
            case .paused(let progress): return (.paused, progress)
            case .ended(let progress): return (.promoted, progress)
            case .gone: return (.shutDown, nil)
            case .starting, .recovering: break
            }
            if let timeout, monotonicMilliseconds() - begin > timeout {
                throw RoostError(
                    .execute, "the server of '\(data)' has not come to its target within \(timeout / 1000)s",
                    hints: ["it goes on: run `roost pitr wait` again", "its messages are in '\(log)'"])
            }
            try Interrupt.sleep(milliseconds: pause)
            pause = min(pause * 2, Self.pauses.upperBound)
        }
    }

    func look() throws -> Sight {
        guard let postmaster = try Postmaster.running(in: data) else { return .gone }
        do {
            let session = try PostgresSession(postmaster.session(as: "roost pitr", user: specification.account))
            defer { session.close() }
            let progress = try session.run(RecoveryProgress())
            guard progress.isInRecovery else { return .ended(progress) }
            return progress.isPaused ? .paused(progress) : .recovering(progress)
        } catch {
            let failure = RoostError.wrapping(error)
            guard [.dbConnect, .dbQuery].contains(failure.code) else { throw error }
            // It does not answer before it is consistent, and no more when it ends. What never changes must be told.
            let lasting = ["does not exist", "authentication failed", "no pg_hba.conf entry", "no password supplied"]
            if lasting.contains(where: failure.message.contains) { throw failure }
            return .starting
        }
    }

    /// What the server has said, in the words of PostgreSQL.
    func said(_ words: String) throws(RoostError) -> Bool {
        guard try FileStatus.of(log) != nil else { return false }
        return String(decoding: try FileSystem.read(log, limit: 1 << 30), as: UTF8.self).contains(words)
    }

    /// `pg_ctl` gives its options to a shell.
    static func shellQuoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
}
