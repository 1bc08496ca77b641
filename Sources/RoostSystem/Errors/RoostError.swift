/// A failure as the administrator reads it: what failed, on which object, observed and expected, what to do next.
///
/// One type serves every layer: an exit status is promised for each failure, and the place that detects it knows best
/// which one it is. `cause` keeps the system's own words where there are any.
package struct RoostError: Error, Sendable {
    package var code: ErrorCode
    /// Lower case, no full stop, objects in single quotes: `unable to open 'backup.info' for read`.
    package var message: String
    /// Each a sentence or question that leads on: `has the stanza been created?`.
    package var hints: [String]
    /// The `errno` behind it, 0 if no system call failed.
    package var errno: Int32

    package init(_ code: ErrorCode, _ message: String, hints: [String] = [], errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.hints = hints
        self.errno = errno
    }

    /// The same failure, with what the caller was doing when it happened put before the message.
    package func during(_ activity: String) -> RoostError {
        var copy = self
        copy.message = "\(activity): \(message)"
        return copy
    }

    /// Any error as a ``RoostError``; one of a foreign type becomes ``ErrorCode/unhandled``.
    package static func wrapping(_ error: any Error) -> RoostError {
        error as? RoostError ?? RoostError(.unhandled, "\(error)")
    }

    /// Failures of the program or the machine that must end the command at once instead of being collected.
    package var isFatal: Bool { code == .assert || code == .memory || code == .term }
}

extension RoostError: CustomStringConvertible {
    /// The message with one `HINT:` line for each hint, as in logs.
    package var description: String {
        hints.reduce(message) { "\($0)\nHINT: \($1)" }
    }
}
