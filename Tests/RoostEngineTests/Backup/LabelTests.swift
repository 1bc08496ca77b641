import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// The label of a new backup, and the list of those that there are (specification `repository`, sections 4 and 13).
struct LabelTests {
    private func bed(_ complete: [String] = [], history: [String] = []) throws -> Bed {
        let bed = try Bed()
        for text in complete { try bed.storage.write("backup/demo/\(text)/backup.manifest", []) }
        for text in history {
            try bed.storage.write("backup/demo/backup.history/\(text.prefix(4))/\(text).manifest.gz", [])
        }
        return bed
    }

    private func claim(_ bed: Bed, prior: String? = nil, type: BackupType = .full) throws -> String {
        var manifest = try manifest()
        manifest.type = type
        manifest.prior = try prior.map(label)
        manifest.timestampStart = FakeClock.start
        try BackupDirectory(bed.repository, bed.context).claimLabel(for: &manifest)
        #expect(manifest.references.last == manifest.label)
        return manifest.label.text
    }

    @Test func `the label is the start on the wall clock, behind the full of its set`() throws {
        #expect(try claim(try bed()) == "20261122-141514F")
        let prior = "20261122-100000F_20261122-110000D"
        #expect(try claim(try bed(), prior: prior, type: .incr) == "20261122-100000F_20261122-141514I")
        #expect(try claim(try bed(), prior: "20261122-100000F", type: .diff) == "20261122-100000F_20261122-141514D")
    }

    @Test func `a label that is taken moves on by one second, which is waited for`() throws {
        for (complete, history) in [(["20261122-141514F"], []), ([], ["20261122-141514F"])] as [([String], [String])] {
            let bed = try bed(complete, history: history)
            bed.clock.set(FakeClock.start, nanoseconds: 250_000_000)
            #expect(try claim(bed) == "20261122-141515F")
            #expect(bed.clock.now() == UnixTime(seconds: FakeClock.start + 1))
        }
    }

    @Test(
        arguments: [
            (["20261122-141515F"], [], false), (["20261122-141515F"], [], false), ([], ["20261122-141515F"], false),
            (["20261122-151514F_20261122-151515I"], [], false), ([], ["20271122-141515F"], false),
            (["20261122-141513F"], ["20261122-141513F"], true),
            // Only the newest year of the history counts.
            ([], ["20281122-141515F", "20300101-000000F"], false), ([], ["20251122-141515F"], true),
        ] as [([String], [String], Bool)])
    func `a full never gets a label that is not later than all others`(
        complete: [String], history: [String], succeeds: Bool
    ) throws {
        let bed = try bed(complete, history: history)
        var label: String?
        let error = failure { label = try claim(bed) }
        #expect(label == (succeeds ? "20261122-141514F" : nil))
        #expect(error?.code == (succeeds ? nil : .clock))
        if let error { #expect(error.hints == ["has the timezone changed?", "is there clock skew?"]) }
    }

    @Test func `an increment is compared with its own set only`() throws {
        let own = "20261122-100000F"
        let other = try bed(["20261122-100000F", "20261122-151514F", "20261122-151514F_20261122-161514I"])
        #expect(try claim(other, prior: own, type: .incr) == "\(own)_20261122-141514I")
        let taken = try bed([own, "\(own)_20261122-141514I"])
        #expect(try claim(taken, prior: own, type: .incr) == "\(own)_20261122-141515I")
        // By byte order an incremental is later than a differential of the same second.
        let beside = try bed([own, "\(own)_20261122-141514D"])
        #expect(try claim(beside, prior: own, type: .incr) == "\(own)_20261122-141514I")
        let future = try bed([own, "\(own)_20261122-151514D"])
        #expect(failure { _ = try claim(future, prior: own, type: .incr) }?.code == .clock)
    }

    @Test func `files and other directories are no labels`() throws {
        let bed = try bed()
        for name in ["20301122-141514F", "20301122-141514X/a", "20301122-141514F.tmp/a", "latest"] {
            try bed.storage.write("backup/demo/\(name)", [])
        }
        #expect(try BackupReconciliation(bed.repository, bed.log).labels().isEmpty)
    }

    /// A stanza with listed backups and backups whose files are there.
    private func reconciled(_ listed: [BackupEntry], present: [BackupEntry]) throws -> (texts: [String], log: [String])
    {
        let bed = try Bed()
        try bed.repository.save(try info(listed))
        for entry in present {
            var made = try manifest(entry.label.text)
            made.prior = entry.prior
            made.cluster.historyID = entry.historyID
            try made.add("pg_data/a")
            try bed.repository.saveFinal(made, passphrase: nil)
        }
        let result = try BackupReconciliation(bed.repository, bed.log).load()
        return (result.backups.map(\.label.text), bed.log.lines)
    }

    @Test func `what is listed and there stays in silence`() throws {
        let entries = try labels(["F1", "D2"]).map { try entry($0) }
        let result = try reconciled(entries, present: entries)
        #expect(result.texts == entries.map(\.label.text))
        #expect(result.log.isEmpty)
    }

    @Test func `a backup without manifest goes from the list, with all that need it`() throws {
        let texts = labels(["F1", "D2", "I3", "F4"])
        let entries = [
            try entry(texts[0]), try entry(texts[1]), try entry(texts[2], prior: texts[1]), try entry(texts[3]),
        ]
        let result = try reconciled(entries, present: [entries[0], entries[2], entries[3]])
        #expect(result.texts == [texts[0], texts[3]])
        #expect(
            result.log.prefix(2) == [
                "warn: backup '\(texts[2])' missing manifest removed from backup.info",
                "warn: backup '\(texts[1])' missing manifest removed from backup.info",
            ])
    }

