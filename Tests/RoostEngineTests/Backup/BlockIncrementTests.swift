import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Block increments there and back, with what can happen to a file between and while backups are made.
struct BlockIncrementTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var compression: Compression
        var cipherPass: String?
        var isPosix = false
        var testDescription: String { "\(compression) encrypted \(cipherPass != nil) posix \(isPosix)" }
    }

    static let forms = [
        Form(compression: .none), Form(compression: .none, cipherPass: "secret", isPosix: true), Form(compression: .gz),
        Form(compression: .lz4, isPosix: true), Form(compression: .zst, cipherPass: "secret"),
        Form(compression: .bz2), Form(compression: .gz, cipherPass: "secret", isPosix: true),
    ]

    private static let ignored: Set<String> = ["pg_notify/0000", "postmaster.opts"]
    private static let large = "pg_data/base/5/1000"
    private static let small = "pg_data/base/5/1001"

    private func picture(_ bed: Bed) throws -> [String: String] {
        try image(of: bed.data, ignoring: Self.ignored)
    }

    @Test(arguments: forms, 0..<2)
    func `random changes through a set come back from every backup, fresh and over another`(form: Form, seed: UInt64)
        throws
    {
        var numbers = SeededGenerator(seed: seed * 100 + 5)
        let repository = try TemporaryDirectory()
        let bed = try Bed.prepared(
            cipherPass: form.cipherPass, base: form.isPosix ? PosixStorage(root: repository.path) : nil)
        var files: [[UInt8]] = (0..<6).map { index in compressible(20_000 * (1 + index * index), &numbers) }
        var images: [(label: BackupLabel, image: [String: String])] = []
        for (round, type) in [BackupType.full, .incr, .incr, .diff, .incr, .incr].enumerated() {
            for index in files.indices {
                if round > 0, !change(&files[index], &numbers) { continue }
                try bed.put("base/5/\(2000 + index)", files[index], modified: bed.clock.now().seconds - 10)
            }
            let result = try bed.blockBackup(type) {
                $0.compression = form.compression
                $0.compressionLevel = form.compression.defaultLevel
                $0.workers = 2
                $0.delta = round == 2
            }
            images.append((result.entry.label, try picture(bed)))
        }
        let verified = try bed.verify()
        #expect(verified.isOK && verified.backups.allSatisfy { $0.status == .valid && $0.counts.checked > 0 })
        let over = "\(bed.directory.path)/over"
        for (index, (label, expected)) in (images + images.reversed()).enumerated() {
            if index < images.count {
                #expect(try bed.differences(label, to: "\(bed.directory.path)/\(label)", expected) == [], "\(label)")
            }
            #expect(try bed.differences(label, to: over, expected, delta: index > 0) == [], "\(label) over")
        }
        withExtendedLifetime(repository) {}
    }

    private func compressible(_ count: Int, _ numbers: inout SeededGenerator) -> [UInt8] {
        let part = numbers.bytes(500)
        return Array((0...count / 500).flatMap { _ in part }.prefix(count))
    }

    /// - Returns: Whether anything was done, be it only a touch.
    private func change(_ bytes: inout [UInt8], _ numbers: inout SeededGenerator) -> Bool {
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0: return false
        case 1: break
        case 2: bytes.removeLast(Int.random(in: 0...bytes.count, using: &numbers))
        case 3: bytes = Array(bytes.prefix(bytes.count / 8192 / 2 * 8192))
        case 4: bytes += compressible(Int.random(in: 0...60_000, using: &numbers), &numbers)
        default:
            for _ in 0..<Int.random(in: 1...6, using: &numbers) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= 0x55
            }
        }
        return true
    }

    @Test func `an increment stores the blocks that have changed and a map, and refers to the others`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<20))
        let full = try bed.blockBackup(.full).entry.label
        var fills = Array(UInt8(0)..<20)
        fills[3] = 100
        fills[17] = 101
        try bed.putBlocks("base/5/1000", fills)
        let result = try bed.blockBackup(.incr)
        let label = result.entry.label
        let file = try #require(try bed.file(Self.large, in: label))
        let block = try #require(file.block)
        #expect(block.blockSize == 8192 && block.checksumSize == 6 && file.bundle == nil && file.reference == nil)
        #expect(file.repoSize == 2 * 8192 + UInt64(block.mapSize))
        let stored = try bed.storage.read("backup/demo/\(label)/\(Self.large).pgbi")
        #expect(UInt64(stored.count) == file.repoSize && file.repoChecksum == digest(stored))
        let map = try #require(try bed.map(Self.large, in: label))
        #expect(
            map.blocks.map { map.superBlocks[Int($0.superBlock)].reference }
                == (0..<20).map { $0 == 3 || $0 == 17 ? 1 : 0 })
        #expect(try bed.manifest(label).isBlockIncremental && bed.manifest(label).isBundleRaw)
        #expect(try bed.manifest(full).isBundleRaw)
        #expect(result.entry.sizes.map ?? 0 > 0 && result.entry.sizes.mapDelta ?? 0 > 0)
    }

    @Test func `a file that is the same but for its time keeps its reference`() throws {
        for delta in [false, true] {
            let bed = try Bed.prepared()
            try bed.putBlocks("base/5/1000", Array(0..<20))
            try bed.putBlocks("base/5/1001", [1, 2, 3])
            let full = try bed.blockBackup(.full).entry.label
            try bed.putBlocks("base/5/1000", Array(0..<20), age: 20)
            try bed.putBlocks("base/5/1001", [1, 2, 3], age: 20)
            let label = try bed.blockBackup(.incr) { $0.delta = delta }.entry.label
            for name in [Self.large, Self.small] {
                let (old, new) = (try bed.file(name, in: full), try bed.file(name, in: label))
                #expect(new?.reference == 0 && new?.block == old?.block && new?.repoChecksum == old?.repoChecksum)
                #expect(new?.timestamp != old?.timestamp)
            }
        }
    }

    @Test func `a file that shrinks to whole blocks stores only a map`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<20))
        try bed.blockBackup(.full)
        try bed.putBlocks("base/5/1000", Array(0..<9))
        let label = try bed.blockBackup(.incr).entry.label
        let file = try #require(try bed.file(Self.large, in: label))
        #expect(file.size == 9 * 8192 && file.reference == nil && file.repoSize == UInt64(file.block?.mapSize ?? 0))
        #expect(try bed.differences(label, to: bed.target, try picture(bed)) == [])
    }

    @Test func `a file below the size of its blocks is stored whole, and in blocks when it has grown again`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1001", [1, 2, 3])
        try bed.blockBackup(.full)
        try bed.putBlocks("base/5/1001", [], rest: 100)
        let whole = try bed.blockBackup(.incr).entry.label
        #expect(try bed.file(Self.small, in: whole)?.block == nil)
        try bed.putBlocks("base/5/1001", [1, 2, 3])
        let again = try bed.blockBackup(.incr).entry.label
        #expect(try bed.file(Self.small, in: again)?.isStoredInBlocks == true)
        let map = try #require(try bed.map(Self.small, in: again))
        #expect(Set(map.blocks.map { map.superBlocks[Int($0.superBlock)].reference }) == [2])
        #expect(try bed.differences(again, to: bed.target, try picture(bed)) == [])
    }

    /// What a server does to a file between the listing of the cluster and its copying.
    enum Meanwhile: CaseIterable {
        case emptied, cut, grown, changedBack, vanished
    }

    @Test(arguments: Meanwhile.allCases, ["1000", "1001"])
    func `what happens to a file while the backup runs does no harm`(meanwhile: Meanwhile, name: String) throws {
        let bed = try Bed.prepared()
        let count: UInt8 = name == "1000" ? 20 : 5
        let original = Array(0..<count)
        try bed.putBlocks("base/5/\(name)", original)
        try bed.blockBackup(.full)
        var changed = original
        changed[1] = 200
        changed.append(77)
        try bed.putBlocks("base/5/\(name)", changed)
        let path = "\(bed.data)/base/5/\(name)"
        let grown = changed.flatMap { Fixture.page($0) } + Fixture.page(9, count: 3)
        bed.storage.at(
            1, of: [.create],
            .call {
                switch meanwhile {
                case .emptied: try? write(path, [])
                case .cut: try? write(path, Fixture.page(0, count: 1) + [1, 2, 3])
                case .grown: try? write(path, grown)
                case .changedBack: try? write(path, original.flatMap { Fixture.page($0) })
                case .vanished: _ = try? FileSystem.removeFile(path)
                }
            })
        let label = try bed.blockBackup(.incr).entry.label
        let file = try bed.file("pg_data/base/5/\(name)", in: label)
        let content = meanwhile == .vanished ? [] : try bed.read("base/5/\(name)")
        switch meanwhile {
        case .emptied: #expect(file?.size == 0 && file?.block == nil && file?.bundle == nil && file?.reference == nil)
        case .cut: #expect(file?.size == 8195 && file?.reference == nil)
        case .grown: #expect(file?.size == UInt64(changed.count) * 8192)
        case .changedBack: #expect(file?.size == UInt64(count) * 8192 && file?.reference == 0)
        case .vanished: #expect(file == nil)
        }
        if meanwhile == .changedBack { #expect(file?.originalSize == UInt64(changed.count) * 8192) }
        try bed.restore { $0.set = label }
        let restored = "\(bed.target)/base/5/\(name)"
        if meanwhile == .vanished {
            #expect(try FileStatus.of(restored) == nil)
        } else {
            // What was appended after the listing is in WAL.
            #expect(try FileSystem.read(restored) == content.prefix(Int(file?.size ?? 0)).map { $0 })
        }
        try bed.putBlocks("base/5/\(name)", Array(changed.reversed()), age: 5)
        let next = try bed.blockBackup(.incr).entry.label
        #expect(try bed.differences(next, to: "\(bed.directory.path)/next", try picture(bed)) == [])
        #expect(try bed.verify().isOK)
    }

    @Test func `blocks keep their size within a set, and get another in the next full backup`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<20))
        try bed.blockBackup(.full)
        try bed.putBlocks("base/5/1000", Array(1..<31))
        let other = { (settings: inout BackupSettings) -> Void in
            settings.blocks?.blockSizes = BlockIncrements.Steps([16 << 10: 24 << 10])
        }
        let increment = try bed.blockBackup(.incr, other).entry.label
        #expect(try bed.file(Self.large, in: increment)?.block?.blockSize == 8192)
        let full = try bed.blockBackup(.full, other).entry.label
        #expect(try bed.file(Self.large, in: full)?.block?.blockSize == 24576)
        for label in [increment, full] {
            #expect(try bed.differences(label, to: "\(bed.directory.path)/\(label)", try picture(bed)) == [])
        }
    }

    @Test func `switched off and on again, changed files are stored whole and then in blocks of the same size`() throws
    {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<20))
        try bed.blockBackup(.full)
        try bed.putBlocks("base/5/1000", Array(1..<21))
        let off = try bed.blockBackup(.incr) { $0.blocks = nil }.entry.label
        let whole = try #require(try bed.file(Self.large, in: off))
        #expect(whole.block == .init(blockSize: 8192, checksumSize: 6, mapSize: 0) && whole.reference == nil)
        #expect(try bed.storage.exists("backup/demo/\(off)/\(Self.large)"))
        #expect(try bed.differences(off, to: "\(bed.directory.path)/off", try picture(bed)) == [])
        try bed.putBlocks("base/5/1000", Array(2..<22))
        let on = try bed.blockBackup(.incr).entry.label
        let map = try #require(try bed.map(Self.large, in: on))
        #expect(Set(map.blocks.map { map.superBlocks[Int($0.superBlock)].reference }) == [2])
        #expect(try bed.differences(on, to: "\(bed.directory.path)/on", try picture(bed)) == [])
    }

    @Test func `blocks larger than the buffers, and super blocks of one block`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<120), rest: 99)
        let wide = { (settings: inout BackupSettings) in
            settings.compression = .zst
            settings.compressionLevel = 3
            settings.blocks?.blockSizes = BlockIncrements.Steps([16 << 10: 400 << 10])
        }
        try bed.blockBackup(.full, wide)
        var fills = Array(UInt8(0)..<120)
        fills[60] = 200
        try bed.putBlocks("base/5/1000", fills, rest: 99)
        let label = try bed.blockBackup(.incr, wide).entry.label
        let map = try #require(try bed.map(Self.large, in: label))
        #expect(map.blocks.map { map.superBlocks[Int($0.superBlock)].reference } == [0, 1, 0])
        #expect(try bed.differences(label, to: bed.target, try picture(bed)) == [])
    }

    @Test(arguments: [Compression.none, .gz, .lz4, .zst, .bz2])
    func `a large file is the same bytes in the repository whether one worker stores it or several`(
        compression: Compression
    ) throws {
        var stored: [[UInt8]] = []
        for workers in [1, 4] {
            let bed = try Bed.prepared()
            var numbers = SeededGenerator(seed: 11)
            var bytes = compressible(700_000, &numbers)
            let settings = { (settings: inout BackupSettings) in
                settings.compression = compression
                settings.compressionLevel = compression.defaultLevel
                settings.workers = workers
            }
            for type in [BackupType.full, .incr] {
                try bed.put("base/5/1000", bytes, modified: bed.clock.now().seconds - 10)
                let label = try bed.blockBackup(type, settings).entry.label
                stored.append(try bed.storage.read("backup/demo/\(label)/\(Self.large).pgbi"))
                #expect(try bed.differences(label, to: "\(bed.directory.path)/\(label)", try picture(bed)) == [])
                for position in stride(from: 0, to: bytes.count, by: 31_000) { bytes[position] ^= 1 }
            }
        }
        #expect(stored[0] == stored[2] && stored[1] == stored[3] && stored[0].count > stored[1].count)
    }

    @Test func `a repository that fails under one of several workers on a file fails the backup`() throws {
        for nth in [2, 4] {
            let bed = try Bed.prepared(cipherPass: "secret")
            var numbers = SeededGenerator(seed: 3)
            try bed.put("base/5/1000", numbers.bytes(600_000), modified: bed.clock.now().seconds - 10)
            bed.storage.at(nth, of: [.write], .fail(diskFailure))
            let backup = { (retries: Int) in
                try bed.blockBackup(.full) {
                    $0.workers = 4
                    $0.jobRetries = retries
                }
            }
            #expect(failure { _ = try backup(0) }?.code == .fileWrite)
            #expect(try bed.listed() == [])
            bed.storage.at(nth, of: [.write], .fail(diskFailure))
            let label = try backup(1).entry.label
            #expect(bed.storage.hasFired)
            #expect(try bed.differences(label, to: bed.target, try picture(bed)) == [])
        }
    }

    @Test func `a map of the prior backup that is damaged or gone fails the backup, which is not listed`() throws {
        for damage in [true, false] {
            let bed = try Bed.prepared()
            try bed.putBlocks("base/5/1000", Array(0..<20))
            let full = try bed.blockBackup(.full).entry.label
            let path = "backup/demo/\(full)/\(Self.large).pgbi"
            if damage { try bed.damage(path) { $0[$0.count - 130] ^= 0xFF } } else { try bed.remove(path) }
            try bed.putBlocks("base/5/1000", Array(1..<21))
            let error = failure { try bed.blockBackup(.incr) }
            #expect(error?.code == (damage ? .format : .fileMissing))
            #expect(error?.message.contains("\(Self.large).pgbi") == true)
            #expect(try bed.listed() == [full.text])
        }
    }

    @Test func `blocks of the trial format of 2.45 are neither continued nor restored`() throws {
        let bed = try Bed.prepared()
        try bed.putBlocks("base/5/1000", Array(0..<20))
        let label = try bed.blockBackup(.full).entry.label
        try bed.put("base/5/new", Fixture.page(1))
        // A later release may have taken the blocks over, not knowing better.
        let later = try bed.blockBackup(.incr).entry.label
        try bed.restore { $0.set = later }
        var info = try bed.repository.loadBackupInfo()
        var entry = try #require(info[label])
        entry.version = "2.45"
        info.remove(label)
        info.add(entry)
        try bed.repository.save(info)
        #expect(failure { try bed.blockBackup(.incr) }?.code == .featureNotSupported)
        let elsewhere = "\(bed.directory.path)/elsewhere"
        #expect(failure { try bed.restore(to: elsewhere) { $0.set = later } }?.code == .featureNotSupported)
        #expect(try FileStatus.of(elsewhere) == nil)
    }
}
