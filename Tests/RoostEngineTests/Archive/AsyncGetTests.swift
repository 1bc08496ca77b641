import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Getting with a queue that is filled in advance (specification `archive`, section 11).
struct AsyncGetTests {
    private static func name(_ number: UInt32) -> String { segment(number).description }

    /// A stanza with archived segments, each filled with its number.
    private func bed(_ numbers: ClosedRange<UInt32> = 1...6, workers: Int = 1) throws -> SpoolBed {
        let bed = try SpoolBed()
        bed.workers = workers
        for number in numbers { try bed.finish(Self.name(number), Fixture.segment(fill: UInt8(number))) }
        try bed.push(Self.name(numbers.lowerBound))
        return bed
    }

    private func starts(_ bed: SpoolBed) -> [String] {
        bed.log.lines.filter { $0.hasPrefix("info: start ") }.map { String($0.dropFirst(12)) }
    }

    @Test(arguments: [1, 2])
    func `recovery gets every segment, mostly from the queue, and learns where it ends`(workers: Int) throws {
        let bed = try bed(workers: workers)
        for number: UInt32 in 1...6 {
            #expect(try bed.get(Self.name(number)) == Fixture.segment(fill: UInt8(number)), "segment \(number)")
        }
        #expect(try bed.get(Self.name(7)) == nil)
        #expect(starts(bed).first == "01 02 03 04")
        #expect(bed.log.contains("info: get 4 WAL file(s) from archive: \(Self.name(1))...\(Self.name(4))"))
        #expect(bed.log.contains("info: found \(Self.name(3)) in the archive asynchronously"))
        #expect(bed.log.contains("info: unable to find \(Self.name(7)) in the archive asynchronously"))
    }

    @Test func `the queue is filled again when it is half empty, and what is not wanted goes`() throws {
        let bed = try bed()
        _ = try bed.get(Self.name(1))
        #expect(try FileSystem.list(bed.fetched) == [2, 3, 4].map(Self.name))
        _ = try bed.get(Self.name(2))
        #expect(try FileSystem.list(bed.fetched) == [3, 4, 5, 6].map(Self.name))
        #expect(starts(bed) == ["01 02 03 04", "05 06"])
        _ = try bed.get(Self.name(5))
        _ = try bed.get(Self.name(1))
        #expect(try FileSystem.list(bed.fetched) == [2, 3, 4].map(Self.name))
    }

    @Test func `what was missing is looked for again`() throws {
        let bed = try bed(1...1)
        _ = try bed.get(Self.name(1))
        #expect(try FileSystem.list(bed.fetched) == ["\(Self.name(2)).ok"])
        try bed.finish(Self.name(2), Fixture.segment(fill: 2))
        try bed.runWorker()
        #expect(try bed.get(Self.name(2), missingRetry: false) == nil, "as the option says")
        #expect(try bed.get(Self.name(2)) == Fixture.segment(fill: 2))
    }

    @Test func `without a worker a segment is fetched at once`() throws {
        let bed = try bed()
        #expect(try bed.get(Self.name(2), works: false, timeout: 1000) == Fixture.segment(fill: 2))
        #expect(starts(bed).isEmpty)
    }

    @Test func `a queue of an earlier life, of stock or of before a crash is not believed`() throws {
        let bed = try bed()
        try write("\(bed.fetched)/\(Self.name(1))", [1, 2, 3])
        #expect(try bed.get(Self.name(1)) == Fixture.segment(fill: 1))
        // The machine was started anew: nothing in the queue was synced.
        let witness = "\(bed.bed.directory.path)/spool/roost/demo/life-in"
        let text = String(decoding: try FileSystem.read(witness), as: UTF8.self)
        try write(witness, Array(text.replacing(try CurrentProcess.bootID(), with: "before").utf8))
        try write("\(bed.fetched)/\(Self.name(2))", [])
        #expect(try bed.get(Self.name(2)) == Fixture.segment(fill: 2))
    }

    @Test func `a queue that another life takes over meanwhile is not believed`() throws {
        let bed = try bed()
        _ = try bed.get(Self.name(1))
        let queued = "\(bed.fetched)/\(Self.name(2))"
        try FileSystem.removeFile(queued)
        let witness = "\(bed.bed.directory.path)/spool/roost/demo/life-in"
        bed.bed.clock.whenSleeping {
            do {
                try write(witness, Array("{}".utf8))
                try write(queued, [1, 2, 3])
            } catch {
                Issue.record(error)
            }
        }
        #expect(try bed.get(Self.name(2), works: false, timeout: 1000) == Fixture.segment(fill: 2))
    }

    @Test func `a segment with a warning is not missing while it is being fetched`() throws {
        let bed = try bed()
        _ = try bed.get(Self.name(1))
        let queued = "\(bed.fetched)/\(Self.name(2))"
        try FileSystem.move(queued, to: queued + DurableFile.temporarySuffix)
        try write(queued + ".ok", Array("0\nread twice".utf8))
        bed.bed.clock.whenSleeping { _ = try? FileSystem.move(queued + DurableFile.temporarySuffix, to: queued) }
        #expect(try bed.get(Self.name(2), works: false, missingRetry: false) == Fixture.segment(fill: 2))
        #expect(bed.log.contains("warn: read twice"))
    }

    // MARK: What must not end a recovery

    @Test func `without a spool that can be written a segment is fetched at once`() throws {
        let bed = try bed()
        try FileSystem.removeTree("\(bed.bed.directory.path)/spool")
        try write("\(bed.bed.directory.path)/spool", [])
        #expect(try bed.get(Self.name(2)) == Fixture.segment(fill: 2))
        #expect(bed.log.contains("warn: unable to get \(Self.name(2)) through the spool, getting it directly: "))
        #expect(try bed.get(Self.name(7)) == nil)
    }

    @Test func `where no worker can be started a segment is fetched at once`() throws {
        let bed = try bed()
        bed.beforeStart = { throw RoostError(.execute, "unable to start 'roost': [11] try again") }
        #expect(try bed.get(Self.name(2)) == Fixture.segment(fill: 2))
    }

    @Test func `a worker that failed does not keep a segment from recovery`() throws {
        let bed = try bed()
        bed.beforeStart = {
            _ = try bed.spool.create(.get)
            try bed.spool.writeFailure(nil, .get, RoostError(.fileWrite, "no space left"))
        }
        _ = try bed.get(Self.name(1))
        #expect(try bed.get(Self.name(5), works: false) == Fixture.segment(fill: 5))
        #expect(bed.log.contains("warn: \(Self.name(5)) was not fetched in advance: [64] no space left"))
    }

    @Test func `a worker is told no more names than a command line holds`() throws {
        let bed = try bed()
        try bed.spool.create(.get)
        let queue = GetQueue(bed.spool, segmentSize: 1 << 20, size: 4 << 50)
        #expect(queue.count == 1024)
        #expect(try queue.tidy(from: segment(1)).count == 1024)
    }

    @Test func `a failure of one segment does not keep the others from the queue`() throws {
        let bed = try bed()
        let stored = try #require(try bed.bed.objects(below: "archive/demo/15-1").first { $0.contains(Self.name(3)) })
        try bed.repository.storage.write("\(stored).zst", [1, 2, 3])
        try bed.bed.remove(stored)
        _ = try bed.get(Self.name(1))
        let fetched = try FileSystem.list(bed.fetched)
        #expect(fetched.prefix(3) == [Self.name(2), "\(Self.name(3)).error", Self.name(4)])
        _ = try bed.get(Self.name(2))
        let error = failure { _ = try bed.get(Self.name(3)) }
        #expect(error?.code == .fileRead)
    }
}
