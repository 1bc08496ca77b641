import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Making a stanza, and what keeps commands apart.
struct StanzaTests {
    private static let files = [
        "archive/demo/archive.info", "archive/demo/archive.info.copy", "backup/demo/backup.info",
        "backup/demo/backup.info.copy",
    ]

    private func create(_ bed: Bed, version: String = "15") throws -> StanzaCreate.Outcome {
        try StanzaCreate.run(
            repository: bed.repository, cluster: try Fixture.controlFile(version), context: bed.context)
    }

    @Test func `a new stanza has four files that agree with the cluster`() throws {
        let bed = try Bed()
        #expect(try create(bed) == .created)
        #expect(try bed.objects() == Self.files)
        let (archive, backup) = (try bed.repository.loadArchiveInfo(), try bed.repository.loadBackupInfo())
        #expect(archive.history == ClusterHistory(first: try Fixture.identity()))
        #expect(backup.history.current.identity == archive.history.current)
        #expect(backup.history.current.catalogVersion == 202_209_061)
        #expect(backup.history.current.controlVersion == 1300)
        #expect(archive.cipherPass == nil)
        #expect(try create(bed) == .alreadyValid)
    }

    @Test func `an encrypted stanza gets two passphrases of its own`() throws {
        let bed = try Bed(cipherPass: "secret")
        #expect(try create(bed) == .created)
        let passes = [try bed.repository.loadArchiveInfo().cipherPass, try bed.repository.loadBackupInfo().cipherPass]
        #expect(Set(passes + ["secret"]).count == 3)
        for pass in passes { #expect(pass?.utf8.count == 64) }
        #expect(try create(bed) == .alreadyValid)
    }

    @Test(arguments: files)
    func `a missing half of a pair is made from the other`(path: String) throws {
        let bed = try Bed(cipherPass: "secret")
        _ = try create(bed)
        let before = try bed.storage.read(path)
        try bed.remove(path)
        #expect(try create(bed) == .repaired)
        #expect(try bed.storage.read(path) == before)
    }

    @Test func `data without info files is not touched`() throws {
        for path in ["backup/demo/20261122-141514F/pg_data/a", "archive/demo/15-1/00000002.history"] {
            let bed = try Bed()
            try bed.storage.write(path, [1])
            #expect(failure { _ = try create(bed) }?.code == .pathNotEmpty)
            #expect(try bed.objects() == [path])
        }
    }

    @Test(arguments: ["archive", "backup"])
    func `one kind of info file without the other, beside data, is an error that names it`(kind: String) throws {
        let bed = try Bed()
        _ = try create(bed)
        try bed.storage.write("archive/demo/15-1/00000002.history", [1])
        for path in ["\(kind)/demo/\(kind).info", "\(kind)/demo/\(kind).info.copy"] { try bed.remove(path) }
        let error = failure { _ = try create(bed) }
        #expect(error?.code == .fileMissing)
        #expect(error?.message.contains("\(kind).info is missing on repo1") == true)
    }

    @Test func `the stanza of another cluster or version is refused`() throws {
        let bed = try Bed()
        _ = try create(bed)
        let error = failure { _ = try create(bed, version: "16") }
        #expect(error?.code == .fileInvalid)
        #expect(error?.message.contains("version 15") == true)
        #expect(error?.message.contains("version 16") == true)
    }

    @Test func `info files that disagree are refused`() throws {
        let bed = try Bed()
        _ = try create(bed)
        let other = ClusterIdentity(systemID: SystemID(1), version: "15")
        try bed.repository.save(ArchiveInfo(history: ClusterHistory(first: other), cipherPass: nil))
        #expect(failure { _ = try create(bed) }?.code == .fileInvalid)
    }

    @Test(arguments: ["backup/demo/backup.info", "archive/demo/archive.info"])
    func `leftovers of a killed process do not stand in the way`(path: String) throws {
        let bed = try Bed()
        try bed.storage.write("\(path).pgbackrest.tmp", [1])
        #expect(try create(bed) == .created)
    }

    @Test func `an interrupted creation is finished by the next one`() throws {
        let bed = try Bed(cipherPass: "secret")
        _ = try create(bed)
        for path in Self.files.suffix(3) { try bed.remove(path) }
        let archive = try bed.repository.loadArchiveInfo()
        #expect(try create(bed) == .created)
        #expect(try bed.objects() == Self.files)
        #expect(try bed.repository.loadArchiveInfo() == archive)
        #expect(try create(bed) == .alreadyValid)
    }

    @Test func `stop files keep out one stanza or all, and start takes them away`() throws {
        let bed = try Bed()
        let stop = StopFile(lockPath: bed.lockPath)
        try stop.check(stanza: "demo")
        try stop.stop(stanza: "demo", force: false, log: bed.log)
        #expect(failure { try stop.check(stanza: "demo") }?.code == .stop)
        #expect(failure { try stop.check(stanza: "demo") }?.message == "stop file exists for stanza demo")
        try stop.check(stanza: "other")
        #expect(try FileStatus.of("\(bed.lockPath)/demo.stop")?.mode == 0o640)
        #expect(try FileStatus.of(bed.lockPath)?.mode == 0o770)
        try stop.stop(stanza: nil, force: false, log: bed.log)
        #expect(failure { try stop.check(stanza: "other") }?.message == "stop file exists for all stanzas")
        try stop.start(stanza: nil, log: bed.log)
        try stop.check(stanza: "other")
        #expect(bed.log.lines.isEmpty)
        try stop.stop(stanza: "demo", force: false, log: bed.log)
        try stop.start(stanza: "demo", log: bed.log)
        try stop.start(stanza: "demo", log: bed.log)
        try stop.start(stanza: nil, log: bed.log)
        #expect(
            bed.log.lines == [
                "warn: stop file already exists for stanza demo", "warn: stop file does not exist for stanza demo",
                "warn: stop file does not exist",
            ])
        try stop.check(stanza: "demo")
    }

