package import RoostFormat
internal import RoostPostgres

extension StanzaInfo {
    /// The object of one stanza as scripts and exporters read it (specification `expire-verify-info-check`, section 9).
    package var json: JSONValue {
        let status: JSONValue = .object([
            "code": .integer(status.code), "message": .string(status.summary),
            "lock": .object([
                "backup": Self.lock(backupRunning, repositoryKey), "restore": Self.lock(restoreRunning, nil),
            ]),
        ])
        let repository: JSONValue = .object([
            "cipher": .string(cipher), "key": .integer(Int64(repositoryKey)),
            "status": .object(["code": .integer(self.status.code), "message": .string(self.status.message)]),
        ])
        return .object([
            "archive": .array(archives.map(archive)), "backup": .array(backups.map(backup)), "cipher": .string(cipher),
            "db": .array(history.map(database)), "name": .string(name), "repo": .array([repository]), "status": status,
        ])
    }

    /// What `--detail-level=progress` leaves of it.
    package var briefJSON: JSONValue {
        guard case .object(let members) = json else { return json }
        return .object(members.filter { ["name", "status"].contains($0.key) })
    }

    private static func lock(_ running: Running?, _ key: Int?) -> JSONValue {
        var members: [String: JSONValue] = ["held": .bool(running != nil)]
        if let size = running?.size, let complete = running?.complete, size > 0 {
            members["size"] = .unsigned(size)
            members["size-cplt"] = .unsigned(complete)
            if let key {
                members["repo"] = .array([
                    .object(["key": .integer(Int64(key)), "size": .unsigned(size), "size-cplt": .unsigned(complete)])
                ])
            }
        }
        return .object(members)
    }

    private func archive(_ archive: Archive) -> JSONValue {
        var members: [String: JSONValue] = [
            "database": .object([
                "id": .unsigned(UInt64(archive.id.historyID)), "repo-key": .integer(Int64(repositoryKey)),
            ]),
            "id": .string(archive.id.description), "max": archive.max.map { .string($0.description) } ?? .null,
            "min": archive.min.map { .string($0.description) } ?? .null,
        ]
        // The one key that stock does not have, there only when there is something to tell.
        if !archive.gaps.isEmpty { members["gap"] = .array(archive.gaps.map { .object($0.members) }) }
        return .object(members)
    }

    private func database(_ generation: ClusterHistory<BackupInfo.Cluster>.Generation) -> JSONValue {
        .object([
            "id": .unsigned(UInt64(generation.id)), "repo-key": .integer(Int64(repositoryKey)),
            "system-id": .unsigned(generation.entry.identity.systemID.value),
            "version": .string(generation.entry.identity.version),
        ])
    }

    private func backup(_ entry: BackupEntry) -> JSONValue {
        let sizes = entry.sizes
        var stored: [String: JSONValue] = ["delta": .unsigned(sizes.repositoryDelta)]
        if let map = sizes.map {
            stored["size-map"] = .unsigned(map)
            stored["delta-map"] = .unsigned(sizes.mapDelta ?? 0)
        } else {
            stored["size"] = .unsigned(sizes.repository)
        }
        var members: [String: JSONValue] = [
            "archive": .object([
                "start": entry.archiveStart.map { .string($0.description) } ?? .null,
                "stop": entry.archiveStop.map { .string($0.description) } ?? .null,
            ]),
            "backrest": .object(["format": .unsigned(InfoFileParser.format), "version": .string(entry.version)]),
            "database": .object(["id": .unsigned(UInt64(entry.historyID)), "repo-key": .integer(Int64(repositoryKey))]),
            "info": .object([
                "delta": .unsigned(sizes.originalDelta), "repository": .object(stored),
                "size": .unsigned(sizes.original),
            ]),
            "label": .string(entry.label.text), "prior": entry.prior.map { .string($0.text) } ?? .null,
            "reference": entry.references.isEmpty ? .null : .array(entry.references.map { .string($0.text) }),
            "timestamp": .object(["start": .integer(entry.timestampStart), "stop": .integer(entry.timestampStop)]),
            "type": .string(entry.type.rawValue),
        ]
        members["error"] = entry.hasError.map { .bool($0) }
        if let start = entry.lsnStart, let stop = entry.lsnStop {
            members["lsn"] = .object(["start": .string(start.description), "stop": .string(stop.description)])
        }
        if !entry.annotations.isEmpty { members["annotation"] = .object(entry.annotations.mapValues { .string($0) }) }
        if let manifest { addDetails(manifest, to: &members) }
        return .object(members)
    }

    private func addDetails(_ manifest: Manifest, to members: inout [String: JSONValue]) {
        let details = BackupDetails(manifest)
        members["database-ref"] = .array(
            details.databases.map { .object(["name": .string($0.name), "oid": .unsigned(UInt64($0.oid))]) })
        let links: [JSONValue] = details.links.map {
            .object(["destination": .string($0.destination), "name": .string($0.name)])
        }
        members["link"] = links.isEmpty ? .null : .array(links)
        let tablespaces: [JSONValue] = details.tablespaces.map {
            .object(["destination": .string($0.destination), "name": .string($0.name), "oid": .unsigned($0.oid)])
        }
        members["tablespace"] = tablespaces.isEmpty ? .null : .array(tablespaces)
        guard !details.errors.isEmpty else { return }
        members["error-list"] = .array(details.errors.map { .string($0) })
        members["error"] = .bool(true)
    }
}
