import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// `repo-hardlink`: the directory of every backup as a copy of the cluster (specification `repository`, section 5.3).
struct HardLinkTests {
    private func inode(_ path: String) throws -> UInt64 { try #require(try FileStatus.of(path)).inode }

    @Test(arguments: [Compression.none, .gz])
    func `an increment has every file, the unchanged ones under a second name`(compression: Compression) throws {
        let repository = try TemporaryDirectory()
        let bed = try Bed.prepared(base: PosixStorage(root: repository.path))
        let settings = { (settings: inout BackupSettings) in
            settings.hardLinks = true
            (settings.compression, settings.compressionLevel) = (compression, compression.defaultLevel)
        }
        let place = "\(bed.directory.path)/ts"
        try write("\(place)/PG_15_202209061/5/16390", Fixture.page(9, count: 4), modified: FakeClock.start - 60)
        try FileSystem.link("\(bed.data)/pg_tblspc/16384", to: place)
        var labels: [BackupLabel] = []
        for (round, type) in [BackupType.full, .diff, .incr].enumerated() {
            if round > 0 {
                try bed.put("base/5/1249", Fixture.page(UInt8(round)), modified: bed.clock.now().seconds - 10)
            }
            labels.append(try bed.backup(type, settings).entry.label)
            bed.clock.advance(100)
        }
        let roots = labels.map { "\(repository.path)/backup/demo/\($0)" }
        let names = try roots.map { root in
            Set(try image(of: root).keys).subtracting(["backup.manifest", "backup.manifest.copy"])
        }
        #expect(names[0] == names[1] && names[1] == names[2])
        let suffix = compression.fileExtension
        for name in ["base/5/1247", "base/5/2600", "PG_VERSION"].map({ "pg_data/\($0)" }) + [
            "pg_tblspc/16384/PG_15_202209061/5/16390"
        ] {
            let inodes = try roots.map { try inode("\($0)/\(name)\(suffix)") }
            #expect(Set(inodes).count == 1, "\(name)")
        }
        let changed = try roots.map { try inode("\($0)/pg_data/base/5/1249\(suffix)") }
        #expect(Set(changed).count == 3)
        #expect(try FileSystem.linkDestination("\(roots[2])/pg_data/pg_tblspc/16384") == "../../pg_tblspc/16384")
        #expect(bed.log.contains("detail: hardlink pg_data/base/5/1247 to \(labels[0])"))

        let manifest = try bed.repository.loadManifest(labels[2], passphrase: nil)
        #expect(manifest.options.hardlink)
        #expect(try manifest.holder(of: #require(manifest.file("pg_data/base/5/1247"))) == labels[0])
        #expect(try bed.verify().isOK)
        try bed.restore { $0.tablespaceMap = ["ts16384": "\(bed.directory.path)/moved"] }
        #expect(try FileSystem.read("\(bed.target)/base/5/1249") == Fixture.page(2))
        withExtendedLifetime(repository) {}
    }

    @Test func `what is linked is not touched when a file changes or a backup goes`() throws {
        let repository = try TemporaryDirectory()
        let bed = try Bed.prepared(base: PosixStorage(root: repository.path))
        for round in 0..<3 {
            try bed.put("base/5/1249", Fixture.page(UInt8(round + 30)), modified: FakeClock.start - 10 + Int64(round))
            try bed.backup(round == 0 ? .full : .incr) { $0.hardLinks = true }
            bed.clock.advance(100)
        }
        let newest = try #require(try bed.listed().last)
        try bed.removeTree("backup/demo/\(newest)")
        try bed.expire(RetentionSettings())
        #expect(try bed.listed().count == 2)
        #expect(try bed.verify().isOK)
        withExtendedLifetime(repository) {}
    }

    @Test func `a prior that has lost a file is noticed`() throws {
        let bed = try Bed.prepared()
        let full = try bed.backup { $0.hardLinks = true }
        bed.clock.advance(100)
        try bed.remove("backup/demo/\(full.entry.label)/pg_data/base/5/1247")
        try bed.put("base/5/new", [1], modified: FakeClock.start)
        #expect(failure { try bed.backup(.incr) { $0.hardLinks = true } }?.code == .fileMissing)
        #expect(try bed.listed() == [full.entry.label.text])
    }

    @Test func `files in bundles of the prior are referred to as ever`() throws {
        let bed = try Bed.prepared()
        let full = try bed.backup { $0.bundling = .init() }
        bed.clock.advance(100)
        try bed.put("base/5/new", [1], modified: FakeClock.start)
        try bed.backup(.incr) { $0.hardLinks = true }
        #expect(bed.log.contains("detail: reference pg_data/base/5/1247 to \(full.entry.label)"))
        #expect(try bed.verify().isOK)
    }

    @Test func `without the option references are told and nothing is linked`() throws {
        let bed = try Bed.prepared()
        let full = try bed.backup()
        bed.clock.advance(100)
        try bed.put("base/5/new", [1], modified: FakeClock.start)
        bed.storage.clear()
        try bed.backup(.incr)
        #expect(bed.log.contains("detail: reference pg_data/base/5/1247 to \(full.entry.label)"))
        #expect(!bed.storage.changes.contains { $0.operation == .createHardLink })
    }
}
