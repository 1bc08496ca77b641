package import RoostSystem

/// The log of `pg-basebackup`: `[2025-07-13 06:16:05][INFO] [BKUP] backup complete!`, in the time zone of the host.
package struct BaseBackupLog {
    package enum Level: String, Sendable { case debug = "DEBUG", info = "INFO", warn = "WARN", error = "ERROR" }

    private static let rule = String(repeating: "=", count: 64)

    private let clock: any WallClock
    private let isVerbose: Bool
    private let write: (String) -> Void

    /// - Parameters:
    ///   - isVerbose: Whether what only helps to find mistakes is told too.
    ///   - write: Gets each line with its line end.
    package init(clock: any WallClock, isVerbose: Bool, write: @escaping (String) -> Void) {
        self.clock = clock
        self.isVerbose = isVerbose
        self.write = write
    }

    func line(_ level: Level, _ text: String) {
        let time = LocalTime(clock.now().seconds).text
        // What comes from outside, as a name or an error, may not look like further lines.
        let visible = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: " | ")
        write("[\(time)][\(level.rawValue)] \(visible)\n")
    }

    func info(_ text: String) { line(.info, text) }
    func warn(_ text: String) { line(.warn, text) }
    package func error(_ text: String) { line(.error, text) }
    func rule() { line(.info, Self.rule) }

    /// A line of the original's log that a usual run does not need.
    func detail(_ text: String) {
        if isVerbose { line(.debug, text) }
    }
}
