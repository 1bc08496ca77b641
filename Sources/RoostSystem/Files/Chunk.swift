internal import Glibc

/// A fixed-capacity, page-aligned buffer that one worker fills, hands on and reuses.
///
/// Invariant: `0 <= count <= capacity`; the memory lives exactly as long as the object. Not `Sendable`: a chunk belongs to
/// one thread.
@safe package final class Chunk {
    private let memory: UnsafeMutableRawBufferPointer
    /// Bytes filled so far.
    package private(set) var count = 0

    /// - Parameter capacity: In bytes, at least 1.
    package init(capacity: Int) {
        precondition(capacity > 0, "a chunk holds at least one byte")
        unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 4096)
    }

    deinit { unsafe memory.deallocate() }

    package var capacity: Int { memory.count }
    package var free: Int { capacity - count }
    package var isFull: Bool { count == capacity }

    /// The filled part.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let view = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: memory[0..<count]))
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// Forgets the content; capacity and address stay.
    package func removeAll() { count = 0 }

    /// Keeps the last `tail` bytes, moved to the front.
    package func keepLast(_ tail: Int) {
        precondition(tail <= count, "cannot keep more than there is")
        if let base = memory.baseAddress { unsafe memmove(base, base + count - tail, tail) }
        count = tail
    }

    /// Appends as much of `span` as fits.
    ///
    /// - Returns: The number of bytes taken.
    package func append(_ span: RawSpan) -> Int {
        let taken = min(span.byteCount, free)
        guard taken > 0 else { return 0 }
        unsafe span.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[0..<taken]))
        }
        count += taken
        return taken
    }

    /// Lets a C function write into the free part.
    ///
    /// - Parameter body: Gets the free part and returns how many bytes of it, from its start, it has filled.
    package func fill<E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        let written = unsafe try body(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        precondition(written >= 0 && written <= free, "a callee wrote past the end of a chunk")
        count += written
    }

    /// Lets a caller change bytes that are already filled, for example to restore a header.
    package func modify<E: Error>(_ body: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        unsafe try body(UnsafeMutableRawBufferPointer(rebasing: memory[0..<count]))
    }
}

extension RawSpan {
    /// The bytes as an array, for small values that must be kept.
    package func array() -> [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension Span where Element == UInt8 {
    /// The same bytes without their type.
    ///
    /// Safe: every byte of a `UInt8` is initialized.
    package var raw: RawSpan {
        @_lifetime(copy self)
        get { bytes }
    }
}
