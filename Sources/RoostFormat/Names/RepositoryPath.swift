/// Where each object of a stanza lies, relative to the repository (specification `repository`, section 1).
package struct StanzaPaths: Sendable, Hashable {
    package let stanza: String

    package init(stanza: String) { self.stanza = stanza }

    package var archive: String { "archive/\(stanza)" }
    package var backup: String { "backup/\(stanza)" }
    package var archiveInfo: String { "\(archive)/archive.info" }
    package var backupInfo: String { "\(backup)/backup.info" }
    package var latestLink: String { "\(backup)/latest" }
    package var history: String { "\(backup)/backup.history" }

    /// The directory of the records of WAL that is lost.
    package var gaps: String { "\(archive)/roost.gap" }

    package func archive(_ id: ArchiveID) -> String { "\(archive)/\(id)" }

    /// The directory that holds a file PostgreSQL archived.
    package func directory(_ id: ArchiveID, of file: WALFileName) -> String {
        file.directory.map { "\(archive(id))/\($0)" } ?? archive(id)
    }

    package func label(_ label: BackupLabel) -> String { "\(backup)/\(label)" }
    package func manifest(_ label: BackupLabel) -> String { "\(self.label(label))/backup.manifest" }
    package func historyManifest(_ label: BackupLabel) -> String { "\(history)/\(label.year)/\(label).manifest.gz" }
    package func bundle(_ label: BackupLabel, _ id: UInt32) -> String { "\(self.label(label))/bundle/\(id)" }

    /// Whether a name below ``history`` is that of a year's directory.
    package static func isHistoryYear(_ name: String) -> Bool {
        name.utf8.count == 4 && name.hasPrefix("2") && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The second copy that lies beside every info file and manifest.
    package static func copy(of path: String) -> String { "\(path).copy" }
}
