import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// What `verify` finds in damaged copies of a good repository (specification `expire-verify-info-check`, section 2).
struct VerifyTests {
    private static let full = "20261122-141514F"
    private static let wal = "archive/demo/15-1/0000000100000000"

    /// A full backup with eleven files, an increment with one, and three segments.
    private func bed(_ form: BackupRestoreTests.Form = BackupRestoreTests.forms[0]) throws -> Bed {
        let bed = try Bed.prepared(cipherPass: form.cipherPass)
        try bed.backup { form.apply(to: &$0) }
        bed.clock.advance(100)
        try bed.put("base/5/new", Fixture.page(1))
        try bed.backup(.incr) { form.apply(to: &$0) }
        for number in 4...6 as ClosedRange<UInt32> {
            try bed.push("\(segment(number))", try Fixture.segment(fill: UInt8(number))) {
                ($0.compression, $0.level) = (form.compression, form.compression.defaultLevel)
            }
        }
        bed.log = CollectedLog()
        return bed
    }

    private func counts(checked: Int, valid: Int, _ change: (inout VerifyResult.Counts) -> Void = { _ in })
        -> VerifyResult.Counts
    {
        var counts = VerifyResult.Counts()
        (counts.checked, counts.valid) = (checked, valid)
        change(&counts)
        return counts
    }

    @Test(arguments: BackupRestoreTests.forms)
    func `a good repository`(form: BackupRestoreTests.Form) throws {
        let bed = try bed(form)
        let result = try bed.verify()
        var expected = VerifyResult()
        expected.archives = [
            .init(
                id: "15-1", counts: counts(checked: 3, valid: 3), ranges: [.init(first: segment(4), last: segment(6))])
        ]
        expected.backups = [
            .init(label: try label(Self.full), counts: counts(checked: 11, valid: 11)),
            .init(label: try label("\(Self.full)_20261122-141654I"), counts: counts(checked: 12, valid: 12)),
        ]
        #expect(result == expected)
        #expect(result.isOK && !result.isDamaged)
        #expect(bed.log.lines == ["detail: archiveId: 15-1, wal start: \(segment(4)), wal stop: \(segment(6))"])
    }

    @Test func `WAL that a backup needs itself is not to be missing`() throws {
        let bed = try bed()
        var info = try bed.repository.loadBackupInfo()
        var entry = try #require(info[try label(Self.full)])
        info.remove(entry.label)
        (entry.archiveStart, entry.archiveStop) = (segment(4), segment(6))
        info.add(entry)
        try bed.repository.save(info)
        #expect(try !bed.verify().isDamaged)
        let name = try #require(try bed.storage.names(Self.wal).first { $0.hasPrefix("\(segment(5))") })
        try bed.remove("\(Self.wal)/\(name)")
        let result = try bed.verify()
        #expect(result.isOK, "as upstream judges")
        #expect(result.isDamaged)
        #expect(result.backups.map(\.lacksWAL) == [true, false])
        info.remove(entry.label)
        entry.options.archiveCopy = true
        info.add(entry)
        try bed.repository.save(info)
        #expect(try !bed.verify().isDamaged)
    }

    @Test func `a stored file that is changed, cut, gone or unreadable is counted in each backup that needs it`() throws
    {
        let path = "backup/demo/\(Self.full)/pg_data/base/5/1249"
        func result(_ change: (Bed) throws -> Void) throws -> (VerifyResult, [String]) {
            let bed = try bed()
            try change(bed)
            return (try bed.verify(), bed.log.lines.filter { !$0.contains("archiveId") })
        }
        let changed = try result { try $0.damage(path) { $0[5] ^= 1 } }
        #expect(changed.0.backups.map(\.status) == [.invalid, .invalid])
        #expect(changed.0.backups[0].counts == counts(checked: 11, valid: 10) { $0.checksumInvalid = 1 })
        #expect(!changed.0.isOK && changed.0.isDamaged)
        #expect(changed.0.errorCount == 1, "what an increment refers to is not counted again")
        #expect(changed.0.backups[1].faults == changed.0.backups[0].faults)
        #expect(changed.1.first == "info: invalid checksum '\(Self.full)/pg_data/base/5/1249'")
        let gone = try result { try $0.remove(path) }
        #expect(gone.0.backups[1].counts == counts(checked: 12, valid: 11) { $0.missing = 1 })
        #expect(gone.1.first == "info: file missing '\(Self.full)/pg_data/base/5/1249'")
        let unreadable = try result {
            $0.storage.at(1, of: [.read], on: path, .fail(RoostError(.fileRead, "bad sector")))
        }
        #expect(unreadable.0.backups[0].counts == counts(checked: 11, valid: 10) { $0.other = 1 })
        #expect(unreadable.1.first == "info: invalid result \(Self.full)/pg_data/base/5/1249: [42] bad sector")
    }

