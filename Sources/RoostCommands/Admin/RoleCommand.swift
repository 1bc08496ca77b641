internal import RoostAdmin
internal import RoostFormat
internal import RoostSystem

extension AdminCommand {
    /// `roost role`, which is `pg-role` for any server of the host.
    static let role = AdminCommand(
        name: "role", summary: "prints primary, replica or unknown: what the server of a data directory is",
        details: "Ends with exit status 0 whatever it finds; what is odd goes to standard error."
    ) { arguments, report in
        let data = arguments["data"] ?? PgRole.defaultDirectory
        let role = ServerRole.find(dataDirectory: data, port: try port(arguments)) {
            StandardOutput.writeError("[WARN] \($0)\n")
        }
        report.facts["role"] = .string(role.rawValue)
        report.ok("role", "the server of '\(data)' is \(role.rawValue)")
        report.data = "\(role.rawValue)\n"
    }

    private static func port(_ arguments: AdminArguments) throws(AdminRefusal) -> UInt16? {
        guard let text = arguments["port"] else { return nil }
        guard let port = UInt16(text), port > 0 else {
            throw AdminRefusal(.usage, "--port is '\(text)', expected 1 to 65535")
        }
        return port
    }
}
