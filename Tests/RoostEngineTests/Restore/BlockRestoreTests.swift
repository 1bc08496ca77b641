import Glibc
import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Restores of block-incremental files: which bytes are read, and what of the file that is there stays.
struct BlockRestoreTests {
    private static let name = "base/5/1000"
    private static let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]

    /// A full backup and two increments of a file of 30 blocks, restored once.
    private func prepare(_ change: (inout BackupSettings) -> Void = { _ in }) throws -> (bed: Bed, last: BackupLabel) {
        let bed = try Bed.prepared()
        var fills = Array(UInt8(0)..<30)
        try bed.putBlocks(Self.name, fills)
        try bed.blockBackup(.full, change)
        for round in [UInt8(100), 110] {
            for index in [2, 3, 20] { fills[index] = round + UInt8(index) }
            fills[Int(round) - 90] = round
            try bed.putBlocks(Self.name, fills)
            try bed.blockBackup(.incr, change)
        }
        let last = try #require(BackupLabel(try bed.listed().last ?? ""))
        #expect(try bed.differences(last, to: bed.target, try image(of: bed.data, ignoring: Self.ignored)) == [])
        bed.storage.clear()
        return (bed, last)
    }

    private func restoreOver(_ bed: Bed, _ label: BackupLabel) throws {
        #expect(
            try bed.differences(label, to: bed.target, try image(of: bed.data, ignoring: Self.ignored), delta: true)
                == [])
    }

    /// Opens of the file's super blocks and maps.
    private func opens(_ bed: Bed) -> [String] {
        bed.storage.calls.filter { $0.operation == .open && $0.path.hasSuffix("1000.pgbi") }.map(\.path)
    }

    @Test func `a file that did not change is not asked for at all`() throws {
        let (bed, last) = try prepare()
        try restoreOver(bed, last)
        #expect(opens(bed) == [])
    }

    @Test func `of a file that has changed only the blocks that differ are read and written`() throws {
        let (bed, last) = try prepare()
        let path = "\(bed.target)/\(Self.name)"
        var bytes = try FileSystem.read(path)
        bytes[5 * 8192 + 7] = 99
        try write(path, bytes, modified: FakeClock.start)
        let inode = try FileStatus.of(path)?.inode
        try restoreOver(bed, last)
        #expect(try FileStatus.of(path)?.inode == inode)
        // The map of the newest backup, then the one super block of the full backup that holds block 5.
        #expect(opens(bed).map { $0.split(separator: "/")[2].count } == [33, 16])
    }

    @Test func `of a bundled file that has changed only the map and the blocks that differ are read`() throws {
        let bed = try Bed.prepared()
        let (name, fills) = ("base/5/1001", Array(UInt8(0)..<12))
        try bed.putBlocks(name, fills)
        try bed.blockBackup(.full)
        let label = try #require(BackupLabel(try bed.listed().last ?? ""))
        try bed.restore()
        func opensOfBundles() throws -> Int {
            bed.storage.clear()
            try restoreOver(bed, label)
            return bed.storage.calls.count { $0.operation == .open && $0.path.contains("/bundle/") }
        }
        // The control file comes anew each time.
        let always = try opensOfBundles()
        var bytes = try FileSystem.read("\(bed.target)/\(name)")
        bytes[5 * 8192 + 7] = 99
        try write("\(bed.target)/\(name)", bytes, modified: FakeClock.start)
        #expect(try opensOfBundles() == always + 2)
    }

    @Test(arguments: [0, 1, 8191, 8192, 100_000, 245_759, 245_761, 400_000])
    func `a file that was cut or grew is mended`(size: Int) throws {
        let (bed, last) = try prepare()
        let path = "\(bed.target)/\(Self.name)"
        var bytes = try FileSystem.read(path)
        bytes = Array((bytes + [UInt8](repeating: 3, count: 200_000)).prefix(size))
        try write(path, bytes, modified: FakeClock.start)
        try restoreOver(bed, last)
    }

    @Test func `a file with a second name is not written over, nor one behind a link`() throws {
        let (bed, last) = try prepare()
        let (path, other) = ("\(bed.target)/\(Self.name)", "\(bed.directory.path)/other")
        var bytes = try FileSystem.read(path)
        bytes[0] = 55
        try write(path, bytes, modified: FakeClock.start)
        #expect(Glibc.link(path, other) == 0)
        try restoreOver(bed, last)
        #expect(try FileSystem.read(other) == bytes)
        // Nor is it cut, or kept as it is: the other name may belong to a cluster that runs.
        for added in [[], [UInt8](repeating: 3, count: 9000)] {
            let longer = try FileSystem.read(path) + added
            try write(path, longer, modified: FakeClock.start)
            try FileSystem.removeFile(other)
            #expect(Glibc.link(path, other) == 0)
            try restoreOver(bed, last)
            #expect(try FileSystem.read(other) == longer)
            #expect(try FileStatus.of(path)?.links == 1)
        }
        try FileSystem.removeFile(path)
        try FileSystem.link(path, to: other)
        let kept = try FileSystem.read(other)
        try restoreOver(bed, last)
        #expect(try FileSystem.read(other) == kept)
    }

    @Test func `a file that cannot be written is made writable, and gets its mode back`() throws {
        let (bed, last) = try prepare()
        let path = "\(bed.target)/\(Self.name)"
        var bytes = try FileSystem.read(path)
        bytes[9000] = 55
        try write(path, bytes, mode: 0o400, modified: FakeClock.start)
        try restoreOver(bed, last)
    }

    @Test func `damage in a super block is found, also by a restore over what is there`() throws {
        for delta in [false, true] {
            let (bed, last) = try prepare()
            try bed.damage("backup/demo/\(last.full)/pg_data/\(Self.name).pgbi") { $0[8192 * 9] ^= 1 }
            let path = "\(bed.target)/\(Self.name)"
            try write(path, Fixture.page(1, count: 30), modified: FakeClock.start)
            let target = delta ? bed.target : "\(bed.directory.path)/fresh"
            let error = failure {
                try bed.restore(to: target) {
                    $0.set = last
                    $0.delta = delta
                }
            }
            #expect(error?.code == .checksum)
            #expect(error?.message.contains("error restoring '\(target)/\(Self.name)'") == true)
            #expect(try FileStatus.of("\(target)/global/pg_control") == nil)
            let verified = try bed.verify()
            #expect(!verified.isOK && verified.backups.map(\.status) == [.invalid, .valid, .valid])
        }
    }

    @Test func `a super block that is cut off, or holds another number of bytes, is told with its place`() throws {
        for compression in [Compression.none, .zst] {
            let (bed, last) = try prepare {
                $0.compression = compression; $0.compressionLevel = compression.defaultLevel
            }
            let path = "backup/demo/\(last.full)/pg_data/\(Self.name).pgbi"
            try bed.damage(path) { $0.removeLast($0.count - 20) }
            let error = failure { try bed.restore(to: "\(bed.directory.path)/fresh") { $0.set = last } }
            #expect(error?.code == .fileRead || error?.code == .format)
            #expect(error?.message.contains("\(path)") == true)
        }
    }

    @Test func `a restore that was interrupted goes on`() throws {
        for position in 1...12 {
            let (bed, last) = try prepare()
            let target = "\(bed.directory.path)/again"
            bed.storage.at(position, of: [.open, .read], isLasting: true, on: ".pgbi", .fail(diskFailure))
            _ = failure { try bed.restore(to: target) { $0.set = last } }
            bed.storage.clear()
            let expected = try image(of: bed.data, ignoring: Self.ignored)
            let isThere = try FileStatus.of("\(target)/backup.manifest") != nil
            #expect(try bed.differences(last, to: target, expected, delta: isThere || position > 0) == [])
        }
    }

    @Test(arguments: FailureMode.allCases, [0, 1])
    func `a restore over an older state with its n-th read failing succeeds, or says so and is mended by the next`(
        mode: FailureMode, retries: Int
    ) throws {
        let (bed, last) = try prepare()
        let expected = try image(of: bed.data, ignoring: Self.ignored)
        var (position, failures) = (0, 0)
        repeat {
            position += 1
            try bed.restore {
                $0.set = last.full
                $0.delta = true
            }
            bed.storage.clear()
            bed.storage.at(position, of: [.open, .read], isLasting: mode == .forGood, .fail(diskFailure))
            let error = failure {
                try bed.restore {
                    $0.set = last
                    $0.delta = true
                    $0.jobRetries = retries
                }
            }
            let wasReached = bed.storage.hasFired
            bed.storage.clear()
            if let error {
                failures += 1
                let isTold = error.message.contains(diskFailure.message) || bed.log.contains(diskFailure.message)
                #expect(isTold, "read \(position): \(error)")
                let isBegun = try FileStatus.of("\(bed.target)/backup.manifest") != nil
                let hasControl = try FileStatus.of("\(bed.target)/global/pg_control") != nil
                #expect(isBegun != hasControl, "read \(position)")
                try bed.restore {
                    $0.set = last
                    $0.delta = true
                }
            }
            #expect(differences(try image(of: bed.target), expected) == [], "read \(position)")
            if !wasReached {
                #expect(error == nil)
                break
            }
        } while position < 500
        // Info and manifest before anything is touched; then the map, super blocks and whole files, which are tried again.
        #expect(position > 12 && position < 500)
        #expect(failures > 4 || mode == .once && retries == 1, "\(failures) of \(position)")
        if mode == .once, retries == 1 { #expect(failures < 3, "\(failures) of \(position)") }
    }

    @Test(arguments: [false, true])
    func `files in blocks of databases that are not wanted become holes, and come back by a restore with them`(
        includes: Bool
    ) throws {
        let bed = try Bed.prepared()
        // Of each database one file by itself and one in a bundle.
        let files = ["base/16400/1000", "base/16400/1001", "base/16500/1000", "base/16500/1001"]
        for round in [UInt8(0), 1, 2] {
            for (index, name) in files.enumerated() {
                let count: UInt8 = index % 2 == 0 ? 20 : 5
                try bed.putBlocks(name, [200 + round] + Array(1..<count))
            }
            for oid in [16400, 16500] where round == 0 { try bed.put("base/\(oid)/PG_VERSION", "15\n") }
            try bed.blockBackup(round == 0 ? .full : .incr)
        }
        let last = try #require(BackupLabel(try bed.listed().last ?? ""))
        for name in files { #expect(try bed.file("pg_data/\(name)", in: last)?.isStoredInBlocks == true, "\(name)") }
        let whole = try image(of: bed.data, ignoring: Self.ignored)
        func leaveOut(_ settings: inout RestoreSettings) {
            if includes { settings.dbInclude = ["16400"] } else { settings.dbExclude = ["16500"] }
        }
        func expectHoles() throws {
            let changed = differences(try image(of: bed.target), whole).map { String($0.prefix { $0 != ":" }) }
            #expect(changed == Array(files[2...]))
            for (name, size) in [(files[2], 20), (files[3], 5)] {
                let path = "\(bed.target)/\(name)"
                #expect(try FileSystem.read(path) == [UInt8](repeating: 0, count: size * 8192))
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_blocks == 0, "no hole")
            }
        }
        // Fresh, with all of it again, and over all of it.
        try bed.restore { leaveOut(&$0) }
        try expectHoles()
        for force in [false, true] {
            #expect(try bed.differences(last, to: bed.target, whole, delta: true) == [])
            try bed.restore {
                ($0.delta, $0.force) = (true, force)
                leaveOut(&$0)
            }
            try expectHoles()
        }
        // Trusted times must not take a hole for the file.
        try bed.restore { ($0.delta, $0.force) = (true, true) }
        #expect(differences(try image(of: bed.target), whole) == [])
    }
}

