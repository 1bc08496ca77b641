internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// Where the parts of a backup go on this host, once its manifest carries this host's places.
struct RestorePlaces: Sendable {
    /// A directory that a restore fills, or a file that lies behind a link of its own.
    struct Target: Sendable, Equatable {
        /// In the manifest: `pg_data`, `pg_tblspc/16384/PG_15_202209061`, `pg_data/pg_wal`, `pg_data/pg_hba.conf`.
        var name: String
        /// Absolute; that of the file itself for a file.
        var path: String
        var isFile = false
        /// The link in the data directory that leads there, as manifest name and absolute path; nil for the data directory.
        var link: String?
        /// Where that link leads, as an absolute path: for a tablespace the directory above.
        var linkDestination = ""
    }

    let dataDirectory: String
    /// The data directory first, the others by name.
    let targets: [Target]
    private let fileLinks: [String: String]

    init(_ manifest: Manifest, _ version: PostgresVersion, dataDirectory: String) {
        self.dataDirectory = dataDirectory
        let check = LinkCheck(dataDirectory: dataDirectory)
        let catalog = version.tablespaceDirectory(catalogVersion: manifest.cluster.catalogVersion)
        var targets: [Target] = []
        for (name, target) in manifest.targets where target.kind == .link {
            let destination = check.absolute(name, target)
            var place = Target(name: name, path: destination)
            place.linkDestination = destination
            place.isFile = target.file != nil
            if target.tablespaceID != nil {
                place.name = "\(name)/\(catalog)"
                place.path = "\(destination)/\(catalog)"
                place.link = "\(Manifest.dataDirectory)/\(name)"
            } else {
                place.link = name
            }
            targets.append(place)
        }
        self.targets =
            [Target(name: Manifest.dataDirectory, path: dataDirectory)] + targets.sorted { $0.name < $1.name }
        fileLinks = Dictionary(uniqueKeysWithValues: targets.filter(\.isFile).map { ($0.name, $0.path) })
    }

    /// Where a file or directory of the manifest lies; a file behind a link of its own lies at the link's destination.
    func path(of name: String) -> String {
        if !fileLinks.isEmpty, let path = fileLinks[name] { return path }
        return name == Manifest.dataDirectory ? dataDirectory : Manifest.path(of: name, in: dataDirectory)
    }

    /// Whether what lies at a target may be the work of an earlier restore: the data directory has a link that leads there.
    func isLinked(_ target: Target) throws(RoostError) -> Bool {
        guard let link = target.link else { return true }
        let place = Manifest.path(of: link, in: dataDirectory)
        guard try FileStatus.of(place)?.kind == .symbolicLink else { return false }
        var found = Manifest.Target(kind: .link, path: try FileSystem.linkDestination(place))
        let inside = "\(Manifest.dataDirectory)/\(Manifest.tablespaces)/"
        let isTablespace = link.hasPrefix(inside)
        if isTablespace { found.tablespaceID = String(link.dropFirst(inside.utf8.count)) }
        let name = isTablespace ? String(link.dropFirst(Manifest.dataDirectory.utf8.count + 1)) : link
        return LinkCheck(dataDirectory: dataDirectory).absolute(name, found) == target.linkDestination
    }
}
