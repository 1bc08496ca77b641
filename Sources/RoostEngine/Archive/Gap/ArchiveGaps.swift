package import RoostFormat
package import RoostPostgres
internal import RoostStorage
package import RoostSystem

/// The gaps in the archive of a stanza, recorded in its repository below `archive/<stanza>/roost.gap`.
///
/// One object a gap: each is written once, whole and durable, and never changed, so that writers need no lock. Stock tools
/// look at nothing below a stanza whose name is not an archive id or `archive.info`.
package struct ArchiveGaps: Sendable {
    package let all: [ArchiveGap]

    package init(_ gaps: [ArchiveGap]) { all = ArchiveGap.merged(gaps) }

    /// Reads all gaps of a stanza.
    ///
    /// - Throws: ``ErrorCode/format`` if a record is damaged: it must not be taken for no gap.
    package static func load(_ repository: Repository) throws(RoostError) -> ArchiveGaps {
        ArchiveGaps(try records(repository))
    }

    /// Records gaps durably; those that touch recorded ones are joined with them.
    package static func record(_ gaps: [ArchiveGap], in repository: Repository) throws(RoostError) {
        let recorded = try records(repository)
        let wanted = ArchiveGap.merged(recorded + gaps)
        for gap in wanted where !recorded.contains(gap) {
            let stored = try transformed(gap.render(), encrypting: repository.cipherPass)
            try repository.storage.write("\(repository.paths.gaps)/\(gap.fileName)", stored)
        }
        // What is part of a greater gap now, whose record is durable.
        for gap in recorded where !wanted.contains(where: { $0.fileName == gap.fileName }) {
            try repository.storage.remove("\(repository.paths.gaps)/\(gap.fileName)")
        }
    }

    /// Removes the records of gaps that no kept backup has to pass.
    ///
    /// - Parameter isNeeded: Whether WAL before the gap is kept.
    static func remove(
        from repository: Repository, unless isNeeded: (ArchiveGap) -> Bool
    ) throws(RoostError) {
        for gap in try records(repository) where !isNeeded(gap) {
            try repository.storage.remove("\(repository.paths.gaps)/\(gap.fileName)")
        }
    }

    /// The first gap that a recovery over these segments would meet.
    ///
    /// - Parameters:
    ///   - start: The first segment that recovery reads, as `archive-start` of a backup.
    ///   - end: The last segment it reads of that timeline; nil for all that are archived.
    package func first(_ id: ArchiveID, from start: WALSegmentName, to end: WALSegmentName?) -> ArchiveGap? {
        all.first { $0.archiveID == id && $0.blocks(from: start, to: end) }
    }

    /// The first gap behind a backup: from the backup no recovery leads to the present.
    func behind(_ entry: BackupEntry, _ info: BackupInfo) -> ArchiveGap? {
        guard let start = entry.archiveStart,
            let generation = info.history.generations.first(where: { $0.id == entry.historyID })
        else { return nil }
        let id = ArchiveID(version: generation.entry.identity.version, historyID: entry.historyID)
        return all.first { $0.archiveID == id && $0.isBehind(start) }
    }

    /// Tells the administrator of each gap.
    package func warn(_ repository: Repository, _ log: any Log) {
        for gap in all {
            log.warn(
                "\(repository.name): \(gap.archiveID) \(gap) missing from the archive since "
                    + "\(LocalTime(gap.time).text): \(gap.reason)\n"
                    + "HINT: no recovery passes this gap: take a backup if there is none after it.")
        }
    }

    /// One for each object.
    ///
    /// A record that goes while it is looked for was joined with its neighbour by another command: then what is in its place
    /// may not have been listed, and the list is made again.
    private static func records(_ repository: Repository) throws(RoostError) -> [ArchiveGap] {
        for _ in 1..<10 {
            do {
                return try listedRecords(repository)
            } catch let error where error.code == .fileMissing {
                continue
            }
        }
        return try listedRecords(repository)
    }

    private static func listedRecords(_ repository: Repository) throws(RoostError) -> [ArchiveGap] {
        var gaps: [ArchiveGap] = []
        for name in try repository.storage.names(repository.paths.gaps) where ArchiveGap.isFileName(name) {
            let path = "\(repository.paths.gaps)/\(name)"
            let bytes = try repository.read(path, decrypting: repository.cipherPass)
            gaps.append(try ArchiveGap(parsing: bytes, object: repository.storage.displayPath(path)))
        }
        return gaps
    }
}
