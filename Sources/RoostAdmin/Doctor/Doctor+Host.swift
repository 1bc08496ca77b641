internal import RoostEngine
internal import RoostPostgres
internal import RoostSystem

extension Doctor {
    func examineStopFile() throws -> [Finding] {
        guard let reason = try reasonToStop() else { return [.fine("stop", "commands are allowed")] }
        let isOfAll = try FileStatus.of("\(settings.lockPath)/all.stop") != nil
        return [.problem("stop", reason, mend: isOfAll ? "roost start" : "roost --stanza=\(stanza) start")]
    }

    /// - Returns: Nil if commands are allowed.
    private func reasonToStop() throws(RoostError) -> String? {
        do {
            try StopFile(lockPath: settings.lockPath).check(stanza: stanza)
            return nil
        } catch let error where error.code == .stop {
            return error.message
        }
    }

    /// Commands that hold a lock of the stanza and have not been heard of for an hour.
    func examineLocks() throws -> [Finding] {
        guard try FileStatus.of(settings.lockPath, followingLinks: true) != nil else {
            return [.fine("locks", "none was ever taken")]
        }
        var held: [String] = []
        var findings: [Finding] = []
        for name in try FileSystem.list(settings.lockPath) where isLock(name) {
            let path = "\(settings.lockPath)/\(name)"
            guard try LockFile.holder(of: path) != nil, let status = try FileStatus.of(path) else { continue }
            held.append(name)
            let age = now - status.modified
            guard age > 3600 else { continue }
            findings.append(
                .warning(
                    "locks", "'\(path)' is held, and its holder has not been heard of for \(Self.duration(age))",
                    mend: "look at the process that the file names; roost --stanza=\(stanza) stop --force ends it, "
                        + "roost --stanza=\(stanza) start allows commands again"))
        }
        guard findings.isEmpty else { return findings }
        return [
            .fine("locks", held.isEmpty ? "none is held" : "held by a command at work: \(held.joined(separator: ", "))")
        ]
    }

    private func isLock(_ name: String) -> Bool {
        ["archive", "backup", "restore"].contains { name.hasPrefix("\(stanza)-\($0)") } && name.hasSuffix(".lock")
    }

    /// What asynchronous archiving has left word of.
    func examineSpool() throws -> [Finding] {
        guard settings.isAsynchronous else { return [.fine("spool", "archiving is synchronous")] }
        let directory = "\(settings.spoolPath)/archive/\(stanza)/out"
        guard try FileStatus.of(directory, followingLinks: true) != nil else {
            return [.fine("spool", "'\(settings.spoolPath)' is empty")]
        }
        let errors = try FileSystem.list(directory).filter { $0.hasSuffix(".error") }
        guard let first = errors.first else { return [.fine("spool", "'\(settings.spoolPath)' tells of no failure")] }
        let text = String(decoding: try FileSystem.read("\(directory)/\(first)", limit: 1 << 20), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        return [
            .problem(
                "spool",
                "\(errors.count) failure(s) of asynchronous archiving, \(first): \(lines.dropFirst().first ?? "")",
                mend: "roost --stanza=\(stanza) check tells why")
        ]
    }

    /// Whether somebody makes backups by the clock.
    func examineSchedule(_ session: PostgresSession?) throws -> [Finding] {
        guard session?.isInRecovery != true else { return [.fine("schedule", "a replica makes no backups")] }
        let backup = ChildProgram.find("pg-backup", in: ["/pg/bin"]) ?? "/pg/bin/pg-backup"
        let remedy = "echo '00 01 * * * \(backup) full' | roost schedule apply --lines -"
        guard let path = ChildProgram.find("crontab") else {
            return [
                .warning(
                    "schedule", "there is no crontab on this host, so no schedule to look at", mend: "install cron")
            ]
        }
        var program = ChildProgram(path, ["-l"])
        program.timeout = 30_000
        let result = try program.run()
        let lines = result.output.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        let jobs = lines.filter { line in
            !line.hasPrefix("#") && ["pg-backup", " backup"].contains { line.contains($0) }
        }
        guard let first = jobs.first else {
            return [.warning("schedule", "no line of the crontab makes a backup", mend: remedy)]
        }
        if let missing = jobs.lazy.flatMap({ $0.split(separator: " ") })
            .first(where: { $0.hasPrefix("/") && !ChildProgram.isExecutable(String($0)) && $0.hasSuffix("pg-backup") })
        {
            return [
                .problem(
                    "schedule", "there is no program '\(missing)': \(first)", mend: "roost install, or correct the line"
                )
            ]
        }
        return [.fine("schedule", jobs.count == 1 ? String(first) : "\(first), and \(jobs.count - 1) more")]
    }

    /// Whether the exporter is there and can ask the repository.
    func examineExporter() throws -> [Finding] {
        guard let place = settings.exporter else { return [] }
        return [place.hasPrefix("/") ? try examineExporter(file: place) : try examineExporter(address: place)]
    }

    private func examineExporter(file: String) throws(RoostError) -> Finding {
        let remedy = "roost exporter --textfile \(file)"
        guard let status = try FileStatus.of(file, followingLinks: true) else {
            return .warning("exporter", "there is no '\(file)'", mend: remedy)
        }
        let age = now - status.modified
        guard age <= 3600 else {
            return .warning(
                "exporter", "'\(file)' was written \(Self.duration(age)) ago",
                mend: "\(remedy), and look at what should run it")
        }
        return judge(String(decoding: try FileSystem.read(file), as: UTF8.self), of: file)
    }

    private func examineExporter(address: String) throws(RoostError) -> Finding {
        do {
            return judge(try MetricsClient.get(address), of: address)
        } catch let error where error.code == .hostConnect {
            return .warning(
                "exporter", "no exporter answers: \(error.message)",
                mend: "roost exporter --listen \(address); with --exporter=none it is not looked for")
        }
    }

    private func judge(_ page: String, of place: String) -> Finding {
        let status = page.split(separator: "\n").filter { $0.hasPrefix("pgbackrest_exporter_status{") }
        guard !status.isEmpty, status.allSatisfy({ $0.hasSuffix(" 1") }) else {
            return .problem(
                "exporter", "the exporter of \(place) cannot ask the repository",
                mend: "run roost exporter as its user: standard error tells why")
        }
        return .fine("exporter", "answers from \(place)")
    }
}
