internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// Makes the plan of a restore from what the repository and this host hold; changes neither.
final class RestorePlanning {
    private var settings: RestoreSettings
    private let repository: Repository
    private let context: CommandContext
    private let lookup: TimelineLookup

    init(_ settings: RestoreSettings, _ repository: Repository, _ context: CommandContext) {
        self.settings = settings
        self.repository = repository
        self.context = context
        lookup = TimelineLookup(repository)
    }

    /// Logs what should be known, in the order in which it is found out.
    ///
    /// - Parameter isDry: Only to be shown: then a server may still run there.
    func plan(isDry: Bool = false) throws(RoostError) -> RestorePlan {
        do {
            try TargetScan.checkNotRunning(settings.dataDirectory)
        } catch {
            guard isDry, error.code == .pgRunning else { throw error }
            context.log.warn("\(error.message): stop it before the restore itself")
        }
        let info = try loadInfo()
        warnOfZone()
        let choice = try choose(from: info)
        for warning in choice.warnings { context.log.warn(warning) }
        var manifest = try repository.loadManifest(choice.entry.label, passphrase: info.cipherPass)
        try RestoreCheck.validate(manifest)
        try manifest.checkBlockFormat(info)
        guard let version = PostgresVersion(manifest.cluster.identity.version) else {
            throw RoostError(
                .versionNotSupported,
                "PostgreSQL version '\(manifest.cluster.identity.version)' of the backup is not known")
        }
        var history: TimelineHistory?
        var wal: RecoverableWAL?
        if manifest.options.online {
            history = try TimelineCheck(settings, lookup, manifest).run()
            if let history { wal = try checkTarget(choice, manifest, version, info, history) }
        } else if !settings.isTypeGiven {
            settings.type = .none
        }
        context.log.info(
            "\(repository.name): restore backup set \(manifest.label), recovery will start at "
                + "\(LocalTime(manifest.timestampStart).text)")
        let recovery = try RecoverySettings(settings, version: version)
        try RestoreMapping(settings, context.log).apply(to: &manifest)
        let places = RestorePlaces(manifest, version, dataDirectory: settings.dataDirectory)
        let zeroed =
            settings.dbInclude.isEmpty && settings.dbExclude.isEmpty
            ? ZeroedFiles()
            : try DatabaseSelection(manifest, context.log)
                .zeroedFiles(include: settings.dbInclude, exclude: settings.dbExclude)
        let (existing, isContinued) = try decideExisting(manifest)
        let scan = TargetScan(settings, manifest, version, places, existing)
        try scan.check(repository: repository.storage.displayPath(""))
        try scan.checkSameCluster(context.log)
        return RestorePlan(
            repository: repository.name, choice: choice, manifest: manifest, version: version, places: places,
            zeroed: zeroed, existing: existing, isContinued: isContinued, removals: try scan.removals(),
            type: settings.type, recovery: recovery, history: history, wal: wal)
    }

    /// What recovery could reach from any backup of the same cluster; empty where that cannot be found out.
    func windows(for plan: RestorePlan) -> [RecoveryWindow] {
        guard plan.manifest.options.online, let info = try? repository.loadBackupInfo() else { return [] }
        return windows(info, plan.choice.entry.historyID)
    }

    private func windows(_ info: BackupInfo, _ historyID: UInt32) -> [RecoveryWindow] {
        guard let version = info.history[historyID]?.identity.version else { return [] }
        do {
            return try RecoveryOutlook(
                repository, info, lookup, historyID: historyID, version: version, from: nil
            ).windows()
        } catch {
            // It is said beside a plan or a refusal, which hold without it.
            context.log.warn("unable to find out what can be reached: \(error)")
            return []
        }
    }

    /// - Throws: ``ErrorCode/backupSetInvalid`` if the repository cannot be used, as where it has no backup; why is a warning.
    private func loadInfo() throws(RoostError) -> BackupInfo {
        do {
            return try repository.loadBackupInfo()
        } catch {
            if error.isFatal { throw error }
            context.log.warn("\(repository.name): [\(error.code.name)] \(error)")
            throw RoostError(
                .backupSetInvalid, "no backup set found to restore",
                hints: ["the warning above says why \(repository.name) cannot be used"])
        }
    }

    private func choose(from info: BackupInfo) throws(RoostError) -> BackupChoice {
        do {
            return try BackupSetSelection(settings, lookup).select(from: info)
        } catch {
            guard error.code == .backupSetInvalid, settings.set == nil, !info.backups.isEmpty else { throw error }
            throw withWindows(error, info, info.history.currentID)
        }
    }

