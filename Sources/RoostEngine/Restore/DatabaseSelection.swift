internal import RoostFormat
internal import RoostSystem

/// Which files of a backup are restored as holes: those of databases that are not wanted (specification `restore`, section 8).
struct ZeroedFiles: Sendable {
    /// One bit for each file of the manifest; empty if there are none.
    private var bits: [UInt64] = []
    private(set) var count = 0

    init() {}

    func contains(_ index: Int) -> Bool {
        !bits.isEmpty && bits[index >> 6] & (1 << UInt64(index & 63)) != 0
    }

    fileprivate mutating func insert(_ index: Int, of total: Int) {
        if bits.isEmpty { bits = Array(repeating: 0, count: total / 64 + 1) }
        bits[index >> 6] |= 1 << UInt64(index & 63)
        count += 1
    }
}

/// Decides from the options `db-include` and `db-exclude` which databases become empty shells.
struct DatabaseSelection {
    private let manifest: Manifest
    private let log: any Log
    /// Oids of all databases that the backup has files of, and of those that the server needs.
    private var found: Set<UInt32> = []
    private var system: Set<UInt32> = []

    /// The first oid that a user's object can have.
    private static let firstNormalOID: UInt32 = 16384
    private static let systemNames: Set<String> = ["postgres", "template0", "template1"]

    init(_ manifest: Manifest, _ log: any Log) {
        self.manifest = manifest
        self.log = log
        for (name, database) in manifest.databases
        where Self.systemNames.contains(name) || database.oid < Self.firstNormalOID {
            system.insert(database.oid)
        }
        found = system
        for index in 0..<manifest.files.count {
            let name = manifest.files.name(at: index)
            guard name.hasSuffix("/PG_VERSION"), let oid = Self.database(of: name) else { continue }
            found.insert(oid)
            if oid < Self.firstNormalOID { system.insert(oid) }
        }
    }

    /// - Parameters: Databases by name or oid, as given.
    /// - Throws: ``ErrorCode/dbMissing`` for one that the backup does not have; ``ErrorCode/dbInvalid`` for an included one
    ///   that is always there or is excluded too.
    func zeroedFiles(include: [String], exclude: [String]) throws(RoostError) -> ZeroedFiles {
        var zeroed = ZeroedFiles()
        guard !include.isEmpty || !exclude.isEmpty else { return zeroed }
        let databases = try zeroedDatabases(include: include, exclude: exclude)
        guard !databases.isEmpty else {
            log.info("nothing to filter - all user databases have been selected")
            return zeroed
        }
        log.detail(
            "databases excluded (zeroed) from selective restore (\(databases.sorted().map(String.init).joined(separator: ", ")))"
        )
        for index in 0..<manifest.files.count where manifest.files[index].size > 0 {
            let name = manifest.files.name(at: index)
            guard let oid = Self.database(of: name), databases.contains(oid), !name.hasSuffix("/PG_VERSION") else {
                continue
            }
            zeroed.insert(index, of: manifest.files.count)
        }
        return zeroed
    }

    private func zeroedDatabases(include: [String], exclude: [String]) throws(RoostError) -> Set<UInt32> {
        guard !found.isEmpty else {
            throw RoostError(
                .format, "no databases found for selective restore", hints: ["is this a valid cluster?"])
        }
        var excluded: Set<UInt32> = []
        for database in exclude { excluded.insert(try find(database, "exclude")) }
        var included: Set<UInt32> = []
        for database in include {
            let oid = try find(database, "include")
            guard !system.contains(oid) else {
                throw RoostError(
                    .dbInvalid, "system databases (template0, postgres, etc.) are included by default",
                    hints: ["remove --db-include=\(database)"])
            }
            guard !excluded.contains(oid) else {
                throw RoostError(.dbInvalid, "database to include '\(database)' is in the exclude list")
            }
            included.insert(oid)
        }
        return include.isEmpty ? excluded : found.subtracting(included).subtracting(system.subtracting(excluded))
    }

    private func find(_ database: String, _ purpose: String) throws(RoostError) -> UInt32 {
        if let oid = UInt32(database), found.contains(oid) { return oid }
        if let oid = manifest.databases[database]?.oid, found.contains(oid) { return oid }
        throw RoostError(
            .dbMissing, "database to \(purpose) '\(database)' does not exist",
            hints: ["the backup has: \(known)"])
    }

    private var known: String {
        let names = manifest.databases.filter { found.contains($0.value.oid) }.map { "\($0.key) (\($0.value.oid))" }
        return names.sorted().joined(separator: ", ")
    }

    /// The oid of the database that a file belongs to: `pg_data/base/OID/...` or `pg_tblspc/OID/PG_.../OID/...`.
    private static func database(of name: String) -> UInt32? {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 4, omittingEmptySubsequences: false)
        let place: Int
        if parts.count >= 4, parts[0].elementsEqual("pg_data".utf8), parts[1].elementsEqual("base".utf8) {
            place = 2
        } else if parts.count >= 5, parts[0].elementsEqual("pg_tblspc".utf8) {
            place = 3
        } else {
            return nil
        }
        return UInt32(String(parts[place]) ?? "")
    }
}
