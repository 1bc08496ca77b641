internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// Removes old manifests of expired backups (specification `expire-verify-info-check`, section 1.7).
struct HistoryExpire {
    private let repository: Repository
    private let context: CommandContext
    private let dryRun: Bool

    init(_ repository: Repository, _ context: CommandContext, dryRun: Bool) {
        self.repository = repository
        self.context = context
        self.dryRun = dryRun
    }

    /// - Parameter days: Nil to keep all.
    func run(_ info: BackupInfo, days: Int?) throws(RoostError) {
        guard let days else { return }
        let oldest = LocalTime(context.clock.now().seconds - Int64(days) * 86_400).compact
        for year in try repository.storage.names(repository.paths.history) where StanzaPaths.isHistoryYear(year) {
            if year < oldest.prefix(4) {
                context.log.info("\(repository.name): remove expired backup history path \(year)")
                if !dryRun { try repository.storage.removeTree("\(repository.paths.history)/\(year)") }
            } else if year == oldest.prefix(4) {
                try removeManifests(of: year, before: "\(oldest)F", info)
            }
        }
    }

    private func removeManifests(of year: String, before oldest: String, _ info: BackupInfo) throws(RoostError) {
        let suffix = ".manifest.gz"
        let directory = "\(repository.paths.history)/\(year)"
        for name in try repository.storage.names(directory).reversed() where name.hasSuffix(suffix) {
            guard let label = BackupLabel(name.dropLast(suffix.utf8.count)), label.text < oldest, info[label] == nil
            else { continue }
            context.log.info("\(repository.name): remove expired backup history manifest \(name)")
            if !dryRun { try repository.storage.remove("\(directory)/\(name)") }
        }
    }
}
