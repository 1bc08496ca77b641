import Foundation
import RoostFormat
import RoostPostgres
import RoostSystem
import RoostTesting

/// A repository that looks as if a cluster had lived a random life.
///
/// There are backups of every kind, timelines, upgrades, gaps in the WAL, and what crashes leave behind. Files of data and
/// WAL are empty: `expire` reads none of them.
struct FabricatedHistory {
    private var random: SplitMix
    private let root: String
    private let now: Int64

    private var generations: [ClusterHistory<BackupInfo.Cluster>.Generation] = []
    private(set) var backups: [BackupEntry] = []
    private var timeline: UInt32 = 1
    /// Number of the next WAL segment of 16 MiB.
    private var position: UInt32 = 1
    private var clock: Int64

    /// - Parameters:
    ///   - root: An empty directory.
    ///   - now: Seconds; the life ends half a day before.
    ///   - unfinished: Whether the newest backup may be one under way, which 2.45 removes and later releases keep.
    init(seed: UInt64, root: String, now: Int64, unfinished: Bool) throws {
        random = SplitMix(seed)
        self.root = root
        self.now = now
        clock = now - 40 * 86_400 - 43_200
        upgrade()
        for _ in 0..<random.number(4...40) { try live() }
        try leaveDebris(unfinished: unfinished)
        try writeInfo()
    }

    /// A day or so of the cluster's life.
    private mutating func live() throws {
        clock += Int64(random.number(1...2)) * 43_200
        guard clock < now - 43_200 else { return }
        switch random.number(0...19) {
        case 0 where generations.count < 3: upgrade()
        case 1, 2: try switchTimeline()
        case 3...6: try backUp(.full)
        case 7...9: try backUp(.diff)
        case 10...13: try backUp(.incr)
        case 14: position += UInt32(random.number(1...700))  // nothing was archived
        default: try archive(random.number(1...6))
        }
    }

    private var archiveID: String {
        "\(generations[generations.count - 1].entry.identity.version)-\(generations.count)"
    }
    private var segment: WALSegmentName {
        WALSegmentName(timeline: TimelineID(timeline), high: position / 256, low: position % 256)
    }

    private mutating func upgrade() {
        let identity = ClusterIdentity(
            systemID: SystemID(7_000_000_000 + UInt64(generations.count)), version: "\(13 + generations.count)")
        let cluster = BackupInfo.Cluster(identity: identity, catalogVersion: 202_209_061, controlVersion: 1300)
        generations.append(.init(id: UInt32(generations.count + 1), entry: cluster))
        (timeline, position) = (1, 1)
    }

    private mutating func switchTimeline() throws {
        try archive(1)
        if random.chance(2) {
            try put("archive/demo/\(archiveID)/\(segment.directory)/\(segment).partial-\(checksum())")
        }
        timeline += 1
        position -= min(position, UInt32(random.number(0...2)))
        try put("archive/demo/\(archiveID)/\(TimelineID(timeline)).history")
    }

    private mutating func archive(_ count: Int) throws {
        for _ in 0..<count {
            if !random.chance(12) {
                try put("archive/demo/\(archiveID)/\(segment.directory)/\(segment)-\(checksum()).gz")
            }
            position += 1
        }
        // A busy hour whose segments nobody needs to see here.
        if random.chance(4) { position += UInt32(random.number(1...300)) }
    }

    private mutating func backUp(_ type: BackupType) throws {
        let ofSet = backups.filter { $0.historyID == generations.count }
        let full = ofSet.last { $0.type == .full }
        let prior = type == .incr ? ofSet.last : full
        let kind = prior == nil ? BackupType.full : type
        let stamp = LocalTime(clock).compact
        guard let label = BackupLabel(type: kind, stamp: stamp, full: kind == .full ? nil : prior?.label.full) else {
            throw TestFailure("no label for \(stamp)")
        }
        var entry = BackupEntry(
            label: label, version: "2.45", type: kind, historyID: UInt32(generations.count), timestampStart: clock,
            timestampStop: clock + Int64(random.number(1...3000)), options: BackupOptions())
        if kind != .full {
            entry.prior = prior?.label
            entry.references = prior.map { $0.references + [$0.label] } ?? []
        }
        entry.hasError = false
        if !random.chance(15) {
            entry.archiveStart = segment
            try put(
                "archive/demo/\(archiveID)/\(segment.directory)/\(segment).0000\(random.number(10...99))28.backup")
            try archive(random.number(1...3))
            position -= 1
            entry.archiveStop = segment
            position += 1
            (entry.lsnStart, entry.lsnStop) = (LSN("0/2000028"), LSN("0/2000100"))
        }
        backups.append(entry)
        try putManifest(entry)
        try put("backup/demo/backup.history/\(label.year)/\(label).manifest.gz")
        clock += 3600
    }