    @Test func `a damaged bundle spoils the files that lie there`() throws {
        let bed = try bed(BackupRestoreTests.forms[1])
        try bed.damage("backup/demo/\(Self.full)/bundle/1") { $0 = Array($0.prefix(8200)) }
        let result = try bed.verify()
        #expect(result.backups.map(\.status) == [.invalid, .invalid])
        #expect(result.backups[0].counts.valid < 11)
        #expect(result.backups[0].counts.other + result.backups[0].counts.checksumInvalid > 0)
    }

    @Test func `damaged WAL is an error, missing WAL is none`() throws {
        let bed = try bed()
        let names = try bed.storage.list(Self.wal).map(\.name)
        try bed.damage("\(Self.wal)/\(names[0])") { $0[9000] ^= 1 }
        try bed.damage("\(Self.wal)/\(names[1])") { $0.removeLast(10) }
        let result = try bed.verify()
        #expect(result.archives[0].counts == counts(checked: 3, valid: 1) { $0.checksumInvalid = 2 })
        #expect(!result.isOK)
        let (storage, gone) = (bed.storage, "\(Self.wal)/\(names[0])")
        for name in names.dropFirst(1) { try bed.remove("\(Self.wal)/\(name)") }
        try bed.damage(gone) { $0[9000] ^= 1 }
        storage.at(2, of: [.open], on: gone, .call { _ = try? storage.remove(gone) })
        let second = try bed.verify()
        #expect(second.archives[0].counts == counts(checked: 1, valid: 0) { $0.missing = 1 })
        #expect(second.isOK && second.isDamaged)
        #expect(bed.log.contains("warn: file missing '15-1/0000000100000000/\(names[0])'"))
    }

    @Test func `a segment of another length is of the wrong size`() throws {
        let bed = try bed()
        let content = Array(try Fixture.segment(fill: 9).prefix(5000))
        try bed.storage.write("\(Self.wal)/\(segment(9))-\(digest(content))", content)
        #expect(try bed.verify().archives[0].counts == counts(checked: 4, valid: 3) { $0.sizeInvalid = 1 })
    }

