internal import RoostAdmin
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `roost doctor`: what is wrong with the backups of this host's cluster, and what mends it.
struct DoctorTool {
    private let program: String

    init(program: String) { self.program = program }

    func run(_ words: [String]) -> Int32 {
        Interrupt.install()
        var report = AdminReport()
        var wantsJSON = words.contains("--output=json")
        do {
            let arguments = try AdminArguments(words, options: Self.options)
            guard !arguments.wantsHelp else {
                StandardOutput.write(AdminCommand.doctor(program: program).help)
                return 0
            }
            wantsJSON = arguments.wantsJSON
            try examine(arguments, &report)
        } catch {
            report.failed("doctor", error)
        }
        // What is found is what was asked for, not a failure of the command: standard output tells it all.
        StandardOutput.write(wantsJSON ? report.json : report.text)
        return report.code
    }

    static let options = [
        AdminOption(name: "max-age", value: "HOURS", summary: "of the last backup, by default 26"),
        AdminOption(
            name: "exporter", value: "PLACE",
            summary: "where it answers (127.0.0.1:9854), the file that it writes, or none"),
    ]

    func examine(_ arguments: AdminArguments, _ report: inout AdminReport) throws {
        guard arguments.operands.isEmpty else {
            throw AdminRefusal(.usage, "unexpected argument '\(arguments.operands[0])': options only are understood")
        }
        let specification = try arguments.specification()
        var settings = DoctorSettings(specification)
        // The leader of a standby cluster is a replica itself.
        if arguments["spec"] != nil, specification.upstream == nil { settings.declaredRole = specification.role }
        if let text = arguments["max-age"] {
            guard let hours = Int64(text), (0...87_600).contains(hours) else {
                throw AdminRefusal(.usage, "--max-age is '\(text)', expected a number of hours")
            }
            settings.maximumAge = hours * 3600
        }
        if let place = arguments["exporter"] { settings.exporter = place == "none" ? nil : place }
        do {
            try configure(&settings)
        } catch {
            if error.isFatal { throw error }
            settings.configurationError = error
        }
        report.add(try Doctor(settings).examine())
        report.facts["cluster"] = .string(specification.cluster)
    }

    private func configure(_ settings: inout DoctorSettings) throws(RoostError) {
        let specification = settings.specification
        func resolve(_ command: String) throws(RoostError) -> Invocation {
            try .quiet(
                command, stanza: specification.cluster, configuration: specification.configuration, program: program)
        }
        let check = try resolve("check")
        settings.configuredData = check.options[Options.pgPath]
        settings.databaseUser = check.options[Options.pgUser]
        settings.repository = try check.repository(specification.cluster)
        let push = try resolve("archive-push")
        settings.lockPath = push.options[Options.lockPath]
        settings.isAsynchronous = push.options[Options.archiveAsync]
        if let path = push.options[Options.spoolPath] { settings.spoolPath = path }
    }
}

extension AdminCommand {
    /// `roost doctor`, whose report is no failure that has to be told twice.
    static func doctor(program: String) -> AdminCommand {
        AdminCommand(
            name: "doctor", summary: "Says what is wrong with the backups of this host's cluster, and what mends it.",
            details: """
                Looks at the configuration, the server and its role, archive_mode and archive_command, the archiver and \
                what waits for it,
                the stanza and whether it is of this cluster, the age of the last backup, lost WAL, stop files, locks, the \
                spool, the
                crontab and the exporter. Changes nothing. Run it as the user that PostgreSQL runs as.

                Exit status: 0 all is well; 10 somebody should look; 20 backups or archiving do not work or are in danger; \
                2 user; 3 usage.
                """,
            options: DoctorTool.options
        ) { arguments, report in try DoctorTool(program: program).examine(arguments, &report) }
    }
}
