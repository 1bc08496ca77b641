import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Interrupted backups whose large files are stored in blocks.
struct ResumeBlockTests {
    private static let large = ["base/5/1000", "base/5/2000"]

    private let bed: Bed
    private var ignored: Set<String> { ["pg_notify/0000", "postmaster.opts"] }

    init() throws {
        bed = try Bed.prepared()
        for (place, name) in Self.large.enumerated() { try bed.putBlocks(name, fills(place)) }
    }

    private func fills(_ place: Int) -> [UInt8] { (0..<20).map { UInt8($0 + place * 40) } }

    /// Large files are stored before the first bundle.
    private func attempt(
        _ type: BackupType, interrupted: Bool, _ change: (inout BackupSettings) -> Void = Bed.useBlocks
    ) throws {
        bed.log = CollectedLog()
        bed.storage.clear()
        if interrupted { bed.storage.at(1, of: [.create], isLasting: true, on: "bundle/1", .fail(diskFailure)) }
        let error = failure {
            try bed.backup(type) {
                change(&$0)
                ($0.manifestSaveThreshold, $0.jobRetries, $0.workers) = (1, 0, 1)
            }
        }
        #expect(error?.message == (interrupted ? diskFailure.message : nil))
        bed.storage.clear()
        bed.clock.advance(100)
    }

    private func resumed() -> Int { bed.log.lines.count { $0.contains("checksum resumed file pg_data/base/5/") } }

    private func expectSound() throws {
        #expect(try bed.verify().isOK)
        let last = try #require(BackupLabel(try bed.listed().last ?? ""))
        #expect(try bed.differences(last, to: bed.target, try image(of: bed.data, ignoring: ignored)) == [])
        try FileSystem.removeTree(bed.target)
    }

    @Test func `a full backup goes on, and increments build on its maps`() throws {
        try attempt(.full, interrupted: true)
        try attempt(.full, interrupted: false)
        #expect(resumed() == 2)
        try expectSound()
        try bed.putBlocks(Self.large[0], [99] + fills(0).dropFirst())
        try attempt(.incr, interrupted: false)
        let last = try #require(BackupLabel(try bed.listed().last ?? ""))
        let file = try #require(try bed.file("pg_data/\(Self.large[0])", in: last))
        #expect(file.isStoredInBlocks && file.repoSize < 2 * 8192)
        try expectSound()
    }

    @Test func `an interrupted increment is made anew, whatever blocks it had stored`() throws {
        try attempt(.full, interrupted: false)
        for (place, name) in Self.large.enumerated() { try bed.putBlocks(name, [99] + fills(place).dropFirst()) }
        try bed.put("base/5/new", Fixture.page(1))
        try attempt(.incr, interrupted: true)
        try bed.putBlocks(Self.large[1], [98, 97] + fills(1).dropFirst(2))
        try attempt(.incr, interrupted: false)
        #expect(bed.log.contains("cannot be resumed: resume only valid for full backup"))
        try expectSound()
        try bed.putBlocks(Self.large[0], [96] + fills(0).dropFirst())
        try attempt(.incr, interrupted: false)
        try expectSound()
    }

    @Test func `stored blocks that are damaged are copied again with a warning`() throws {
        try attempt(.full, interrupted: true)
        let label = try #require(try bed.storage.names("backup/demo").first { BackupLabel($0) != nil })
        try bed.damage("backup/demo/\(label)/pg_data/\(Self.large[0]).pgbi") { $0[9000] ^= 1 }
        try attempt(.full, interrupted: false)
        #expect(resumed() == 1)
        #expect(bed.log.contains("resumed backup file pg_data/\(Self.large[0]) did not have expected checksum"))
        try expectSound()
    }

    @Test(arguments: [true, false])
    func `blocks may be switched on or off in between`(first: Bool) throws {
        let change = { (usesBlocks: Bool) in
            { (settings: inout BackupSettings) in
                Bed.useBlocks(&settings)
                if !usesBlocks { settings.blocks = nil }
            }
        }
        try attempt(.full, interrupted: true, change(first))
        try attempt(.full, interrupted: false, change(!first))
        try expectSound()
        try bed.putBlocks(Self.large[0], [99] + fills(0).dropFirst())
        try attempt(.incr, interrupted: false, change(!first))
        try expectSound()
    }
}
