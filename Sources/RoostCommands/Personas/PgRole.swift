internal import RoostAdmin
internal import RoostSystem

/// `pg-role`: prints `primary`, `replica` or `unknown` for the cluster of this host; always exit 0.
struct PgRole {
    private let dataDirectory: String

    /// `PGDATA`, else `/pg/data`.
    static var defaultDirectory: String { CurrentProcess.environment("PGDATA") ?? "/pg/data" }

    init(dataDirectory: String? = nil) { self.dataDirectory = dataDirectory ?? Self.defaultDirectory }

    func run() -> Int32 {
        StandardOutput.write("\(role.rawValue)\n")
        return 0
    }

    var role: ServerRole {
        ServerRole.find(dataDirectory: dataDirectory) { StandardOutput.writeError("[WARN] \($0)\n") }
    }
}
