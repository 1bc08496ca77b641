package import RoostPostgres
package import RoostSystem

/// `backup.manifest`: everything there is to know of one backup (specification `info-files`, section 7).
package struct Manifest: Sendable {
    /// The data directory, or a symbolic link in it.
    package struct Target: Sendable, Hashable {
        package enum Kind: String, Sendable { case path, link }

        package var kind: Kind
        /// Where the link points, as written in it; of a file link, the directory part.
        package var path: String
        /// The last part of a file link's destination; nil for directories.
        package var file: String?
        package var tablespaceID: String?
        package var tablespaceName: String?

        package init(kind: Kind, path: String) {
            self.kind = kind
            self.path = path
        }

        /// Where a link points, as written in it.
        package var destination: String { file.map { path.isEmpty ? $0 : "\(path)/\($0)" } ?? path }
    }

    package struct Path: Sendable, Hashable {
        package var mode: UInt16
        package var user: Owner
        package var group: Owner

        package init(mode: UInt16, user: Owner, group: Owner) {
            self.mode = mode
            self.user = user
            self.group = group
        }
    }

    package struct Link: Sendable, Hashable {
        package var destination: String
        package var user: Owner
        package var group: Owner

        package init(destination: String, user: Owner, group: Owner) {
            self.destination = destination
            self.user = user
            self.group = group
        }
    }

    package struct Database: Sendable, Hashable {
        package var oid: UInt32
        package var lastSystemOID: UInt32

        package init(oid: UInt32, lastSystemOID: UInt32) {
            self.oid = oid
            self.lastSystemOID = lastSystemOID
        }
    }

    /// What identifies the cluster that was backed up.
    package struct Cluster: Sendable, Hashable {
        package var identity: ClusterIdentity
        package var catalogVersion: UInt32
        package var controlVersion: UInt32
        /// Key in the stanza's history; 0 in a partial manifest.
        package var historyID: UInt32

        package init(identity: ClusterIdentity, catalogVersion: UInt32, controlVersion: UInt32, historyID: UInt32) {
            self.identity = identity
            self.catalogVersion = catalogVersion
            self.controlVersion = controlVersion
            self.historyID = historyID
        }
    }

    /// The release that the writer claims to be.
    package var version: String
    package var label: BackupLabel
    package var type: BackupType
    package var prior: BackupLabel?
    /// All labels of the set that this backup knows, its own last.
    package var references: [BackupLabel]
    package var timestampStart: Int64
    package var timestampCopyStart: Int64
    package var timestampStop: Int64
    package var archiveStart: WALSegmentName?
    package var archiveStop: WALSegmentName?
    package var lsnStart: LSN?
    package var lsnStop: LSN?
    package var isBundled = false
    /// Bundled files are compressed and encrypted without redundant headers.
    package var isBundleRaw = false
    package var isBlockIncremental = false
    package var cluster: Cluster
    package var options: BackupOptions
    /// Encrypts the files of the set; nil in a plain repository.
    package var cipherPass: String?
    package var targets: [String: Target] = [:]
    package var databases: [String: Database] = [:]
    package var annotations: [String: String] = [:]
    /// Referred to by position from `files`.
    package private(set) var owners: [Owner] = []
    package var files = ManifestFiles()
    package var links: [String: Link] = [:]
    package var paths: [String: Path] = [:]

    package static let dataDirectory = "pg_data"
    package static let tablespaces = "pg_tblspc"

    package init(
        version: String, label: BackupLabel, type: BackupType, timestampStart: Int64, cluster: Cluster,
        options: BackupOptions
    ) {
        self.version = version
        self.label = label
        self.type = type
        self.timestampStart = timestampStart
        self.cluster = cluster
        self.options = options
        references = [label]
        timestampCopyStart = timestampStart
        timestampStop = 0
    }

    /// The position of an owner in ``owners``, added if it is new.
    ///
    /// - Throws: ``ErrorCode/format`` at the 256th.
    package mutating func ownerIndex(_ owner: Owner) throws(RoostError) -> UInt8 {
        if let index = owners.firstIndex(of: owner) { return UInt8(index) }
        guard owners.count < 255 else { throw RoostError(.format, "a manifest can name at most 255 owners") }
        owners.append(owner)
        return UInt8(owners.count - 1)
    }

    /// Where a name of a manifest lies in a data directory; tablespaces lie behind the links in `pg_tblspc`.
    package static func path(of name: String, in directory: String) -> String {
        let inside = "\(dataDirectory)/"
        return "\(directory)/\(name.hasPrefix(inside) ? name.dropFirst(inside.utf8.count) : name[...])"
    }

    /// The backup whose directory holds a file's data.
    package func holder(of file: ManifestFile) -> BackupLabel { file.reference.map { references[$0] } ?? label }

    /// The path of a file's data below its holder's directory; nil if nothing is stored (specification section 7.12).
    package func storedPath(_ name: String, _ file: ManifestFile) -> String? {
        if let bundle = file.bundle { return "bundle/\(bundle.id)" }
        if file.size == 0, isBundled { return nil }
        if let block = file.block, block.mapSize > 0 { return name + BlockMap.fileExtension }
        return name + options.compression.fileExtension
    }

    /// Sums for `backup.info`.
    package var sizes: BackupEntry.Sizes {
        var sums = BackupEntry.Sizes()
        var (map, mapDelta): (UInt64, UInt64) = (0, 0)
        for index in 0..<files.count {
            let file = files[index]
            let stored = file.repoSize > 0 ? file.repoSize : file.size
            let mapSize = UInt64(file.block?.mapSize ?? 0)
            sums.original &+= file.size
            sums.repository &+= stored
            map &+= mapSize
            if file.reference == nil {
                sums.originalDelta &+= file.size
                sums.repositoryDelta &+= stored
                mapDelta &+= mapSize
            }
        }
        if isBlockIncremental { (sums.map, sums.mapDelta) = (map, mapDelta) }
        return sums
    }

    /// The line of `backup.info` for this backup.
    package var entry: BackupEntry {
        var entry = BackupEntry(
            label: label, version: version, type: type, historyID: cluster.historyID, timestampStart: timestampStart,
            timestampStop: timestampStop, options: options)
        entry.annotations = annotations
        entry.archiveStart = archiveStart
        entry.archiveStop = archiveStop
        entry.hasError = files.hasPageErrors
        entry.sizes = sizes
        entry.lsnStart = lsnStart
        entry.lsnStop = lsnStop
        entry.prior = prior
        entry.references = type == .full ? [] : references.sorted().filter { $0 != label }
        return entry
    }
}
