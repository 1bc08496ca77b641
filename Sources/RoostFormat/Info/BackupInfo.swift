internal import RoostPostgres
package import RoostSystem

/// `backup.info`: the backups of a stanza that are complete, and the passphrase of their manifests.
package struct BackupInfo: Sendable, Hashable {
    /// A generation, with what else this file tells of it.
    package struct Cluster: Sendable, Hashable {
        package var identity: ClusterIdentity
        package var catalogVersion: UInt32
        package var controlVersion: UInt32

        package init(identity: ClusterIdentity, catalogVersion: UInt32, controlVersion: UInt32) {
            self.identity = identity
            self.catalogVersion = catalogVersion
            self.controlVersion = controlVersion
        }
    }

    package var history: ClusterHistory<Cluster>
    /// Encrypts manifests; nil in a plain repository.
    package var cipherPass: String?
    /// By rising label.
    package private(set) var backups: [BackupEntry] = []

    package init(history: ClusterHistory<Cluster>, cipherPass: String?) {
        self.history = history
        self.cipherPass = cipherPass
    }

    package subscript(label: BackupLabel) -> BackupEntry? { backups.first { $0.label == label } }

    /// Adds a backup, replacing one of the same label.
    package mutating func add(_ entry: BackupEntry) {
        remove(entry.label)
        backups.insert(entry, at: backups.firstIndex { $0.label > entry.label } ?? backups.count)
    }

    package mutating func remove(_ label: BackupLabel) { backups.removeAll { $0.label == label } }

    /// A backup and all that need it, by `backup-prior` from one to the next; newest first.
    package func dependants(of label: BackupLabel) -> [BackupLabel] {
        var set: Set<BackupLabel> = [label]
        for entry in backups where entry.prior.map(set.contains) == true { set.insert(entry.label) }
        return set.sorted(by: >)
    }

    /// Parses the decrypted file.
    package init(parsing bytes: [UInt8], object: String) throws(RoostError) {
        let (sections, _) = try InfoSections.parse(bytes, object: object)
        var generations: [ClusterHistory<Cluster>.Generation] = []
        for (key, value) in sections.lines("db:history") {
            guard let id = UInt32(key), String(id) == key else {
                throw RoostError(.format, "invalid history id '\(key)' in '\(object)'")
            }
            let fields = try InfoFields(value, of: "history entry \(key) of '\(object)'")
            let identity = ClusterIdentity(
                systemID: SystemID(try fields.unsigned("db-system-id")), version: try fields.string("db-version"))
            let cluster = Cluster(
                identity: identity, catalogVersion: try fields.unsigned32("db-catalog-version"),
                controlVersion: try fields.unsigned32("db-control-version"))
            generations.append(.init(id: id, entry: cluster))
        }
        let currentID = try sections.fields("db").unsigned32("db-id")
        history = try ClusterHistory(generations, currentID: currentID, object: object)
        cipherPass = try sections.fields("cipher").optionalString("cipher-pass")
        for (key, value) in sections.lines("backup:current") {
            guard let label = BackupLabel(key) else {
                throw RoostError(.format, "invalid backup label '\(key)' in '\(object)'")
            }
            backups.append(try BackupEntry(label: label, parsing: value))
        }
    }

    /// The text of the file.
    package func render(version: String) throws -> [UInt8] {
        try renderInfoFile(version: version) { writer in
            for entry in backups { try writer.entry("backup:current", entry.label.text, entry.json) }
            if let cipherPass { try writer.entry("cipher", "cipher-pass", .string(cipherPass)) }
            let current = history.current
            try writer.entry("db", "db-catalog-version", .unsigned(UInt64(current.catalogVersion)))
            try writer.entry("db", "db-control-version", .unsigned(UInt64(current.controlVersion)))
            try writer.entry("db", "db-id", .unsigned(UInt64(history.currentID)))
            try writer.entry("db", "db-system-id", .unsigned(current.identity.systemID.value))
            try writer.entry("db", "db-version", .string(current.identity.version))
            for generation in history.generations {
                let entry: JSONValue = .object([
                    "db-catalog-version": .unsigned(UInt64(generation.entry.catalogVersion)),
                    "db-control-version": .unsigned(UInt64(generation.entry.controlVersion)),
                    "db-system-id": .unsigned(generation.entry.identity.systemID.value),
                    "db-version": .string(generation.entry.identity.version),
                ])
                try writer.entry("db:history", String(generation.id), entry)
            }
        }
    }
}
