internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Which names of a cluster are left out of a backup, and why.
struct ScanRules {
    /// Why something is left out; a configured exclusion is told, PostgreSQL's own are not.
    enum Reason {
        case transient
        case entry(rule: String)
        case contents(rule: String)

        /// - Parameter path: In the file system.
        func log(_ log: any Log, _ path: String) {
            switch self {
            case .transient: break
            case .entry(let rule): log.info("exclude '\(path)' from backup using '\(rule)' exclusion")
            case .contents(let rule): log.info("exclude contents of '\(path)' from backup using '\(rule)' exclusion")
            }
        }
    }

    private static let emptyDirectories: Set<String> = [
        "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans",
    ]

    private let isOnline: Bool
    private let excludes: Set<String>
    private let walDirectory: String
    private let transientFiles: Set<String>

    init(version: PostgresVersion, isOnline: Bool, excludes: [String]) {
        self.isOnline = isOnline
        self.excludes = Set(excludes)
        walDirectory = "pg_data/\(version.walDirectory)"
        transientFiles = Set(version.transientFiles)
    }

    /// Whether a name in a directory is left out.
    func excludes(_ name: String, in parent: String, kind: FileStatus.Kind) -> Reason? {
        if name.hasPrefix("pgsql_tmp") { return .transient }
        if let path = relative("\(parent)/\(name)"), excludes.contains(path) { return .entry(rule: path) }
        guard kind == .file else { return nil }
        if parent == "pg_data", transientFiles.contains(name) { return .transient }
        if isOnline, parent == walDirectory { return .transient }
        return nil
    }

    /// Whether a directory is kept but what is in it is not.
    func excludesContents(of name: String) -> Reason? {
        guard let path = relative(name) else { return nil }
        if excludes.contains(path + "/") { return .contents(rule: path + "/") }
        if Self.emptyDirectories.contains(path) { return .transient }
        if isOnline, name == "\(walDirectory)/archive_status" { return .transient }
        return nil
    }

    /// A name as exclusions write it; nil in tablespaces, which they do not reach.
    private func relative(_ name: String) -> String? {
        let inside = "\(Manifest.dataDirectory)/"
        return name.hasPrefix(inside) ? String(name.dropFirst(inside.utf8.count)) : nil
    }

    /// `pg_data/global`, `pg_data/base/<digits>`, `pg_tblspc/<oid>/PG_<version>_<catalog>/<digits>`.
    func isDatabaseDirectory(_ name: String) -> Bool {
        if name == "pg_data/global" { return true }
        let parts = name.split(separator: "/")
        guard let last = parts.last, last.allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        return name.hasPrefix("pg_data/base/") && parts.count == 3 || name.hasPrefix("pg_tblspc/") && parts.count == 4
    }

    /// Files of a database directory that are not made of pages.
    func lacksPages(_ name: String) -> Bool {
        name.hasSuffix("/pg_filenode.map") || name.hasSuffix("/PG_VERSION")
            || name == "pg_data/\(ControlFile.relativePath)"
    }

    /// `pg_internal.init`, or the temporary form of it with a process number.
    static func isRelationCache(_ name: String) -> Bool {
        guard name.hasPrefix("pg_internal.init") else { return false }
        let rest = Array(name.utf8.dropFirst("pg_internal.init".utf8.count))
        if rest.isEmpty { return true }
        return zip(rest, rest.dropFirst()).contains { $0 == UInt8(ascii: ".") && (0x30...0x39).contains($1) }
    }

    /// Whether a file is read only as far as it went when the files were listed: what it grows by later is in WAL.
    static func isReadToListedSize(_ name: String, version: PostgresVersion) -> Bool {
        let control = "pg_data/\(ControlFile.relativePath)"
        if name == control { return false }
        let prefixes = [
            "pg_data/base/", "pg_data/global/", "pg_data/\(version.transactionDirectory)/", "pg_data/pg_multixact/",
        ]
        return name.hasPrefix("pg_tblspc/") || prefixes.contains(where: name.hasPrefix)
    }
}
