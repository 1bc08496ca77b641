internal import RoostAdmin
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `pg-pitr`: brings the cluster of this host to a point in time, with the engine's `restore`; the server is started by hand.
struct PgPitr {
    private let program: String

    init(program: String) { self.program = program }

    /// - Returns: 1 for everything that is refused here, else the engine's status.
    func run(_ arguments: [String]) -> Int32 {
        let isJSON = ToolArguments.wantsJSON(arguments)
        let request: PitrArguments
        do {
            request = try PitrArguments(arguments)
        } catch {
            return fail(error.description, isJSON: isJSON)
        }
        guard !request.wantsHelp else {
            StandardOutput.write(PitrHelp.text)
            return 0
        }
        do {
            try request.check(isDry: request.isDry)
        } catch {
            return fail((error as? AdminRefusal)?.description ?? RoostError.wrapping(error).description, isJSON: isJSON)
        }
        if !request.wantsJSON { showPlan(request) }
        // What PostgreSQL is to call for its WAL must be the engine, not this tool.
        let engine = CommandRunner(program: Self.enginePath ?? program, dialect: .roost)
        guard !request.isDry else { return dryRun(request, engine) }
        if !request.wantsJSON { warn(request) }
        guard request.isConfirmed || countDown() else { return 130 }
        let status = engine.run(request.engineArguments)
        if request.wantsJSON {
            finish(request, status)
        } else if status == 0 {
            StandardOutput.write(PitrHelp.nextSteps(request))
        } else {
            say("[FAIL] restore ended with status \(status)")
        }
        return status
    }

    /// Nil where the system does not tell.
    private static var enginePath: String? { try? FileSystem.linkDestination("/proc/self/exe") }

    private func say(_ line: String) { StandardOutput.write(line + "\n") }

    private func fail(_ text: String, isJSON: Bool) -> Int32 {
        StandardOutput.writeError("[FAIL] \(text)\n")
        if isJSON {
            var report = AdminReport()
            report.failed("check", text, code: 1)
            StandardOutput.write(report.json)
        }
        return 1
    }

    private func showPlan(_ request: PitrArguments) {
        let goal = request.goal
        for warning in request.warnings { StandardOutput.writeError("[WARN] \(warning)\n") }
        say("[ OK ] Recovery Target: \(goal.text)")
        say("       Backup Set:      \(goal.set ?? "the newest that suits the target")")
        say("       Data Directory:  \(request.data)")
        say("       Stanza:          \(request.stanza)")
        let action = goal.target == .latest ? "promote" : goal.action.rawValue
        let timeline = goal.timeline.map { " timeline=\($0)" } ?? ""
        say("       Options:         exclusive=\(goal.isExclusive) action=\(action)\(timeline)")
        say("Command:")
        say("  \((["pgbackrest"] + request.shownArguments).map(Self.quoted).joined(separator: " \\\n    "))")
    }

    /// As a shell would take it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "-_=./:,+@%".contains($0) }
        return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    /// What the engine would do, and what can be reached.
    private func dryRun(_ request: PitrArguments, _ engine: CommandRunner) -> Int32 {
        // Lock files of root would stand in the way of the user that PostgreSQL runs as.
        guard !CurrentProcess.isRoot else {
            StandardOutput.writeError(
                "[WARN] whether the target can be reached is told to the user of PostgreSQL only\n")
            if request.wantsJSON { finish(request, 0) }
            return 0
        }
        let arguments = ["--dry-run"] + request.engineArguments
        guard request.wantsJSON else { return engine.run(arguments) }
        do {
            var program = ChildProgram("/proc/self/exe", arguments)
            program.errors = .inherited
            let result = try program.run()
            finish(request, result.status, plan: result.output)
            return result.status
        } catch {
            return fail("\(error)", isJSON: true)
        }
    }

    private func warn(_ request: PitrArguments) {
        say("")
        say("[WARN] ==================================================================")
        say("[WARN] The files in \(request.data) are overwritten now.")
        say("[WARN] What was committed there after the target is lost, but for what the archive has.")
        say("[WARN] ==================================================================")
    }

    /// - Returns: False if a signal came.
    private func countDown() -> Bool {
        guard StandardOutput.hasTerminalInput, StandardOutput.hasTerminalOutput else { return true }
        Interrupt.install()
        for left in (1...5).reversed() {
            say("[WARN] begin in \(left) s, Ctrl-C to stop")
            do { try Interrupt.sleep(milliseconds: 1000) } catch { return false }
        }
        return true
    }

    private func finish(_ request: PitrArguments, _ status: Int32, plan: String? = nil) {
        var report = AdminReport(isDryRun: request.isDry)
        report.facts["stanza"] = .string(request.stanza)
        report.facts["data"] = .string(request.data)
        report.facts["target"] = .string(request.goal.text)
        if let plan { report.facts["plan"] = .string(plan) }
        for warning in request.warnings { report.ok("warning", warning) }
        if status == 0 {
            report.changed("restore", "\(request.data) to \(request.goal.text)")
        } else {
            report.failed("restore", "the engine's restore ended with status \(status), as its log tells", code: status)
        }
        StandardOutput.write(report.json)
    }
}