/// The order of reads, as a value.
struct BlockRestorePlanTests {
    private func map(_ blocks: [(reference: Int, offset: UInt64, position: UInt32)]) -> BlockMap {
        var map = BlockMap(blockSize: 8192, checksumSize: 6)
        for block in blocks {
            let found = map.superBlocks.firstIndex { $0.reference == block.reference && $0.offset == block.offset }
            let index = found ?? map.superBlocks.count
            if found == nil {
                map.superBlocks.append(
                    .init(
                        reference: block.reference, bundle: nil, offset: block.offset, storedSize: 100, size: 4 * 8192))
            }
            map.blocks.append(
                .init(
                    superBlock: UInt32(index), position: block.position,
                    checksum: BlockChecksum(high: 1, low: 1, size: 6)))
        }
        return map
    }

    @Test func `the newest backup first, neighbours in one read, distant ones not`() {
        let map = map([(0, 0, 0), (1, 500, 0), (0, 0, 2), (0, 100, 0), (0, 9000, 1), (1, 600, 3)])
        let plan = BlockRestorePlan(map, needed: Array(0..<6), fileSize: 6 * 8192, gapLimit: 1000)
        #expect(plan.runs.map { $0.pieces.map(\.superBlock.offset) } == [[500, 600], [0, 100], [9000]])
        #expect(plan.runs.map { $0.pieces.map(\.superBlock.reference) } == [[1, 1], [0, 0], [0]])
        #expect(plan.runs.map(\.end) == [700, 200, 9100])
        #expect(
            plan.runs[1].pieces[0].spans == [
                .init(source: 0, destination: 0, length: 8192), .init(source: 16384, destination: 16384, length: 8192),
            ])
    }

    @Test func `blocks that follow each other in both are one span, a short last one included`() {
        let map = map([(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3)])
        let plan = BlockRestorePlan(map, needed: [1, 2, 3], fileSize: 3 * 8192 + 10, gapLimit: 0)
        #expect(plan.runs.first?.pieces.first?.spans == [.init(source: 8192, destination: 8192, length: 2 * 8192 + 10)])
        #expect(BlockRestorePlan(map, needed: [], fileSize: 4 * 8192, gapLimit: 0).runs == [])
    }
}
