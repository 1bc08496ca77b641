internal import Glibc

/// This program, started once more to go on by itself: in a session of its own, without terminal and standard streams.
package struct DetachedProcess: ~Copyable {
    package let id: Int32
    private var hasEnded = false

    /// Starts the program that runs now, also if its file was replaced since.
    ///
    /// - Parameters:
    ///   - name: Its `argv[0]`.
    ///   - arguments: What follows. The environment is passed on.
    /// - Throws: ``ErrorCode/execute``.
    package init(name: String, arguments: [String]) throws(RoostError) {
        var program = ProgramStart(executable: "/proc/self/exe", words: [name] + arguments)
        // A directory that it does not use must not be held: the data directory may be unmounted.
        program.directory = "/"
        program.isNewSession = true
        id = try program.start()
    }

    /// Whether the process is over; cheap, does not wait.
    package mutating func isOver() -> Bool {
        guard !hasEnded else { return true }
        var status: Int32 = 0
        hasEnded = waitpid(id, &status, WNOHANG) != 0
        return hasEnded
    }
}
