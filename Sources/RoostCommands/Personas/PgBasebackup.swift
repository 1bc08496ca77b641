internal import RoostAdmin
internal import RoostSystem

/// `pg-basebackup`: one physical copy of a cluster in one file, without a repository.
struct PgBasebackup {
    /// Where an upload program is looked for if the environment names none.
    private static let uploadProgram = "/pg/bin/pg-upload"

    func run(_ arguments: [String]) -> Int32 {
        let log = BaseBackupLog(
            clock: SystemClock(), isVerbose: CurrentProcess.environment("PG_BASEBACKUP_DEBUG") == "1",
            write: StandardOutput.writeError)
        let parsed: BaseBackupArguments
        do {
            parsed = try BaseBackupArguments(arguments, key: CurrentProcess.environment("PG_BASEBACKUP_KEY"))
        } catch {
            // From here on nobody needs them, and a process list shows them.
            CurrentProcess.hideArguments()
            for line in error.lines { log.error(line) }
            if error.reason == .usage { StandardOutput.writeError(BaseBackupHelp.text) }
            if ToolArguments.wantsJSON(arguments) {
                var report = AdminReport()
                report.failed("arguments", error.lines.joined(separator: "\n"), code: error.reason.rawValue)
                StandardOutput.write(report.json)
            }
            return error.reason.rawValue
        }
        CurrentProcess.hideArguments()
        guard !parsed.wantsHelp else {
            StandardOutput.write(BaseBackupHelp.text)
            return 0
        }
        var settings = parsed.settings
        if let path = CurrentProcess.environment("PG_BASEBACKUP_LOCK") { settings.lockPath = path }
        settings.uploadProgram = Self.findUploadProgram()
        Interrupt.install()
        let report = BaseBackup(settings, log: log).run()
        if parsed.wantsJSON { StandardOutput.write(report.json) }
        return report.code
    }

    private static func findUploadProgram() -> String? {
        if let path = CurrentProcess.environment("PG_BASEBACKUP_UPLOAD"), !path.isEmpty { return path }
        return ChildProgram.isExecutable(uploadProgram) ? uploadProgram : nil
    }
}
