internal import RoostAdmin
internal import RoostSystem

/// `pg-role`: prints `primary`, `replica` or `unknown` for the cluster of this host; always exit 0.
struct PgRole {
    private let dataDirectory: String

    /// - Parameter dataDirectory: Nil for `PGDATA`, else `/pg/data`.
    init(dataDirectory: String? = nil) {
        self.dataDirectory = dataDirectory ?? CurrentProcess.environment("PGDATA") ?? "/pg/data"
    }

    func run() -> Int32 {
        StandardOutput.write("\(role.rawValue)\n")
        return 0
    }

    var role: ServerRole {
        ServerRole.find(dataDirectory: dataDirectory) { StandardOutput.writeError("[WARN] \($0)\n") }
    }
}
