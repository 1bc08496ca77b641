import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@Suite struct BackupInfoTests {
    private static let head = "[backrest]\nbackrest-format=5\nbackrest-version=\"2.60.0dev\"\n\n"
    private static let tail = """

        [db]
        db-catalog-version=202209061
        db-control-version=1300
        db-id=1
        db-system-id=7710998906567630426
        db-version="15"

        [db:history]
        1={"db-catalog-version":202209061,"db-control-version":1300,"db-system-id":7710998906567630426,"db-version":"15"}

        """

    private func parse(_ lines: String) throws -> BackupInfo {
        try BackupInfo(parsing: signed(Self.head + "[backup:current]\n\(lines)\n" + Self.tail), object: "backup.info")
    }

    @Test func `the worked example is parsed and rendered byte for byte`() throws {
        let info = try BackupInfo(parsing: Example.backupInfo, object: "backup.info")
        #expect(text(try info.render(version: "2.60.0dev")) == text(Example.backupInfo))
        let entry = try #require(info.backups.first)
        #expect(entry.label.text == "20260102-030405F")
        #expect(entry.archiveStart == WALSegmentName("000000010000000000000002"))
        #expect(entry.lsnStop == LSN("0/2000100"))
        #expect(entry.sizes.original == 3)
        #expect(entry.hasError == false)
        #expect(entry.options.online)
    }

    @Test(arguments: [
        ("2.45-backup.info", "2.45"), ("2.60-gz-backup.info", "2.60.0dev"), ("2.60-block-backup.info", "2.60.0dev"),
        ("2.60-online-backup.info", "2.60.0dev"),
    ])
    func `files of stock are rendered as they were`(name: String, version: String) throws {
        let bytes = try Golden.bytes(name)
        #expect(text(try BackupInfo(parsing: bytes, object: name).render(version: version)) == text(bytes))
    }

    /// Real lines of 2.60.0dev, from the specification.
    static let full = ##"""
        20261122-141514F={"backrest-format":5,"backrest-version":"2.60.0dev","backup-annotation":{"key2":"value-two",\##
        "source":"spec"},"backup-archive-start":"000000010000000000000004",\##
        "backup-archive-stop":"000000010000000000000004","backup-error":false,"backup-info-repo-size":8656369,\##
        "backup-info-repo-size-delta":8656369,"backup-info-size":39720770,"backup-info-size-delta":39720770,\##
        "backup-lsn-start":"0/4000028","backup-lsn-stop":"0/4000100","backup-timestamp-start":1795356914,\##
        "backup-timestamp-stop":1795356918,"backup-type":"full","db-id":1,"option-archive-check":true,\##
        "option-archive-copy":false,"option-backup-standby":false,"option-checksum-page":true,"option-compress":true,\##
        "option-hardlink":false,"option-online":true}
        """##
    static let incr = ##"""
        20261122-141514F_20261122-141535I={"backrest-format":5,"backrest-version":"2.60.0dev",\##
        "backup-archive-start":"000000010000000000000008","backup-archive-stop":"000000010000000000000009",\##
        "backup-error":false,"backup-info-repo-size":9677288,"backup-info-repo-size-delta":725,\##
        "backup-info-size":47307077,"backup-info-size-delta":16670,"backup-lsn-start":"0/8000028",\##
        "backup-lsn-stop":"0/9000050","backup-prior":"20261122-141514F_20261122-141533D",\##
        "backup-reference":["20261122-141514F","20261122-141514F_20261122-141533D"],\##
        "backup-timestamp-start":1795356935,"backup-timestamp-stop":1795356937,"backup-type":"incr","db-id":1,\##
        "option-archive-check":true,"option-archive-copy":false,"option-backup-standby":false,\##
        "option-checksum-page":true,"option-compress":true,"option-hardlink":false,"option-online":true}
        """##

    @Test func `entries of the specification are rendered as they were`() throws {
        let info = try parse("\(Self.full)\n\(Self.incr)")
        let lines = text(try info.render(version: "2.60.0dev")).split(separator: "\n")
        #expect(lines.contains(Substring(Self.full)))
        #expect(lines.contains(Substring(Self.incr)))
        #expect(info.backups[0].annotations == ["key2": "value-two", "source": "spec"])
        #expect(info.backups[1].prior?.text == "20261122-141514F_20261122-141533D")
        #expect(info.backups[1].references.map(\.text) == ["20261122-141514F", "20261122-141514F_20261122-141533D"])
    }

    @Test func `an entry that does not know of page errors stays so`() throws {
        let line = Self.full.replacing(#""backup-error":false,"#, with: "")
        let info = try parse(line)
        #expect(info.backups[0].hasError == nil)
        #expect(text(try info.render(version: "2.60.0dev")).contains(line))
    }

    @Test(arguments: [
        "backrest-format", "backrest-version", "backup-info-repo-size", "backup-info-repo-size-delta",
        "backup-info-size",
        "backup-info-size-delta", "backup-timestamp-start", "backup-timestamp-stop", "backup-type", "db-id",
        "option-archive-check", "option-archive-copy", "option-backup-standby", "option-checksum-page",
        "option-compress",
        "option-hardlink", "option-online",
    ])
    func `an entry without a required key is an error of its JSON`(key: String) throws {
        let parts = Self.full.split(separator: ",").map(String.init)
        let kept = parts.map { part in
            part.replacing("\"\(key)\":", with: "\"\(key)_\":")
        }
        #expect(code { _ = try parse(kept.joined(separator: ",")) } == .jsonFormat)
    }

    @Test(arguments: [
        (#""db-id":1"#, #""db-id":"1""#, ErrorCode.jsonFormat),
        (#""backup-type":"full""#, #""backup-type":"new""#, .format),
        (#""backup-type":"full","db-id":1"#, #""db-id":1,"backup-type":"full""#, .jsonFormat),
        (#""0/4000028""#, #""4000028""#, .format),
        (#""backup-info-size":39720770"#, #""backup-info-size":-1"#, .jsonFormat),
        (#""000000010000000000000004","backup-error""#, #""x","backup-error""#, .format),
        (#"":{"key2":"value-two""#, #"":{"key2":2"#, .jsonFormat), ("141514F=", "141514G=", .format),
        (#"{"backrest-format":5"#, #"{"backrest-format":6"#, .format),
        (#""backup-error":false"#, #""backup-error":0"#, .jsonFormat),
    ])
    func `a wrong value in an entry is refused`(old: String, new: String, expected: ErrorCode) {
        let line = Self.full.replacing(old, with: new)
        #expect(line != Self.full)
        #expect(code { _ = try parse(line) } == expected)
    }

    @Test func `unknown keys at their sorted place are ignored`() throws {
        let line = Self.full.replacing(#""backup-type""#, with: #""backup-timestamp-zzz":{"b":[],"c":0},"backup-type""#)
        #expect(try parse(line).backups.count == 1)
    }

    @Test func `backups are kept by label, one each`() throws {
        var info = try parse("\(Self.full)\n\(Self.incr)")
        var entry = info.backups[0]
        entry.sizes.original = 1
        info.add(entry)
        #expect(info.backups.map(\.label.text) == ["20261122-141514F", "20261122-141514F_20261122-141535I"])
        #expect(info[entry.label]?.sizes.original == 1)
        entry.label = try #require(BackupLabel("20261122-141513F"))
        info.add(entry)
        #expect(info.backups.first?.label == entry.label)
        info.remove(entry.label)
        #expect(info.backups.count == 2)
        #expect(info[entry.label] == nil)
    }

    @Test func `dependants are found along the priors, newest first`() throws {
        var info = try parse(Self.full)
        let full = info.backups[0]
        func add(_ text: String, prior: String) throws {
            var entry = full
            entry.label = try #require(BackupLabel(text))
            entry.prior = BackupLabel(prior)
            entry.type = entry.label.type
            info.add(entry)
        }
        try add("20261122-141514F_20261122-141533D", prior: "20261122-141514F")
        try add("20261122-141514F_20261122-141535I", prior: "20261122-141514F_20261122-141533D")
        try add("20261122-141514F_20261122-141540D", prior: "20261122-141514F")
        let diff = try #require(BackupLabel("20261122-141514F_20261122-141533D"))
        #expect(
            info.dependants(of: diff).map(\.text)
                == ["20261122-141514F_20261122-141535I", "20261122-141514F_20261122-141533D"])
        #expect(info.dependants(of: full.label).count == 4)
    }
}
