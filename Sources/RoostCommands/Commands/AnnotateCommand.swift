internal import RoostEngine
internal import RoostOptions
internal import RoostSystem

/// `annotate`.
struct AnnotateCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let label = try ExpireCommand.label(options[Options.set] ?? "")
        let changes = try BackupCommand.annotations(options[Options.annotation])
        let repository = try invocation.repository(try invocation.stanza())
        let isFound: Bool
        do {
            isFound = try Annotate.run(label, changes, repository: repository, context: invocation.context)
        } catch {
            let failure = RoostError.wrapping(error)
            if failure.isFatal { throw failure }
            invocation.log.error(failure.during(repository.name))
            throw RoostError(.command, "annotate command encountered 1 error(s), check the log file for details")
        }
        guard isFound else {
            throw RoostError(
                .backupSetInvalid, "no backup set to annotate found", hints: ["`info` lists the backups there are"])
        }
    }
}
