import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Directories behind links whose disk goes away while a backup runs.
struct LinkedDirectoryTests {
    enum Place: String, CaseIterable {
        case link = "log"
        case tablespace = "pg_tblspc/16384"
        case inside = "base"
    }

    @Test(arguments: Place.allCases, [false, true])
    func `a directory that disappears ends the backup, which is not listed, and the next one has it`(
        place: Place, blocks: Bool
    ) throws {
        let bed = try Bed.prepared()
        let elsewhere = "\(bed.directory.path)/elsewhere"
        let lost: String
        switch place {
        case .inside: lost = "\(bed.data)/base"
        case .link: lost = elsewhere
        case .tablespace: lost = "\(elsewhere)/PG_15_202209061"
        }
        if place != .inside {
            let file = place == .tablespace ? "\(lost)/5/16390" : "\(lost)/server.log"
            try write(file, Fixture.page(7, count: 20), modified: FakeClock.start - 3600)
            try FileSystem.link("\(bed.data)/\(place.rawValue)", to: elsewhere)
        }
        bed.storage.at(1, of: [.create], .call { try? FileSystem.move(lost, to: "\(lost)-away") })
        func backup() throws -> BackupLabel {
            try (blocks ? bed.blockBackup(.full) : bed.backup()).entry.label
        }
        let error = failure { _ = try backup() }
        #expect(error?.code == .fileMissing)
        let shown = place == .tablespace ? "\(place.rawValue)/PG_15_202209061" : place.rawValue
        #expect(
            error?.message == "directory '\(bed.data)/\(shown)' was there when files were listed and is gone")
        #expect(try bed.listed().isEmpty)

        try FileSystem.move("\(lost)-away", to: lost)
        bed.clock.advance(100)
        let label = try backup()
        #expect(try bed.listed() == [label.text])
        #expect(try bed.verify().isOK)
        let kept = place == .tablespace ? "pg_tblspc/16384/PG_15_202209061/5/16390" : "pg_data/log/server.log"
        if place != .inside { #expect(try bed.file(kept, in: label)?.size == 20 * 8192) }
    }
}
