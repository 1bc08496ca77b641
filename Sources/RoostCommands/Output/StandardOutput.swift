internal import Glibc
internal import RoostSystem

/// The two streams of the process.
enum StandardOutput {
    /// Writes data for the user or a program to standard output.
    ///
    /// A closed pipe ends it silently: the reader has seen enough.
    static func write(_ text: String) { send(text, to: STDOUT_FILENO) }

    /// Writes bytes that must arrive.
    ///
    /// - Returns: False once the reader has closed its end: it has seen enough.
    /// - Throws: ``ErrorCode/fileWrite``, for example where the output goes to a full disk.
    static func write(_ bytes: RawSpan) throws(RoostError) -> Bool {
        do {
            try OwnedDescriptor.write(bytes, to: STDOUT_FILENO, "standard output")
            return true
        } catch let error where error.errno == EPIPE {
            return false
        }
    }

    /// Writes messages to standard error.
    static func writeError(_ text: String) { send(text, to: STDERR_FILENO) }

    /// Whether a person is watching.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person can be asked and answer.
    static var isConversation: Bool { isTerminal && isatty(STDIN_FILENO) == 1 }

    private static func send(_ text: String, to descriptor: Int32) {
        // A failure to write to the terminal has no better place to be told.
        try? OwnedDescriptor.write(text.utf8.span.raw, to: descriptor, "standard output")
    }
}
