/// Why an administrator's command did not begin: its own exit statuses, beside those of ``ErrorCode``.
package struct AdminRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The raw value is the exit status of the process (specification `admin-surface`, section 5).
    package enum Reason: Int32, Sendable, CaseIterable {
        /// The server is not in the role that the command needs.
        case role = 1
        case user = 2
        case usage = 3
        case configuration = 4
        /// It destroys something and nobody has confirmed that.
        case unconfirmed = 5
        /// The repository refuses what is asked for, and was left as it was.
        case locked = 60
    }

    package var reason: Reason
    /// As in ``RoostError``: lower case, no full stop, objects in single quotes.
    package var message: String
    package var hints: [String]

    package init(_ reason: Reason, _ message: String, hints: [String] = []) {
        self.reason = reason
        self.message = message
        self.hints = hints
    }

    /// The message with one `HINT:` line for each hint.
    package var description: String { hints.reduce(message) { "\($0)\nHINT: \($1)" } }
}
