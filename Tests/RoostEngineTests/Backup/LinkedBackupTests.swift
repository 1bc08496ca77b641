import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Backups that an administrator moved to another disk, leaving links.
struct LinkedBackupTests {
    private let home: TemporaryDirectory
    private let bed: Bed
    private let first: String
    private let elsewhere: String

    init() throws {
        home = try TemporaryDirectory()
        bed = try Bed.prepared(base: PosixStorage(root: "\(home.path)/repo"))
        first = try bed.backup().entry.label.text
        elsewhere = "\(home.path)/\(first)"
        let place = "\(home.path)/repo/backup/demo/\(first)"
        try FileSystem.move(place, to: elsewhere)
        try FileSystem.link(place, to: elsewhere)
        bed.clock.advance(100)
        try bed.put("base/5/new", Fixture.page(1))
    }

    private func expire(_ full: Int) throws {
        var settings = RetentionSettings()
        settings.full = full
        try bed.expire(settings)
    }

    @Test func `it stays listed and can be continued and restored`() throws {
        let second = try bed.backup(.incr).entry.label
        #expect(second.text.hasPrefix("\(first)_"))
        try expire(5)
        #expect(try bed.listed() == [first, second.text])
        try bed.restore()
        #expect(try bed.verify().isOK)
    }

    @Test func `it expires with its content and its link`() throws {
        let second = try bed.backup().entry.label
        try expire(1)
        #expect(try bed.listed() == [second.text])
        #expect(try bed.storage.entry("backup/demo/\(first)") == nil)
        #expect(try FileSystem.list(elsewhere) == [])
    }

    @Test func `one whose disk is not there fails the command and stays listed`() throws {
        try FileSystem.move(elsewhere, to: "\(elsewhere)-away")
        for error in [failure { try bed.backup(.incr) }, failure { try expire(1) }] {
            #expect(error?.code == .pathMissing)
            #expect(error?.message.contains("is a link to a directory that is not there") == true)
        }
        #expect(try bed.listed() == [first])
        try FileSystem.move("\(elsewhere)-away", to: elsewhere)
        try bed.backup(.incr)
    }
}