    @Test func `a complete backup that is not listed is added, if its prior is listed`() throws {
        let texts = labels(["F1", "D2", "I3", "F4", "D5"])
        let entries = [
            try entry(texts[0]), try entry(texts[1]), try entry(texts[2], prior: texts[1]), try entry(texts[3]),
            try entry(texts[4]),
        ]
        let all = try reconciled([entries[0]], present: entries)
        #expect(all.texts == texts)
        #expect(all.log == texts.dropFirst().map { "warn: backup '\($0)' found in repository added to backup.info" })
        let holed = try reconciled([entries[0]], present: [entries[0], entries[2], entries[4]])
        #expect(holed.texts == [texts[0]])
        #expect(holed.log == ["warn: invalid backup '\(texts[2])' cannot be added to current backups"])
    }

    @Test(arguments: ["damaged", "missing"])
    func `a complete backup whose manifest cannot be read is told and left out`(copy: String) throws {
        let bed = try Bed()
        let texts = labels(["F1", "F2"])
        try bed.repository.save(try info([]))
        for text in texts { try bed.repository.saveFinal(try manifest(text), passphrase: nil) }
        let path = "backup/demo/\(texts[0])/backup.manifest"
        try bed.damage(path) { $0.removeLast(3) }
        if copy == "damaged" {
            try bed.damage("\(path).copy") { $0.removeLast(3) }
        } else {
            try bed.remove("\(path).copy")
        }
        let listed = try bed.repository.loadBackupInfo()
        let result = try BackupReconciliation(bed.repository, bed.log).correct(listed)
        #expect(result.info.backups.map(\.label.text) == [texts[1]])
        #expect(result.unreadable.map(\.text) == [texts[0]])
        #expect(bed.log.lines[0].hasPrefix("warn: backup '\(texts[0])' is not in backup.info and cannot be added: "))
        #expect(bed.log.lines[0].contains("HINT: bring back its backup.manifest"))
    }

    @Test func `a backup of another cluster is not added`() throws {
        let stranger = try entry(labels(["F1"])[0], historyID: 2)
        let result = try reconciled([], present: [stranger])
        #expect(result.texts.isEmpty)
        #expect(result.log == ["warn: invalid backup '\(stranger.label)' cannot be added to current backups"])
    }
}
