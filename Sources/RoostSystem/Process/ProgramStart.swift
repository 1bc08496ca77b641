internal import CLinux
internal import Glibc

/// A program about to be started: what ``ChildProgram`` and ``DetachedProcess`` have in common.
///
/// The program gets default signals, none blocked, and of the descriptors of this process only its three streams.
struct ProgramStart {
    /// Where a standard stream of the program leads.
    enum Stream {
        /// Where that of this process does.
        case inherited
        /// To `/dev/null`.
        case nothing
        /// To a descriptor of this process that is none of its own standard streams.
        case descriptor(Int32)
    }

    var executable: String
    /// Its `argv[0]` and what follows.
    var words: [String]
    /// `NAME=value`.
    var environment = CurrentProcess.environment()
    var input = Stream.nothing
    var output = Stream.nothing
    var errors = Stream.nothing
    /// Nil for that of this process.
    var directory: String?
    /// Whether it leaves the terminal, and so its signals, to others.
    var isNewSession = false

    /// - Returns: The id of the process.
    /// - Throws: ``ErrorCode/execute``.
    func start() throws(RoostError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        Self.add(input, as: STDIN_FILENO, O_RDONLY, to: &actions)
        Self.add(output, as: STDOUT_FILENO, O_WRONLY, to: &actions)
        Self.add(errors, as: STDERR_FILENO, O_WRONLY, to: &actions)
        if let directory { _ = CLinux_spawn_in_directory(&actions, directory) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let newSession: Int32 = isNewSession ? 0x80 : 0  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(
            &attributes, Int16(Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | newSession))
        CLinux_close_later_on_exec()
        // Whoever started us may have it ignored: then the end of a program could not be waited for.
        CLinux_default_signal(SIGCHLD)
        var process = pid_t()
        let status = withCStrings(words) { words in
            withCStrings(environment) { variables in
                posix_spawn(&process, executable, &actions, &attributes, words, variables)
            }
        }
        guard status == 0 else { throw .system(.execute, unableTo: "start", words[0], errno: status) }
        return process
    }

    private static func add(
        _ stream: Stream, as number: Int32, _ flags: Int32, to actions: inout posix_spawn_file_actions_t
    ) {
        switch stream {
        case .inherited: break
        case .nothing: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", flags, 0)
        case .descriptor(let raw): posix_spawn_file_actions_adddup2(&actions, raw, number)
        }
    }
}
