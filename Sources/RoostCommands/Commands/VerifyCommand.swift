internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// `verify`.
struct VerifyCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let stanza = try invocation.stanza()
        let result = try Verify(
            repository: try invocation.repository(stanza), workers: options[Options.processMax],
            context: invocation.context
        ).run()
        let isVerbose = options[Options.verbose]
        guard !result.isOK || isVerbose || invocation.isFriendly else { return }
        let text = Self.text(stanza, result, isVerbose: isVerbose)
        invocation.log.info(text)
        if options[Options.output] == "text" || invocation.isFriendly { StandardOutput.write(text + "\n") }
        // The drop-in keeps upstream's exit code, which is 0 whatever was found.
        if invocation.isFriendly, !result.isOK {
            throw RoostError(
                .checksum, "verify of stanza '\(stanza)' found damage",
                hints: ["make a new full backup now; what is damaged cannot be repaired from this repository"])
        }
    }

    static func text(_ stanza: String, _ result: VerifyResult, isVerbose: Bool) -> String {
        var lines = ["stanza: \(stanza)", "status: \(result.isOK ? "ok" : "error")"]
        lines += result.errors.map { "  \($0)" }
        if isVerbose, result.archives.isEmpty, result.errors.isEmpty { lines.append("  archiveId: none found") }
        for (id, counts) in result.archives where isVerbose || counts.hasProblem {
            lines.append("  archiveId: \(id), total WAL checked: \(counts.checked), total valid WAL: \(counts.valid)")
            append(counts, isVerbose, &lines)
        }
        if isVerbose, result.backups.isEmpty, result.errors.isEmpty { lines.append("  backup: none found") }
        for (label, status, counts) in result.backups where isVerbose || status != .valid && status != .inProgress {
            lines.append(
                "  backup: \(label), status: \(status.rawValue), total files checked: \(counts.checked), "
                    + "total valid files: \(counts.valid)")
            append(counts, isVerbose, &lines)
        }
        return lines.joined(separator: "\n")
    }

    private static func append(_ counts: VerifyResult.Counts, _ isVerbose: Bool, _ lines: inout [String]) {
        let parts = [
            ("missing", counts.missing), ("checksum invalid", counts.checksumInvalid),
            ("size invalid", counts.sizeInvalid),
            ("other", counts.other),
        ]
        let shown = parts.filter { isVerbose || $0.1 > 0 }.map { "\($0.0): \($0.1)" }
        if !shown.isEmpty { lines.append("    " + shown.joined(separator: ", ")) }
    }
}