    private func checkTarget(
        _ choice: BackupChoice, _ manifest: Manifest, _ version: PostgresVersion, _ info: BackupInfo,
        _ history: TimelineHistory
    ) throws(RoostError) -> RecoverableWAL? {
        guard let start = manifest.archiveStart, settings.type != .none, settings.type != .preserve else { return nil }
        let entry = choice.entry
        let outlook: RecoveryOutlook
        let wal: RecoverableWAL?
        do {
            outlook = try RecoveryOutlook(
                repository, info, lookup, historyID: entry.historyID, version: version.text, from: start)
            wal = try outlook.wal(from: start, along: history, extra: Self.ownSegments(manifest, version))
        } catch {
            if error.isFatal { throw error }
            context.log.warn("unable to find out how far the archive goes: \(error)")
            return nil
        }
        // Without the archive a backup that carries its WAL still becomes consistent.
        guard wal != nil || !manifest.options.archiveCopy else { return nil }
        let check = TargetCheck(
            settings: settings, version: version, backup: entry,
            backups: info.backups.filter { $0.historyID == entry.historyID && $0.label != entry.label },
            history: history, wal: wal, segmentSize: UInt64(outlook.segments?.segmentSize ?? 0),
            now: context.clock.now().seconds)
        do {
            for warning in try check.run() { context.log.warn(warning) }
        } catch {
            throw withWindows(error, info, entry.historyID)
        }
        return wal
    }

    /// WAL that was copied into the backup.
    private static func ownSegments(_ manifest: Manifest, _ version: PostgresVersion) -> Set<WALSegmentName> {
        guard manifest.options.archiveCopy, let first = manifest.archiveStart, let last = manifest.archiveStop
        else { return [] }
        let directory = "\(Manifest.dataDirectory)/\(version.walDirectory)/"
        var found: Set<WALSegmentName> = []
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard name.hasPrefix(directory), let segment = WALSegmentName(name.dropFirst(directory.utf8.count)),
                (first...max(first, last)).contains(segment)
            else { continue }
            found.insert(segment)
        }
        return found
    }

    private func withWindows(_ error: RoostError, _ info: BackupInfo, _ historyID: UInt32) -> RoostError {
        var error = error
        let lines = windows(info, historyID).flatMap(\.lines)
        if !lines.isEmpty { error.hints = lines.map { "can be reached: \($0)" } }
        return error
    }

    /// What is made of files that are in the data directory.
    private func decideExisting(
        _ manifest: Manifest
    ) throws(RoostError) -> (existing: RestorePlan.Existing, isContinued: Bool) {
        let directory = settings.dataDirectory
        let mark = RestoreTarget.manifestName
        let hasMark = try FileStatus.of("\(directory)/\(mark)") != nil
        let hasVersion = try FileStatus.of("\(directory)/PG_VERSION") != nil
        if !settings.delta, !settings.force {
            // Without pg_control no server can have run here since: what lies here is what that restore wrote.
            let hasControl = try FileStatus.of("\(directory)/\(ControlFile.relativePath)") != nil
            let lacksLastStep = try FileStatus.of("\(directory)/\(RestoreTarget.controlTemporary)") != nil
            let found = try TargetScan.systemID(in: directory)
            let isOurs =
                (hasMark || lacksLastStep) && !hasControl && found == manifest.cluster.identity.systemID
            if isOurs { context.log.info("continue the restore into '\(directory)' that did not end") }
            return isOurs ? (.compare(trustingTimes: false), true) : (.refuse, false)
        }
        guard hasMark || hasVersion else {
            context.log.warn(
                "--delta or --force specified but unable to find 'PG_VERSION' or '\(mark)' in '\(directory)' to confirm that "
                    + "this is a valid $PGDATA directory. --delta and --force have been disabled and if any files exist in the "
                    + "destination directories the restore will be aborted.")
            return (.refuse, false)
        }
        guard settings.delta else { return (.replace, hasMark) }
        // A mark means that the times of an unfinished restore are there: they prove nothing.
        return (.compare(trustingTimes: settings.force && !hasMark), hasMark)
    }

    /// A time without zone is read by this machine to choose a backup, and by the server to end recovery: they may differ.
    private func warnOfZone() {
        // A time that cannot be read is refused where a set is chosen by it.
        guard settings.explainsTimes, settings.type == .time, let target = settings.target,
            let time = try? RecoveryTime(target), !time.hasZone
        else { return }
        context.log.warn(
            "target time '\(target)' has no time zone: it was read as \(zoned(time.seconds)), the time zone of this machine; "
                + "PostgreSQL will read it in the zone of its own setting 'timezone'")
    }
}
