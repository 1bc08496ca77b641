import Glibc
import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// What becomes of a backup that was interrupted (specification `backup`, section 7).
struct ResumeTests {
    typealias Form = BackupRestoreTests.Form

    private static let interrupted = "20261122-141514F"
    private static let directory = "backup/demo/\(interrupted)"

    /// A full backup that writes down at once what it has done.
    @discardableResult
    private func backup(
        _ bed: Bed, _ type: BackupType = .full, _ change: (inout BackupSettings) -> Void = { _ in }
    ) throws -> BackupResult {
        try bed.backup(type) {
            $0.manifestSaveThreshold = 1
            $0.jobRetries = 0
            change(&$0)
            $0.workers = 1  // so that results come in the order of the files
        }
    }

    /// A backup that fails at its smallest files, when the others are stored; a hundred seconds pass.
    private func interrupt(_ bed: Bed, _ change: (inout BackupSettings) -> Void = { _ in }) throws {
        bed.storage.at(1, of: [.create], isLasting: true, on: "pg_data/PG_VERSION", .fail(diskFailure))
        #expect(failure { try backup(bed, .full, change) }?.message == diskFailure.message)
        bed.storage.clear()
        bed.clock.advance(100)
        bed.log = CollectedLog()
    }

    private func stored(_ bed: Bed) -> [String] {
        bed.storage.calls.filter { $0.operation == .create && $0.path.contains("/pg_data/") }.map {
            String($0.path.dropFirst("\(Self.directory)/pg_data/".count))
        }
    }

