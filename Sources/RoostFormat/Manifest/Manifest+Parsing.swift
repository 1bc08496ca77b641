internal import RoostPostgres
package import RoostSystem

/// Builds a manifest from its lines.
///
/// Push the file through an ``InfoFileParser``, then call ``manifest(version:)``.
///
/// Every name is checked: relative, below `pg_data` or `pg_tblspc`, without `.` and `..`. A manifest comes from a repository
/// that somebody else may have written to, and its names become paths in a data directory.
package final class ManifestBuilder: InfoFileHandler {
    private enum Section { case small, files, links, paths, ignored }

    private static let smallSections: Set<String> = [
        "backup", "backup:db", "backup:option", "backup:target", "cipher", "db", "metadata", "target:file:default",
        "target:link:default", "target:path:default",
    ]

    /// A pebibyte: sums of a few sizes stay far from the limits of the type.
    private static let sizeLimit: UInt64 = 1 << 50
    /// For all files together: a thousand times as much still fits the type.
    private static let totalLimit: UInt64 = 1 << 53

    private let object: String
    private let small = InfoSections()
    private var section = Section.ignored
    private var manifest = Manifest.empty
    /// The sum of each file's largest size.
    private var total: UInt64 = 0
    private var links: [(String, InfoFields)] = []
    private var paths: [(String, InfoFields)] = []
    private var referenceIndex: [String: Int] = [:]
    /// The last reference looked up: neighbours often share it.
    private var recentReference: (text: [UInt8], index: Int)?

    /// - Parameter object: What is parsed, for error messages.
    package init(object: String) { self.object = object }

    package func begin(section name: String) throws(RoostError) {
        switch name {
        case "target:file":
            section = .files
            if manifest.references.isEmpty { try readReferenceList() }
        case "target:link": section = .links
        case "target:path": section = .paths
        case _ where Self.smallSections.contains(name):
            section = .small
            small.begin(section: name)
        default: section = .ignored
        }
    }

    package func entry(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) {
        switch section {
        case .ignored:
            guard JSONCursor.isValue(value) else { throw RoostError(.jsonFormat, "invalid JSON") }
        case .small: try small.entry(key: key, value: value)
        case .files: try file(key: key, value: value)
        case .links: links.append(try named(key, value))
        case .paths: paths.append(try named(key, value))
        }
    }

    /// The finished manifest.
    ///
    /// - Parameter version: From the parser.
    package func manifest(version: String?) throws(RoostError) -> Manifest {
        manifest.version = version ?? ""
        try manifest.files.finishAppending()
        try fillBackup()
        try fillTargets()
        try fillDefaults()
        return manifest
    }

    private func named(_ key: Span<UInt8>, _ value: Span<UInt8>) throws(RoostError) -> (String, InfoFields) {
        let name = string(key)
        let fields = try InfoFields(try JSONValue(parsing: value), of: "'\(name)' in '\(object)'")
        try check(isSafeManifestName(key), name)
        return (name, fields)
    }

    private func file(key: Span<UInt8>, value: Span<UInt8>) throws(RoostError) {
        var file = ManifestFile(
            size: 0, timestamp: 0, mode: ManifestFiles.noMode, user: ManifestFiles.noOwner, group: ManifestFiles.noOwner
        )
        var fields = FileFields()
        var cursor = JSONCursor(value)
        try cursor.object { cursor, name throws(RoostError) in
            try fields.take(&cursor, name, into: &file)
        }
        try cursor.expectEnd()
        guard isSafeManifestName(key), key.firstIndex(of: UInt8(ascii: "/"), from: 0) != nil else {
            throw unsafeName(string(key))
        }
        guard fields.hasSize, fields.hasTimestamp else {
            throw RoostError(.format, "missing \(fields.hasSize ? "timestamp" : "size") for file '\(string(key))'")
        }
        if !fields.hasRepoSize { file.repoSize = file.size }
        let largest = max(file.size, file.repoSize, file.originalSize)
        guard max(largest, file.bundle?.offset ?? 0) <= Self.sizeLimit else {
            throw RoostError(.format, "file '\(string(key))' has a size or offset that no file can have")
        }
        total += largest
        guard total <= Self.totalLimit else {
            throw RoostError(.format, "with file '\(string(key))' the sizes add up to more than a backup can have")
        }
        if !fields.hasOriginalSize { file.originalSize = file.size }
        if file.size == 0 { file.checksum = .ofNothing }
        if let reference = fields.reference { file.reference = try index(ofReference: value.extracting(reference)) }
        if let user = fields.user { file.user = try manifest.ownerIndex(user) }
        if let group = fields.group { file.group = try manifest.ownerIndex(group) }
        let index = try manifest.files.append(key, file)
        if !fields.pageErrors.isEmpty { manifest.files.setPageErrors(fields.pageErrors, at: index) }
    }

    private func check(_ isSafe: Bool, _ name: String) throws(RoostError) {
        guard isSafe else { throw unsafeName(name) }
    }

    private func unsafeName(_ name: String) -> RoostError {
        RoostError(
            .format, "invalid '\(object)': '\(name)' leads out of the data directory or is not valid UTF-8",
            hints: ["do not restore this backup: its manifest was forged or damaged"])
    }

    /// Reads the list early, so that files can be given their final positions at once.
    private func readReferenceList() throws(RoostError) {
        for text in try referenceList() ?? [] { _ = try index(ofReference: text) }
    }

    private func referenceList() throws(RoostError) -> [String]? {
        try small.fields("backup").optionalString("backup-reference")?.split(separator: ",").map(String.init)
    }

    /// Puts the list in order where it came after the files, or where there is none (upstream before 2.42).
    private func fillReferences() throws(RoostError) {
        let found = manifest.references
        manifest.references = []
        referenceIndex = [:]
        if let list = try referenceList() {
            for text in list { _ = try index(ofReference: text) }
            for label in found { _ = try index(ofReference: label.text) }
        } else {
            for label in found where label != manifest.label { _ = try index(ofReference: label.text) }
            _ = try index(ofReference: manifest.label.text)
        }
        if manifest.references.starts(with: found) { return }
        let positions = found.map { referenceIndex[$0.text] ?? 0 }
        manifest.files.changeReferences { positions[$0] }
    }

    private func index(ofReference text: Span<UInt8>) throws(RoostError) -> Int {
        if let recentReference, text.elementsEqual(recentReference.text.span) { return recentReference.index }
        let index = try index(ofReference: string(text))
        recentReference = (text.raw.array(), index)
        return index
    }

    private func index(ofReference text: String) throws(RoostError) -> Int {
        if let known = referenceIndex[text] { return known }
        guard let label = BackupLabel(text) else {
            throw RoostError(.format, "invalid reference '\(text)' in '\(object)'")
        }
        guard manifest.references.count < Int(UInt16.max) else { throw RoostError(.format, "too many references") }
        manifest.references.append(label)
        referenceIndex[text] = manifest.references.count - 1
        return manifest.references.count - 1
    }

    private func fillBackup() throws(RoostError) {
        let backup = small.fields("backup")
        let labelText = try backup.string("backup-label")
        guard let label = BackupLabel(labelText), let type = BackupType(rawValue: try backup.string("backup-type"))
        else {
            throw RoostError(.format, "invalid label or type in '\(object)'")
        }
        manifest.label = label
        manifest.type = type
        try fillReferences()
        manifest.prior = try parse(backup.optionalString("backup-prior"), of: label) { BackupLabel($0) }
        manifest.timestampStart = try backup.time("backup-timestamp-start")
        manifest.timestampCopyStart = try backup.time("backup-timestamp-copy-start")
        manifest.timestampStop = try backup.time("backup-timestamp-stop")
        manifest.archiveStart = try parse(backup.optionalString("backup-archive-start"), of: label) {
            WALSegmentName($0)
        }
        manifest.archiveStop = try parse(backup.optionalString("backup-archive-stop"), of: label) {
            WALSegmentName($0)
        }
        manifest.lsnStart = try parse(backup.optionalString("backup-lsn-start"), of: label) { LSN($0) }
        manifest.lsnStop = try parse(backup.optionalString("backup-lsn-stop"), of: label) { LSN($0) }
        manifest.isBundled = try backup.optionalBool("backup-bundle") ?? false
        manifest.isBundleRaw = try backup.optionalBool("backup-bundle-raw") ?? false
        manifest.isBlockIncremental = try backup.optionalBool("backup-block-incr") ?? false
        let database = small.fields("backup:db")
        manifest.cluster = Manifest.Cluster(
            identity: ClusterIdentity(
                systemID: SystemID(try database.unsigned("db-system-id")),
                version: try database.string("db-version")),
            catalogVersion: try database.unsigned32("db-catalog-version"),
            controlVersion: try database.unsigned32("db-control-version"), historyID: try database.unsigned32("db-id"))
        manifest.options = try BackupOptions(manifest: small.fields("backup:option"))
        manifest.cipherPass = try small.fields("cipher").optionalString("cipher-pass")
        manifest.annotations = try small.fields("metadata").stringMap("annotation")
    }

    private func fillTargets() throws(RoostError) {
        for (name, value) in small.lines("backup:target") {
            let fields = try InfoFields(value, of: "target '\(name)'")
            guard isSafeManifestName(Array(name.utf8).span),
                let kind = Manifest.Target.Kind(rawValue: try fields.string("type"))
            else { throw RoostError(.format, "invalid target '\(name)' in '\(object)'") }
            var target = Manifest.Target(kind: kind, path: try fields.string("path"))
            target.file = try fields.optionalString("file")
            target.tablespaceID = try fields.optionalString("tablespace-id")
            target.tablespaceName = try fields.optionalString("tablespace-name")
            guard target.tablespaceID == nil || target.tablespaceName != nil else {
                throw RoostError(.jsonFormat, "missing 'tablespace-name' for target '\(name)'")
            }
            manifest.targets[name] = target
        }
        guard manifest.targets[Manifest.dataDirectory] != nil else {
            throw RoostError(.assert, "missing target 'pg_data' in '\(object)'")
        }
        for (name, value) in small.lines("db") {
            let fields = try InfoFields(value, of: "database '\(name)'")
            manifest.databases[name] = Manifest.Database(
                oid: try fields.unsigned32("db-id"), lastSystemOID: try fields.unsigned32("db-last-system-id"))
        }
    }

    private func fillDefaults() throws(RoostError) {
        let fileDefaults = try ownerDefaults("target:file:default")
        let fileMode = try mode(small.fields("target:file:default"), fallback: 0o600)
        let user = try manifest.ownerIndex(fileDefaults.user)
        let group = try manifest.ownerIndex(fileDefaults.group)
        manifest.files.fillDefaults(mode: fileMode, user: user, group: group)
        let linkDefaults = try ownerDefaults("target:link:default")
        for (name, fields) in links {
            let link = Manifest.Link(
                destination: try fields.string("destination"), user: try owner(fields, "user") ?? linkDefaults.user,
                group: try owner(fields, "group") ?? linkDefaults.group)
            guard manifest.links.updateValue(link, forKey: name) == nil else { throw listedTwice("link", name) }
        }
        let pathDefaults = try ownerDefaults("target:path:default")
        let pathMode = try mode(small.fields("target:path:default"), fallback: 0o700)
        for (name, fields) in paths {
            let path = Manifest.Path(
                mode: try mode(fields, fallback: pathMode), user: try owner(fields, "user") ?? pathDefaults.user,
                group: try owner(fields, "group") ?? pathDefaults.group)
            guard manifest.paths.updateValue(path, forKey: name) == nil else { throw listedTwice("path", name) }
        }
    }

    /// Two names that are equal to Swift may also be two spellings of one Unicode text, two directories to the system.
    private func listedTwice(_ what: String, _ name: String) -> RoostError {
        RoostError(.format, "invalid '\(object)': \(what) '\(name)' is listed twice")
    }

    private func ownerDefaults(_ section: String) throws(RoostError) -> (user: Owner, group: Owner) {
        let fields = small.fields(section)
        return (try owner(fields, "user") ?? .unknown, try owner(fields, "group") ?? .unknown)
    }

    private func owner(_ fields: InfoFields, _ key: String) throws(RoostError) -> Owner? {
        guard fields.contains(key) else { return nil }
        if let known = try? fields.optionalBool(key) {  // a string is the other form, tried next
            guard !known else { throw RoostError(.format, "invalid value 'true' for '\(key)' in '\(object)'") }
            return .unknown
        }
        return .name(try fields.string(key))
    }

    private func mode(_ fields: InfoFields, fallback: UInt16) throws(RoostError) -> UInt16 {
        guard let text = try fields.optionalString("mode") else { return fallback }
        guard let mode = UInt16(text, radix: 8), mode <= 0o7777 else {
            throw RoostError(.format, "invalid mode '\(text)' in '\(object)'")
        }
        return mode
    }
}

