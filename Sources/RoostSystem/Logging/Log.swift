/// How much a message matters, from the most to the least.
///
/// The words are pgBackRest's.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case off, assert, error, warn, info, detail, debug, trace

    /// The word of the option `log-level-*`.
    package init?(name: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0 != .assert && "\($0)" == name }) else { return nil }
        self = level
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Where messages for the administrator go.
///
/// Engine code gets one handed in and calls it from its coordinating thread.
///
/// Not swift-log: the level `detail`, error codes in the line and the routing between streams are pgBackRest's, which
/// existing scripts read.
package protocol Log: AnyObject {
    func isEnabled(_ level: LogLevel) -> Bool
    /// - Parameter code: Shown as `[nnn]`, for errors.
    func write(_ level: LogLevel, _ code: ErrorCode?, _ message: String)
}

extension Log {
    package func error(_ error: RoostError) { write(.error, error.code, error.description) }
    package func warn(_ message: @autoclosure () -> String) { send(.warn, message()) }
    package func info(_ message: @autoclosure () -> String) { send(.info, message()) }
    package func detail(_ message: @autoclosure () -> String) { send(.detail, message()) }
    package func debug(_ message: @autoclosure () -> String) { send(.debug, message()) }

    private func send(_ level: LogLevel, _ message: @autoclosure () -> String) {
        if isEnabled(level) { write(level, nil, message()) }
    }
}

/// Remembers what was logged; for tests and for commands that only collect.
package final class CollectedLog: Log {
    package private(set) var lines: [String] = []

    package init() {}

    package func isEnabled(_ level: LogLevel) -> Bool { level <= .detail }

    package func write(_ level: LogLevel, _ code: ErrorCode?, _ message: String) {
        lines.append("\(level): \(message)")
    }
}
