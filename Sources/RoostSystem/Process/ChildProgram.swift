internal import Glibc

/// Another program that is run to its end, without a shell between: `pg_basebackup`, `pg_ctl`, a hook of the administrator.
///
///     let result = try ChildProgram("/usr/bin/pg_ctl", ["status", "-D", data]).run()
///     guard result.succeeded else { throw result.failure("unable to ask for the server") }
///
/// ``run()`` blocks. When ``Interrupt`` has fired, or the time limit is over, the program is asked to end (TERM, after ten
/// seconds KILL) and waited for before the error is thrown: none is left behind. Secrets belong into ``environment``, since
/// arguments show in process lists.
package struct ChildProgram: Sendable {
    /// What the program reads.
    package enum Input: Sendable {
        case nothing
        /// That of this process: for programs that talk with a person.
        case inherited
        case bytes([UInt8])
    }

    /// Where one of its two output streams goes.
    package enum Output: Sendable {
        /// Into the result: UTF-8 is expected, other bytes are replaced.
        case captured
        /// Where that of this process goes.
        case inherited
        case discarded
    }

    /// Bytes that are valid during the call only.
    package typealias Sink = (RawSpan) throws(RoostError) -> Void

    package let path: String
    package let arguments: [String]
    /// Changes to the environment of this process; nil takes a variable away.
    package var environment: [String: String?] = [:]
    /// Nil for that of this process.
    package var directory: String?
    package var input = Input.nothing
    package var output = Output.captured
    package var errors = Output.captured
    /// The most that is captured of standard output, in bytes; of standard error the last 64 KiB are kept.
    package var outputLimit = 16 << 20
    /// In milliseconds; nil for none.
    package var timeout: Int64?
    /// Whether what the program has started itself is asked to end with it, for one that has others do its work.
    ///
    /// Signals of the terminal do not reach it then, but this process passes them on.
    package var leadsGroup = false

    /// Whether it comes to its end when this process is told to end, for one whose half is worse: the error is thrown later.
    ///
    /// Signals of the terminal do not reach it then.
    package var isUninterrupted = false

    /// - Parameter path: Where the program is; ``find(_:in:)`` tells.
    package init(_ path: String, _ arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }

    /// Looks for a program by name.
    ///
    /// - Parameter directories: Looked at first, before those in `PATH`.
    /// - Returns: Nil if there is none that this user may execute.
    package static func find(_ name: String, in directories: [String] = []) -> String? {
        let search = (CurrentProcess.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return (directories + search.map(String.init)).lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    /// Whether this user may execute a file.
    package static func isExecutable(_ path: String) -> Bool {
        guard access(path, X_OK) == 0 else { return false }
        // What cannot be looked at cannot be started either.
        return (try? FileStatus.of(path, followingLinks: true))?.kind == .file
    }

    /// Runs the program to its end; an exit status is a result.
    ///
    /// - Throws: ``ErrorCode/execute`` if the program cannot be started, takes too long or writes more than is captured;
    ///   ``ErrorCode/term``.
    package func run() throws(RoostError) -> Result {
        var captured: [UInt8] = []
        var result = try run(try RunningChild(self)) { bytes throws(RoostError) in
            captured += bytes.array()
            guard captured.count <= outputLimit else {
                throw RoostError(
                    .execute, "\(lastPart(of: path)) wrote more than \(outputLimit) bytes to standard output")
            }
        }
        result.output = String(decoding: captured, as: UTF8.self)
        return result
    }

    /// The same, for output that is not kept: a sink gets it as it comes, in place of ``output``.
    ///
    /// - Throws: Also what the sink throws, which ends the program.
    package func run(streamingTo sink: Sink) throws(RoostError) -> Result {
        var streamed = self
        streamed.output = .captured
        return try run(try RunningChild(streamed), sink)
    }

    private func run(_ child: RunningChild, _ sink: Sink) throws(RoostError) -> Result {
        do {
            try child.read(sink)
            return Result(program: lastPart(of: path), ending: try child.wait(), output: "", errors: child.errors)
        } catch {
            child.stop()
            throw error
        }
    }

    /// `NAME=value` for all that the program gets.
    var variables: [String] {
        let kept = CurrentProcess.environment().filter { environment[String($0.prefix { $0 != "=" })] == nil }
        return kept + environment.compactMap { name, value in value.map { "\(name)=\($0)" } }
    }
}

extension ChildProgram {
    /// How a program ended and what was captured.
    package struct Result: Sendable, Equatable {
        package enum Ending: Sendable, Equatable {
            case exited(Int32)
            case killed(signal: Int32)
        }

        package var program: String
        package var ending: Ending
        package var output: String
        package var errors: String

        package var succeeded: Bool { ending == .exited(0) }

        /// The exit status; 128 + signal for a killed program, as shells say it.
        package var status: Int32 {
            switch ending {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            }
        }

        /// The failure of the program as an error, with the last line that it wrote to standard error.
        ///
        /// - Parameter activity: What failed with it: `unable to stop the server`.
        package func failure(_ activity: String, code: ErrorCode = .execute) -> RoostError {
            let how =
                switch ending {
                case .exited(let status): "\(program) ended with exit status \(status)"
                case .killed(let signal): "\(program) was killed by signal \(signal)"
                }
            let last = errors.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
            return RoostError(code, "\(activity): \(how)\(last)")
        }
    }
}
