package import RoostFormat
internal import RoostSystem

/// `annotate`: adds notes to a listed backup, changes them, or takes them away.
///
/// They live in `backup.info` alone; the manifest keeps those that the backup was made with.
package enum Annotate {
    /// - Parameter changes: An empty text takes the note of that name away.
    /// - Returns: Whether the repository lists the backup; if not nothing is changed.
    package static func run(
        _ label: BackupLabel, _ changes: [String: String], repository: Repository, context: CommandContext
    ) throws -> Bool {
        var info = try BackupReconciliation(repository, context.log).load()
        guard var entry = info[label] else { return false }
        context.log.info("backup set '\(label)' to annotate found in \(repository.name)")
        for (name, text) in changes { entry.annotations[name] = text.isEmpty ? nil : text }
        info.add(entry)
        try repository.save(info)
        return true
    }
}
