internal import RoostEngine
internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension Doctor {
    /// Whether the stanza is there and of this cluster.
    func examineStanza(_ repository: Repository) throws -> Looked<StanzaInfo> {
        var query = InfoQuery.Settings(lockPath: settings.lockPath)
        query.stanza = stanza
        func missing(_ what: String, mend remedy: String) -> Looked<StanzaInfo> {
            Looked(findings: [.problem("stanza", what, mend: remedy)], found: nil)
        }
        guard let info = try InfoQuery(query, repository: repository).run().first else {
            return missing("the repository tells nothing of \(stanza)", mend: create)
        }
        switch info.status {
        case .missingPath, .missingData:
            return missing("\(info.status.message) of \(stanza) in \(repository.name)", mend: create)
        case .other(let message): return missing(message, mend: "roost --stanza=\(stanza) info")
        case .ok, .noBackup, .requestedBackupMissing:
            return Looked(findings: [try identity(of: info, in: repository)], found: info)
        }
    }

    private func identity(of info: StanzaInfo, in repository: Repository) throws -> Finding {
        guard let generation = info.history.first(where: { $0.id == info.currentID }),
            try FileStatus.of("\(data)/\(ControlFile.relativePath)", followingLinks: true) != nil
        else { return .fine("stanza", "\(stanza) in \(repository.name)") }
        let identity = generation.entry.identity
        let control = try ControlFile.read(dataDirectory: data, clock: clock).file
        guard identity.systemID == control.systemID, identity.version == control.version.text else {
            return .problem(
                "stanza",
                "the stanza \(stanza) is of the cluster \(identity.systemID) (PostgreSQL \(identity.version)), "
                    + "'\(data)' is \(control.systemID) (PostgreSQL \(control.version))",
                mend: "after an upgrade, or for a clone that takes the stanza over: roost --stanza=\(stanza) "
                    + "stanza-upgrade; else correct the name of the stanza")
        }
        return .fine("stanza", "\(stanza) in \(repository.name) is of this cluster, \(identity.systemID)")
    }

    private var create: String { "roost --stanza=\(stanza) stanza-create" }

    func examineBackups(_ info: StanzaInfo, _ session: PostgresSession?) -> [Finding] {
        let place = session?.isInRecovery == true ? "on the primary: " : ""
        let own = info.backups.filter { $0.historyID == info.currentID }
        guard let last = own.max(by: { $0.timestampStop < $1.timestampStop }) else {
            return [.problem("backup", "there is no backup of this cluster", mend: "\(place)pg-backup full")]
        }
        let age = now - last.timestampStop
        let what = "the last backup, \(last.label), is \(Self.duration(age)) old"
        var findings: [Finding] = []
        if last.hasError == true {
            findings.append(
                .problem(
                    "backup", "backup \(last.label) found damaged pages in the cluster",
                    mend: "roost --stanza=\(stanza) --set=\(last.label) info names the files; keep earlier backups"))
        }
        findings.append(
            age > settings.maximumAge
                ? .problem("backup", what, mend: "\(place)pg-backup full, and look at the log of the last")
                : .fine("backup", what))
        return findings
    }

    /// WAL that is missing for good, as the repository and, until it was told, the cluster know.
    func examineGaps(_ info: StanzaInfo) throws -> [Finding] {
        var findings: [Finding] = []
        for gap in info.archives.flatMap(\.gaps) {
            let what = "\(gap.count) WAL segment(s) from \(gap.first) on are lost: \(gap.reason)"
            let isPassed = info.backups.contains { entry in
                entry.historyID == gap.archiveID.historyID && entry.archiveStart.map { $0 > gap.last } == true
            }
            findings.append(
                isPassed
                    ? .warning(
                        "gaps", what, mend: "nothing: a later backup does not need them, only times before it do")
                    : .problem("gaps", "\(what), and no backup is newer", mend: "pg-backup full"))
        }
        for name in ["pg_wal", "pg_xlog"] {
            let pending = "\(data)/\(name)/roost.pending"
            guard try FileStatus.of(pending) != nil, try !FileSystem.list(pending).isEmpty else { continue }
            findings.append(
                .problem(
                    "gaps", "'\(pending)' tells of WAL that was lost while the repository was away",
                    mend: "pg-backup full"))
        }
        return findings.isEmpty ? [.fine("gaps", "no WAL is known to be missing")] : findings
    }
}