extension Manifest {
    /// A value to be filled while parsing.
    fileprivate static var empty: Manifest {
        guard let label = BackupLabel("00000000-000000F") else { preconditionFailure("a valid label") }
        var manifest = Manifest(
            version: "", label: label, type: .full, timestampStart: 0,
            cluster: Cluster(
                identity: ClusterIdentity(systemID: SystemID(0), version: ""), catalogVersion: 0, controlVersion: 0,
                historyID: 0),
            options: BackupOptions())
        manifest.references = []
        return manifest
    }
}

/// Whether a name of a manifest is a path below `pg_data` or `pg_tblspc`, or one of the two, in valid UTF-8.
package func isSafeManifestName(_ name: Span<UInt8>) -> Bool {
    guard begins(name, with: Manifest.dataDirectory) || begins(name, with: Manifest.tablespaces) else { return false }
    var start = 0
    var combined: UInt8 = 0
    for index in 0..<name.count {
        let byte = name[index]
        if byte == 0 { return false }
        combined |= byte
        guard byte == UInt8(ascii: "/") else { continue }
        guard isSafeComponent(name.extracting(start..<index)) else { return false }
        start = index + 1
    }
    return isSafeComponent(name.extracting(start..<name.count)) && (combined < 0x80 || name.isUTF8)
}

private func begins(_ name: Span<UInt8>, with first: String) -> Bool {
    let first = first.utf8.span
    guard name.count >= first.count, name.extracting(first: first.count).elementsEqual(first) else { return false }
    return name.count == first.count || name[first.count] == UInt8(ascii: "/")
}

/// Neither empty nor `.` nor `..`.
private func isSafeComponent(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 0: false
    case 1: name[0] != UInt8(ascii: ".")
    case 2: name[0] != UInt8(ascii: ".") || name[1] != UInt8(ascii: ".")
    default: true
    }
}
