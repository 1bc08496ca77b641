package import RoostFormat
internal import RoostPostgres
internal import RoostStorage
package import RoostSystem
internal import RoostTransform

/// `archive-get`: brings one file out of the archive for recovery.
package enum ArchiveGet {
    /// - Parameters:
    ///   - name: `%f` of `restore_command`.
    ///   - destination: Absolute; its directory exists.
    /// - Returns: False if the archive does not have the file, which ends recovery or waits for it.
    /// - Throws: ``ErrorCode/repoInvalid`` if the stanza cannot be read or is of another cluster,
    ///   ``ErrorCode/archiveDuplicate``, ``ErrorCode/fileRead`` if what is there cannot be read.
    package static func run(
        _ name: String, destination: String, cluster: ClusterIdentity, repository: Repository, context: CommandContext
    ) throws(RoostError) -> Bool {
        let file = try WALFileName(name)
        var archive = try ReadableArchive(cluster, repository)
        let matches = try archive.find(file)
        guard !matches.isEmpty else {
            context.log.info("unable to find \(name) in the archive")
            return false
        }
        let delivered = try archive.deliver(matches, of: name, to: destination, SegmentReader())
        for warning in delivered.warnings { context.log.warn(warning) }
        context.log.info("found \(name) in the \(repository.name): \(delivered.id) archive")
        return true
    }
}
