internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// A restore as it will be made, decided from what the repository and this host hold before anything is touched.
struct RestorePlan: Sendable {
    /// What becomes of files that are where the backup goes.
    enum Existing: Equatable, Sendable {
        /// There must be none.
        case refuse
        /// They are copied again, or removed.
        case replace
        /// They stay where checksums agree, or already where size and time agree; others are copied again or removed.
        case compare(trustingTimes: Bool)
    }

    /// `repo1`.
    var repository: String
    var choice: BackupChoice
    /// With the places of this host.
    var manifest: Manifest
    var version: PostgresVersion
    var places: RestorePlaces
    var zeroed: ZeroedFiles
    var existing: Existing
    /// A restore into this directory did not end; this one goes on with it.
    var isContinued: Bool
    var removals: [Removal]
    /// The kind of recovery; `none` for an offline backup unless another was asked for.
    var type: RestoreSettings.RecoveryType
    var recovery: RecoverySettings
    /// The way that recovery goes; nil without recovery from the archive.
    var history: TimelineHistory?
    var wal: RecoverableWAL?

    func isLeftOut(_ name: String) -> Bool { manifest.isLeftOut(name, type: type, version) }

    /// How much a restore has to move.
    struct Transfer: Equatable, Sendable {
        /// Files to be read from the repository, their bytes in the cluster, and as stored.
        var files = 0
        var bytes: UInt64 = 0
        var stored: UInt64 = 0
        /// Files that are there and long enough, which are copied only where their checksum is wrong; part of the above.
        var compared = 0
        var comparedBytes: UInt64 = 0
        /// Files that are there with the right size and time, and are trusted; part of nothing else.
        var kept = 0
        var keptBytes: UInt64 = 0
        /// Files made as holes; part of nothing else.
        var zeroed = 0
        var zeroedBytes: UInt64 = 0
    }

    /// Counts what is to be moved; looks at the files that are there where they may stay.
    func transfer() throws(RoostError) -> Transfer {
        var sum = Transfer()
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard !isLeftOut(name) else { continue }
            let file = manifest.files[index]
            if zeroed.contains(index) {
                sum.zeroed += 1
                sum.zeroedBytes += file.size
                continue
            }
            var found: FileStatus?
            if case .compare(let trustsTimes) = existing {
                found = try FileStatus.of(places.path(of: name))
                if let status = found, trustsTimes, isTrusted(file, status) {
                    sum.kept += 1
                    sum.keptBytes += file.size
                    continue
                }
            }
            sum.files += 1
            sum.bytes += file.size
            sum.stored += file.size == 0 && manifest.isBundled ? 0 : file.repoSize
            // pg_control is removed first.
            if let status = found, status.kind == .file, status.size >= file.size, file.size > 0,
                name != RestoreTarget.controlName
            {
                sum.compared += 1
                sum.comparedBytes += file.size
            }
        }
        return sum
    }

    /// Whether size and time of a file say that it is the backup's (specification `restore`, section 10).
    private func isTrusted(_ file: ManifestFile, _ status: FileStatus) -> Bool {
        status.kind == .file && status.links == 1 && status.size == file.size && status.modified == file.timestamp
            && status.modified < manifest.timestampCopyStart
    }
}
