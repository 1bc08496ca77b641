import Glibc
import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// What a restore demands of the place it writes to, and what it keeps there (specification `restore`, sections 5 to 12).
struct RestoreTargetTests {
    private let bed: Bed
    private static let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]

    init() throws {
        bed = try Bed.prepared()
        try bed.backup()
    }

    private func expectRestored() throws {
        #expect(differences(try image(of: bed.target), try image(of: bed.data, ignoring: Self.ignored)) == [])
    }

    private func code(_ change: (inout RestoreSettings) -> Void = { _ in }) -> ErrorCode? {
        failure { try bed.restore(change) }?.code
    }

    @Test func `a running server is left alone, whatever is asked`() throws {
        try bed.restore()
        try write("\(bed.target)/postmaster.pid", [1])
        let before = try image(of: bed.target)
        #expect(code() == .pgRunning)
        #expect(code { ($0.delta, $0.force) = (true, true) } == .pgRunning)
        #expect(try image(of: bed.target) == before)
    }

    @Test(arguments: ["file", ".hidden", "lost+found/x"])
    func `a directory that is not empty is left as it is, also with delta or force if it is no cluster`(name: String)
        throws
    {
        try write("\(bed.target)/\(name)", [1])
        let before = try image(of: bed.target)
        #expect(code() == .pathNotEmpty)
        #expect(code { $0.delta = true } == .pathNotEmpty)
        #expect(code { $0.force = true } == .pathNotEmpty)
        #expect(bed.log.contains("--delta and --force have been disabled"))
        #expect(try image(of: bed.target) == before)
    }

    @Test func `a cluster is not overwritten unasked`() throws {
        try bed.restore()
        let before = try image(of: bed.target)
        #expect(code() == .pathNotEmpty)
        #expect(try image(of: bed.target) == before)
    }

    @Test(
        .enabled(if: !CurrentProcess.isRoot, "root may write anywhere"),
        arguments: [(0o500, .pathOpen), (0o600, .fileOpen)] as [(UInt16, ErrorCode)])
    func `a directory without rwx is refused`(mode: UInt16, expected: ErrorCode) throws {
        try FileSystem.createDirectory(bed.target, mode: mode)
        defer { try? FileSystem.setMode(bed.target, 0o700) }
        #expect(code() == expected)
    }

    @Test func `a tablespace's directory must be empty too, and nothing is changed if it is not`() throws {
        let place = "\(bed.directory.path)/ts"
        try write("\(place)/PG_15_202209061/5/16390", [1])
        try FileSystem.link("\(bed.data)/pg_tblspc/16384", to: place)
        bed.clock.advance(100)
        try bed.backup()
        #expect(code() == .pathNotEmpty)
        #expect(try FileStatus.of(bed.target) == nil)
        let moved = "\(bed.directory.path)/moved"
        try write("\(moved)/PG_14_202107181/1", [1])
        try bed.restore { $0.tablespaceMap = ["16384": moved] }
        #expect(try FileSystem.list(moved) == ["PG_14_202107181", "PG_15_202209061"])
        #expect(try FileSystem.linkDestination("\(bed.target)/pg_tblspc/16384") == moved)
    }

    @Test func `a delta restore leaves alone what has a second name elsewhere`() throws {
        try bed.restore()
        let (path, other) = ("\(bed.target)/base/5/1249", "\(bed.directory.path)/other")
        for added in [[], [UInt8](repeating: 3, count: 9000)] {
            let longer = try FileSystem.read(path) + added
            try write(path, longer)
            try FileSystem.removeFile(other)
            try #require(Glibc.link(path, other) == 0)
            try bed.restore { $0.delta = true }
            #expect(try FileSystem.read(other) == longer)
            #expect(try FileStatus.of(path)?.links == 1)
            #expect(try FileSystem.read(path) == bed.read("base/5/1249"))
        }
    }

    @Test func `a delta restore clears its own tablespace, never one that may be the neighbour's`() throws {
        let place = "\(bed.directory.path)/ts"
        try write("\(place)/PG_15_202209061/5/16390", [1])
        try FileSystem.link("\(bed.data)/pg_tblspc/16384", to: place)
        bed.clock.advance(100)
        try bed.backup()
        let (own, neighbour) = ("\(bed.directory.path)/own", "\(bed.directory.path)/neighbour")
        try bed.restore { $0.tablespaceMap = ["16384": own] }
        try write("\(own)/PG_15_202209061/5/surplus", [2])
        try write("\(neighbour)/PG_15_202209061/5/precious", [3])

        #expect(code { ($0.delta, $0.tablespaceMap) = (true, ["16384": neighbour]) } == .pathNotEmpty)
        #expect(try FileSystem.list("\(neighbour)/PG_15_202209061/5") == ["precious"])
        try bed.restore { ($0.delta, $0.tablespaceMap) = (true, ["16384": own]) }
        #expect(try FileSystem.list("\(own)/PG_15_202209061/5") == ["16390"])

        // Without the link nothing tells whose the directory is.
        try FileSystem.removeFile("\(bed.target)/pg_tblspc/16384")
        #expect(code { ($0.delta, $0.tablespaceMap) = (true, ["16384": own]) } == .pathNotEmpty)
        #expect(try FileSystem.list("\(own)/PG_15_202209061/5") == ["16390"])
    }

    @Test(.enabled(if: CurrentProcess.isRoot, "only root gives files away"))
    func `as root, files of owners that this host does not know go to the owner of the data directory`() throws {
        let stranger: UInt32 = 54_321
        try FileSystem.setOwner("\(bed.data)/base/5/1247", owner: stranger, group: stranger)
        bed.clock.advance(100)
        try bed.backup()
        try FileSystem.createDirectory(bed.target, mode: 0o700)
        try FileSystem.setOwner(bed.target, owner: 54_322, group: 54_323)
        try bed.restore()
        let file = try #require(try FileStatus.of("\(bed.target)/base/5/1247"))
        #expect((file.owner, file.group) == (54_322, 54_323))
        let known = try #require(try FileStatus.of("\(bed.target)/base/5/1249"))
        #expect((known.owner, known.group) == (0, 0))
    }

    @Test(.enabled(if: CurrentProcess.isRoot, "only root gives files away"))
    func `as root, files of a user who is not here belong to root`() throws {
        var made = try manifest()
        let user = try made.ownerIndex(.name("no-such-user-here"))
        try made.add("pg_data/a") { $0.user = user }
        let owners = try RestoreOwners(made, dataDirectory: bed.data)
        let path = "\(bed.directory.path)/a"
        try write(path, [1])
        try FileSystem.setOwner(path, owner: 54_321, group: 54_321)
        let status = try #require(try FileStatus.of(path))
        try owners.correct(path, status, .name("no-such-user-here"), .unknown)
        #expect(try FileStatus.of(path)?.owner == 0)
    }

    /// Damages a restored cluster in every way that a delta restore mends.
    private func disarrange() throws {
        try write("\(bed.target)/base/5/1249", Fixture.page(99), modified: FakeClock.start - 3600)
        try write("\(bed.target)/base/5/1247", Fixture.page(2, count: 4))
        try write("\(bed.target)/base/5/2600", [1, 2, 3])
        try write("\(bed.target)/pg_xact/0000", [1])
        try FileSystem.removeFile("\(bed.target)/global/1262")
        try write("\(bed.target)/extra/dir/file", [1])
        try write("\(bed.target)/base/5/extra", [1])
        try FileSystem.link("\(bed.target)/stray", to: "/etc")
        try FileSystem.removeFile("\(bed.target)/postgresql.conf")
        try FileSystem.link("\(bed.target)/postgresql.conf", to: "/etc/hostname")
        try FileSystem.removeFile("\(bed.target)/PG_VERSION")
        try FileSystem.createDirectory("\(bed.target)/PG_VERSION/x")
        try FileSystem.setMode("\(bed.target)/base", 0o755)
        try FileSystem.setMode("\(bed.target)/base/5/1247", 0o644)
        try FileSystem.removeTree("\(bed.target)/pg_notify")
    }

    @Test(arguments: [(true, false), (false, true), (true, true)])
    func `delta or force bring back exactly the backup`(delta: Bool, force: Bool) throws {
        try bed.restore()
        let hosts = try FileStatus.of("/etc/hostname")
        try disarrange()
        // With size and time trusted the damage must show in one of them.
        if force { try FileSystem.setModified("\(bed.target)/base/5/1249", 5) }
        try bed.restore { ($0.delta, $0.force) = (delta, force) }
        try expectRestored()
        #expect(try FileStatus.of("/etc/hostname") == hosts)
    }

    @Test func `another cluster is replaced only by force`() throws {
        try bed.restore()
        try write("\(bed.target)/global/pg_control", try Fixture.control("16"))
        let before = try image(of: bed.target)
        #expect(code { $0.delta = true } == .backupMismatch)
        #expect(differences(try image(of: bed.target), before) == [])
        try bed.restore { $0.force = true }
        try expectRestored()
    }

    @Test func `delta keeps what is equal by checksum`() throws {
        try bed.restore()
        try FileSystem.setModified("\(bed.target)/base/5/1247", 5)
        let result = try bed.restore { $0.delta = true }
        let control = UInt64(ControlFile.fileByteCount)
        #expect(result.kept == result.size - control)
        try expectRestored()
    }

    @Test func `delta with force trusts size and time, but not those of an unfinished restore`() throws {
        try bed.restore()
        let changed = "\(bed.target)/base/5/1249"
        try write(changed, Fixture.page(99), modified: FakeClock.start - 3600)
        try bed.restore { ($0.delta, $0.force) = (true, true) }
        #expect(try FileSystem.read(changed) == Fixture.page(99))
        try write("\(bed.target)/backup.manifest", [1])
        try bed.restore { ($0.delta, $0.force) = (true, true) }
        try expectRestored()
    }

    @Test func `a file as young as the copy is not trusted by its time`() throws {
        bed.clock.advance(100)
        try bed.put("base/5/1249", Fixture.page(1), modified: bed.clock.now().seconds)
        try bed.backup()
        try bed.restore()
        let changed = "\(bed.target)/base/5/1249"
        try write(changed, Fixture.page(99), modified: bed.clock.now().seconds)
        try bed.restore { ($0.delta, $0.force) = (true, true) }
        try expectRestored()
    }

    @Test(arguments: [false, true])
    func `an interrupted restore leaves its mark and no pg_control, and is gone on with`(delta: Bool) throws {
        bed.storage.at(4, of: [.open], isLasting: true, on: "pg_data", .fail(RoostError(.fileRead, "gone")))
        #expect(code() == .fileRead)
        bed.storage.clear()
        #expect(try FileStatus.of("\(bed.target)/backup.manifest") != nil)
        #expect(try FileStatus.of("\(bed.target)/global/pg_control") == nil)
        try bed.restore { $0.delta = delta }
        #expect(bed.log.contains("continue the restore into") == !delta)
        try expectRestored()
    }

    @Test func `only the restore of the same cluster is gone on with, and none that a server has seen since`() throws {
        try bed.restore()
        try write("\(bed.target)/backup.manifest", [])
        #expect(code() == .pathNotEmpty, "there is a pg_control")
        let control = "\(bed.target)/global/pg_control"
        try FileSystem.removeFile(control)
        #expect(code() == .pathNotEmpty, "the mark does not say whose it is")
        let marks: [(systemID: String, expected: ErrorCode?)] = [
            ("1", .pathNotEmpty), ("\(try Fixture.controlFile().systemID)", nil),
        ]
        for (systemID, expected) in marks {
            try write("\(bed.target)/backup.manifest", Array("[backup:db]\ndb-id=1\ndb-system-id=\(systemID)\n".utf8))
            if expected != nil { #expect(code { $0.delta = true } == .backupMismatch) }
            #expect(code() == expected)
        }
        try expectRestored()
    }

    @Test(arguments: [("", false), ("/below/the/target", false), ("/below/the/target", true)])
    func `a repository in the target is not cleaned away with the rest`(below: String, throughLink: Bool) throws {
        try bed.restore()
        let storage = PosixStorage(root: "\(bed.target)\(below)", syncMethod: .fsync)
        for object in try bed.objects() where try bed.storage.entry(object)?.kind == .file {
            try storage.write(object, try bed.storage.read(object))
        }
        let repository = Repository(key: 1, storage: storage, stanza: "demo", cipherPass: nil)
        let alias = "\(bed.directory.path)/alias"
        try FileSystem.link(alias, to: bed.target)
        var settings = RestoreSettings(dataDirectory: throughLink ? alias : bed.target)
        settings.delta = true
        let lock = try StanzaLock(
            [.restore], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        let error = failure {
            _ = try Restore(settings, repository: repository, context: bed.context, lock: lock).run()
        }
        #expect(error?.code == .pathNotEmpty)
        #expect(error?.message.contains("because the repository") == true)
        #expect(try storage.exists("backup/demo/backup.info"))
    }

    @Test func `databases that are left out become holes of the right size`() throws {
        try bed.put("base/16400/PG_VERSION", "15\n")
        try bed.put("base/16400/2619", Fixture.page(7, count: 40))
        bed.clock.advance(100)
        try bed.backup()
        let other = "\(bed.directory.path)/all"
        try bed.restore(to: other)
        for delta in [false, true] {
            try bed.restore { ($0.dbExclude, $0.delta) = (["16400"], delta) }
            let path = "\(bed.target)/base/16400/2619"
            #expect(try FileSystem.read(path) == [UInt8](repeating: 0, count: 40 * 8192))
            let (hole, file) = (try FileStatus.of(path), try FileStatus.of("\(other)/base/16400/2619"))
            #expect(hole?.modified != file?.modified, "or the hole would be taken for the file")
            #expect(hole?.mode == file?.mode)
            #expect(try FileSystem.read("\(bed.target)/base/16400/PG_VERSION") == Array("15\n".utf8))
            let changed = differences(try image(of: bed.target), try image(of: other)).map { $0.prefix { $0 != ":" } }
            #expect(changed == ["base/16400/2619"])
        }
        for force in [true, false] {
            try bed.restore { ($0.dbExclude, $0.delta) = (["16400"], true) }
            try bed.restore { ($0.delta, $0.force) = (true, force) }
            #expect(differences(try image(of: bed.target), try image(of: other)) == [])
        }
    }

    @Test(arguments: [
        ("base/5/1249", Compression.none), ("global/pg_control", .none), ("base/5/1249", .gz), ("base/5/1249", .zst),
        ("base/5/1249", .lz4), ("base/5/1249", .bz2),
    ])
    func `damage in the repository is told with the name of the file`(name: String, compression: Compression) throws {
        bed.clock.advance(100)
        let label = try bed.backup {
            ($0.compression, $0.compressionLevel) = (compression, compression.defaultLevel)
        }.entry.label
        let path = "backup/demo/\(label)/pg_data/\(name)\(compression.fileExtension)"
        try bed.damage(path) { $0[$0.count / 2] ^= 0x10 }
        let error = try #require(failure { try bed.restore() })
        #expect(error.code == .checksum || compression != .none)
        #expect(error.message.contains(name) == true)
        #expect(try FileStatus.of("\(bed.target)/global/pg_control") == nil)
    }

    @Test func `a stored file that is gone or cut short is told`() throws {
        let path = "backup/demo/20261122-141514F/pg_data/base/5/1249"
        try bed.damage(path) { $0.removeLast() }
        #expect(code() == .checksum)
        try bed.remove(path)
        let error = failure { try bed.restore { $0.delta = true } }
        #expect(error?.code == .fileMissing)
        #expect(error?.message.contains("base/5/1249") == true)
    }

    @Test(arguments: [0, 1, 100, 8191])
    func `a bundle that is cut short is told with a file that lay there`(kept: Int) throws {
        bed.clock.advance(100)
        let label = try bed.backup { $0.bundling = .init() }.entry.label
        try bed.damage("backup/demo/\(label)/bundle/1") { $0 = Array($0.prefix(kept)) }
        let error = try #require(failure { try bed.restore() })
        #expect([.fileRead, .checksum].contains(error.code))
    }

    @Test func `type preserve keeps the settings that are there`() throws {
        try bed.restore()
        try write("\(bed.target)/postgresql.auto.conf", Array("mine = 1\n".utf8))
        try write("\(bed.target)/standby.signal", [])
        try write("\(bed.target)/other.signal", [])
        try bed.restore { ($0.delta, $0.type, $0.isTypeGiven) = (true, .preserve, true) }
        #expect(try FileSystem.read("\(bed.target)/postgresql.auto.conf") == Array("mine = 1\n".utf8))
        #expect(try FileStatus.of("\(bed.target)/standby.signal") != nil)
        #expect(try FileStatus.of("\(bed.target)/other.signal") == nil)
    }

    @Test(arguments: [RestoreSettings.RecoveryType.default, .standby, .immediate])
    func `recovery settings and the signal file are written, and gone after the next restore`(
        type: RestoreSettings.RecoveryType
    ) throws {
        try bed.restore { ($0.type, $0.isTypeGiven) = (type, true) }
        let signal = type == .standby ? "standby.signal" : "recovery.signal"
        #expect(try FileSystem.list(bed.target).filter { $0.hasSuffix(".signal") } == [signal])
        #expect(try FileStatus.of("\(bed.target)/\(signal)")?.size == 0)
        #expect(try FileStatus.of("\(bed.target)/postgresql.auto.conf")?.mode == 0o600)
        let text = String(decoding: try FileSystem.read("\(bed.target)/postgresql.auto.conf"), as: UTF8.self)
        #expect(
            text.hasPrefix(
                "# Do not edit this file manually!\n\n# Recovery settings generated by pgBackRest restore on "))
        #expect(text.contains("\nrestore_command = 'roost --stanza=demo archive-get %f \"%p\"'\n"))
        try bed.restore { $0.delta = true }
        try expectRestored()
    }

    @Test func `a manifest that is another backup's is refused before anything is touched`() throws {
        bed.clock.advance(100)
        let label = try bed.backup().entry.label
        let path = "backup/demo/\(label)/backup.manifest"
        let other = try bed.storage.read("backup/demo/20261122-141514F/backup.manifest")
        for copy in [path, "\(path).copy"] { try bed.storage.write(copy, other) }
        #expect(code() == .format)
        #expect(try FileStatus.of(bed.target) == nil)
    }

    @Test func `what lies in the spool is of an earlier life`() throws {
        let spool = "\(bed.directory.path)/spool"
        try write("\(spool)/in/000000010000000000000001", [1])
        try bed.restore { $0.spoolPath = spool }
        #expect(try FileStatus.of(spool) == nil)
    }

    @Test func `an online backup's control file is made useless without its label`() throws {
        let control = try ControlFile.invalidatingCheckpoint(try Fixture.control())
        #expect(try ControlFile(parsing: control.span.raw).isCheckpointInvalid)
        try bed.restore()
        let restored = try ControlFile.read(dataDirectory: bed.target, clock: bed.clock).file
        #expect(!restored.isCheckpointInvalid, "this one was made offline")
    }
}
