import RoostFormat
import RoostStorage
import RoostSystem

@testable import RoostEngine

extension Bed {
    /// Blocks for files of this test bed: 8 KiB, super blocks of 32 KiB in full backups and 16 KiB in others; files of more than
    /// 100 KiB by themselves.
    static func useBlocks(_ settings: inout BackupSettings) {
        settings.bundling = .init()
        settings.bundling?.limit = 100 << 10
        var blocks = BlockIncrements()
        blocks.blockSizes = BlockIncrements.Steps([16 << 10: 8 << 10])
        (blocks.superBlockSizeFull, blocks.superBlockSize) = (32 << 10, 16 << 10)
        settings.blocks = blocks
    }

    @discardableResult
    func blockBackup(
        _ type: BackupType, _ change: (inout BackupSettings) -> Void = { _ in }
    ) throws -> BackupResult {
        let result = try backup(type) {
            Self.useBlocks(&$0)
            change(&$0)
        }
        clock.advance(100)
        return result
    }

    /// Puts a relation of as many different blocks as there are numbers, and some bytes more.
    func putBlocks(_ name: String, _ fills: [UInt8], rest: Int = 0, age: Int64 = 10) throws {
        let bytes = fills.flatMap { Fixture.page($0) } + [UInt8](repeating: 7, count: rest)
        try put(name, bytes, modified: clock.now().seconds - age)
    }

    func manifest(_ label: BackupLabel) throws -> Manifest {
        try repository.loadManifest(label, passphrase: try repository.loadBackupInfo().cipherPass)
    }

    func file(_ name: String, in label: BackupLabel) throws -> ManifestFile? {
        let manifest = try manifest(label)
        return manifest.files.index(of: name).map { manifest.files[$0] }
    }

    /// The block map of a file of a backup.
    func map(_ name: String, in label: BackupLabel) throws -> BlockMap? {
        let manifest = try manifest(label)
        guard let index = manifest.files.index(of: name),
            let place = try BlockMapPlace(name, manifest.files[index], manifest, repository.paths)
        else { return nil }
        return try BlockMapReader(storage, passphrase: manifest.cipherPass, chunk: Chunk(capacity: 4096)).read(place)
    }

    /// Restores one backup and compares everything with an image.
    func differences(_ label: BackupLabel, to target: String, _ expected: [String: String], delta: Bool = false) throws
        -> [String]
    {
        try restore(to: target) {
            $0.set = label
            $0.delta = delta
        }
        return RoostEngineTests.differences(try image(of: target), expected)
    }
}
