internal import RoostAdmin
internal import RoostSystem

/// `pg-fork N`: a second server on this host from the files of the first.
struct PgFork {
    static let options = [
        ToolOption("data", letters: "d", value: "DIR"), ToolOption("dst", letters: "D", value: "DIR"),
        ToolOption("port", "src-port", letters: "p", value: "PORT"),
        ToolOption("dst-port", letters: "P", value: "PORT"),
        ToolOption("skip", letters: "s"), ToolOption("yes", letters: "y"), ToolOption.dryRun, .output, .help,
    ]

    func run(_ arguments: [String]) -> Int32 {
        let words: ToolArguments
        do {
            words = try ToolArguments(arguments, Self.options, of: "pg-fork")
        } catch {
            return Self.fail(error, asJSON: ToolArguments.wantsJSON(arguments))
        }
        guard !words.wantsHelp else {
            StandardOutput.write(Self.help)
            return 0
        }
        let settings: ForkSettings
        do {
            settings = try Self.settings(words)
        } catch {
            return Self.fail(error, asJSON: ToolArguments.wantsJSON(arguments))
        }
        let isJSON = words.wantsJSON
        Interrupt.install()
        let report = Fork(settings).run { plan in
            if !isJSON { StandardOutput.write(plan.text) }
            return try settings.isDryRun || words.has("yes") || Question.ask("Continue? [y/N] ")
        }
        if isJSON {
            StandardOutput.write(report.json)
            return report.code
        }
        StandardOutput.write(report.text)
        if report.hasChanged, !report.hasFailed, !settings.isDryRun {
            StandardOutput.write(Self.advice(settings))
        }
        return report.code
    }

    private static func fail(_ refusal: AdminRefusal, asJSON: Bool) -> Int32 {
        StandardOutput.writeError("[FAIL] \(refusal)\n")
        guard asJSON else { return 1 }
        var report = AdminReport()
        report.failed("arguments", refusal.description, code: 1)
        StandardOutput.write(report.json)
        return report.code
    }

    private static func settings(_ words: ToolArguments) throws(AdminRefusal) -> ForkSettings {
        guard words.operands.count == 1, let number = Int(words.operands[0]), (1...9).contains(number) else {
            throw AdminRefusal(
                .usage, "which fork? a number from 1 to 9, not '\(words.operands.joined(separator: " "))'",
                hints: ["--help tells more"])
        }
        guard words.passedOn == nil else { throw words.usage("nothing is passed on after '--'") }
        let source = words["data"] ?? CurrentProcess.environment("PG_DATA") ?? "/pg/data"
        let text = words["dst-port"] ?? "\(number)5432"
        guard let port = UInt16(text), port > 0 else {
            throw AdminRefusal(
                .usage, "'\(text)' is no port: 1 to 65535",
                hints: words["dst-port"] == nil ? ["give the port of fork \(number) with -P,--dst-port"] : [])
        }
        var settings = ForkSettings(
            source: source, destination: words["dst"] ?? "/pg/data\(number)", destinationPort: port)
        if let text = words["port"] ?? CurrentProcess.environment("PG_PORT") {
            guard let port = UInt16(text), port > 0 else {
                throw AdminRefusal(.usage, "'\(text)' is no port of the source: 1 to 65535")
            }
            settings.sourcePort = port
        }
        settings.isCold = words.has("skip")
        settings.isDryRun = words.isDryRun
        return settings
    }

    private static func advice(_ settings: ForkSettings) -> String {
        let (data, port) = (settings.destination, settings.destinationPort)
        return """

            start      pg_ctl -D \(data) -l \(data)/server.log start
            connect    psql -p \(port)
            go back    pg_ctl -D \(data) stop && pg-pitr -D \(data) -t 'YYYY-MM-DD HH:MM:SS+00' -- --archive-mode=off
                       pg_ctl -D \(data) -o '-p \(port) -c max_logical_replication_workers=0' start
                       (a restore brings the settings of the source back: its port, and from PostgreSQL 10 on its subscriptions)
            remove     pg_ctl -D \(data) stop && rm -rf \(data) \(data)-tablespaces
            Never turn archiving on here with the source's stanza: both have the same system identifier.

            """
    }

    static let help = """
        usage: pg-fork <1-9> [-d DIR] [-D DIR] [-p PORT] [-P PORT] [-s] [-y]

        Copies a data directory on this host and makes a server of its own of it, while the source goes on working.

        -d, --data            the source, $PG_DATA or /pg/data
        -D, --dst             the fork, /pg/data<N>; a former fork there is deleted first
        -p, --port, --src-port
                              the port of the source, $PG_PORT; checked against its postmaster.pid, which is the default
        -P, --dst-port        the port of the fork, <N>5432
        -s, --skip            the source is stopped: copy its files as they are
        -y, --yes             do not ask
            --dry-run         check everything, show the plan and stop
            --output          json: one object about the run on standard output
        -h, --help            this text

        The fork takes no room at first where the file system can share blocks (xfs, btrfs). It archives nothing, follows nobody,
        and has no replication slots and no running subscriptions. Tablespaces are copied to <fork>-tablespaces.
        Exit status: 0 done, or not confirmed; 1 everything else, and then there is no fork.

        """
}

/// A question to whoever sits at the terminal.
enum Question {
    /// - Returns: True where nobody can be asked, or the answer begins with `y`.
    static func ask(_ question: String) throws -> Bool {
        guard StandardOutput.hasTerminalInput else { return true }
        StandardOutput.write(question)
        let answer = try StandardInput.readLine() ?? ""
        return answer.hasPrefix("y") || answer.hasPrefix("Y")
    }
}
