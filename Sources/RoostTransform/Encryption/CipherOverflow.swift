internal import RoostSystem

/// A few bytes of a cipher's output that wait for room.
///
/// OpenSSL writes up to a block more than it was given; where the caller has less than that free, the bytes go through here.
final class CipherOverflow {
    private let chunk = Chunk(capacity: 64)
    private var drained = 0

    /// Adds bytes, at most 16 after each drain.
    func add(_ bytes: [UInt8]) {
        let taken = unsafe chunk.append(bytes.span.bytes)
        precondition(taken == bytes.count, "the overflow of a cipher is small")
    }

    /// Where the cipher may write now: room for a block and at least one byte of input.
    func target(for output: Chunk) -> Chunk { output.free > AES256CBC.blockSize ? output : chunk }

    /// Hands over what waits.
    ///
    /// - Returns: Whether nothing is left.
    func drain(into output: Chunk) -> Bool {
        let chunk = chunk
        guard chunk.count > 0 else { return true }
        drained += output.append(chunk.bytes.extracting(droppingFirst: drained))
        guard drained == chunk.count else { return false }
        reset()
        return true
    }

    func reset() {
        chunk.removeAll()
        drained = 0
    }
}
