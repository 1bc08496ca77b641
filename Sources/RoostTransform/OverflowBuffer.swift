internal import RoostSystem

/// Room for what a library writes in one piece when the caller has too little room for it.
final class OverflowBuffer {
    private let capacity: Int
    private var chunk: Chunk?
    /// Bytes already handed over.
    private var drained = 0

    /// - Parameter capacity: The most that the library writes at once. The memory is made when it is first needed.
    init(capacity: Int) { self.capacity = capacity }

    /// Hands over what waits.
    ///
    /// - Returns: Whether nothing is left.
    func drain(into output: Chunk) -> Bool {
        guard let chunk, chunk.count > 0 else { return true }
        drained += output.append(chunk.bytes.extracting(droppingFirst: drained))
        guard drained == chunk.count else { return false }
        removeAll()
        return true
    }

    /// Where to write: the output if it has the room, the overflow if the output is empty.
    ///
    /// - Returns: Nil if the output must be taken away first.
    func target(_ output: Chunk, needing room: Int) -> Chunk? {
        if output.free >= room { return output }
        guard output.count == 0 else { return nil }
        let chunk = chunk ?? Chunk(capacity: capacity)
        self.chunk = chunk
        return chunk
    }

    func removeAll() {
        chunk?.removeAll()
        drained = 0
    }
}
