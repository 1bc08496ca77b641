import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@Suite struct ArchiveIDTests {
    @Test(arguments: [("15-1", "15", UInt32(1)), ("9.6-12", "9.6", 12), ("10.1.2-4294967295", "10.1.2", .max)])
    func `an archive id is a version and a history id`(text: String, version: String, id: UInt32) throws {
        let archive = try #require(ArchiveID(text))
        #expect(archive.version == version)
        #expect(archive.historyID == id)
        #expect(archive.description == text)
    }

    @Test(arguments: [
        "", "15", "-1", "15-", "15-1-2", "15-x", "15-+1", "15--1", ".6-1", "9.-1", "9..6-1", "1５-1", "15-4294967296",
        "15-01",
        "15-1 ", "../15-1",
    ])
    func `other text is no archive id`(text: String) {
        #expect(ArchiveID(text) == nil)
    }

    @Test func `archive ids sort by the number after the dash`() {
        let sorted = ["16-2", "9.6-9", "15-10"].compactMap { ArchiveID($0) }.sorted()
        #expect(sorted.map(\.description) == ["16-2", "9.6-9", "15-10"])
        #expect([sorted[2], sorted[0]].sorted().map(\.description) == ["16-2", "15-10"])
    }
}

@Suite struct WALFileNameTests {
    @Test(arguments: [
        ("000000010000000000000004", "0000000100000000"),
        ("00000001000000000000003E.partial", "0000000100000000"),
        ("000000010000000A000000FF.00000028.backup", "000000010000000A"),
        ("00000002.history", nil),
        ("something-else", nil),
        ("00000001000000000000000g", nil),
        ("00000001000000000000003e", nil),
    ])
    func `the first 24 characters decide the directory`(name: String, directory: String?) throws {
        let file = try WALFileName(name)
        #expect(file.directory == directory)
        #expect(file.name == name)
    }

    @Test func `segments, partial segments and what lies beside them differ`() throws {
        let segment = try #require(WALSegmentName("000000010000000000000004"))
        #expect(try WALFileName("000000010000000000000004") == .segment(segment, partial: false))
        #expect(try WALFileName("000000010000000000000004.partial") == .segment(segment, partial: true))
        let backup = "000000010000000000000004.00000028.backup"
        #expect(try WALFileName(backup) == .besideSegment(segment, name: backup))
        #expect(try WALFileName("00000002.history") == .other("00000002.history"))
    }

    @Test(arguments: ["", ".", "..", "a/b", "/etc/passwd", "../00000002.history", "000000010000000000000004/x"])
    func `a name that could lead out of its directory is refused`(name: String) {
        #expect(code { _ = try WALFileName(name) } == .paramInvalid)
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostFormatTests.code(of: body) }
}

@Suite struct StoredSegmentTests {
    @Test(arguments: [
        ("000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01", false, Compression.none),
        ("000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.gz", false, .gz),
        ("000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.bz2", false, .bz2),
        ("000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.lz4", false, .lz4),
        ("000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.zst", false, .zst),
        ("00000001000000000000003E.partial-229b323bc97787d0d771be2194824de7fe0b681b.gz", true, .gz),
    ])
    func `a stored segment is read from its name and named the same again`(
        name: String, isPartial: Bool, compression: Compression
    ) throws {
        let stored = try #require(StoredSegment(fileName: name))
        #expect(stored.isPartial == isPartial)
        #expect(stored.compression == compression)
        #expect(stored.fileName == name)
    }

    @Test(arguments: [
        "", "000000010000000000000004", "000000010000000000000004-", "000000010000000000000004.00000028.backup",
        "000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c0",
        "000000010000000000000004-9A5CA60E8DA6CD8749522FB491CEE97D14711C01",
        "000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.xz",
        "000000010000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01.gz.pgbackrest.tmp",
        "00000001000000000000004-9a5ca60e8da6cd8749522fb491cee97d14711c01",
        "00000001000000000000000g-9a5ca60e8da6cd8749522fb491cee97d14711c01",
        "000000010000000000000004.part-9a5ca60e8da6cd8749522fb491cee97d14711c01",
    ])
    func `other names are no stored segments`(name: String) {
        #expect(StoredSegment(fileName: name) == nil)
    }
}

@Suite struct CompressionTests {
    @Test(arguments: [
        (Compression.none, "", 0), (.gz, ".gz", 6), (.bz2, ".bz2", 9), (.lz4, ".lz4", 1), (.zst, ".zst", 3),
    ])
    func `extension and default level are upstream's`(compression: Compression, fileExtension: String, level: Int) {
        #expect(compression.fileExtension == fileExtension)
        #expect(compression.defaultLevel == level)
        #expect(Compression.of(fileName: "pg_data/base/1/1247\(fileExtension)") == compression)
    }
}

@Suite struct StanzaPathsTests {
    private let paths = StanzaPaths(stanza: "demo")

    @Test func `every object lies where the specification says`() throws {
        let full = try #require(BackupLabel("20261122-141514F"))
        let incr = try #require(BackupLabel("20261122-141514F_20270101-141535I"))
        let id = try #require(ArchiveID("15-1"))
        #expect(paths.archiveInfo == "archive/demo/archive.info")
        #expect(paths.backupInfo == "backup/demo/backup.info")
        #expect(paths.latestLink == "backup/demo/latest")
        #expect(paths.manifest(full) == "backup/demo/20261122-141514F/backup.manifest")
        #expect(paths.bundle(full, 12) == "backup/demo/20261122-141514F/bundle/12")
        #expect(
            paths.historyManifest(incr)
                == "backup/demo/backup.history/2026/20261122-141514F_20270101-141535I.manifest.gz")
        #expect(StanzaPaths.copy(of: paths.archiveInfo) == "archive/demo/archive.info.copy")
        let segment = try WALFileName("00000001000000000000003E.partial")
        #expect(paths.directory(id, of: segment) == "archive/demo/15-1/0000000100000000")
        #expect(paths.directory(id, of: try WALFileName("00000002.history")) == "archive/demo/15-1")
    }
}
