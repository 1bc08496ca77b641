internal import RoostAdmin
internal import RoostSystem

/// The command line of `pg-pitr`, checked.
struct PitrArguments {
    private static let targets = ["default", "immediate", "time", "name", "lsn", "xid"]
    static let options = [
        ToolOption("default", letters: "d"), ToolOption("immediate", letters: "i"),
        ToolOption("time", letters: "t", value: "TIME"), ToolOption("name", letters: "n", value: "NAME"),
        ToolOption("lsn", letters: "l", value: "LSN"), ToolOption("xid", letters: "x", value: "XID"),
        ToolOption("data", letters: "D", value: "DIR"), ToolOption("stanza", letters: "s", value: "NAME"),
        ToolOption("set", "backup", letters: "S", "b", value: "LABEL"),
        ToolOption("exclusive", "target-exclusive", letters: "X"), ToolOption("promote", letters: "P"),
        ToolOption("target-action", value: "ACTION"), ToolOption("timeline", letters: "T", value: "ID"),
        ToolOption("verbose", letters: "v"), ToolOption("dry-run", "check", letters: "c"),
        ToolOption("yes", letters: "y"),
        .output, .help,
    ]

    let goal: RecoveryGoal
    let stanza: String
    let data: String
    /// What was asked for and has no effect, and what may be read in another way.
    private(set) var warnings: [String] = []
    private let words: ToolArguments
    private let configuredData: String?
    /// Whether it is not the configured cluster that is restored.
    var isCopy: Bool {
        guard let configuredData, data != configuredData else { return false }
        // By another name it is the same; one that cannot be looked at is another.
        let places = [data, configuredData].map { try? FileSystem.resolved($0) }
        return places[0] == nil || places[0] != places[1]
    }
    /// Set where the environment names another than the usual one.
    private let configuration: String?

    var wantsHelp: Bool { words.wantsHelp || isEmpty }
    var wantsJSON: Bool { words.wantsJSON }
    var isDry: Bool { words.isDryRun }
    var isConfirmed: Bool { words.has("yes") }
    private let isEmpty: Bool

    /// - Throws: ``AdminRefusal``.
    init(_ arguments: [String]) throws(AdminRefusal) {
        words = try ToolArguments(arguments, Self.options, of: "pg-pitr")
        isEmpty = arguments.isEmpty
        configuration = CurrentProcess.environment("PGBACKREST_CONFIG")
        guard !isEmpty, !words.wantsHelp else {
            (goal, stanza, data, configuredData) = (RecoveryGoal(), "", "", nil)
            return
        }
        guard words.operands.isEmpty else {
            throw AdminRefusal(
                .usage, "unexpected argument '\(words.operands[0])'", hints: ["--help lists the options"])
        }
        goal = try Self.goal(words)
        let path = configuration ?? "/etc/pgbackrest/pgbackrest.conf"
        let configured = ConfiguredStanza(path: path, named: words["stanza"])
        guard let stanza = words["stanza"] ?? configured?.name else {
            throw AdminRefusal(
                .configuration, "no stanza: '\(path)' is missing, cannot be read or names none",
                hints: ["run this as the user that PostgreSQL runs as, or give -s,--stanza"])
        }
        self.stanza = stanza
        configuredData = configured?.dataDirectory
        data = words["data"] ?? configuredData ?? "/pg/data"
        guard data.hasPrefix("/") else {
            throw AdminRefusal(.usage, "'\(data)' is no absolute path", hints: ["-D,--data begins with a '/'"])
        }
        if goal.target == .latest, words.has("promote") || words.has("target-action") {
            warnings.append("-P has no effect: recovery to the end of WAL always ends in promotion")
        }
        if !goal.hasZone {
            warnings.append("the time has no zone: the server reads it in its own 'timezone'; better add one, as +00")
        }
    }

    private static func goal(_ words: ToolArguments) throws(AdminRefusal) -> RecoveryGoal {
        var given: [(String, String)] = []
        for name in targets where words.has(name) {
            for value in words.all(name).isEmpty ? [""] : words.all(name) { given.append((name, value)) }
        }
        guard let (type, value) = given.first else {
            throw AdminRefusal(
                .usage, "no recovery target", hints: ["one of -d, -i, -t, -n, -l, -x; --help tells more"])
        }
        guard given.count == 1 else {
            throw AdminRefusal(
                .usage, "more than one recovery target: \(given.map { "--\($0.0)" }.joined(separator: ", "))",
                hints: ["give one"])
        }
        guard words.all("set").count <= 1 else { throw AdminRefusal(.usage, "more than one backup set") }
        var goal = RecoveryGoal()
        goal.target = try RecoveryGoal.target(type: type, value: value)
        if let set = words["set"] { goal.set = try RecoveryGoal.checkedSet(set) }
        if let timeline = words["timeline"] { goal.timeline = try RecoveryGoal.checkedTimeline(timeline) }
        goal.isExclusive = words.has("exclusive")
        if words.has("promote") { goal.action = .promote }
        if let text = words["target-action"] {
            guard let action = RecoveryGoal.Action(rawValue: text) else {
                throw AdminRefusal(.usage, "'\(text)' is no target action: pause, promote or shutdown")
            }
            goal.action = action
        }
        try goal.check()
        return goal
    }

    /// What this host must be like.
    ///
    /// - Parameter isDry: Only to be shown: then servers may run and anybody may ask.
    func check(isDry: Bool) throws {
        guard !isDry else { return }
        guard !CurrentProcess.isRoot else {
            throw AdminRefusal(
                .user, "root must not restore: the files would be root's",
                hints: ["run this as the user that PostgreSQL runs as"])
        }
        if let patroni = try PatroniProcess.find(dataDirectory: data) {
            throw AdminRefusal(
                .role,
                "Patroni (process \(patroni.process), \(patroni.configuration)) watches over '\(data)' and would start the "
                    + "server in the middle of the restore",
                hints: ["`patronictl pause` and stop Patroni on all members, or use `roost pitr`, which does"])
        }
        switch try DataDirectoryUse.of(data) {
        case .free: return
        case .running(let server):
            throw AdminRefusal(
                .role, "PostgreSQL runs on '\(data)' (process \(server.id), port \(server.port))",
                hints: ["stop it first: pg_ctl -D \(data) stop"])
        case .held(let processes):
            throw AdminRefusal(
                .role,
                "processes of PostgreSQL work on '\(data)': \(processes.map(String.init).joined(separator: ", "))",
                hints: ["stop them first: pg_ctl -D \(data) stop, or kill -INT the first of them"])
        case .stale(let process):
            throw AdminRefusal(
                .role,
                "'\(data)/postmaster.pid' names process \(process.isEmpty ? "(none)" : process), and no process of "
                    + "PostgreSQL works on '\(data)': a server was killed",
                hints: ["make sure that no other host uses the directory, remove the file and try again"])
        }
    }

    /// What the engine is called with.
    var engineArguments: [String] {
        let config = configuration.map { ["--config=\($0)"] } ?? []
        // The one object is all that standard output gets.
        let level = words.has("verbose") ? "info" : "warn"
        let log = wantsJSON ? ["--log-level-console=off", "--log-level-stderr=\(level)"] : []
        return config + log + shownArguments
    }

    /// The same without what only tells where and how.
    var shownArguments: [String] {
        var arguments = ["--stanza=\(stanza)"]
        if data != configuredData { arguments.append("--pg1-path=\(data)") }
        arguments += ["--delta", "--force"] + goal.options
        if words.has("verbose"), !wantsJSON { arguments.append("--log-level-console=info") }
        return arguments + (words.passedOn ?? []) + ["restore"]
    }
}
