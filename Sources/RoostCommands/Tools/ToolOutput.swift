internal import RoostAdmin
internal import RoostSystem

/// How an administrator's command tells what it did.
enum ToolOutput {
    /// The report of a command that did not begin.
    static func refusal(_ error: any Error) -> AdminReport {
        var report = AdminReport()
        report.failed("arguments", error)
        return report
    }

    /// Writes a report: one JSON object, or text with what failed on standard error too.
    ///
    /// - Returns: The exit status of the process.
    static func write(_ report: AdminReport, asJSON: Bool) -> Int32 {
        guard !asJSON else {
            StandardOutput.write(report.json)
            return report.code
        }
        StandardOutput.write(report.text)
        for step in report.steps where step.status == .failed {
            StandardOutput.writeError("ERROR: [\(pad(Int(report.code), 3))]: \(step.message)\n")
        }
        return report.code
    }
}
