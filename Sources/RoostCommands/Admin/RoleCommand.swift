internal import RoostAdmin
internal import RoostFormat
internal import RoostSystem

extension AdminCommand {
    /// `roost role`, which is `pg-role` for any server of the host.
    static let role = AdminCommand(
        cluster: "role", summary: "print what the server of a data directory is: primary, replica or unknown",
        description: "Ends with exit status 0 whatever it finds; what is odd goes to standard error.",
        body: .steps { arguments, report in
            let data = arguments["data"] ?? PgRole.defaultDirectory
            let role = ServerRole.find(dataDirectory: data, port: try arguments.port()) {
                StandardOutput.writeError("[WARN] \($0)\n")
            }
            report.facts["role"] = .string(role.rawValue)
            report.ok("role", "the server of '\(data)' is \(role.rawValue)")
            report.data = "\(role.rawValue)\n"
        })
}
