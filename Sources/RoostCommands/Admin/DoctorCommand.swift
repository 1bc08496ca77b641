internal import RoostAdmin
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

extension AdminCommand {
    /// `roost doctor`: what is wrong with the backups of this host's cluster, and what mends it.
    static let doctor = AdminCommand(
        cluster: "doctor", summary: "tell what is wrong with the backups of this host's cluster, and what mends it",
        description: """
            Looks at the configuration, the server and its role, archive_mode and archive_command, the archiver and what waits \
            for it, the stanza and whether it is of this cluster, the age of the last backup, lost WAL, stop files, locks, the \
            spool, the crontab and the exporter. Changes nothing. Run it as the user that PostgreSQL runs as.

            Exit status: 0 all is well; 10 somebody should look; 20 backups or archiving do not work or are in danger; \
            2 user; 3 usage; 4 no such stanza in the configuration.
            """,
        options: [
            ToolOption("max-age", value: "HOURS", "of the last backup, by default 26"),
            ToolOption(
                "exporter", value: "PLACE",
                "where it answers (127.0.0.1:9854), the file that it writes, or none"),
        ],
        body: .findings { arguments, report in
            let settings = try doctorSettings(arguments)
            report.add(try Doctor(settings).examine())
            report.facts["cluster"] = .string(settings.specification.cluster)
        })

    private static func doctorSettings(_ arguments: ToolArguments) throws -> DoctorSettings {
        let specification = try arguments.specification()
        var settings = DoctorSettings(specification)
        // The leader of a standby cluster is a replica itself.
        if specification.upstream == nil { settings.declaredRole = specification.declaredRole }
        if let hours = try arguments.number("max-age", of: "hours", in: 0...87_600) {
            settings.maximumAge = hours * 3600
        }
        if let place = arguments["exporter"] { settings.exporter = place == "none" ? nil : place }
        do {
            try configure(&settings)
        } catch {
            if error.isFatal { throw error }
            settings.configurationError = error
        }
        return settings
    }

    private static func configure(_ settings: inout DoctorSettings) throws(RoostError) {
        let specification = settings.specification
        func resolve(_ command: String) throws(RoostError) -> Invocation {
            try .quiet(command, stanza: specification.cluster, configuration: specification.configuration)
        }
        // Only to hear now what the next backup would say.
        for command in ["backup", "expire"] { _ = try resolve(command) }
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