    @Test func `two files of one segment are both left out and count as one error`() throws {
        let bed = try bed()
        try bed.storage.write("\(Self.wal)/\(segment(5))-\(digest([1]))", [1])
        let result = try bed.verify()
        #expect(result.archives[0].counts == counts(checked: 4, valid: 2))
        #expect(result.archives[0].duplicates == [segment(5)])
        #expect(result.errorCount == 1)
        #expect(
            result.archives[0].ranges == [
                .init(first: segment(4), last: segment(4)), .init(first: segment(6), last: segment(6)),
            ])
        #expect(bed.log.lines[0] == "info: duplicate WAL '\(segment(5))' for '15-1' exists, skipping")
    }

    @Test func `lost manifests, backups under way, and directories nobody lists`() throws {
        let bed = try bed()
        for suffix in ["", ".copy"] { try bed.remove("backup/demo/\(Self.full)/backup.manifest\(suffix)") }
        try bed.storage.write("backup/demo/20261123-000000F/pg_data/a", [1])
        let result = try bed.verify()
        #expect(result.backups.map(\.label.text) == [Self.full, "\(Self.full)_20261122-141654I", "20261123-000000F"])
        #expect(result.backups.map(\.status) == [.manifestMissing, .valid, .inProgress])
        #expect(result.isOK, "for upstream a lost manifest is no error")
        #expect(result.isDamaged)
        #expect(bed.log.contains("warn: backup '20261123-000000F' found in the repository but not in backup.info"))
    }

    @Test func `what an expire that was cut short leaves is told and is no damage`() throws {
        let bed = try bed()
        let left = "20260101-000000F"
        try bed.storage.write("backup/demo/\(left)/pg_data/a", [1])
        let result = try bed.verify()
        #expect(result.backups.map(\.status) == [.manifestMissing, .valid, .valid])
        #expect(result.isOK && !result.isDamaged)
        #expect(bed.log.contains("warn: backup '\(left)' found in the repository but not in backup.info"))
    }

    @Test func `a manifest whose copy alone is good is used, without both the backup is invalid`() throws {
        let bed = try bed()
        let path = "backup/demo/\(Self.full)/backup.manifest"
        try bed.damage(path) { $0.removeLast(3) }
        #expect(try bed.verify().isOK)
        #expect(bed.log.contains("detail: \(Self.full)/backup.manifest is missing or unusable, using copy"))
        try bed.damage("\(path).copy") { $0.removeLast(3) }
        #expect(try bed.verify().backups.map(\.status) == [.invalid, .valid])
    }

    @Test func `an archive id that no history knows`() throws {
        let bed = try bed()
        try bed.storage.write("archive/demo/14-7/00000002.history", [1])
        let result = try bed.verify()
        #expect(bed.log.contains("info: archiveIds '14-7' are not in the archive.info history list"))
        #expect(result.archives.map(\.isKnown) == [true, false])
        #expect(!result.isOK)
    }

    @Test(arguments: ["archive", "backup"])
    func `an info file that cannot be used ends it`(kind: String) throws {
        let bed = try bed()
        for suffix in ["", ".copy"] { try bed.damage("\(kind)/demo/\(kind).info\(suffix)") { $0 = [1] } }
        let result = try bed.verify()
        #expect(result.obstacles == ["  No usable \(kind).info file"])
        #expect(!result.isOK)
        #expect(result.backups.isEmpty && result.archives.isEmpty)
    }

    @Test(arguments: ["archive", "backup"])
    func `a signal while the copy of an info file is read is no damage`(kind: String) throws {
        let bed = try bed()
        try bed.damage("\(kind)/demo/\(kind).info") { $0 = [1] }
        bed.storage.at(
            1, of: [.open, .read], on: "\(kind).info.copy", .fail(RoostError(.term, "terminated on signal SIGTERM")))
        let error = #expect(throws: RoostError.self) { try bed.verify() }
        #expect(error?.code == .term)
    }

    @Test func `verify changes nothing`() throws {
        let bed = try bed()
        bed.storage.clear()
        _ = try bed.verify()
        #expect(bed.storage.changes.isEmpty)
    }

    @Test func `WAL is told in ranges, with gaps and timelines between them`() throws {
        let bed = try bed()
        for (number, timeline) in [(8, 1), (9, 1), (9, 2), (10, 2)] as [(UInt32, UInt32)] {
            try bed.push("\(segment(number, timeline: timeline))", try Fixture.segment(fill: 7))
        }
        let ranges = try bed.verify().archives[0].ranges
        #expect(
            ranges == [
                .init(first: segment(4), last: segment(6)), .init(first: segment(8), last: segment(9)),
                .init(first: segment(9, timeline: 2), last: segment(10, timeline: 2)),
            ])
        // The fixture's segments have 1 MiB, so 4096 of them share the upper half of a position.
        let names = [segment(4095), segment(0, high: 1)]
        #expect(ArchiveVerify.ranges(of: names, segmentSize: 1 << 20).count == 1)
        #expect(ArchiveVerify.ranges(of: [segment(4094), segment(4095)], segmentSize: 1 << 24).count == 2)
    }

    @Test func `one set is checked alone, with the WAL from its start to its stop`() throws {
        let bed = try bed()
        let second = "\(Self.full)_20261122-141654I"
        try bed.damage("backup/demo/\(Self.full)/pg_data/base/5/1249") { $0[5] ^= 1 }
        func verify(_ set: String) throws -> VerifyResult {
            try Verify(repository: bed.repository, set: set, workers: 1, context: bed.context).run()
        }
        let offline = try verify(second)
        #expect(offline.backups.map(\.label.text) == [second])
        #expect(offline.backups[0].counts == counts(checked: 12, valid: 11) { $0.checksumInvalid = 1 })
        #expect(offline.archives[0].counts.checked == 0, "a backup made offline needs no WAL")
        var manifest = try bed.repository.loadManifest(try label(second), passphrase: nil)
        (manifest.archiveStart, manifest.archiveStop) = (segment(5), segment(6))
        try bed.repository.saveFinal(manifest, passphrase: nil)
        #expect(try verify(second).archives[0].counts == counts(checked: 2, valid: 2))
        #expect(try verify("20200101-000000F").obstacles == ["  backup set 20200101-000000F is not valid"])
        #expect(try verify("latest").obstacles == ["  'latest' is not a valid backup label format"])
        for suffix in ["", ".copy"] { try bed.damage("backup/demo/\(second)/backup.manifest\(suffix)") { $0 = [1] } }
        let broken = try verify(second)
        #expect(broken.backups.map(\.status) == [.invalid])
        #expect(broken.archives[0].counts.checked == 0)
    }

    @Test func `a listed backup without a directory is told as such`() throws {
        let bed = try bed()
        try bed.removeTree("backup/demo/\(Self.full)")
        let result = try bed.verify()
        #expect(result.backups.map(\.status) == [.manifestMissing, .invalid])
        #expect(bed.log.contains("warn: backup '\(Self.full)' found in backup.info but not in the repository"))
    }

    @Test func `copies that differ are told and the main file counts`() throws {
        let bed = try bed()
        var archive = try bed.repository.loadArchiveInfo()
        archive.cipherPass = "other"
        let text = try archive.render(version: "2.45")
        try bed.storage.write("archive/demo/archive.info.copy", text)
        #expect(try bed.verify().isOK)
        #expect(bed.log.contains("detail: archive.info.copy does not match archive.info"))
    }

    @Test func `an empty stanza has nothing to verify`() throws {
        let bed = try Bed.prepared()
        let result = try bed.verify()
        #expect(result.isEmpty && result.isOK && !result.isDamaged)
    }
}
