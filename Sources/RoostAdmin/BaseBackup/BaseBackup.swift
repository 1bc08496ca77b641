internal import RoostFormat
internal import RoostPostgres
package import RoostSystem

/// One physical copy of a cluster in one file, made by the server's own `pg_basebackup`: it needs no repository, no archiving
/// and no configuration.
///
/// Durable steps, in order: write a hidden file in the destination, fsync it, rename it to its name, fsync the directory; only
/// then upload, and only then remove earlier backups. So a file of that name that was there before survives every failure.
package struct BaseBackup {
    private let settings: BaseBackupSettings
    private let log: BaseBackupLog
    private let clock: any WallClock

    package init(_ settings: BaseBackupSettings, log: BaseBackupLog, clock: any WallClock = SystemClock()) {
        self.settings = settings
        self.log = log
        self.clock = clock
    }

    /// Makes the backup, telling the log what the original tells.
    ///
    /// - Returns: What was done; its code is the exit status, 128 + n after signal n.
    package func run() -> AdminReport {
        var report = AdminReport(isDryRun: settings.isDryRun)
        log.rule()
        log.info("[INIT] pg-basebackup begin, checking parameters")
        var step = "parameters"
        do {
            let plan = try prepare()
            report.ok(step, "\(settings.source.shown) to \(plan.path)")
            report.facts["file"] = .string(plan.path)
            report.facts["tag"] = .string(plan.tag)
            guard !settings.isDryRun else {
                report.changed("backup", "back up \(settings.source.shown) to \(plan.path)")
                log.info("[DONE] dry run: nothing was done")
                return report
            }
            step = "lock"
            let lock = try acquireLock()
            step = "backup"
            let size = try backUp(plan)
            report.changed(step, "\(plan.path), \(ByteCount(size))")
            report.facts["bytes"] = .unsigned(size)
            step = "upload"
            try upload(plan, &report)
            step = "removal"
            try removeObsolete(plan, &report)
            _ = consume lock
            log.info("[DONE] backup procedure complete!")
            log.rule()
        } catch {
            let (code, lines) = explain(error, in: step)
            for line in lines { log.error(line) }
            report.failed(step, lines.joined(separator: "\n"), code: code)
        }
        return report
    }

    private func prepare() throws -> BaseBackupPlan {
        let plan = try BaseBackupPlan(settings, now: clock.now().seconds, log: log)
        log.line(.debug, "[INIT] filename  (-f)    :   \(plan.file)")
        log.line(.debug, "[INIT] src       (-s)    :   \(settings.source.shown)")
        log.line(.debug, "[INIT] dst       (-d)    :   \(settings.destination)")
        log.detail("[INIT] tag       (-t)    :   \(plan.tag)")
        log.detail("[INIT] remove    (-r)    :   \(settings.keptMinutes)")
        log.detail("[INIT] program           :   \(plan.program)")
        guard plan.tablespaces.isEmpty else {
            throw BaseBackupFailure(
                .backup,
                "[INIT] the cluster has tablespaces, which pg_basebackup cannot write into one stream: "
                    + plan.tablespaces.joined(separator: ", ")
                    + "; back it up with pg-backup, or with pg_basebackup -D DIRECTORY",
                "[BKUP] backup failed!")
        }
        return plan
    }

    private func acquireLock() throws(BaseBackupFailure) -> PidLock {
        let path = settings.lockPath
        let lock = try takeLock(path)
        if let leftover = lock.leftover {
            log.warn("[LOCK] stale lock file \(path) taken over, it says pid=\(leftover.isEmpty ? "(none)" : leftover)")
        }
        if lock.isForeign { log.warn("[LOCK] \(path) belongs to another user: it is locked but keeps its content") }
        log.info("[LOCK] lock acquired success on \(path), pid=\(CurrentProcess.id)")
        return lock
    }

    private func takeLock(_ path: String) throws(BaseBackupFailure) -> PidLock {
        do {
            return try PidLock.acquire(path)
        } catch {
            let reason = error.isLockHeld ? ", other_pid=\(error.message)" : ": \(error)"
            throw BaseBackupFailure(.locked, "[LOCK] acquire lock @ \(path) failed\(reason)")
        }
    }

    private func backUp(_ plan: BaseBackupPlan) throws -> UInt64 {
        log.info("[BKUP] backup begin, from \(settings.source.shown) to \(plan.path)")
        if settings.cipher != nil { log.info("[BKUP] backup in encryption mode") }
        let size = try BaseBackupStream(settings, plan).run()
        log.info("[BKUP] backup complete!")
        return size
    }

    /// Runs the administrator's program with the file and its tag.
    private func upload(_ plan: BaseBackupPlan, _ report: inout AdminReport) throws {
        guard settings.uploads else { return report.skipped("upload", "not asked for") }
        guard let path = settings.uploadProgram else {
            log.warn("[UPLOAD] nothing was uploaded: there is neither PG_BASEBACKUP_UPLOAD nor /pg/bin/pg-upload")
            throw Self.uploadFailure("there is no program for it")
        }
        log.info("[UPLOAD] upload begin: \(path) \(plan.path) \(plan.tag)")
        var program = ChildProgram(path, [plan.path, plan.tag])
        program.environment = ["PG_BASEBACKUP_KEY": nil]
        program.output = .inherited
        program.errors = .inherited
        // A script's own programs must not go on alone.
        program.leadsGroup = true
        let result = try start(program)
        guard result.succeeded else {
            throw Self.uploadFailure(result.failure("unable to upload \(plan.path)").message)
        }
        log.info("[UPLOAD] upload complete!")
        report.changed("upload", "by \(path)")
    }

    private func start(_ program: ChildProgram) throws -> ChildProgram.Result {
        do {
            return try program.run()
        } catch {
            guard error.code != .term else { throw error }
            throw Self.uploadFailure("\(error)")
        }
    }

    private static func uploadFailure(_ reason: String) -> BaseBackupFailure {
        BaseBackupFailure(
            .upload, "[UPLOAD] \(reason)", "[UPLOAD] upload failed! The backup is kept, and nothing was removed")
    }

    private func removeObsolete(_ plan: BaseBackupPlan, _ report: inout AdminReport) throws {
        let obsolete = ObsoleteBaseBackups(directory: settings.destination, keptMinutes: settings.keptMinutes)
        do {
            let removed = try obsolete.remove(except: plan.file, now: clock.now().seconds) { path in
                log.info("[RMBK] remove \(path)")
            }
            guard !removed.isEmpty else {
                return report.ok("removal", "no base backup is older than \(settings.keptMinutes) minutes")
            }
            report.changed("removal", removed.joined(separator: ", "))
        } catch {
            guard error.code != .term else { throw error }
            throw BaseBackupFailure(.removal, "[RMBK] \(error)", "[RMBK] remove local obsolete backup failed!")
        }
    }

    /// The exit status for an error and what is logged of it.
    private func explain(_ error: any Error, in step: String) -> (code: Int32, lines: [String]) {
        if let failure = error as? BaseBackupFailure { return (failure.reason.rawValue, failure.lines) }
        let error = RoostError.wrapping(error)
        let lines =
            ["[BKUP] \(error)"] + (["parameters", "lock", "backup"].contains(step) ? ["[BKUP] backup failed!"] : [])
        if error.code == .term, let signal = Interrupt.signalNumber { return (128 + signal, lines) }
        return (BaseBackupFailure.Reason.backup.rawValue, lines)
    }
}
