import Foundation
import RoostSystem
import Synchronization

/// A program that runs beside the test.
package final class RunningCommand: Sendable {
    private let command: Command
    package let processID: Int32
    private let output: String
    private let begin = Date()
    private let result = Guarded<CommandResult?>(nil)

    private static let counter = Atomic<Int>(0)

    /// Output goes to files: no pipe that nobody reads can stop the program.
    fileprivate init(spawning command: Command, output: String) throws {
        self.command = command
        self.output = output
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, command.input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, output + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: a signal from the terminal must end the test first. No signal is blocked or ignored.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )

        var process = pid_t()
        let status = withCStrings(command.words) { words in
            withCStrings(command.variables) { variables in
                posix_spawn(&process, command.words[0], &actions, &attributes, words, variables)
            }
        }
        guard status == 0 else {
            throw TestFailure("cannot start \(command): \(String(cString: strerror(status)))")
        }
        processID = process
    }

    convenience init(_ command: Command) throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        try self.init(spawning: command, output: try ScratchDirectory.processRoot() + "/command-\(number)")
    }

    /// Sends a signal to the program alone.
    package func send(_ signal: Int32) {
        _ = kill(processID, signal)
    }

    /// Whether the program still runs.
    package func isRunning() throws -> Bool { try poll() == nil }

    /// Waits for the end of the program; one that takes longer than its time limit is killed.
    package func wait() throws -> CommandResult {
        let deadline = begin.addingTimeInterval(command.timeout)
        var pause: UInt32 = 500
        while true {
            if let result = try poll() { return result }
            if Date() > deadline {
                _ = kill(-processID, SIGKILL)
                let said = (try? String(contentsOfFile: output + ".out", encoding: .utf8)) ?? ""
                throw TestFailure("no end after \(command.timeout) s: \(command)\n\(said)")
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
    }

    /// Waits until the program has stopped itself (a `pause` of ROOST_FAULT), or has ended.
    ///
    /// - Returns: Whether it stopped; false if it ended.
    package func waitUntilStopped() throws -> Bool {
        var stopped = false
        try waitUntil("\(command) to pause or end", timeout: command.timeout) {
            let status = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
            // The state follows the program's name, which is in brackets and may hold anything.
            let state = status[(status.lastIndex(of: ")") ?? status.startIndex)...].dropFirst(2).first
            stopped = state == "T"
            return stopped || state == "Z"
        }
        return stopped
    }

    private func poll() throws -> CommandResult? {
        try result.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            var usage = rusage()
            let found = wait4(processID, &status, WNOHANG, &usage)
            guard found == processID else {
                guard found == 0 else { throw TestFailure("lost process \(processID) of \(command)") }
                return nil
            }
            let value = CommandResult(
                command: "\(command)",
                ending: status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: status & 0x7F),
                standardOutput: Self.take(output + ".out"),
                standardError: Self.take(output + ".err"),
                seconds: Date().timeIntervalSince(begin),
                processorSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
            )
            known = value
            return value
        }
    }

    /// What was written to a file, which is removed: text, or else each byte as the character of its number.
    ///
    /// Repairing what is no UTF-8 would make different bytes equal, and takes minutes for a WAL segment.
    private static func take(_ path: String) -> String {
        defer { unlink(path) }
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        return String(data: bytes, encoding: .utf8) ?? String(decoding: bytes.map(UInt16.init), as: UTF16.self)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
