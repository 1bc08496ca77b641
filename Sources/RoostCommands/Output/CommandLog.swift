internal import RoostSystem

/// Log lines as pgBackRest writes them (specification `expire-verify-info-check`, section 12): to standard error within its
/// level, else to standard output within the console's, and to a file.
final class CommandLog: Log {
    /// Where each level ends, from the options `log-level-*`.
    struct Levels: Sendable {
        var console = LogLevel.warn
        var file = LogLevel.off
        var stderr = LogLevel.off

        init() {}
    }

    private let levels: Levels
    private let hasTimestamp: Bool
    private let clock: any WallClock
    private var file: OwnedDescriptor?
    /// Before every message, to tell a dry run from a real one.
    var prefix = ""
    /// Called before a line goes to a terminal, to take a progress bar away.
    var beforeLine: () -> Void = {}

    init(_ levels: Levels, timestamp: Bool, clock: any WallClock = SystemClock()) {
        self.levels = levels
        hasTimestamp = timestamp
        self.clock = clock
    }

    /// Begins a log file.
    ///
    /// The directory must exist: without it there is a warning and no file.
    func openFile(_ path: String) {
        guard levels.file > .off else { return }
        do {
            let descriptor = try OwnedDescriptor.appending(path, mode: 0o640)
            let isNew = try FileStatus.of(descriptor: descriptor).size == 0
            let start = "\(isNew ? "" : "\n")-------------------PROCESS START-------------------\n"
            try descriptor.write(start.utf8.span.raw)
            file = consume descriptor
        } catch {
            warn("unable to open log file '\(path)': \(error.message)\nNOTE: process will continue without log file.")
        }
    }

    func isEnabled(_ level: LogLevel) -> Bool {
        level <= max(levels.console, levels.file, levels.stderr)
    }

    func write(_ level: LogLevel, _ code: ErrorCode?, _ message: String) {
        let word = level == .error && code == .assert ? LogLevel.assert : level
        let name = "\(word)".uppercased()
        let padded = String(repeating: " ", count: max(0, 6 - name.count)) + name
        let codeText = (code.map { "[\(pad(Int($0.exitStatus), 3))]: " } ?? "") + prefix
        if level <= levels.stderr {
            beforeLine()
            StandardOutput.writeError("\(name): \(codeText)\(message)\n")
        } else if level <= levels.console {
            beforeLine()
            StandardOutput.write(line("P00 \(padded): \(codeText)", message))
        }
        guard level <= levels.file, file != nil else { return }
        do {
            try file?.write(line("P00 \(padded): \(codeText)", message).utf8.span.raw)
        } catch {
            file = nil  // told once; the command itself goes on
            warn("unable to write to the log file: \(error.message)")
        }
    }

    /// Further lines of a message stand below its first.
    private func line(_ prefix: String, _ message: String) -> String {
        let time = hasTimestamp ? timestamp() + " " : ""
        let indent = String(repeating: " ", count: time.utf8.count + "P00 ".utf8.count + 8)
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        return time + prefix + lines.joined(separator: "\n\(indent)") + "\n"
    }

    private func timestamp() -> String {
        let now = clock.now()
        return "\(LocalTime(now.seconds).text).\(pad(Int(now.nanoseconds) / 1_000_000, 3))"
    }
}
