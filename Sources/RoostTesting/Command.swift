import Foundation

/// A program to be run: by whom, with which arguments, environment, directory and time limit.
package struct Command: Sendable {
    package enum Account: Sendable, Equatable {
        /// ``TestHost/account``.
        case unprivileged
        case root
        /// Some other account of the host.
        case named(String)
    }

    package var program: String
    package var arguments: [String]
    package var account: Account
    /// Added to a small fixed environment; nothing else is inherited.
    package var environment: [String: String] = [:]
    package var directory = "/"
    /// Seconds after which the program is killed and the run fails.
    package var timeout: Double = 180
    /// A file to read as standard input.
    package var input = "/dev/null"

    package init(_ program: String, _ arguments: [String] = [], as account: Account = .unprivileged) {
        self.program = program
        self.arguments = arguments
        self.account = account
    }

    /// Runs to the end.
    ///
    /// - Throws: ``TestFailure`` if the program cannot be started or does not end in time; an exit status is a result.
    package func run() throws -> CommandResult { try start().wait() }

    /// Starts without waiting.
    package func start() throws -> RunningCommand { try RunningCommand(self) }

    /// The same on a terminal of its own, whose keyboard is ``input``; no word may need quotes.
    ///
    /// - Parameter file: Gets what the terminal shows, as it comes.
    package func onTerminal(showing file: String = "/dev/null") -> Command {
        var command = self
        command.program = "/usr/bin/script"
        let line = ([program] + arguments).joined(separator: " ")
        command.arguments = ["-q", "-e", "-f", "-E", "never", "-c", line, file]
        return command
    }

    /// The words that are executed, with the change of account before them.
    var words: [String] {
        let name: String? =
            switch account {
            case .root: nil
            case .unprivileged: TestHost.isRoot ? TestHost.account : nil
            case .named(let name): name
            }
        // Both wrappers execute the program in their own place: the process id, and so every signal, is the program's.
        let inDirectory = ["/usr/bin/env", "-C", directory, program] + arguments
        guard let name else { return inDirectory }
        return ["/usr/bin/setpriv", "--reuid=\(name)", "--regid=\(name)", "--init-groups", "--"] + inDirectory
    }

    var variables: [String] {
        let fixed = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            "HOME": "/nonexistent", "TZ": "UTC",
        ]
        // How a program that was built with a sanitizer behaves is decided where the tests are started.
        let inherited = ["ASAN_OPTIONS", "TSAN_OPTIONS"].reduce(into: [String: String]()) {
            $0[$1] = TestHost.environment($1)
        }
        return fixed.merging(inherited) { _, new in new }.merging(environment) { _, new in new }.map { "\($0)=\($1)" }
            .sorted()
    }
}

extension Command: CustomStringConvertible {
    package var description: String {
        (environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" } + words).joined(separator: " ")
    }
}

/// What a program did.
package struct CommandResult: Sendable {
    package enum Ending: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    package let command: String
    package let ending: Ending
    package let standardOutput: String
    package let standardError: String
    package let seconds: Double
    package let processorSeconds: Double

    /// The exit status; 128 + signal for a killed program, as shells say it.
    package var status: Int32 {
        switch ending {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        }
    }

    package var succeeded: Bool { ending == .exited(0) }

    /// Both streams: which of them gets a message is tested where it matters.
    package var output: String { standardOutput + standardError }

    /// - Throws: ``TestFailure`` with the command and all it said unless it exited 0.
    @discardableResult
    package func requireSuccess() throws -> CommandResult { try require(status: 0) }

    /// - Throws: ``TestFailure`` with the command and all it said unless it exited with the status.
    @discardableResult
    package func require(status expected: Int32) throws -> CommandResult {
        guard ending == .exited(expected) else {
            throw TestFailure("expected exit status \(expected)\n\(self)")
        }
        return self
    }
}

extension CommandResult: CustomStringConvertible {
    package var description: String {
        "\(command)\nended: \(ending) after \(seconds) s\nstdout: \(standardOutput)\nstderr: \(standardError)"
    }
}
