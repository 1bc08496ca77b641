internal import RoostFormat
internal import RoostSystem

extension StanzaInfo {
    /// The lines of one stanza, as pgBackRest shows them (specification `expire-verify-info-check`, section 8).
    package func text(showsDetails: Bool) -> String {
        var lines = ["stanza: \(name)", "    status: \(statusText)"]
        if case .other(let message) = status {
            lines += message.split(separator: "\n").map { "            \($0)" }
        }
        if status != .missingPath { lines.append("    cipher: \(cipher)") }
        for generation in history { appendGeneration(generation, showsDetails, &lines) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var statusText: String {
        var remarks: [String] = []
        switch status {
        case .ok: break
        case .other: remarks.append("other")
        default: remarks.append(status.message)
        }
        if let backupRunning { remarks.append("backup/expire running" + Self.percentage(backupRunning)) }
        if let restoreRunning { remarks.append("restore running" + Self.percentage(restoreRunning)) }
        return (status == .ok ? "ok" : "error") + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))")
    }

    private static func percentage(_ running: Running) -> String {
        guard let hundredths = running.hundredths else { return "" }
        return " - \(hundredths / 100).\(pad(Int(hundredths % 100)))% complete"
    }

    private func appendGeneration(
        _ generation: ClusterHistory<BackupInfo.Cluster>.Generation, _ showsDetails: Bool, _ lines: inout [String]
    ) {
        let isCurrent = generation.id == currentID
        let archive = archives.first { $0.id.historyID == generation.id }
        let entries = backups.filter { $0.historyID == generation.id }
        guard isCurrent || archive?.min != nil || !entries.isEmpty else { return }
        lines += ["", "    db (\(isCurrent ? "current" : "prior"))"]
        let version = generation.entry.identity.version
        if let archive, let min = archive.min, let max = archive.max {
            lines.append("        wal archive min/max (\(version)): \(min)/\(max)")
        } else {
            lines.append("        wal archive min/max (\(version)): none present")
        }
        for entry in entries { appendBackup(entry, showsDetails, &lines) }
    }

    private func appendBackup(_ entry: BackupEntry, _ showsDetails: Bool, _ lines: inout [String]) {
        let sizes = entry.sizes
        lines += [
            "", "        \(entry.type.rawValue) backup: \(entry.label)",
            "            timestamp start/stop: \(Self.time(entry.timestampStart)) / \(Self.time(entry.timestampStop))",
        ]
        if let start = entry.archiveStart, let stop = entry.archiveStop {
            lines.append("            wal start/stop: \(start) / \(stop)")
        } else {
            lines.append("            wal start/stop: n/a")
        }
        if showsDetails, let start = entry.lsnStart, let stop = entry.lsnStop {
            lines.append("            lsn start/stop: \(start) / \(stop)")
        }
        lines.append(
            "            database size: \(ByteCount(sizes.original)), database backup size: \(ByteCount(sizes.originalDelta))"
        )
        let setSize = sizes.map == nil ? "backup set size: \(ByteCount(sizes.repository)), " : ""
        lines.append("            repo\(repositoryKey): \(setSize)backup size: \(ByteCount(sizes.repositoryDelta))")
        appendReferences(entry, showsDetails, &lines)
        if showsDetails, let manifest {
            appendDetails(manifest, &lines)
        } else if entry.hasError == true {
            lines.append("            error(s) detected during backup")
        }
        guard showsDetails, !entry.annotations.isEmpty else { return }
        lines.append("            annotation(s)")
        for (key, value) in entry.annotations.sorted(by: { $0.key < $1.key }) {
            lines.append("                \(key): \(value)")
        }
    }

    private func appendReferences(_ entry: BackupEntry, _ showsDetails: Bool, _ lines: inout [String]) {
        guard !entry.references.isEmpty else { return }
        if showsDetails {
            lines.append("            backup reference list: \(entry.references.map(\.text).joined(separator: ", "))")
            return
        }
        let counts = BackupType.allCases.compactMap { type -> String? in
            let count = entry.references.count { $0.type == type }
            return count > 0 ? "\(count) \(type.rawValue)" : nil
        }
        lines.append("            backup reference total: \(counts.joined(separator: ", "))")
    }

    private func appendDetails(_ manifest: Manifest, _ lines: inout [String]) {
        let details = BackupDetails(manifest)
        let databases = details.databases.map { "\($0.name) (\($0.oid))" }.joined(separator: ", ")
        lines.append("            database list: \(databases.isEmpty ? "none" : databases)")
        if !details.links.isEmpty {
            lines.append("            symlinks:")
            lines += details.links.map { "                \($0.name) => \($0.destination)" }
        }
        if !details.tablespaces.isEmpty {
            lines.append("            tablespaces:")
            lines += details.tablespaces.map { "                \($0.name) (\($0.oid)) => \($0.destination)" }
        }
        if !details.errors.isEmpty {
            lines.append("            error list: \(details.errors.joined(separator: ", "))")
        }
    }

    private static func time(_ seconds: Int64) -> String {
        let time = LocalTime(seconds)
        return time.text + time.offsetText
    }
}