    private func expectSound(_ bed: Bed) throws {
        #expect(try bed.verify().isOK)
        try bed.restore()
        let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]
        #expect(differences(try image(of: bed.target), try image(of: bed.data, ignoring: ignored)) == [])
    }

    @Test(arguments: BackupRestoreTests.forms.filter { !$0.isBundled })
    func `files that were stored are compared with their checksums and kept`(form: Form) throws {
        let repository = try TemporaryDirectory()
        let bed = try Bed.prepared(
            cipherPass: form.cipherPass, base: form.isPosix ? PosixStorage(root: repository.path) : nil)
        try interrupt(bed) { form.apply(to: &$0) }
        let result = try backup(bed) { form.apply(to: &$0) }
        #expect(result.entry.label.text == Self.interrupted)
        #expect(result.entry.timestampStart == FakeClock.start + 100)
        #expect(
            bed.log.lines.filter { $0.hasPrefix("warn") } == [
                "warn: resumable backup \(Self.interrupted) of same type exists -- invalid files will be removed then the backup "
                    + "will resume"
            ])
        #expect(bed.log.contains("detail: checksum resumed file pg_data/base/5/1247"))
        let again = stored(bed)
        #expect(!again.contains { $0.hasPrefix("base/5/1247") || $0.hasPrefix("pg_xact/0000") })
        #expect(again.contains { $0.hasPrefix("PG_VERSION") } && again.contains { $0.hasPrefix("global/pg_control") })
        try expectSound(bed)
        let manifest = try bed.repository.loadManifest(
            try label(Self.interrupted), passphrase: bed.repository.loadBackupInfo().cipherPass)
        #expect(manifest.version == Release.compatible)
        withExtendedLifetime(repository) {}
    }

    @Test func `an increment builds on a resumed backup, and refers to its files`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        try backup(bed)
        bed.clock.advance(100)
        try bed.put("base/5/new", Fixture.page(9), modified: bed.clock.now().seconds - 10)
        let result = try backup(bed, .incr)
        #expect(result.entry.references.map(\.text) == [Self.interrupted])
        try expectSound(bed)
    }

    @Test func `it can be interrupted again, also while it cleans up`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        try bed.put("base/5/1249", Fixture.page(3, count: 2))
        for operation in [FaultyStorage.Operation.remove, .create, .finish] {
            bed.storage.at(1, of: [operation], isLasting: true, .fail(diskFailure))
            #expect(failure { try backup(bed) } != nil)
            bed.storage.clear()
            bed.clock.advance(100)
        }
        #expect(try backup(bed).entry.label.text == Self.interrupted)
        #expect(bed.log.contains("detail: checksum resumed file pg_data/base/5/1247"))
        try expectSound(bed)
    }

    @Test func `a stored file that is damaged, cut off or empty is copied again with a warning`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        try bed.damage("\(Self.directory)/pg_data/base/5/1247") { $0[9000] ^= 1 }
        try bed.damage("\(Self.directory)/pg_data/pg_xact/0000") { $0.removeLast() }
        try bed.damage("\(Self.directory)/pg_data/global/1262") { $0.removeAll() }
        bed.storage.clear()
        try backup(bed)
        let warnings = bed.log.lines.filter { $0.contains("did not have expected checksum") }
        #expect(warnings.count == 3)
        for name in ["base/5/1247", "pg_xact/0000", "global/1262"] {
            #expect(warnings.contains { $0.hasPrefix("warn: resumed backup file pg_data/\(name) did not have") })
            #expect(stored(bed).contains(name))
        }
        #expect(warnings[0].contains("\(digest(Fixture.page(2, count: 3)))"))
        try expectSound(bed)
    }

    @Test func `a file that has changed since is copied again in silence`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        let time = bed.clock.now().seconds - 10
        try bed.put("base/5/1247", Fixture.page(21, count: 3), modified: time)
        try bed.put("base/5/1249", Fixture.page(22, count: 2))
        try bed.put("pg_xact/0000", [], modified: time)
        try FileSystem.removeFile("\(bed.data)/pg_wal/000000010000000000000001")
        try bed.put("base/5/new", Fixture.page(23), modified: time)
        try FileSystem.removeTree("\(bed.data)/pg_notify")
        try backup(bed)
        let place = bed.storage.displayPath(Self.directory)
        for (name, reason) in [
            ("base/5/1247", "mismatched timestamp"), ("base/5/1249", "mismatched size"),
            ("pg_xact/0000", "mismatched size"), ("pg_wal/000000010000000000000001", "missing in manifest"),
        ] {
            #expect(bed.log.contains("detail: remove file '\(place)/pg_data/\(name)' from resumed backup (\(reason))"))
        }
        #expect(!bed.log.contains("expected checksum"))
        #expect(try bed.storage.entry("\(Self.directory)/pg_data/pg_wal/000000010000000000000001") == nil)
        try expectSound(bed)
    }

    @Test(arguments: [false, true])
    func `with delta a change that shows in neither size nor time is found`(delta: Bool) throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        try bed.put("base/5/1249", Fixture.page(99))
        try FileSystem.setModified("\(bed.data)/base/5/1247", FakeClock.start)
        try backup(bed) { $0.delta = delta }
        #expect(stored(bed).contains("base/5/1249") == delta)
        // What was only touched is kept with delta, and so are the files that are equal in all.
        #expect(stored(bed).contains("base/5/1247") == !delta)
        #expect(bed.log.contains("checksum resumed file pg_data/global/1262"))
        if delta { try expectSound(bed) }
    }

    @Test func `what does not belong to the backup goes`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        for name in [
            "bundle/1", "pg_data/base/9/1", "pg_data/base/5/1247.gz", "pg_data/base/5/1247.pgbi",
            "pg_data/backup_label",
            "backup.manifest.copy.pgbackrest.tmp", "stray", "pg_data/base/5/2600",
        ] { try bed.storage.write("\(Self.directory)/\(name)", [1]) }
        try bed.storage.createLink("\(Self.directory)/pg_data/link", destination: "/etc")
        try backup(bed)
        let place = bed.storage.displayPath(Self.directory)
        for line in [
            "path '\(place)/bundle' from resumed backup", "path '\(place)/pg_data/base/9' from resumed backup",
            "file '\(place)/pg_data/base/5/1247.gz' from resumed backup (mismatched compression type)",
            "file '\(place)/pg_data/base/5/1247.pgbi' from resumed backup (stored in another form)",
            "file '\(place)/pg_data/backup_label' from resumed backup (missing in manifest)",
            "file '\(place)/backup.manifest.copy.pgbackrest.tmp' from resumed backup (missing in manifest)",
            "file '\(place)/stray' from resumed backup (missing in manifest)",
            "file '\(place)/pg_data/base/5/2600' from resumed backup (zero size)",
        ] { #expect(bed.log.contains("detail: remove \(line)"), "\(line)") }
        #expect(!bed.log.contains("pg_data/link'"))
        #expect(try bed.storage.entry("\(Self.directory)/pg_data/link") == nil)
        #expect(try bed.storage.entry("\(Self.directory)/pg_data/base/5/1247.pgbi") == nil)
        try expectSound(bed)
    }

    @Test func `bundles are made anew; a file too large for them is kept; one that now belongs into them is not`()
        throws
    {
        func bundles(_ settings: inout BackupSettings, _ limit: UInt64) {
            settings.bundling = .init()
            settings.bundling?.limit = limit
        }
        for (first, second) in [(8192, 8192), (8192, 1 << 20), (1 << 20, 8192)] as [(UInt64, UInt64)] {
            let bed = try Bed.prepared()
            bed.storage.at(2, of: [.create], isLasting: true, on: "bundle/", .fail(diskFailure))
            #expect(
                failure {
                    try backup(bed) {
                        bundles(&$0, first)
                        $0.bundling?.size = 1
                    }
                } != nil)
            bed.storage.clear()
            bed.clock.advance(100)
            #expect(try backup(bed) { bundles(&$0, second) }.entry.label.text == Self.interrupted)
            let isKept = bed.log.contains("checksum resumed file pg_data/base/5/1247")
            #expect(isKept == (first == 8192 && second == 8192))
            #expect(bed.log.contains("from resumed backup (now part of a bundle)") == (first == 8192 && second > 8192))
            try expectSound(bed)
        }
    }

    @Test(arguments: [
        (BackupType.incr, "info", "resume only valid for full backup"),
        (.diff, "info", "resume only valid for full backup"),
        (.full, "warn", "new backup type 'full' does not match resumable backup type 'incr'"),
    ])
    func `a diff or incr is never resumed`(type: BackupType, level: String, reason: String) throws {
        let bed = try Bed.prepared()
        try backup(bed)
        bed.clock.advance(100)
        try bed.put("base/5/new", Fixture.page(9), modified: bed.clock.now().seconds - 10)
        bed.storage.at(1, of: [.finishBulk], .fail(diskFailure))
        #expect(failure { try backup(bed, .incr) } != nil)
        bed.clock.advance(100)
        try backup(bed, type)
        let unfinished = "\(Self.interrupted)_20261122-141654I"
        #expect(bed.log.contains("\(level): backup '\(unfinished)' cannot be resumed: \(reason)"))
        #expect(try bed.storage.entry("backup/demo/\(unfinished)") == nil)
        #expect(try bed.listed().count == 2)
    }

    @Test func `a partial manifest that cannot be read is no reason to fail`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed)
        try bed.damage("\(Self.directory)/backup.manifest.copy") { $0[$0.count / 2] ^= 1 }
        try backup(bed)
        let path = bed.storage.displayPath("\(Self.directory)/backup.manifest.copy")
        #expect(bed.log.contains("warn: backup '\(Self.interrupted)' cannot be resumed: unable to read \(path)"))
        #expect(try bed.listed() == ["20261122-141654F"])
    }

    @Test func `without resume nothing is written for one, and what is there is removed`() throws {
        let bed = try Bed.prepared()
        try interrupt(bed) { $0.resumes = false }
        #expect(try bed.storage.entry("\(Self.directory)/backup.manifest.copy") == nil)
        try backup(bed)
        let reason = "partially deleted by prior resume or invalid"
        #expect(bed.log.contains("warn: backup '\(Self.interrupted)' cannot be resumed: \(reason)"))
        #expect(try bed.listed() == ["20261122-141654F"])

        let other = try Bed.prepared()
        try interrupt(other)
        try backup(other) { $0.resumes = false }
        #expect(other.log.contains("info: backup '\(Self.interrupted)' cannot be resumed: resume is disabled"))
        #expect(try other.listed() == ["20261122-141654F"])
        #expect(try other.verify().isOK)
    }

    @Test func `only a backup that the new one would be equal to is resumed`() throws {
        var base = try manifest(Self.interrupted)
        base.version = Release.partial
        base.options.compression = .zst
        func objection(_ change: (inout Manifest) -> Void) -> String? {
            var old = base
            change(&old)
            return ResumePlan.objection(to: old, by: base)
        }
        let prior = try label("20261121-141514F")
        #expect(objection { _ in } == nil)
        #expect(
            objection { $0.version = "2.60.0" }
                == "new pgBackRest version '2.60.0-roost' does not match resumable pgBackRest version '2.60.0'")
        #expect(
            objection { $0.type = .incr } == "new backup type 'full' does not match resumable backup type 'incr'")
        #expect(
            objection { $0.prior = prior }
                == "new prior backup label '<undef>' does not match resumable prior backup label '20261121-141514F'")
        #expect(
            objection { $0.options.compression = .none }
                == "new compression 'zst' does not match resumable compression 'none'")
        #expect(
            objection { $0.cluster.identity.systemID = SystemID(7) }
                == "new cluster 'version 15, system-id 101' does not match resumable cluster 'version 15, system-id 7'")
        #expect(objection { $0.cipherPass = "secret" } == "one of the backups is encrypted")
    }

    @Test func `a new timeline, or a server that was stopped in between, switches delta on`() throws {
        var (old, new) = (try manifest(Self.interrupted), try manifest(Self.interrupted))
        (old.archiveStart, new.archiveStart) = (segment(4), segment(9))
        #expect(ResumePlan.reasonForDelta(old, new) == nil)
        new.archiveStart = segment(9, timeline: 2)
        #expect(
            ResumePlan.reasonForDelta(old, new)?.hasPrefix(
                "a timeline switch has occurred since the \(Self.interrupted)")
                == true)
        new.archiveStart = nil
        new.options.online = false
        #expect(
            ResumePlan.reasonForDelta(old, new)
                == "the online option has changed since the \(Self.interrupted) backup, enabling delta checksum")
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var reason: String?
        var delta = false
        var apply: @Sendable (inout ManifestFile) -> Void
        var testDescription: String { reason ?? "kept" }

        static let all = [
            Change(reason: "no checksum in resumed manifest") { $0.checksum = nil },
            Change(reason: "mismatched size") { $0.size = 1 },
            Change(reason: "mismatched timestamp") { $0.timestamp = 1 },
            Change(reason: nil, delta: true) { $0.timestamp = 1 },
            Change(reason: "no page checks in resumed manifest") { $0.pageCheck = .none },
            Change(reason: "stored in another form") { $0.bundle = .init(id: 1, offset: 0) },
            Change(reason: "block incremental is now disabled") { file in
                file.block = .init(blockSize: 8192, checksumSize: 6, mapSize: 9)
            },
            Change(reason: nil) { $0.block = .init(blockSize: 8192, checksumSize: 6, mapSize: 0) },
        ]
    }

    @Test(arguments: Change.all)
    func `a file is kept only if it is certain to be the same`(change: Change) throws {
        let name = "pg_data/base/5/1247"
        var (old, new) = (try manifest(Self.interrupted), try manifest(Self.interrupted))
        try old.add(name) { file in
            file.pageCheck = .invalid
            file.repoChecksum = .ofNothing
            file.repoSize = 77
            change.apply(&file)
        }
        try new.add(name) { file in
            file.checksum = nil
            file.pageCheck = .valid
        }
        new.options.delta = change.delta
        let plan = ResumePlan(old: old, bundleLimit: nil)
        #expect(
            plan.verdict(on: name, for: new) == (change.reason.map { .remove(reason: $0) } ?? .keep(index: 0, old: 0)))
        let merged = plan.merged(new.files[0], with: old.files[0])
        #expect(merged.timestamp == new.files[0].timestamp)
        #expect(merged.repoSize == 77 && merged.repoChecksum == .ofNothing && merged.checksum == old.files[0].checksum)
        #expect(merged.pageCheck == old.files[0].pageCheck)
    }

    @Test func `results of page checks are kept with the file`() throws {
        let bed = try Bed.prepared()
        let check = { (settings: inout BackupSettings) in settings.checksumPage = true }
        try bed.put("base/5/1249", Fixture.page(3) + Fixture.page(0) + Fixture.page(3, count: 2))
        try interrupt(bed, check)
        let result = try backup(bed, .full, check)
        #expect(result.entry.hasError == true)
        let made = try bed.repository.loadManifest(result.entry.label, passphrase: nil)
        let index = try #require(made.files.index(of: "pg_data/base/5/1249"))
        #expect(made.files[index].pageCheck == .invalid)
        #expect(made.files.pageErrors(at: index) == [PageRange(first: 0, last: 0), PageRange(first: 2, last: 3)])
        #expect(!stored(bed).contains("base/5/1249"))
    }

    @Test func `the manifest is saved when enough was copied`() throws {
        let bed = try Bed.prepared()
        try bed.backup { $0.manifestSaveThreshold = 1 }
        let often = bed.storage.calls.count { $0.operation == .create && $0.path.hasSuffix("backup.manifest.copy") }
        bed.clock.advance(100)
        bed.storage.clear()
        try bed.backup()
        let seldom = bed.storage.calls.count { $0.operation == .create && $0.path.hasSuffix("backup.manifest.copy") }
        // At the begin, before WAL is waited for, and at the end.
        #expect(seldom == 3)
        // And after each file of more than a hundredth of all: there are six.
        #expect(often == 9)
    }
}
