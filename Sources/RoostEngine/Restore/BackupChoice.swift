internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// The backup that a restore starts from, and why.
struct BackupChoice: Equatable, Sendable {
    var entry: BackupEntry
    /// `the newest backup`, as a plan says it.
    var reason: String
    /// What the choice should be known for.
    var warnings: [String] = []
}
