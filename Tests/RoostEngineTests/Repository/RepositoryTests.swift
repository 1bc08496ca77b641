import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// How info files and manifests are read and written (specification `repository`, sections 10 and 11).
struct RepositoryTests {
    private static let info = "backup/demo/backup.info"

    private func bed(cipherPass: String? = nil) throws -> Bed {
        let bed = try Bed(cipherPass: cipherPass)
        try bed.repository.save(try RoostEngineTests.info([]))
        return bed
    }

    @Test(arguments: [nil, "secret"])
    func `a file and its copy are the same bytes, the file first`(cipherPass: String?) throws {
        let bed = try bed(cipherPass: cipherPass)
        #expect(try bed.storage.read(Self.info) == bed.storage.read("\(Self.info).copy"))
        #expect(try bed.storage.read(Self.info).starts(with: Array("Salted__".utf8)) == (cipherPass != nil))
        #expect(bed.storage.changes.filter { $0.operation == .finish }.map(\.path) == [Self.info, "\(Self.info).copy"])
        #expect(try bed.repository.loadBackupInfo() == RoostEngineTests.info([]))
    }

    @Test(arguments: ["", ".copy"])
    func `damage to one of the two is passed over`(suffix: String) throws {
        for damage in [{ $0.removeLast(5) }, { $0 = [] }, { $0[30] ^= 1 }] as [(inout [UInt8]) -> Void] {
            let bed = try bed()
            try bed.damage(Self.info + suffix, damage)
            #expect(try bed.repository.loadBackupInfo() == RoostEngineTests.info([]))
        }
        let bed = try bed()
        try bed.remove(Self.info + suffix)
        #expect(try bed.repository.loadBackupInfo() == RoostEngineTests.info([]))
    }

    enum State: Sendable { case missing, wrongChecksum, unreadable }

    @Test(arguments: [
        (State.missing, State.missing, ErrorCode.fileMissing),
        (.wrongChecksum, .wrongChecksum, .checksum),
        (.missing, .wrongChecksum, .checksum),
        (.wrongChecksum, .missing, .checksum),
        (.unreadable, .missing, .fileRead),
        (.unreadable, .wrongChecksum, .fileOpen),
        (.wrongChecksum, .unreadable, .fileOpen),
    ])
    func `if both are lost the error tells both, with the more telling code`(
        first: State, second: State, code: ErrorCode
    ) throws {
        let bed = try bed()
        // A fault that waits for a read must not meet the reads of the other spoiling.
        for isFault in [false, true] {
            if (first == .unreadable) == isFault { try spoil(bed, Self.info, first) }
            if (second == .unreadable) == isFault { try spoil(bed, "\(Self.info).copy", second) }
        }
        let error = try #require(failure { _ = try bed.repository.loadBackupInfo() })
        #expect(error.code == code)
        #expect(
            error.message.hasPrefix(
                "unable to load info file 'memory:/\(Self.info)' or 'memory:/\(Self.info).copy':\n"))
        #expect(error.message.split(separator: "\n").count >= 3)
        #expect(
            error.hints.suffix(2) == [
                "backup.info is required to perform this command", "has the stanza been created with `stanza-create`?",
            ])
    }

    private func spoil(_ bed: Bed, _ path: String, _ state: State) throws {
        switch state {
        case .missing: try bed.remove(path)
        case .wrongChecksum: try bed.damage(path) { $0[$0.count - 4] = $0[$0.count - 4] == 0x30 ? 0x31 : 0x30 }
        case .unreadable:
            bed.storage.at(1, of: [.read], on: path, .fail(RoostError(.fileRead, "bad sector")))
        }
    }

    @Test func `a fatal error is not hidden by the copy`() throws {
        let bed = try bed()
        bed.storage.at(1, of: [.read], .fail(RoostError(.term, "terminated")))
        #expect(failure { _ = try bed.repository.loadBackupInfo() }?.code == .term)
    }

    @Test func `a wrong passphrase, or one too many or too few, is told as such`() throws {
        let encrypted = try bed(cipherPass: "secret")
        for pass in ["other", nil] {
            let repository = Repository(key: 1, storage: encrypted.storage, stanza: "demo", cipherPass: pass)
            let error = try #require(failure { _ = try repository.loadBackupInfo() })
            #expect([.crypto, .format, .checksum].contains(error.code))
            #expect(!error.description.contains("secret"))
        }
        let plain = try bed()
        let repository = Repository(key: 1, storage: plain.storage, stanza: "demo", cipherPass: "secret")
        let error = try #require(failure { _ = try repository.loadBackupInfo() })
        #expect(error.code == .crypto)
        #expect(error.hints.contains("is or was the repo encrypted?"))
        #expect(!error.description.contains("'secret'"))
    }

    @Test(arguments: [UInt64](1...30))
    func `a mutated info file is read or refused, never a trap`(seed: UInt64) throws {
        let bed = try Bed()
        try bed.repository.save(try RoostEngineTests.info([try entry("20261122-141514F", wal: (4, 5))]))
        let good = try bed.storage.read(Self.info)
        try bed.remove("\(Self.info).copy")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            var bytes = good
            for _ in 0...generator.next() % 3 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            try bed.storage.write(Self.info, bytes)
            let error = failure { _ = try bed.repository.loadBackupInfo() }
            #expect(bytes == good || error != nil)
        }
    }

    @Test func `a manifest falls back to its copy, and must be that of its directory`() throws {
        let bed = try Bed()
        var made = try manifest()
        try made.add("pg_data/a")
        try bed.repository.saveFinal(made, passphrase: nil)
        let path = bed.repository.paths.manifest(made.label)
        #expect(bed.storage.changes.filter { $0.operation == .finish }.map(\.path) == ["\(path).copy", path])
        try bed.storage.write(path, [])
        #expect(try bed.repository.loadManifest(made.label, passphrase: nil).fileNames == ["pg_data/a"])
        let other = try label("20261122-151514F")
        let text = try bed.storage.read("\(path).copy")
        try bed.storage.write(bed.repository.paths.manifest(other), text)
        #expect(failure { _ = try bed.repository.loadManifest(other, passphrase: nil) }?.code == .format)
    }

    @Test func `a partial manifest claims a release that stock will not resume`() throws {
        let bed = try Bed()
        var made = try manifest()
        try made.add("pg_data/a")
        try bed.repository.savePartial(made, passphrase: nil)
        let path = bed.repository.paths.manifest(made.label)
        #expect(try !bed.storage.exists(path))
        let text = String(decoding: try bed.storage.read("\(path).copy"), as: UTF8.self)
        #expect(text.contains("backrest-version=\"2.60.0-roost\"\n"))
    }
}
