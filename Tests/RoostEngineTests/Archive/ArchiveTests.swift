import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Getting WAL into the archive and out again (specification `archive`).
struct ArchiveTests {
    private static let name = "000000010000000000000004"

    private func bed(cipherPass: String? = nil) throws -> Bed { try Bed.prepared(cipherPass: cipherPass) }

    private func get(_ bed: Bed, _ name: String, cluster: ClusterIdentity? = nil) throws -> [UInt8]? {
        let path = "\(bed.directory.path)/got"
        let found = try ArchiveGet.run(
            name, destination: path, cluster: try cluster ?? Fixture.identity(), repository: bed.repository,
            context: bed.context)
        return found ? try FileSystem.read(path) : nil
    }

    private func stored(_ bed: Bed) throws -> [String] {
        try bed.objects(below: "archive/demo").filter { !$0.contains("archive.info") }
    }

    @Test(arguments: [Compression.none, .gz, .bz2, .lz4, .zst], [nil, "secret"])
    func `a segment comes back as it was`(compression: Compression, cipherPass: String?) throws {
        let bed = try bed(cipherPass: cipherPass)
        let content = try Fixture.segment(fill: 7)
        try bed.push(Self.name, content) {
            $0.compression = compression
            $0.level = compression.defaultLevel
        }
        let file = "\(Self.name)-\(digest(content))\(compression.fileExtension)"
        #expect(try stored(bed) == ["archive/demo/15-1/0000000100000000/\(file)"])
        #expect(try get(bed, Self.name) == content)
        #expect(
            bed.log.lines == [
                "info: pushed WAL file '\(Self.name)' to the archive",
                "info: found \(Self.name) in the repo1: 15-1 archive",
            ])
    }

    @Test func `other files lie where the specification says, and are replaced`() throws {
        let bed = try bed(cipherPass: "secret")
        let files = ["\(Self.name).00000028.backup", "00000002.history", "something.else"]
        for text in ["first", "second"] { for name in files { try bed.push(name, Array(text.utf8)) } }
        #expect(
            try stored(bed) == [
                "archive/demo/15-1/0000000100000000/\(files[0])", "archive/demo/15-1/\(files[1])",
                "archive/demo/15-1/\(files[2])",
            ])
        #expect(try get(bed, files[1]) == Array("second".utf8))
        #expect(try get(bed, files[2]) == Array("second".utf8))
        #expect(try get(bed, files[0]) == nil)
        #expect(try !bed.storage.read("archive/demo/15-1/\(files[1])").starts(with: Array("second".utf8)))
    }

    @Test func `a partial segment is another file than the whole one`() throws {
        let bed = try bed()
        let (whole, part) = (try Fixture.segment(fill: 1), try Fixture.segment(fill: 2))
        try bed.push(Self.name, whole)
        try bed.push("\(Self.name).partial", part)
        #expect(try get(bed, Self.name) == whole)
        #expect(try get(bed, "\(Self.name).partial") == part)
        #expect(try get(bed, "000000010000000000000005.partial") == nil)
    }

    @Test func `a directory of WAL is listed without a look at each of its files`() throws {
        let bed = try bed()
        try bed.push(Self.name, try Fixture.segment(fill: 1))
        bed.storage.clear()
        try bed.push("000000010000000000000005", try Fixture.segment(fill: 2))
        _ = try get(bed, Self.name)
        let directory = "archive/demo/15-1/0000000100000000"
        let looks = bed.storage.calls.filter { $0.path.hasPrefix(directory) && [.list, .entry].contains($0.operation) }
        #expect(looks.isEmpty)
        #expect(bed.storage.calls.contains(.init(operation: .names, path: directory)))
    }

    @Test func `pushing the same again succeeds with a warning, in another form too`() throws {
        let bed = try bed()
        let content = try Fixture.segment(fill: 1)
        try bed.push(Self.name, content)
        let before = try stored(bed)
        bed.storage.clear()
        try bed.push(Self.name, content) { ($0.compression, $0.level) = (.gz, 1) }
        #expect(try stored(bed) == before)
        #expect(
            bed.log.contains("warn: WAL file '\(Self.name)' already exists in the repo1 archive with the same checksum")
        )
        let directories = ["archive/demo/15-1/0000000100000000", "archive/demo/15-1", "archive/demo"]
        #expect(bed.storage.changes == directories.map { .init(operation: .syncDirectory, path: $0) })
        let lines = bed.log.lines.count
        try bed.push(Self.name, content) { $0.modeCheck = false }
        #expect(bed.log.lines.count == lines + 1)
    }

    @Test func `another segment of the same name is never archived over the first`() throws {
        let bed = try bed()
        try bed.push(Self.name, try Fixture.segment(fill: 1))
        let before = try stored(bed)
        let error = failure { try bed.push(Self.name, try Fixture.segment(fill: 2)) }
        #expect(error?.code == .archiveDuplicate)
        #expect(error?.message.contains("with a different checksum") == true)
        #expect(try stored(bed) == before)
    }

    @Test func `two stored files of one segment are told by push, get and wait`() throws {
        let bed = try bed()
        let content = try Fixture.segment(fill: 1)
        let directory = "archive/demo/15-1/0000000100000000"
        try bed.storage.write("\(directory)/\(Self.name)-\(digest(content))", content)
        try bed.storage.write("\(directory)/\(Self.name)-\(digest([1]))", [1])
        #expect(failure { _ = try get(bed, Self.name) }?.code == .archiveDuplicate)
        let pushed = failure { try bed.push(Self.name, content) }
        #expect(pushed?.code == .command)
        #expect(pushed?.message.contains("repo1: [ArchiveDuplicateError]") == true)
        var archive = ArchiveDirectory(bed.repository, ArchiveID(version: "15", historyID: 1))
        #expect(
            failure { try archive.wait(for: [try segment(Self.name)], timeout: 1, clock: bed.clock) }?.code
                == .archiveDuplicate)
    }

    @Test func `two forms of one content are told by push, but get delivers one that can be read`() throws {
        let bed = try bed()
        let content = try Fixture.segment(fill: 1)
        let directory = "archive/demo/15-1/0000000100000000"
        try bed.storage.write("\(directory)/\(Self.name)-\(digest(content)).gz", [1, 2, 3])
        try bed.storage.write("\(directory)/\(Self.name)-\(digest(content)).zst", [1, 2, 3])
        #expect(failure { _ = try get(bed, Self.name) }?.code == .fileRead)
        try bed.remove("\(directory)/\(Self.name)-\(digest(content)).zst")
        try bed.storage.write("\(directory)/\(Self.name)-\(digest(content)).lz4", [])
        try bed.storage.write("\(directory)/\(Self.name)-\(digest(content))", content)
        #expect(try get(bed, Self.name) == content)
        #expect(failure { try bed.push(Self.name, content) }?.code == .command)
    }

    @Test func `a segment is found in a former generation of the same cluster`() throws {
        let bed = try bed()
        let content = try Fixture.segment(fill: 1)
        try bed.push(Self.name, content)
        let (own, other) = (try Fixture.identity(), ClusterIdentity(systemID: SystemID(1), version: "15"))
        let history = try ClusterHistory(
            [.init(id: 1, entry: own), .init(id: 2, entry: other), .init(id: 3, entry: own)], currentID: 3,
            object: "test")
        try bed.repository.save(ArchiveInfo(history: history, cipherPass: nil))
        #expect(try get(bed, Self.name) == content)
        #expect(try get(bed, Self.name, cluster: other) == nil)
        let error = failure {
            _ = try get(bed, Self.name, cluster: ClusterIdentity(systemID: SystemID(2), version: "15"))
        }
        #expect(error?.code == .repoInvalid)
        #expect(error?.message.contains("[ArchiveMismatchError]") == true)
    }

    @Test func `WAL of another cluster is refused before anything is stored`() throws {
        let bed = try bed()
        let content = try Fixture.segment(fill: 1, version: "16")
        #expect(failure { try bed.push(Self.name, content) }?.code == .archiveMismatch)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        #expect(failure { try bed.push(Self.name, zeros) }?.code == .format)
        let cluster = try Fixture.identity("16")
        let error = failure { try bed.push(Self.name, try Fixture.segment(fill: 1)) { $0.cluster = cluster } }
        #expect(error?.code == .repoInvalid)
        #expect(error?.message.contains("[ArchiveMismatchError]") == true)
        #expect(try stored(bed).isEmpty)
        try bed.push(Self.name, content) { $0.headerCheck = false }
        #expect(try stored(bed).count == 1)
    }

    @Test func `without a stanza nothing is pushed`() throws {
        let bed = try Bed()
        let error = failure { try bed.push(Self.name, try Fixture.segment(fill: 1)) }
        #expect(error?.code == .repoInvalid)
        #expect(error?.message.contains("repo1: [FileMissingError]") == true)
    }

    @Test(arguments: [Self.name, "00000002.history"], [true, false])
    func `a source that is missing is told as it is`(name: String, headerCheck: Bool) throws {
        let bed = try bed()
        var settings = ArchivePushSettings(
            walPath: "\(bed.data)/pg_wal/x/\(name)", cluster: nil, compression: .gz, level: 6)
        settings.headerCheck = headerCheck
        let error = failure { try ArchivePush.run(settings, repository: bed.repository, context: bed.context) }
        #expect(error?.code == .fileMissing)
    }

    @Test(arguments: ["", ".", "..", "a/b", "../archive.info"])
    func `names that could lead elsewhere are refused`(name: String) throws {
        let bed = try bed()
        #expect(failure { _ = try get(bed, name) }?.code == .paramInvalid)
    }

    @Test func `waiting ends when the segment comes`() throws {
        let bed = try bed()
        let directory = "archive/demo/15-1/0000000100000000"
        let (storage, stored) = (bed.storage, "\(directory)/\(Self.name)-\(digest([1]))")
        storage.at(3, of: [.names], on: directory, .call { try? storage.write(stored, [1]) })
        var archive = ArchiveDirectory(bed.repository, ArchiveID(version: "15", historyID: 1))
        try archive.wait(for: [try segment(Self.name)], timeout: 60_000, clock: bed.clock)
        let missing = failure { try archive.wait(for: [segment(5)], timeout: 1, clock: bed.clock) }
        #expect(missing?.code == .archiveTimeout)
        #expect(missing?.message == "WAL segment 000000010000000000000005 was not archived before the 1ms timeout")
    }

    @Test func `an absolute path is taken as it is, a relative one needs the data directory`() throws {
        #expect(try WALPath.resolve("/x/y", dataDirectory: nil, command: "archive-push") == "/x/y")
        let error = failure { _ = try WALPath.resolve("pg_wal/1", dataDirectory: nil, command: "archive-push") }
        #expect(error?.code == .optionRequired)
        let here = try CurrentProcess.workingDirectory()
        #expect(try WALPath.resolve("pg_wal/1", dataDirectory: here, command: "archive-push") == "\(here)/pg_wal/1")
        #expect(
            failure { _ = try WALPath.resolve("pg_wal/1", dataDirectory: "/no/such", command: "archive-push") }?.code
                == .pathMissing)
    }
}
