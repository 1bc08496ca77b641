import RoostPostgres
import RoostSystem
import RoostTransform
import Testing

/// Sizes of the pieces in which a file comes.
private let divisions = [1, 511, 8191, 8192, 8193, 20_000, 256 << 10]

@Suite struct PageCheckTests {
    /// A relation's segment as it lies on disk.
    private final class File {
        var bytes: [UInt8]
        var rereads: [UInt64] = []
        /// What a second read finds instead.
        var later: [UInt8]?
        let pageSize: Int

        init(pages: Int, firstPage: UInt32 = 0, pageSize: Int = 8192) {
            var generator = SeededGenerator(seed: UInt64(pages) + UInt64(firstPage))
            self.pageSize = pageSize
            bytes = []
            for index in 0..<pages {
                var page = generator.bytes(pageSize)
                page[15] |= 1
                let sum = PageChecksum.compute(page.span.bytes, number: firstPage &+ UInt32(index))
                page.replaceSubrange(8..<10, with: [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)])
                bytes += page
            }
        }

        func damage(page: Int) { bytes[page * pageSize + 100] ^= 1 }

        func read(page: UInt64, into chunk: Chunk) {
            rereads.append(page)
            let now = later ?? bytes
            let start = min(Int(page) * pageSize, now.count)
            _ = chunk.append(now.span.bytes.extracting(start..<min(start + pageSize, now.count)))
        }
    }

    private func check(
        _ file: File,
        segment: UInt32 = 0,
        headerCheck: Bool = true,
        pieces: Int = 256 << 10,
        with observer: PageCheckObserver? = nil
    ) throws -> PageCheckResult {
        let observer = observer ?? PageCheckObserver(pageSize: file.pageSize, headerCheck: headerCheck)
        observer.begin(segmentNumber: segment) { page, chunk throws(RoostError) in file.read(page: page, into: chunk) }
        let bytes = file.bytes
        var position = 0
        while position < bytes.count {
            let end = min(position + pieces, bytes.count)
            try observer.observe(bytes.span.bytes.extracting(position..<end))
            position = end
        }
        observer.finish()
        return observer.result
    }

    @Test(arguments: divisions)
    func `good pages are good`(pieces: Int) throws {
        let file = File(pages: 5)
        #expect(try check(file, pieces: pieces) == PageCheckResult(valid: true))
        #expect(file.rereads == [])
    }

    @Test(arguments: divisions)
    func `damaged pages are found, in any division`(pieces: Int) throws {
        let file = File(pages: 9)
        for page in [0, 3, 4, 8] { file.damage(page: page) }
        #expect(try check(file, pieces: pieces) == PageCheckResult(valid: false, errors: [0, 3, 4, 8]))
        #expect(file.rereads == [0, 3, 4, 8])
    }

    @Test(arguments: [4096, 8192, 16_384, 32_768])
    func `pages are counted over all segments`(pageSize: Int) throws {
        let first = 3 * UInt32((1 << 30) / pageSize)
        let file = File(pages: 4, firstPage: first, pageSize: pageSize)
        #expect(try check(file, segment: 3).valid)
        file.damage(page: 2)
        #expect(try check(file, segment: 3) == PageCheckResult(valid: false, errors: [first + 2]))
        #expect(file.rereads == [2])
        #expect(try check(file, segment: 2).errors.count == 4)
    }

    @Test(arguments: divisions)
    func `a page that has changed since is good`(pieces: Int) throws {
        let file = File(pages: 6)
        for page in [1, 5] { file.damage(page: page) }
        var later = file.bytes
        later[8192 + 5000] ^= 0xFF
        file.later = later
        #expect(try check(file, pieces: pieces) == PageCheckResult(valid: false, errors: [5]))
    }

    @Test func `a page that has been cut off since is good`() throws {
        let file = File(pages: 3)
        file.damage(page: 2)
        for length in [0, 8192, 16_384, 16_385, 24_575] {
            file.later = Array(file.bytes.prefix(length))
            #expect(try check(file) == PageCheckResult(valid: true))
        }
    }

    @Test func `what a growing file gets behind the last page read does not matter`() throws {
        let file = File(pages: 3)
        file.damage(page: 1)
        file.later = file.bytes + File(pages: 2).bytes
        #expect(try check(file) == PageCheckResult(valid: false, errors: [1]))
    }

    @Test(arguments: [1, 511, 512, 513, 8191], divisions)
    func `a file that ends within a page has no list`(extra: Int, pieces: Int) throws {
        let file = File(pages: 4)
        file.damage(page: 1)
        file.bytes += [UInt8](repeating: 0, count: extra)
        #expect(try check(file, pieces: pieces) == PageCheckResult(valid: false, misaligned: true))
        #expect(file.rereads == [1])
    }

    @Test func `zero pages are good, nearly zero ones are not`() throws {
        let file = File(pages: 4)
        for index in 8192..<16_384 { file.bytes[index] = 0 }
        for headerCheck in [false, true] {
            #expect(try check(file, headerCheck: headerCheck) == PageCheckResult(valid: true))
        }
        file.bytes[16_383] = 1
        for headerCheck in [false, true] {
            #expect(try check(file, headerCheck: headerCheck) == PageCheckResult(valid: false, errors: [1]))
        }
    }

    @Test func `a page without an upper bound is bad only where headers are readable`() throws {
        let file = File(pages: 2)
        file.bytes.replaceSubrange(14..<16, with: [0, 0])
        let page = Array(file.bytes[..<8192])
        let sum = PageChecksum.compute(page.span.bytes, number: 0)
        file.bytes.replaceSubrange(8..<10, with: [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)])
        #expect(try check(file, headerCheck: false) == PageCheckResult(valid: true))
        #expect(try check(file, headerCheck: true) == PageCheckResult(valid: false, errors: [0]))
    }

    @Test func `one observer serves file after file, also those without pages`() throws {
        let observer = PageCheckObserver(pageSize: 8192, headerCheck: true)
        let bad = File(pages: 2)
        bad.damage(page: 0)
        let cut = File(pages: 1)
        cut.bytes.removeLast()
        #expect(try check(bad, with: observer) == PageCheckResult(valid: false, errors: [0]))
        #expect(try check(cut, with: observer) == PageCheckResult(valid: false, misaligned: true))
        observer.reset()
        try observer.observe(Sample.noise.bytes.span.bytes)
        observer.finish()
        #expect(observer.result == PageCheckResult(valid: true))
        #expect(try check(File(pages: 2), with: observer) == PageCheckResult(valid: true))
        #expect(try check(File(pages: 0), with: observer) == PageCheckResult(valid: true))
    }

    @Test func `a failing second read is the caller's error`() throws {
        let file = File(pages: 1)
        file.damage(page: 0)
        let observer = PageCheckObserver(pageSize: 8192, headerCheck: true)
        observer.begin(segmentNumber: 0) { _, _ throws(RoostError) in throw RoostError(.fileRead, "no") }
        let bytes = file.bytes
        let error = #expect(throws: RoostError.self) { try observer.observe(bytes.span.bytes) }
        #expect(error?.code == .fileRead)
    }
}
