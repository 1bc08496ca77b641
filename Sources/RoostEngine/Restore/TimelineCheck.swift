internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// Whether recovery from a backup can reach the timeline that is wanted (specification `restore`, section 4).
struct TimelineCheck {
    private let settings: RestoreSettings
    private let repository: Repository
    private let manifest: Manifest

    init(_ settings: RestoreSettings, _ repository: Repository, _ manifest: Manifest) {
        self.settings = settings
        self.repository = repository
        self.manifest = manifest
    }

    /// - Throws: ``ErrorCode/dbMismatch`` if the timeline branched off before the backup, or never was the backup's.
    func run() throws(RoostError) {
        guard let start = manifest.archiveStart, let lsn = manifest.lsnStart else { return }
        let id = ArchiveID(version: manifest.cluster.identity.version, historyID: manifest.cluster.historyID)
        let own = start.timeline
        let target: TimelineID
        switch wanted {
        case "current": return
        case "latest": target = try latest(id, own)
        case let text:
            let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
            guard let number else { throw RoostError(.dbMismatch, "invalid target timeline '\(text)'") }
            target = TimelineID(number)
        }
        guard target != own else { return }
        try check(target, own, lsn, id)
    }

    private var wanted: String {
        if let given = settings.targetTimeline { return given }
        let isOld = PostgresVersion(manifest.cluster.identity.version).map { $0.number < 120_000 } ?? false
        return isOld || settings.type == .immediate ? "current" : "latest"
    }

    private func latest(_ id: ArchiveID, _ own: TimelineID) throws(RoostError) -> TimelineID {
        let timelines = try repository.storage.names(repository.paths.archive(id)).compactMap { name in
            name.hasSuffix(".history") ? TimelineID(String(name.dropLast(".history".utf8.count))) : nil
        }
        return max(timelines.max() ?? own, own)
    }

    private func check(_ target: TimelineID, _ own: TimelineID, _ lsn: LSN, _ id: ArchiveID) throws(RoostError) {
        let path = "\(repository.paths.archive(id))/\(target).history"
        let passphrase = try repository.loadArchiveInfo().cipherPass
        let text = String(decoding: try repository.read(path, decrypting: passphrase), as: UTF8.self)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 2, let number = UInt32(fields[0].filter { $0 != " " }),
                let end = LSN(String(fields[1]))
            else {
                throw RoostError(
                    .format, "invalid timeline '\(target)' at '\(repository.storage.displayPath(path))': '\(line)'")
            }
            guard number == own.value else { continue }
            // Recovery needs the end of the backup in the WAL before it leaves the timeline.
            let stop = manifest.lsnStop ?? lsn
            guard lsn < end, stop <= end else {
                throw RoostError(
                    .dbMismatch,
                    "backup set '\(manifest.label)' is not in the history of timeline \(target.value): that timeline left "
                        + "timeline \(own.value) at \(end), before the backup "
                        + (end > lsn ? "ended at \(stop)" : "began at \(lsn)"), hints: Self.hints)
            }
            return
        }
        throw RoostError(
            .dbMismatch, "backup timeline \(own.value) is not in the history of target timeline \(target.value)",
            hints: Self.hints)
    }

    private static let hints = [
        "choose an older backup with --set, or --target-timeline=current to stay on the timeline of this one"
    ]
}
