import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// `archive-copy`: the WAL of a backup inside the backup.
struct WALCopyTests {
    private static let name = "000000010000000000000004"

    private func copied(
        archive: Compression, backup: Compression, encrypted: Bool, damage: Bool = false
    ) throws -> (bed: Bed, manifest: Manifest) {
        let bed = try Bed.prepared(cipherPass: encrypted ? "secret" : nil)
        try bed.push(Self.name, try Fixture.segment(fill: 3)) {
            ($0.compression, $0.level) = (archive, archive.defaultLevel)
        }
        let info = try bed.repository.loadArchiveInfo()
        var directory = ArchiveDirectory(bed.repository, info.currentArchiveID)
        let stored = try #require(try directory.findOne(segment(Self.name)))
        if damage { try bed.damage(directory.path(stored)) { $0[$0.count - 1] ^= 1 } }
        var made = try manifest()
        made.options.compression = backup
        made.timestampStop = 1234
        made.cipherPass = encrypted ? "of the backup" : nil
        made.paths["pg_data"]?.mode = 0o750
        try WALCopy(bed.repository, directory, passphrase: info.cipherPass)
            .copy(stored, directory: "pg_wal", into: &made)
        return (bed, made)
    }

    @Test(
        arguments: [(Compression.zst, Compression.zst), (.none, .none), (.gz, .lz4), (.none, .gz), (.bz2, .none)],
        [false, true])
    func `a segment takes the form of the backup`(forms: (Compression, Compression), encrypted: Bool) throws {
        let (bed, made) = try copied(archive: forms.0, backup: forms.1, encrypted: encrypted)
        let name = "pg_data/pg_wal/\(Self.name)"
        let file = try #require(made.file(name))
        #expect(file.size == 1 << 20)
        #expect(file.checksum == digest(try Fixture.segment(fill: 3)))
        #expect(file.repoChecksum == nil && file.bundle == nil && file.reference == nil)
        #expect((file.timestamp, file.mode) == (1234, 0o640))
        let path = "backup/demo/\(made.label)/\(name)\(forms.1.fileExtension)"
        #expect(try bed.storage.entry(path)?.size == file.repoSize)
        guard case .valid = try FileVerifier(bed.repository).check(name, file, of: made) else {
            Issue.record("the copy is not what the manifest says")
            return
        }
    }

    @Test(arguments: [Compression.none, .zst], [Compression.none, .zst])
    func `a damaged segment is no WAL for a backup`(archive: Compression, backup: Compression) throws {
        let error = failure { _ = try copied(archive: archive, backup: backup, encrypted: false, damage: true) }
        #expect(error != nil)
        if archive == .none {
            #expect(error?.code == .checksum)
            #expect(error?.message.contains("WAL segment \(Self.name) in the archive has checksum") == true)
        }
    }
}
