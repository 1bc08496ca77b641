internal import RoostPostgres
package import RoostSystem

/// Checks the checksums of a relation's pages as they pass (specification `backup`, section 9).
///
/// A bad page is read once more. If its bytes have changed, the server was writing it, and recovery will replay it from WAL:
/// it counts as good. Between ``reset()`` and ``begin(segmentNumber:reread:)`` all bytes are ignored, so that one pipeline
/// serves files without pages too.
package final class PageCheckObserver: Observer {
    /// Reads one page of the file again.
    ///
    /// It gets the page's position in the file, counted in pages, and appends what it reads to the chunk, which has room
    /// for one page. Fewer bytes mean that the file has become shorter.
    package typealias Reread = (_ page: UInt64, _ into: Chunk) throws(RoostError) -> Void

    private let pageSize: Int
    private let headerCheck: Bool
    /// The beginning of a page whose end has not come yet; never full between calls.
    private let partial: Chunk
    private let second: Chunk
    private var reread: Reread?
    private var firstPage: UInt32 = 0
    private var pagesSeen: UInt64 = 0
    private var errors: [UInt32] = []
    private var isFinished = false

    /// - Parameters:
    ///   - pageSize: From `pg_control`.
    ///   - headerCheck: The option `page-header-check`: off where pages are encrypted.
    package init(pageSize: Int, headerCheck: Bool) {
        self.pageSize = pageSize
        self.headerCheck = headerCheck
        partial = Chunk(capacity: pageSize)
        second = Chunk(capacity: pageSize)
    }

    /// Begins the check of a file.
    ///
    /// - Parameters:
    ///   - segmentNumber: What follows the last dot of the file's name, else 0. A segment is 1 GiB.
    ///   - reread: A closure can be made once and passed for each file.
    package func begin(segmentNumber: UInt32, reread: @escaping Reread) {
        reset()
        self.reread = reread
        firstPage = segmentNumber &* UInt32((1 << 30) / pageSize)
    }

    /// The result of the finished file; valid if none was begun.
    package var result: PageCheckResult {
        precondition(isFinished, "the result of a page check is known when its stream has been finished")
        guard partial.count == 0 else { return PageCheckResult(valid: false, misaligned: true) }
        return PageCheckResult(valid: errors.isEmpty, errors: errors)
    }

    package func observe(_ bytes: RawSpan) throws(RoostError) {
        guard reread != nil else { return }
        let partial = partial
        var rest = bytes
        if partial.count > 0 {
            rest = rest.extracting(droppingFirst: partial.append(rest))
            guard partial.isFull else { return }
            try check(partial.bytes)
            partial.removeAll()
        }
        let whole = rest.byteCount / pageSize * pageSize
        if whole > 0 { try check(rest.extracting(first: whole)) }
        _ = partial.append(rest.extracting(droppingFirst: whole))
    }

    package func finish() {
        isFinished = true
        reread = nil
    }

    package func reset() {
        reread = nil
        partial.removeAll()
        pagesSeen = 0
        errors.removeAll(keepingCapacity: true)
        isFinished = false
    }

    /// Checks complete pages.
    private func check(_ pages: RawSpan) throws(RoostError) {
        let first = firstPage &+ UInt32(truncatingIfNeeded: pagesSeen)
        let bad = PageChecksum.invalidPages(
            in: pages,
            pageSize: pageSize,
            firstPage: first,
            headerCheck: headerCheck
        )
        for number in bad {
            let index = Int(number &- first)
            let page = pages.extracting(index * pageSize..<(index + 1) * pageSize)
            if try !hasChanged(page, at: pagesSeen + UInt64(index)) { errors.append(number) }
        }
        pagesSeen += UInt64(pages.byteCount / pageSize)
    }

    private func hasChanged(_ page: RawSpan, at position: UInt64) throws(RoostError) -> Bool {
        let second = second
        second.removeAll()
        try reread?(position, second)
        return !second.bytes.isEqual(to: page)
    }
}

extension RawSpan {
    fileprivate func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return unsafe withUnsafeBytes { one in unsafe other.withUnsafeBytes { two in unsafe one.elementsEqual(two) } }
    }
}
