import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// What `info` reads out of a repository.
struct InfoQueryTests {
    private func query(_ bed: Bed, _ change: (inout InfoQuery.Settings) -> Void = { _ in }) throws -> [StanzaInfo] {
        var settings = InfoQuery.Settings(lockPath: bed.lockPath)
        change(&settings)
        return try InfoQuery(settings, repository: bed.repository.stanza("")).run()
    }

    @Test func `an empty repository has no stanzas, one that was asked for is missing`() throws {
        let bed = try Bed()
        #expect(try query(bed).isEmpty)
        let asked = try query(bed) { $0.stanza = "demo" }
        #expect(asked.map(\.name) == ["demo"])
        #expect(asked[0].status == .missingPath)
    }

    @Test func `stanzas without backups, without info file, with a bad one`() throws {
        let bed = try Bed.prepared()
        try bed.storage.write("backup/bad/backup.info", [1])
        try bed.storage.createDirectory("backup/empty")
        let found = try query(bed)
        #expect(found.map(\.name) == ["bad", "demo", "empty"])
        guard case .other(let message) = found[0].status else { throw RoostError(.format, "\(found[0].status)") }
        #expect(message.hasPrefix("[FormatError] unable to load info file"))
        #expect(found[1].status == .noBackup)
        #expect(found[2].status == .missingData)
    }

    @Test func `a repository that cannot be read is told as such`() throws {
        let bed = try Bed.prepared()
        bed.storage.at(1, of: [.names], .fail(RoostError(.pathOpen, "no permission")))
        let found = try query(bed)
        #expect(found.map(\.name) == ["[invalid]"])
        #expect(found[0].status == .other("[PathOpenError] no permission"))
    }

    @Test func `backups, WAL and cipher`() throws {
        let bed = try Bed.prepared(cipherPass: "secret")
        let label = try bed.backup().entry.label
        for number in [9, 4, 6] as [UInt32] { try bed.push("\(segment(number))", try Fixture.segment(fill: 1)) }
        try bed.push("\(segment(12)).partial", try Fixture.segment(fill: 1))
        let found = try #require(try query(bed).first)
        #expect(found.status == .ok)
        #expect(found.cipher == "aes-256-cbc")
        #expect(found.backups.map(\.label) == [label])
        #expect(found.archives.map(\.id.description) == ["15-1"])
        #expect(found.archives[0].min == segment(4))
        #expect(found.archives[0].max == segment(9))
        #expect(found.manifest == nil)
        let detailed = try #require(try query(bed) { ($0.stanza, $0.set) = ("demo", label.text) }.first)
        #expect(detailed.manifest?.label == label)
    }

    @Test func `a set or type that is not there`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        for text in ["20200101-000000F", "latest", "../demo"] {
            let found = try query(bed) { ($0.stanza, $0.set) = ("demo", text) }[0]
            #expect(found.status == .requestedBackupMissing)
            #expect(found.history.isEmpty && found.archives.isEmpty && found.backups.isEmpty)
        }
        let typed = try query(bed) { $0.type = .diff }[0]
        #expect(typed.backups.isEmpty)
        #expect(typed.status == .ok)
    }

    @Test func `a command that holds the lock is seen, with its progress`() throws {
        let bed = try Bed.prepared()
        #expect(try query(bed)[0].backupRunning == nil)
        let lock = try StanzaLock(
            [.backup], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        #expect(try query(bed)[0].backupRunning == .init())
        #expect(try query(bed)[0].restoreRunning == nil)
        try lock.report(size: 1000, complete: 500)
        #expect(try query(bed)[0].backupRunning == .init(size: 1000, complete: 500))
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: ["demo-restore-1.lock", "demo-restore.lock"])
    func `a lock of any release is seen if it tells a process, and only while it is held`(name: String) throws {
        let bed = try Bed.prepared()
        try write("\(bed.lockPath)/\(name)", Array(#"{"execId":"1-a","pid":4711}"#.utf8))
        #expect(try query(bed)[0].restoreRunning == nil)
        let held = try LockFile.acquire(
            "\(bed.lockPath)/\(name)", content: #"{"execId":"1-a","pid":4711,"sz":9,"szCplt":3}"#)
        #expect(try query(bed)[0].restoreRunning == .init(size: 9, complete: 3))
        try held.write("nothing to read")
        #expect(try query(bed)[0].restoreRunning == nil)
    }

    @Test func `a stanza whose archive.info is lost is told with the error alone`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        for suffix in ["", ".copy"] { try bed.remove("archive/demo/archive.info\(suffix)") }
        let found = try query(bed)[0]
        guard case .other(let message) = found.status else { throw RoostError(.format, "\(found.status)") }
        #expect(message.hasPrefix("[FileMissingError] unable to load info file"))
        #expect(found.backups.isEmpty && found.history.isEmpty)
    }

    @Test func `progress alone reads no info file`() throws {
        let bed = try Bed.prepared()
        try bed.storage.write("backup/demo/backup.info", [1])
        let lock = try StanzaLock(
            [.backup], stanza: "demo", repositoryKey: 1, lockPath: bed.lockPath, executionID: execution)
        defer { withExtendedLifetime(lock) {} }
        bed.storage.clear()
        let found = try query(bed) { $0.progressOnly = true }[0]
        #expect(found.heading == "stanza: demo\n    status: ok (backup/expire running)\n")
        #expect(!bed.storage.calls.contains { $0.operation == .open })
    }
}
