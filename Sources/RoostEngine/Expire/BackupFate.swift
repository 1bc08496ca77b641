package import RoostFormat

/// Why a backup goes or stays.
package enum BackupFate: Equatable, Sendable {
    // It goes.
    case beyondFulls(Int)
    case beyondTime(days: Int, oldest: BackupLabel)
    case beyondDiffs(Int)
    case oldest
    case requested
    /// It builds on one that goes.
    case needs(BackupLabel)
    // It stays.
    case fullsUnlimited
    case amongFulls(Int)
    case amongDiffs(Int)
    case reachesBack(days: Int)
    case withinTime(days: Int)
    /// It has no number of its own.
    case followsPrior(BackupLabel)
    case notRequested

    /// One sentence for the administrator, without label and full stop.
    ///
    /// - Parameter repository: `repo1`, as options begin.
    package func sentence(_ repository: String) -> String {
        switch self {
        case .beyondFulls(let limit):
            "\(Self.count(limit, "full backup")) newer than it \(limit == 1 ? "is" : "are") kept "
                + "(\(repository)-retention-full=\(limit))"
        case .beyondTime(let days, let oldest):
            "\(oldest) already reaches back \(Self.count(days, "day")) "
                + "(\(repository)-retention-full-type=time, \(repository)-retention-full=\(days))"
        case .beyondDiffs(let limit):
            "\(Self.count(limit, "full or differential backup")) newer than it \(limit == 1 ? "is" : "are") kept "
                + "(\(repository)-retention-diff=\(limit))"
        case .oldest: "it is the oldest full backup, and --oldest asks for that"
        case .requested: "--set asks for it"
        case .needs(let prior): "it builds on \(prior), which expires"
        case .fullsUnlimited: "\(repository)-retention-full is not set, so full backups never expire"
        case .amongFulls(let limit):
            "it is among the newest \(Self.count(limit, "full backup")) (\(repository)-retention-full=\(limit))"
        case .amongDiffs(let limit):
            "it is among the newest \(Self.count(limit, "full or differential backup")) "
                + "(\(repository)-retention-diff=\(limit))"
        case .reachesBack(let days):
            "it is the newest full backup older than \(Self.count(days, "day")): without it the time until the next one "
                + "stopped could not be reached (\(repository)-retention-full-type=time)"
        case .withinTime(let days):
            "it is not older than \(Self.count(days, "day")) (\(repository)-retention-full-type=time, "
                + "\(repository)-retention-full=\(days))"
        case .followsPrior(let prior): "it stays as long as \(prior), on which it builds"
        case .notRequested: "--set asks for another backup, and retention of backups is not applied in such a run"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
