internal import CLinux
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
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // A directory that it does not use must not be held: the data directory may be unmounted.
        _ = CLinux_spawn_in_directory(&actions, "/")
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(
            &attributes, Int16(Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | newSession))
        CLinux_close_later_on_exec()
        var process = pid_t()
        let status = withCStrings([name] + arguments) { words in
            withCStrings(CurrentProcess.environment()) { variables in
                posix_spawn(&process, "/proc/self/exe", &actions, &attributes, words, variables)
            }
        }
        guard status == 0 else {
            throw .system(.execute, unableTo: "start", name, errno: status)
        }
        id = process
    }

    /// Whether the process is over; cheap, does not wait.
    package mutating func isOver() -> Bool {
        guard !hasEnded else { return true }
        var status: Int32 = 0
        hasEnded = waitpid(id, &status, WNOHANG) != 0
        return hasEnded
    }
}