    @Test func `a forced stop removes lock files that nobody holds, of its stanza only`() throws {
        let bed = try Bed()
        for name in ["demo-backup-1.lock", "other-backup-1.lock"] {
            try write("\(bed.lockPath)/\(name)", Array("{}".utf8))
        }
        try StopFile(lockPath: bed.lockPath).stop(stanza: "demo", force: true, log: bed.log)
        #expect(try FileSystem.list(bed.lockPath) == ["demo.stop", "other-backup-1.lock"])
        #expect(
            bed.log.lines == ["warn: lock file '\(bed.lockPath)/demo-backup-1.lock' is not held by a process: removed"])
    }

    @Test func `a lock is held under the names of old and new releases, and goes with its holder`() throws {
        let bed = try Bed()
        func take(_ kinds: [StanzaLock.Kind], _ stanza: String = "demo") throws -> StanzaLock {
            try StanzaLock(kinds, stanza: stanza, repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        }
        do {
            let lock = try take([.backup])
            #expect(try FileSystem.list(bed.lockPath) == ["demo-backup-1.lock", "demo-backup.lock"])
            #expect(failure { _ = try take([.backup]) }?.code == .lockAcquire)
            #expect(failure { _ = try take(StanzaLock.Kind.allCases) }?.code == .lockAcquire)
            _ = try take([.restore])
            _ = try take([.backup], "other")
            withExtendedLifetime(lock) {}
        }
        #expect(try FileSystem.list(bed.lockPath).isEmpty)
        _ = try take(StanzaLock.Kind.allCases)
    }

    @Test(arguments: ["demo-backup-1.lock", "demo-backup.lock"])
    func `either name held by another keeps us out`(name: String) throws {
        let bed = try Bed()
        let held = try LockFile.acquire("\(bed.lockPath)/\(name)", content: "{}")
        #expect(
            failure {
                _ = try StanzaLock(
                    [.backup], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
            }?.code == .lockAcquire)
        #expect(try LockFile.holder(of: held.path)?.content == "{}")
    }

    @Test func `the lock file tells process and progress`() throws {
        let bed = try Bed()
        let lock = try StanzaLock(
            [.backup], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        func content() throws -> String {
            let contents = try ["demo-backup-1.lock", "demo-backup.lock"].map { name in
                try #require(try LockFile.holder(of: "\(bed.lockPath)/\(name)")).content
            }
            #expect(contents[0] == contents[1])  // each release looks under its own name
            return contents[0]
        }
        let id = CurrentProcess.id
        #expect(try content() == #"{"execId":"\#(execution)","pid":\#(id)}"#)
        #expect(try StanzaLock.processID(in: content()) == id)
        #expect(try StanzaLock.progress(in: content()) == .init())
        try lock.report(size: 47_855_655, complete: 15_622_144)
        #expect(try content().hasSuffix(#","pid":\#(id),"sz":47855655,"szCplt":15622144}"#))
        #expect(try content().contains(#""pctCplt":3264"#))
        try lock.report(size: 47_855_655, complete: 15_622_145)
        #expect(try StanzaLock.progress(in: content()) == .init(size: 47_855_655, complete: 15_622_144))
        try lock.report(size: 47_855_655, complete: 15_700_000)
        #expect(try StanzaLock.progress(in: content()) == .init(size: 47_855_655, complete: 15_700_000))
        try lock.endReport()
        #expect(try StanzaLock.progress(in: content()) == .init())
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"pid":"1"}"#, #"{"pid":-1}"#, #"{"pid":0}"#, #"{"pid":1}"#,
        #"{"pid":99999999999}"#,
    ])
    func `a lock file with anything in it names no process`(content: String) {
        #expect(StanzaLock.processID(in: content) == nil)
        #expect(StanzaLock.progress(in: content) == .init())
    }

    @Test func `size and progress count only together`() {
        #expect(StanzaLock.progress(in: #"{"pid":1,"sz":5}"#) == .init())
        #expect(StanzaLock.progress(in: #"{"pid":1,"sz":5,"szCplt":2}"#) == .init(size: 5, complete: 2))
    }

    @Test func `a release that tells no sizes tells a percentage`() {
        let running = StanzaLock.progress(in: #"{"execId":"1-2","pctCplt":3264,"pid":2}"#)
        #expect(running == .init(percentage: 3264))
        #expect(running.hundredths == 3264)
        #expect(StanzaLock.progress(in: #"{"pctCplt":99999,"pid":2}"#).hundredths == 10_000)
    }
}
