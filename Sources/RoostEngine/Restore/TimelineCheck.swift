internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Whether recovery from a backup can reach the timeline that is wanted (specification `restore`, section 4).
struct TimelineCheck {
    private let settings: RestoreSettings
    private let lookup: TimelineLookup
    private let manifest: Manifest

    init(_ settings: RestoreSettings, _ lookup: TimelineLookup, _ manifest: Manifest) {
        self.settings = settings
        self.lookup = lookup
        self.manifest = manifest
    }

    /// - Returns: The way to the wanted timeline; nil for an offline backup.
    /// - Throws: ``ErrorCode/dbMismatch`` if the timeline branched off before the backup, or never was the backup's.
    @discardableResult
    func run() throws(RoostError) -> TimelineHistory? {
        guard let start = manifest.archiveStart, let lsn = manifest.lsnStart else { return nil }
        let id = ArchiveID(version: manifest.cluster.identity.version, historyID: manifest.cluster.historyID)
        let own = start.timeline
        let wanted = settings.wantedTimeline(version: manifest.cluster.identity.version)
        let history = try lookup.history(to: wanted, from: own, in: id)
        let stop = manifest.lsnStop ?? lsn
        guard !history.contains(own, from: lsn, to: stop) else { return history }
        let target = history.timeline.value
        guard let end = history.range(of: own)?.upperBound else {
            throw RoostError(
                .dbMismatch, "backup timeline \(own.value) is not in the history of target timeline \(target)",
                hints: Self.hints)
        }
        throw RoostError(
            .dbMismatch,
            "backup set '\(manifest.label)' is not in the history of timeline \(target): that timeline left timeline "
                + "\(own.value) at \(end), before the backup \(end > lsn ? "ended at \(stop)" : "began at \(lsn)")",
            hints: Self.hints)
    }

    private static let hints = [
        "choose an older backup with --set, or --target-timeline=current to stay on the timeline of this one"
    ]
}

extension RestoreSettings {
    /// The timeline that recovery goes along, as the options say or leave open.
    ///
    /// - Parameter version: Of PostgreSQL, as text.
    func wantedTimeline(version: String) -> String {
        if let targetTimeline { return targetTimeline }
        let isOld = PostgresVersion(version)?.recoveryStyle == .recoveryFile
        return isOld || type == .immediate ? "current" : "latest"
    }
}
