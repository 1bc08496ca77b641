import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Whether the wanted timeline passes through the backup (specification `restore`, section 4).
struct TimelineCheckTests {
    private static let history = "# comment\n\n1\t0/5000000\tno recovery target specified\n2\t0/9000000\tbefore 2026\n"

    /// A backup of timeline 1 or 2 that began at an LSN, with the history files of timelines 2 and 3 in the archive.
    private func check(
        timeline: UInt32 = 1, lsn: String = "0/4000028", stop: String? = nil, version: String = "15",
        histories: [String: String],
        cipherPass: String? = nil, _ change: (inout RestoreSettings) -> Void = { _ in }
    ) throws {
        let bed = try Bed(cipherPass: cipherPass)
        let identity = ClusterIdentity(systemID: SystemID(101), version: version)
        try bed.repository.save(
            ArchiveInfo(history: ClusterHistory(first: identity), cipherPass: cipherPass.map { "\($0)2" }))
        for (name, text) in histories {
            let stored = try transformed(Array(text.utf8), encrypting: cipherPass.map { "\($0)2" })
            try bed.storage.write("archive/demo/\(version)-1/\(name)", stored)
        }
        var manifest = try manifest(version: version)
        manifest.archiveStart = segment(4, timeline: timeline)
        manifest.lsnStart = LSN(lsn)
        manifest.lsnStop = stop.flatMap { LSN($0) }
        var settings = RestoreSettings(dataDirectory: "/data")
        change(&settings)
        try TimelineCheck(settings, bed.repository, manifest).run()
    }

    @Test func `a timeline that was left while the backup was made cannot be reached from it`() throws {
        let histories = ["00000002.history": "1\t0/5000000\tx\n"]
        try check(stop: "0/5000000", histories: histories)
        let error = failure { try check(stop: "0/5000001", histories: histories) }
        #expect(error?.code == .dbMismatch)
        #expect(error?.message.contains("left timeline 1 at 0/5000000, before the backup ended at 0/5000001") == true)
        try check(stop: "0/5000001", histories: histories) { $0.targetTimeline = "current" }
    }

    @Test func `the latest timeline is looked for unless told otherwise`() throws {
        try check(histories: [:])
        try check(histories: ["00000002.history": "1\t0/5000000\tx\n", "00000003.history": Self.history])
        try check(timeline: 2, lsn: "0/8000000", histories: ["00000003.history": Self.history])
        try check(timeline: 3, histories: ["00000003.history": "unread", "00000002.history": "unread"])
    }

    @Test func `a timeline that left before the backup began is refused`() {
        for lsn in ["0/5000000", "0/6000000"] {
            let error = failure { try check(lsn: lsn, histories: ["00000002.history": "1\t0/5000000\tx\n"]) }
            #expect(error?.code == .dbMismatch)
            #expect(error?.message.contains("left timeline 1 at 0/5000000") == true)
        }
        #expect(failure { try check(lsn: "0/4FFFFFF", histories: ["00000002.history": "1\t0/5000000\tx\n"]) } == nil)
    }

    @Test func `a timeline that never was the backup's is refused`() {
        let error = failure { try check(timeline: 2, histories: ["00000003.history": "1\t0/5000000\tx\n"]) }
        #expect(error?.code == .dbMismatch)
        #expect(error?.message == "backup timeline 2 is not in the history of target timeline 3")
    }

    @Test func `current, and before version 12 nothing given, need no history`() throws {
        let bad = ["00000002.history": "nonsense"]
        try check(histories: bad) { $0.targetTimeline = "current" }
        try check(histories: bad) { $0.type = .immediate }
        try check(version: "11", histories: bad)
        #expect(failure { try check(histories: bad) }?.code == .format)
        #expect(failure { try check(version: "11", histories: bad) { $0.targetTimeline = "latest" } }?.code == .format)
    }

    @Test(arguments: ["3", "0x3", "0x00000003"])
    func `a number in either base`(text: String) throws {
        try check(histories: ["00000003.history": Self.history]) { $0.targetTimeline = text }
        let error = failure {
            try check(lsn: "0/5000001", histories: ["00000003.history": Self.history]) { $0.targetTimeline = text }
        }
        #expect(error?.code == .dbMismatch)
    }

    @Test func `numbers that are none, or that no history tells of`() throws {
        #expect(failure { try check(histories: [:]) { $0.targetTimeline = "abc" } }?.code == .dbMismatch)
        #expect(failure { try check(histories: [:]) { $0.targetTimeline = "0xZZ" } }?.code == .dbMismatch)
        #expect(failure { try check(histories: [:]) { $0.targetTimeline = "7" } }?.code == .fileMissing)
        try check(histories: [:]) { $0.targetTimeline = "1" }
    }

    @Test(arguments: ["1", "one\t0/5000000", "1\tnever", "1\t5000000", "-1\t0/5000000"])
    func `a line that cannot be read is a format error that shows it`(line: String) {
        let error = failure { try check(histories: ["00000002.history": "\(line)\n"]) }
        #expect(error?.code == .format)
        #expect(error?.message.contains("'\(line)'") == true)
    }

    @Test func `the history is decrypted`() throws {
        try check(histories: ["00000003.history": Self.history], cipherPass: "secret")
    }
}
