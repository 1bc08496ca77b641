import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Restores of a cluster with a directory and a file behind links of their own.
struct RestoreLinkTests {
    private let bed: Bed
    private var away: String { "\(bed.directory.path)/away" }
    private var moved: String { "\(bed.directory.path)/moved" }

    init() throws {
        bed = try Bed.prepared()
        try write("\(away)/xact/0000", Fixture.page(4), modified: FakeClock.start - 3600)
        try FileSystem.setMode("\(away)/xact", 0o700)
        try write("\(away)/conf/main.conf", Array("port = 1\n".utf8), modified: FakeClock.start - 3600)
        try FileSystem.removeTree("\(bed.data)/pg_xact")
        try FileSystem.link("\(bed.data)/pg_xact", to: "\(away)/xact")
        try FileSystem.removeFile("\(bed.data)/postgresql.conf")
        try FileSystem.link("\(bed.data)/postgresql.conf", to: "\(away)/conf/main.conf")
        bed.clock.advance(100)
        try bed.backup()
    }

    private var maps: [String: String] {
        ["pg_xact": "\(moved)/xact", "postgresql.conf": "\(moved)/conf/main.conf"]
    }

    /// Restores with both links moved.
    private func restoreMoved(_ change: (inout RestoreSettings) -> Void = { _ in }) throws {
        try bed.restore {
            $0.linkMap = maps
            change(&$0)
        }
    }

    private func expectMoved() throws {
        #expect(try FileSystem.linkDestination("\(bed.target)/pg_xact") == "\(moved)/xact")
        #expect(try FileSystem.linkDestination("\(bed.target)/postgresql.conf") == "\(moved)/conf/main.conf")
        #expect(differences(try image(of: "\(moved)/xact"), try image(of: "\(away)/xact")) == [])
        #expect(differences(try image(of: "\(moved)/conf"), try image(of: "\(away)/conf")) == [])
    }

    @Test func `links are restored in place unless they are wanted`() throws {
        try bed.restore()
        #expect(try FileStatus.of("\(bed.target)/pg_xact")?.kind == .directory)
        #expect(try FileSystem.read("\(bed.target)/pg_xact/0000") == Fixture.page(4))
        #expect(try FileStatus.of("\(bed.target)/postgresql.conf")?.kind == .file)
        #expect(bed.log.contains("file link 'postgresql.conf' will be restored as a file at the same location"))
    }

    @Test func `links that are wanted must lead to empty places`() throws {
        let before = try image(of: away)
        let error = failure { try bed.restore { $0.linkAll = true } }
        #expect(error?.code == .pathNotEmpty)
        #expect(error?.message.contains("\(away)/xact") == true)
        try FileSystem.removeTree("\(away)/xact")
        #expect(failure { try bed.restore { $0.linkAll = true } }?.code == .fileExists)
        try FileSystem.removeTree(away)
        try bed.restore { $0.linkAll = true }
        #expect(differences(try image(of: away), before) == [])
        #expect(try FileSystem.linkDestination("\(bed.target)/pg_xact") == "\(away)/xact")
    }

    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func `links move where maps say, and a used place is mended`(delta: Bool, force: Bool) throws {
        try restoreMoved()
        try expectMoved()
        guard delta || force else { return }
        try write("\(moved)/xact/0000", Fixture.page(99))
        try write("\(moved)/xact/extra", [1])
        try write("\(moved)/conf/main.conf", [1, 2])
        try write("\(moved)/conf/other.conf", [1, 2])
        try restoreMoved { ($0.delta, $0.force) = (delta, force) }
        #expect(try FileSystem.read("\(moved)/conf/other.conf") == [1, 2], "beside the file that the link names")
        try FileSystem.removeFile("\(moved)/conf/other.conf")
        try expectMoved()
    }

    @Test func `what a link no longer leads to is left alone`() throws {
        try restoreMoved()
        let before = try image(of: moved)
        try bed.restore { $0.delta = true }
        #expect(try FileStatus.of("\(bed.target)/pg_xact")?.kind == .directory)
        #expect(try FileStatus.of("\(bed.target)/postgresql.conf")?.kind == .file)
        #expect(differences(try image(of: moved), before) == [])
    }

    @Test func `a place that this data directory does not use is not cleared`() throws {
        try bed.restore()
        try write("\(moved)/xact/precious", [1])
        try write("\(moved)/conf/main.conf", [2])
        let before = try image(of: moved)
        #expect(failure { try restoreMoved { $0.delta = true } }?.code == .pathNotEmpty)
        try FileSystem.removeTree("\(moved)/xact")
        #expect(failure { try restoreMoved { ($0.delta, $0.force) = (true, true) } }?.code == .fileExists)
        #expect(try FileSystem.read("\(moved)/conf/main.conf") == [2])
        #expect(before.count == 4)
    }

    @Test func `a directory in place becomes a link`() throws {
        try bed.restore()
        try restoreMoved { $0.delta = true }
        try expectMoved()
    }

    @Test func `settings behind a link are written to its destination`() throws {
        try restoreMoved { $0.linkMap["postgresql.auto.conf"] = "\(moved)/conf/auto.conf" }
        #expect(try FileSystem.linkDestination("\(bed.target)/postgresql.auto.conf") == "\(moved)/conf/auto.conf")
        #expect(String(decoding: try FileSystem.read("\(moved)/conf/auto.conf"), as: UTF8.self).contains("Do not edit"))
    }
}
