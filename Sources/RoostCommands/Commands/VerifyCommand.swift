internal import RoostEngine
internal import RoostFormat
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
            repository: try invocation.repository(stanza), set: options[Options.set],
            workers: options[Options.processMax], context: invocation.context
        ).run()
        let report = VerifyReport(stanza: stanza, result)
        let isVerbose = options[Options.verbose]
        let isQuiet = result.isOK && !isVerbose
        if !isQuiet { invocation.log.info(report.text(isVerbose: isVerbose)) }
        switch options[Options.output] {
        case "json": try show(report.json.text + "\n")
        case "text": if !isQuiet { try show(report.text(isVerbose: isVerbose) + "\n") }
        default: if invocation.isFriendly { try show(report.text(isVerbose: isVerbose) + "\n") }
        }
        // The drop-in keeps upstream's exit code, which is 0 whatever was found.
        if invocation.isFriendly, result.isDamaged {
            for backup in result.backups where backup.lacksWAL {
                invocation.log.warn(
                    "the archive lacks WAL between start and stop of backup '\(backup.label)', which cannot be restored "
                        + "without it")
            }
            throw RoostError(
                .checksum, "verify of stanza '\(stanza)' found damage",
                hints: ["make a new full backup now; what is damaged cannot be repaired from this repository"])
        }
    }

    private func show(_ text: String) throws(RoostError) { _ = try StandardOutput.write(text.utf8.span.bytes) }
}
