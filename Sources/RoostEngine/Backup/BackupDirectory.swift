internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// The directory of a new backup, which is its label.
struct BackupDirectory {
    private let repository: Repository
    private let context: CommandContext

    init(_ repository: Repository, _ context: CommandContext) {
        self.repository = repository
        self.context = context
    }

    /// Gives a new backup its label.
    ///
    /// - Throws: ``ErrorCode/clock`` if the clock is behind the newest label (specification `repository`, section 4.2).
    func claimLabel(for manifest: inout Manifest) throws {
        let full = manifest.prior?.full
        let latest = try latestLabel(full: full)
        var candidate = try label(manifest.type, manifest.timestampStart, full)
        if let latest, candidate <= latest {
            candidate = try label(manifest.type, manifest.timestampStart + 1, full)
            guard candidate > latest else {
                throw RoostError(
                    .clock, "new backup label '\(candidate)' is not later than latest backup label '\(latest)'",
                    hints: ["has the timezone changed?", "is there clock skew?"])
            }
            let time = context.clock.now()
            context.clock.sleep(milliseconds: 1000 - Int64(time.nanoseconds) / 1_000_000)
        }
        manifest.take(label: candidate)
    }

    private func label(_ type: BackupType, _ time: Int64, _ full: BackupLabel?) throws(RoostError) -> BackupLabel {
        guard let label = BackupLabel(type: type, stamp: LocalTime(time).compact, full: full) else {
            throw RoostError(.clock, "the clock shows \(LocalTime(time).text), which no backup label can carry")
        }
        return label
    }

    private func latestLabel(full: BackupLabel?) throws(RoostError) -> BackupLabel? {
        var labels = try repository.storage.names(repository.paths.backup).compactMap { BackupLabel($0) }
        let years = try repository.storage.names(repository.paths.history).filter(StanzaPaths.isHistoryYear)
        if let year = years.last {
            let suffix = ".manifest.gz"
            labels += try repository.storage.names("\(repository.paths.history)/\(year)").compactMap { name in
                name.hasSuffix(suffix) ? BackupLabel(name.dropLast(suffix.utf8.count)) : nil
            }
        }
        return labels.filter { label in full.map { label.type != .full && label.full == $0 } ?? true }.max()
    }
}
