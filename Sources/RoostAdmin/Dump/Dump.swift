internal import RoostFormat
internal import RoostPostgres
package import RoostSystem

/// One logical dump by PostgreSQL's own `pg_dump` or `pg_dumpall`, whose output it leaves as it is.
///
/// Durable steps, in order: the program writes under a hidden name, fsync, rename, fsync of the directory. So a name stands for
/// a whole dump, or for what it stood for before.
package struct Dump {
    private let settings: DumpSettings
    private let clock: any WallClock

    package init(_ settings: DumpSettings, clock: any WallClock = SystemClock()) {
        self.settings = settings
        self.clock = clock
    }

    /// Makes the dump.
    ///
    /// - Returns: What was done; if the program failed, with its exit status.
    package func run() -> AdminReport {
        var report = AdminReport(isDryRun: settings.isDryRun)
        var step = "options"
        do {
            let options = try DumpOptions(settings.options, isWhole: settings.scope != .database)
            try check()
            step = "client"
            let survey = try askServer(&report)
            let client = try chooseClient(survey, &report)
            step = "dump"
            let path = "\(settings.directory)/\(settings.file ?? defaultName(survey, options.format))"
            report.facts["file"] = .string(path)
            guard !settings.isDryRun else {
                report.changed(step, "write '\(path)' by \(client.path)")
                return report
            }
            try dump(to: path, client, options.format, &report)
        } catch {
            report.failed(step, error)
        }
        return report
    }

    private func check() throws {
        if let file = settings.file {
            guard !file.isEmpty, !file.contains("/"), file != ".", file != ".." else {
                throw AdminRefusal(.usage, "--file is a name without a directory, which --dir gives: '\(file)'")
            }
        }
        guard settings.source.password == nil else {
            throw AdminRefusal(
                .usage, "a password in the connection string shows in the list of processes",
                hints: ["put it into .pgpass or the file that PGPASSFILE names"])
        }
        let directory = settings.directory
        guard try FileStatus.of(directory, followingLinks: true)?.kind == .directory else {
            throw RoostError(.pathMissing, "directory '\(directory)' for the dump does not exist")
        }
        if let cluster = try BaseBackupPlan.dataDirectory(around: directory) {
            throw AdminRefusal(.usage, "directory '\(directory)' lies in the data directory '\(cluster)'")
        }
    }

    /// - Returns: Nil if the server does not answer: the program then says why, in its own words.
    private func askServer(_ report: inout AdminReport) throws(RoostError) -> ServerSurvey? {
        var session = PostgresSession.Settings(applicationName: "roost dump", connectTimeout: 10_000)
        session.connection = settings.source
        session.queryTimeout = 10_000
        do {
            return try ServerSurvey.ask(session)
        } catch let error where error.code != .term {
            report.skipped("server", "not asked for its version: \(error.message)")
            return nil
        }
    }

    private func chooseClient(_ survey: ServerSurvey?, _ report: inout AdminReport) throws -> DumpClient {
        let client = try DumpClient.best(
            settings.program, for: survey?.versionNumber, in: settings.programDirectories)
        let version = DumpClient.text(client.version)
        guard let server = survey?.versionNumber else {
            report.ok("client", "\(client.path), release \(version)")
            return client
        }
        guard client.isNewEnough(for: server) else {
            throw AdminRefusal(
                .configuration,
                "the server is PostgreSQL \(DumpClient.text(server)), and the newest \(settings.program) found is "
                    + "\(version): '\(client.path)'",
                hints: ["install the client of the server's release, or name its directory with --bin-dir"])
        }
        report.ok("client", "\(client.path), release \(version), for a server of \(DumpClient.text(server))")
        return client
    }

    private func defaultName(_ survey: ServerSurvey?, _ format: DumpOptions.Format) -> String {
        let what =
            switch settings.scope {
            case .database: BaseBackupTag.cleaned(survey?.database ?? "database")
            case .all: "all"
            case .globals: "globals"
            }
        return "\(what)_\(LocalTime(clock.now().seconds).compact)\(format.fileEnd)"
    }

    private func dump(
        to path: String, _ client: DumpClient, _ format: DumpOptions.Format, _ report: inout AdminReport
    ) throws {
        let output = try DumpOutput(path, isDirectory: format == .directory)
        var program = ChildProgram(client.path, arguments(writingTo: output.temporary))
        program.output = .inherited
        program.errors = settings.reportsErrors ? .captured : .inherited
        // pg_dumpall starts pg_dump, which must not go on alone.
        program.leadsGroup = true
        let result = try program.run()
        guard result.succeeded else {
            return report.failed(
                "dump", result.failure("unable to dump to '\(path)'").message, code: result.status)
        }
        try Interrupt.check()
        let size = try output.finish()
        report.changed("dump", "'\(path)', \(ByteCount(size))")
        report.facts["bytes"] = .unsigned(size)
    }

    private func arguments(writingTo path: String) -> [String] {
        let source = settings.source.text
        var arguments = ["--file=\(path)", "--no-password"]
        if settings.scope == .globals { arguments.append("--globals-only") }
        // pg_dumpall takes the name of a database by another option than a connection string.
        let isString = source.contains("=") || source.contains("://")
        if !source.isEmpty {
            arguments.append(settings.scope == .database || isString ? "--dbname=\(source)" : "--database=\(source)")
        }
        return arguments + settings.options
    }
}
