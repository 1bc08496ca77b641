import RoostFormat
import RoostPostgres
import RoostSystem

@testable import RoostEngine

/// A line of `backup.info` made from its label alone; the prior is the full of the set unless it is told.
func entry(
    _ text: String, prior: String? = nil, historyID: UInt32 = 1, stop: Int64 = 0, wal: (UInt32, UInt32)? = nil,
    timeline: UInt32 = 1, lsnStop: String? = nil
) throws -> BackupEntry {
    let label = try label(text)
    var entry = BackupEntry(
        label: label, version: "2.60.0", type: label.type, historyID: historyID, timestampStart: stop - 4,
        timestampStop: stop, options: BackupOptions())
    if label.type != .full { entry.prior = try prior.map(RoostEngineTests.label) ?? label.full }
    entry.archiveStart = wal.map { segment($0.0, timeline: timeline) }
    entry.archiveStop = wal.map { segment($0.1, timeline: timeline) }
    entry.lsnStop = lsnStop.flatMap { LSN($0) }
    return entry
}

func info(_ entries: [BackupEntry], generations: UInt32 = 1) throws -> BackupInfo {
    let generations = (1...generations).map { id in
        ClusterHistory<BackupInfo.Cluster>.Generation(
            id: id,
            entry: .init(
                identity: ClusterIdentity(systemID: SystemID(100 + UInt64(id)), version: id == 1 ? "15" : "16"),
                catalogVersion: 202_209_061, controlVersion: 1300))
    }
    let history = try ClusterHistory(generations, currentID: UInt32(generations.count), object: "test")
    var info = BackupInfo(history: history, cipherPass: nil)
    for entry in entries { info.add(entry) }
    return info
}

/// Labels for short names: `F1` is a full of the first of November, `D2` and `I3` belong to the last full before them.
func labels(_ names: [String]) -> [String] {
    var full = ""
    return names.enumerated().map { position, name in
        let stamp = "202611\(pad(position + 1))-120000"
        if name.hasPrefix("F") {
            full = "\(stamp)F"
            return full
        }
        return "\(full)_\(stamp)\(name.prefix(1))"
    }
}

/// An empty manifest of PostgreSQL 15.
func manifest(_ text: String = "20261122-141514F", version: String = "15") throws -> Manifest {
    let label = try label(text)
    let cluster = Manifest.Cluster(
        identity: ClusterIdentity(systemID: SystemID(101), version: version), catalogVersion: 202_209_061,
        controlVersion: 1300, historyID: 1)
    var manifest = Manifest(
        version: "2.60.0", label: label, type: label.type, timestampStart: 1000, cluster: cluster,
        options: BackupOptions())
    manifest.targets["pg_data"] = Manifest.Target(kind: .path, path: "/data")
    manifest.paths["pg_data"] = Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
    return manifest
}

extension Manifest {
    /// Adds a file; its checksum is that of its name unless it is empty.
    mutating func add(
        _ name: String, size: UInt64 = 8192, timestamp: Int64 = 900, _ change: (inout ManifestFile) -> Void = { _ in }
    ) throws {
        var file = ManifestFile(
            size: size, timestamp: timestamp, mode: 0o600, user: try ownerIndex(.unknown),
            group: try ownerIndex(.unknown))
        file.checksum = size == 0 ? .ofNothing : digest(Array(name.utf8))
        change(&file)
        let bytes = Array(name.utf8)
        try files.add(bytes.span, file)
    }

    func file(_ name: String) -> ManifestFile? { files.index(of: name).map { files[$0] } }
    var fileNames: [String] { (0..<files.count).map { files.name(at: $0) } }
}
