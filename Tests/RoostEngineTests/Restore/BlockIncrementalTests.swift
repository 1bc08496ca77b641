import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Block-incremental backups of other releases, as far as they can be told without their data.
struct BlockIncrementalTests {
    private let bed: Bed
    private let label: BackupLabel
    private let stored = [UInt8](repeating: 7, count: 5000)
    private var path: String { "backup/demo/\(label)/pg_data/base/5/16500.pgbi" }

    init() throws {
        bed = try Bed.prepared()
        label = try bed.backup().entry.label
        var made = try bed.repository.loadManifest(label, passphrase: nil)
        let checksum = digest(stored)
        let count = UInt64(stored.count)
        try made.add("pg_data/base/5/16500", size: 16_384) { file in
            file.block = .init(blockSize: 8192, checksumSize: 6, mapSize: 24)
            file.repoSize = count
            file.repoChecksum = checksum
        }
        try bed.repository.saveFinal(made, passphrase: nil)
        try bed.storage.write(path, stored)
    }

    @Test func `they are listed and verified`() throws {
        #expect(try bed.listed() == [label.text])
        #expect(try bed.verify().isOK)
        try bed.damage(path) { $0[100] ^= 1 }
        let result = try bed.verify()
        #expect(result.backups.map(\.status) == [.invalid])
        #expect(bed.log.lines.contains { $0.contains("16500") && $0.contains("invalid checksum") })
    }

    @Test func `restore refuses those of 2.45 and says so, before it touches anything`() throws {
        var manifest = try bed.repository.loadManifest(label, passphrase: nil)
        manifest.version = "2.45"
        try bed.repository.saveFinal(manifest, passphrase: nil)
        let error = failure { try bed.restore() }
        #expect(error?.code == .featureNotSupported)
        #expect(error?.message.contains("block") == true)
        #expect(try FileStatus.of(bed.target) == nil)
    }

    @Test func `those of stock 2.60 are listed and accepted`() throws {
        let golden =
            #filePath.dropLast("/RoostEngineTests/Restore/BlockIncrementalTests.swift".count)
            + "/RoostFormatTests/Golden/2.60-block"
        let info = try BackupInfo(parsing: try FileSystem.read("\(golden)-backup.info"), object: "golden")
        var listed = InfoQuery.Settings(lockPath: bed.lockPath)
        listed.stanza = "demo"
        try bed.storage.write("backup/demo/backup.info", try FileSystem.read("\(golden)-backup.info"))
        for entry in info.backups {
            let name = "\(golden)-\(entry.type.rawValue).manifest"
            try bed.storage.write("backup/demo/\(entry.label)/backup.manifest", try FileSystem.read(name))
            let manifest = try bed.repository.loadManifest(entry.label, passphrase: nil)
            #expect(failure { try RestoreCheck.validate(manifest) } == nil)
        }
        let found = try InfoQuery(listed, repository: bed.repository).run()
        #expect(found.flatMap { $0.backups.map(\.label) } == info.backups.map(\.label))
    }
}
