internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension StanzaInfo {
    /// The name, the state, and what runs: all that `--detail-level=progress` shows.
    package var heading: String { "stanza: \(name)\n    status: \(statusText)\n" }

    /// The lines of one stanza, as pgBackRest shows them (specification `expire-verify-info-check`, section 8).
    package func text(showsDetails: Bool) -> String {
        var text = heading
        if case .other(let message) = status {
            for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
                text += "            \(line)\n"
            }
        }
        if status != .missingPath { text += "    cipher: \(cipher)\n" }
        var lines: [String] = []
        // The current cluster comes last, whatever its place in the history.
        for cluster in clusters where !cluster.isCurrent { append(cluster, showsDetails, &lines) }
        for cluster in clusters where cluster.isCurrent { append(cluster, showsDetails, &lines) }
        return lines.isEmpty ? text : text + lines.joined(separator: "\n") + "\n"
    }

    /// What is shown together: generations of one identity, which there are several of where a cluster went back to a former one.
    private struct Cluster {
        var identity: ClusterIdentity
        var isCurrent: Bool
        var ids: [UInt32]
    }

    private var clusters: [Cluster] {
        let current = history.last { $0.id == currentID }?.entry.identity
        return history.reduce(into: []) { clusters, generation in
            let identity = generation.entry.identity
            if let place = clusters.firstIndex(where: { $0.identity == identity }) {
                clusters[place].ids.append(generation.id)
            } else {
                clusters.append(Cluster(identity: identity, isCurrent: identity == current, ids: [generation.id]))
            }
        }
    }

    var statusText: String {
        var parts: [String] = status == .ok ? [] : [status.summary]
        if let backupRunning { parts.append("backup/expire running" + Self.percentage(backupRunning)) }
        if let restoreRunning { parts.append("restore running" + Self.percentage(restoreRunning)) }
        let word = status == .ok ? "ok" : "error"
        return parts.isEmpty ? word : "\(word) (\(parts.joined(separator: ", ")))"
    }

    private static func percentage(_ running: Running) -> String {
        guard let hundredths = running.hundredths else { return "" }
        return " - \(hundredths / 100).\(pad(Int(hundredths % 100)))% complete"
    }

    private func append(_ cluster: Cluster, _ showsDetails: Bool, _ lines: inout [String]) {
        let wal = archives.filter { cluster.ids.contains($0.id.historyID) }
        let entries = backups.filter { cluster.ids.contains($0.historyID) }
        let min = wal.compactMap(\.min).min()
        let isShown = isOfOneBackup && !backups.isEmpty ? false : cluster.isCurrent || min != nil
        guard isShown || !entries.isEmpty else { return }
        lines += ["", "    db (\(cluster.isCurrent ? "current" : "prior"))"]
        let range = min.flatMap { min in wal.compactMap(\.max).max().map { "\(min)/\($0)" } } ?? "none present"
        lines.append("        wal archive min/max (\(cluster.identity.version)): \(range)")
        for gap in wal.flatMap(\.gaps) {
            lines.append(
                "        wal archive gap (\(cluster.identity.version)): \(gap.first)/\(gap.last), \(gap.count) segment(s) lost "
                    + "\(Self.time(gap.time)): \(gap.reason)")
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
        let details = showsDetails ? manifest.map { BackupDetails($0) } : nil
        if let details { append(details, &lines) }
        if let details, !details.errors.isEmpty {
            lines.append("            error list: \(details.errors.joined(separator: ", "))")
        } else if entry.hasError == true {
            lines.append("            error(s) detected during backup")
        }
        guard showsDetails, !entry.annotations.isEmpty else { return }
        lines.append("            annotation(s)")
        for (key, value) in entry.annotations.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
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

    private func append(_ details: BackupDetails, _ lines: inout [String]) {
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
    }

    static func time(_ seconds: Int64) -> String {
        let time = LocalTime(seconds)
        return time.text + time.offsetText
    }
}
