internal import RoostFormat

/// What only a manifest knows of a backup.
struct BackupDetails {
    var databases: [(name: String, oid: UInt32)]
    var links: [(name: String, destination: String)]
    var tablespaces: [(name: String, oid: UInt64, destination: String)]
    /// Files with page checksum errors.
    var errors: [String]

    init(_ manifest: Manifest) {
        databases = manifest.databases.filter { !["template0", "template1"].contains($0.key) }
            .map { ($0.key, $0.value.oid) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let targets = manifest.targets.filter { $0.value.kind == .link }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        links = targets.filter { $0.value.tablespaceID == nil }.map { name, target in
            (target.file ?? String(name.dropFirst("pg_data/".count)), target.destination)
        }
        tablespaces = targets.compactMap { _, target in
            guard let id = target.tablespaceID.flatMap({ UInt64($0) }), let name = target.tablespaceName else {
                return nil
            }
            return (name, id, target.path)
        }
        errors = (0..<manifest.files.count).filter { manifest.files[$0].pageCheck == .invalid }.map { index in
            let name = manifest.files.name(at: index)
            return name.hasPrefix("pg_data/") ? String(name.dropFirst("pg_data/".count)) : name
        }
    }
}
