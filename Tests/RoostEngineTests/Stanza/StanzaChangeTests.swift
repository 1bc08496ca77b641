import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// A stanza that gets a new cluster, and one that goes.
struct StanzaChangeTests {
    private func upgrade(_ bed: Bed, _ version: String) throws -> StanzaUpgrade.Outcome {
        try StanzaUpgrade.run(
            repository: bed.repository, cluster: try Fixture.controlFile(version), context: bed.context)
    }

    @Test(arguments: [nil, "secret"])
    func `a new cluster is appended and current, and a second run finds nothing to do`(cipherPass: String?) throws {
        let bed = try Bed.prepared(cipherPass: cipherPass)
        let before = (try bed.repository.loadArchiveInfo(), try bed.repository.loadBackupInfo())
        #expect(try upgrade(bed, "15") == .upToDate)
        #expect(bed.log.contains("info: stanza 'demo' on repo1 is already up to date"))
        #expect(try upgrade(bed, "17") == .upgraded)
        let (archive, backup) = (try bed.repository.loadArchiveInfo(), try bed.repository.loadBackupInfo())
        #expect(archive.history.generations.map(\.id) == [1, 2])
        #expect(archive.history.current == (try Fixture.identity("17")))
        #expect(archive.currentArchiveID.description == "17-2")
        #expect(backup.history.current.identity == archive.history.current)
        #expect(backup.history.current.controlVersion == (try Fixture.controlFile("17").controlVersion))
        #expect((archive.cipherPass, backup.cipherPass) == (before.0.cipherPass, before.1.cipherPass))
        #expect(try upgrade(bed, "17") == .upToDate)
        #expect(try upgrade(bed, "15") == .upgraded)
        #expect(try bed.repository.loadArchiveInfo().currentArchiveID.description == "15-3")
    }

    @Test func `an upgrade that died between the two files is finished by the next`() throws {
        let bed = try Bed.prepared()
        var archive = try bed.repository.loadArchiveInfo()
        try archive.history.append(try Fixture.identity("17"))
        try bed.repository.save(archive)
        #expect(try upgrade(bed, "17") == .upgraded)
        #expect(try bed.repository.loadBackupInfo().history.currentID == 2)
        #expect(try upgrade(bed, "17") == .upToDate)
    }

    @Test func `files that would not agree are not touched`() throws {
        let bed = try Bed.prepared()
        var archive = try bed.repository.loadArchiveInfo()
        try archive.history.append(try Fixture.identity("16"))
        try bed.repository.save(archive)
        bed.storage.clear()
        #expect(failure { _ = try upgrade(bed, "17") }?.code == .fileInvalid)
        #expect(bed.storage.changes.isEmpty)
    }

    @Test(arguments: FailureMode.allCases)
    func `an upgrade with any of its writes failing can be run again`(mode: FailureMode) throws {
        let faults = try sweep(
            mode, prepare: { try Bed.prepared() }, run: { _ = try upgrade($0, "17") },
            check: { bed, _ in
                _ = try upgrade(bed, "17")
                #expect(try bed.repository.loadArchiveInfo().history.generations.map(\.id) == [1, 2])
                #expect(try bed.repository.loadBackupInfo().history.generations.map(\.id) == [1, 2])
                try bed.expectCopiesAgree()
            })
        #expect(faults == 12)
    }

    // MARK: stanza-delete

    private func delete(_ bed: Bed, force: Bool = false) throws {
        var settings = StanzaDelete.Settings(dataDirectory: bed.data)
        settings.force = force
        try StanzaDelete(settings, repository: bed.repository, stopFile: StopFile(lockPath: bed.lockPath)).run()
    }

    private func stop(_ bed: Bed) throws {
        try StopFile(lockPath: bed.lockPath).stop(stanza: "demo", force: false, log: bed.log)
    }

    private func isStopped(_ bed: Bed) throws -> Bool { try FileStatus.of("\(bed.lockPath)/demo.stop") != nil }

    @Test func `a stanza goes only when its commands are stopped and its server is down`() throws {
        let bed = try Bed.prepared()
        try bed.backup()
        let objects = try bed.objects()
        #expect(failure { try delete(bed) }?.code == .fileMissing)
        #expect(failure { try delete(bed, force: true) }?.code == .fileMissing)
        try StopFile(lockPath: bed.lockPath).stop(stanza: nil, force: false, log: bed.log)
        #expect(failure { try delete(bed) }?.code == .fileMissing, "a stop of all stanzas is not enough")
        try stop(bed)
        try bed.put("postmaster.pid", "1\n")
        #expect(failure { try delete(bed) }?.code == .pgRunning)
        #expect(try bed.objects() == objects)
        try delete(bed, force: true)
        #expect(try bed.objects().isEmpty)
        #expect(try bed.storage.names("backup").isEmpty && bed.storage.names("archive").isEmpty)
        #expect(try !isStopped(bed))
        try bed.createStanza()
    }

    @Test func `empty directories go without a stop, and what is not there is no error`() throws {
        let bed = try Bed()
        try bed.storage.createDirectory("backup/demo")
        try bed.storage.write("backup/other/backup.info", [1])
        try delete(bed)
        #expect(try bed.storage.names("backup") == ["other"])
        try delete(bed)
    }

    @Test(arguments: FailureMode.allCases)
    func `a deletion that died is finished by the next, and never looks like a whole stanza`(mode: FailureMode) throws {
        let faults = try sweep(
            mode,
            prepare: {
                let bed = try Bed.prepared()
                try bed.backup()
                try stop(bed)
                return bed
            },
            run: { try delete($0) },
            check: { bed, failed in
                if failed, try bed.repository.storage.exists("backup/demo/backup.info") {
                    #expect(try bed.listed().count == 1)
                    try bed.expectListedBackupsAreWhole()
                }
                try delete(bed)
                #expect(try bed.objects().isEmpty)
                #expect(try !isStopped(bed))
                try bed.createStanza()
            })
        #expect(faults == 8)
    }
}