    /// What runs that died, or that came long before, have left.
    private mutating func leaveDebris(unfinished: Bool) throws {
        for days in [50, 200, 400, 900] where random.chance(2) {
            let label = "\(LocalTime(now - Int64(days) * 86_400).compact)F"
            try put("backup/demo/backup.history/\(label.prefix(4))/\(label).manifest.gz")
            if random.chance(3) { try put("backup/demo/\(label)/pg_data/base/1") }
        }
        if random.chance(3) { try put("archive/demo/\(archiveID)/0000000100000000/note") }
        if random.chance(4) { try put("archive/demo/\(archiveID)/00000000.history") }
        guard let last = backups.last else { return }
        // The expire of a set died between manifests and list, or between list and manifests.
        if random.chance(5), let entry = backups.randomElement(using: &random) {
            try remove("backup/demo/\(entry.label)/backup.manifest")
            // Of the newest backup that would be one under way.
            let isGone = random.chance(2) || !unfinished && entry.label == last.label
            if isGone { try remove("backup/demo/\(entry.label)/backup.manifest.copy") }
        } else if random.chance(5) {
            backups.removeLast()
        }
        if unfinished, random.chance(4) {
            let stamp = LocalTime(now - 3600).compact
            let text = random.chance(2) ? "\(stamp)F" : "\(last.label.full)_\(stamp)I"
            guard let label = BackupLabel(text) else { throw TestFailure("no label \(text)") }
            var entry = last
            (entry.label, entry.type, entry.prior) = (label, label.type, label.type == .full ? nil : last.label)
            try putManifest(entry)
            try remove("backup/demo/\(label)/backup.manifest")
        }
    }

    // MARK: Writing

    private func writeInfo() throws {
        let current = generations[generations.count - 1].id
        var info = BackupInfo(
            history: try ClusterHistory(generations, currentID: current, object: "test"), cipherPass: nil)
        for entry in backups { info.add(entry) }
        let identities = generations.map {
            ClusterHistory<ClusterIdentity>.Generation(id: $0.id, entry: $0.entry.identity)
        }
        let archive = ArchiveInfo(
            history: try ClusterHistory(identities, currentID: current, object: "test"), cipherPass: nil)
        for suffix in ["", ".copy"] {
            try put("backup/demo/backup.info\(suffix)", info.render(version: "2.45"))
            try put("archive/demo/archive.info\(suffix)", archive.render(version: "2.45"))
        }
        if let last = backups.last {
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/backup/demo/latest", withDestinationPath: last.label.text)
        }
    }

    private func putManifest(_ entry: BackupEntry) throws {
        let generation = generations[Int(entry.historyID) - 1].entry
        var manifest = Manifest(
            version: "2.45", label: entry.label, type: entry.type, timestampStart: entry.timestampStart,
            cluster: Manifest.Cluster(
                identity: generation.identity, catalogVersion: generation.catalogVersion,
                controlVersion: generation.controlVersion, historyID: entry.historyID),
            options: BackupOptions())
        manifest.prior = entry.prior
        manifest.references = entry.references + [entry.label]
        manifest.timestampStop = entry.timestampStop
        (manifest.archiveStart, manifest.archiveStop) = (entry.archiveStart, entry.archiveStop)
        (manifest.lsnStart, manifest.lsnStop) = (entry.lsnStart, entry.lsnStop)
        manifest.targets["pg_data"] = Manifest.Target(kind: .path, path: "/data")
        manifest.paths["pg_data"] = Manifest.Path(mode: 0o700, user: .unknown, group: .unknown)
        var file = ManifestFile(
            size: 3, timestamp: 1, mode: 0o600, user: try manifest.ownerIndex(.unknown),
            group: try manifest.ownerIndex(.unknown))
        file.checksum = SHA1("587b596f04f7db9c2cad3d6b87dd2b3a05de4f35")
        try manifest.files.add(Array("pg_data/PG_VERSION".utf8).span, file)
        var text: [UInt8] = []
        try manifest.render { piece in text += piece.withUnsafeBytes { Array($0) } }
        for suffix in ["", ".copy"] { try put("backup/demo/\(entry.label)/backup.manifest\(suffix)", text) }
        try put("backup/demo/\(entry.label)/pg_data/PG_VERSION", Array("15\n".utf8))
    }

    private func put(_ path: String, _ bytes: [UInt8] = []) throws {
        let full = "\(root)/\(path)"
        let directory = (full as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: full))
    }

    private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }

    private mutating func checksum() -> String {
        (0..<5).map { _ in String(UInt64(random.next() >> 32) + 0x1_0000_0000, radix: 16).dropFirst() }.joined()
    }
}

/// A repeatable source of chance.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }

    /// True once in so many times.
    mutating func chance(_ number: Int) -> Bool { next() % UInt64(number) == 0 }
}
