import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Offline backups and their restores, all in this process.
struct BackupRestoreTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var compression: Compression
        var isBundled: Bool
        var cipherPass: String?
        var isPosix = false
        var testDescription: String {
            "\(compression) bundled \(isBundled) encrypted \(cipherPass != nil) posix \(isPosix)"
        }

        func apply(to settings: inout BackupSettings) {
            settings.compression = compression
            settings.compressionLevel = compression.defaultLevel
            settings.bundling = isBundled ? .init() : nil
            settings.bundling?.limit = 20_000
            settings.bundling?.size = 30_000
            settings.workers = 2
        }
    }

    static let forms = [
        Form(compression: .none, isBundled: false), Form(compression: .none, isBundled: true),
        Form(compression: .zst, isBundled: true, cipherPass: "secret"),
        Form(compression: .gz, isBundled: false, isPosix: true),
        Form(compression: .lz4, isBundled: true, isPosix: true),
        Form(compression: .bz2, isBundled: false, cipherPass: "secret"),
    ]

    /// Left out of backups, or of the target's own.
    private static let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]

    private func expectEqual(_ bed: Bed, _ target: String) throws {
        #expect(differences(try image(of: target), try image(of: bed.data, ignoring: Self.ignored)) == [])
    }

    @Test func `a control file that is torn while it is copied is read again after a while`() throws {
        let bed = try Bed.prepared()
        let (path, whole) = ("\(bed.data)/global/pg_control", try Fixture.control())
        bed.storage.at(1, of: [.create], .call { try? write(path, [UInt8](repeating: 1, count: whole.count)) })
        bed.clock.whenSleeping { try? write(path, whole) }
        let label = try bed.backup { $0.jobRetries = 0 }.entry.label
        #expect(try bed.storage.read("backup/demo/\(label)/pg_data/global/pg_control") == whole)
    }

    @Test func `files of a raw set come back whichever pipeline of a worker stored them`() throws {
        let bed = try Bed.prepared()
        func backup(_ type: BackupType) throws -> BackupLabel {
            let result = try bed.backup(type) {
                $0.bundling = .init()
                $0.bundling?.limit = 20_000
            }
            return result.entry.label
        }
        // As pgBackRest marks a set with block increments; without compression and cipher both forms are the same.
        var manifest = try bed.repository.loadManifest(try backup(.full), passphrase: nil)
        manifest.isBundleRaw = true
        try bed.repository.saveFinal(manifest, passphrase: nil)
        bed.clock.advance(100)
        let modified = bed.clock.now().seconds - 10
        try bed.put("base/5/1247", Fixture.page(7, count: 4), modified: modified)
        try bed.put("base/5/1249", Fixture.page(8), modified: modified)
        _ = try backup(.incr)
        #expect(try bed.verify().isOK)
        try bed.restore()
        try expectEqual(bed, bed.target)
    }

    @Test(arguments: forms)
    func `full, incremental and differential come back byte for byte, with modes, times and links`(form: Form) throws {
        let repository = try TemporaryDirectory()
        let bed = try Bed.prepared(
            cipherPass: form.cipherPass, base: form.isPosix ? PosixStorage(root: repository.path) : nil)
        let place = "\(bed.directory.path)/ts"
        try write("\(place)/PG_15_202209061/5/16390", Fixture.page(9, count: 4), modified: FakeClock.start - 60)
        try FileSystem.link("\(bed.data)/pg_tblspc/16384", to: place)
        var images: [(label: BackupLabel, image: [String: String])] = []
        for (round, type) in [BackupType.full, .incr, .incr, .diff].enumerated() {
            if round > 0 { try change(bed, round) }
            let result = try bed.backup(type) { form.apply(to: &$0) }
            images.append((result.entry.label, try image(of: bed.data, ignoring: Self.ignored)))
            bed.clock.advance(100)
        }
        #expect(try bed.listed() == images.map(\.label.text).sorted())
        let verified = try bed.verify()
        #expect(verified.isOK)
        #expect(verified.backups.map(\.status) == [.valid, .valid, .valid, .valid])
        for (label, expected) in images {
            let target = "\(bed.directory.path)/\(label)"
            let moved = "\(bed.directory.path)/ts-\(label)"
            try bed.restore(to: target) {
                $0.set = label
                $0.tablespaceMap = ["ts16384": moved]
                $0.workers = 2
            }
            var expected = expected
            expected["pg_tblspc/16384"] = "link \(moved)"
            #expect(differences(try image(of: target), expected) == [], "\(label)")
            #expect(try FileSystem.read("\(moved)/PG_15_202209061/5/16390") == Fixture.page(9, count: 4))
        }
        withExtendedLifetime(repository) {}
    }

    private func change(_ bed: Bed, _ round: Int) throws {
        let time = bed.clock.now().seconds - 10
        try bed.put("base/5/1249", Fixture.page(UInt8(50 + round), count: round), modified: time)
        try bed.put("base/5/new\(round)", Fixture.page(UInt8(60 + round)), mode: 0o640, modified: time)
        // Touched but equal: stored once.
        try bed.put("base/5/1247", Fixture.page(2, count: 3), modified: time)
        if round == 2 {
            try FileSystem.removeFile("\(bed.data)/base/5/new1")
            try bed.put("base/5/2600", Fixture.page(70), modified: time)
            try bed.put("pg_xact/0000", [], modified: time)
        }
    }

    @Test func `an increment stores only what has changed`() throws {
        let bed = try Bed.prepared()
        let full = try bed.backup()
        bed.clock.advance(100)
        try change(bed, 1)
        let incremental = try bed.backup(.incr)
        #expect(incremental.entry.label.text == "20261122-141514F_20261122-141654I")
        #expect(incremental.entry.prior == full.entry.label)
        #expect(incremental.entry.references == [full.entry.label])
        let files = try bed.objects(below: "backup/demo/\(incremental.entry.label)")
        #expect(
            files.map { $0.split(separator: "/").dropFirst(3).joined(separator: "/") }
                == ["backup.manifest", "backup.manifest.copy", "pg_data/base/5/1249", "pg_data/base/5/new1"])
        #expect(bed.log.contains("detail: match file from prior backup pg_data/base/5/1247"))
    }

    @Test func `nothing changed at all is an error, and leaves the list as it was`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        bed.clock.advance(100)
        #expect(failure { try bed.backup(.incr) }?.code == .fileMissing)
        #expect(try bed.listed() == ["20261122-141514F"])
    }

    @Test func `with delta a change that shows in neither size nor time is found`() throws {
        for delta in [false, true] {
            let bed = try Bed.prepared()
            try bed.backup()
            bed.clock.advance(100)
            try bed.put("base/5/1249", Fixture.page(99))
            try bed.put("base/5/new", [1])
            let result = try bed.backup(.incr) { $0.delta = delta }
            let stored = try bed.objects(below: "backup/demo/\(result.entry.label)").contains {
                $0.hasSuffix("base/5/1249")
            }
            #expect(stored == delta)
        }
    }

    @Test func `the files of a full backup, and the link to the latest`() throws {
        let bed = try Bed.prepared()
        try bed.backup { ($0.compression, $0.compressionLevel) = (.gz, 6) }
        let objects = try bed.objects(below: "backup/demo")
        #expect(objects.contains("backup/demo/latest"))
        #expect(objects.contains("backup/demo/backup.history/2026/20261122-141514F.manifest.gz"))
        #expect(objects.contains("backup/demo/20261122-141514F/pg_data/base/5/2600.gz"))
        #expect(try bed.storage.entry("backup/demo/20261122-141514F/pg_data/pg_notify")?.kind == .directory)
        try bed.removeTree("backup/demo/20261122-141514F/pg_data")
    }

    @Test func `the last steps come in the order that makes a backup count only when it is whole`() throws {
        let bed = try Bed.prepared()
        bed.storage.clear()
        try bed.backup()
        let label = "backup/demo/20261122-141514F"
        let steps = bed.storage.changes.drop { $0.operation != .finishBulk }.filter { $0.operation != .write }
        #expect(
            steps.map { "\($0.operation) \($0.path)" } == [
                "finishBulk \(label)", "create \(label)/backup.manifest.copy", "create \(label)/backup.manifest",
                "finish \(label)/backup.manifest.copy", "finish \(label)/backup.manifest",
                "create backup/demo/backup.history/2026/20261122-141514F.manifest.gz",
                "finish backup/demo/backup.history/2026/20261122-141514F.manifest.gz",
                "syncDirectory backup/demo/backup.history",
                "createLink backup/demo/latest", "syncDirectory backup/demo", "create backup/demo/backup.info",
                "finish backup/demo/backup.info", "create backup/demo/backup.info.copy",
                "finish backup/demo/backup.info.copy",
            ])
    }

    @Test func `another cluster than the stanza's is not backed up`() throws {
        let bed = try Bed.prepared()
        try bed.put("global/pg_control", try Fixture.control("16"))
        #expect(failure { try bed.backup() }?.code == .backupMismatch)
        #expect(try bed.objects().filter { $0.contains("2026") }.isEmpty)
    }

    @Test func `an increment keeps to the compression of its prior`() throws {
        let bed = try Bed.prepared()
        try bed.backup { ($0.compression, $0.compressionLevel) = (.zst, 3) }
        bed.clock.advance(100)
        try bed.put("base/5/new", Fixture.page(1))
        let result = try bed.backup(.diff) { ($0.compression, $0.compressionLevel) = (.gz, 6) }
        #expect(result.compression == .zst)
        #expect(
            bed.log.contains(
                "diff backup cannot alter compress-type option to 'gz', reset to value in 20261122-141514F"))
    }

    @Test func `annotations without a value are dropped`() throws {
        let bed = try Bed.prepared()
        let result = try bed.backup { $0.annotations = ["key": "value", "empty": ""] }
        #expect(result.entry.annotations == ["key": "value"])
        #expect(try bed.repository.loadBackupInfo().backups[0].annotations == ["key": "value"])
    }

    @Test func `page errors are told and recorded, and do not stop the backup`() throws {
        let bed = try Bed.prepared()
        try bed.put("base/5/1249", Fixture.page(3) + Fixture.page(0) + Fixture.page(3, count: 2))
        try bed.put("base/5/16384.1", Fixture.page(0) + Fixture.page(7))
        try bed.put("base/5/16385", [UInt8](repeating: 1, count: 9000))
        let result = try bed.backup {
            $0.checksumPage = true
            $0.excludes = ["base/5/1247", "global/1262"]
        }
        #expect(result.entry.hasError == true)
        let warnings = bed.log.lines.filter { $0.hasPrefix("warn") }
        #expect(
            warnings.sorted() == [
                "warn: invalid page checksum found in file pg_data/base/5/16384.1 at page 131073",
                "warn: invalid page checksums found in file pg_data/base/5/1249 at pages 0, 2-3",
                "warn: page misalignment in file pg_data/base/5/16385: file size 9000 is not divisible by page size 8192",
            ])
        let stored = try bed.repository.loadManifest(result.entry.label, passphrase: nil)
        #expect(stored.file("pg_data/base/5/1249")?.pageCheck == .invalid)
    }

    @Test func `a busy disk is tried again, a dead one fails with the first error`() throws {
        let bed = try Bed.prepared()
        bed.storage.at(1, of: [.create, .write], on: "pg_data/base", .fail(diskFailure))
        try bed.backup()
        #expect(bed.storage.hasFired)
        #expect(try bed.verify().isOK)
        bed.clock.advance(100)
        bed.storage.clear()
        bed.storage.at(2, of: [.write], isLasting: true, on: "pg_data", .fail(diskFailure))
        #expect(failure { try bed.backup() }?.code == .fileWrite)
        #expect(try bed.listed() == ["20261122-141514F"])
    }

    @Test(arguments: [true, false])
    func `a write that was cut short in silence is found by verify and by restore`(isBundled: Bool) throws {
        let bed = try Bed.prepared()
        bed.storage.at(2, of: [.write], on: isBundled ? "bundle" : "pg_data", .truncate)
        try bed.backup { $0.bundling = isBundled ? .init() : nil }
        #expect(bed.storage.hasFired)
        #expect(try !bed.verify().isOK)
        #expect(failure { try bed.restore() } != nil)
    }
}
