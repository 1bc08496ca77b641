/// Names of files, one after another in few large pieces of memory.
struct NameArena: Sendable {
    private static var segmentSize: Int { 1 << 20 }
    private var segments: [ContiguousArray<UInt8>] = []

    /// Stores a name.
    ///
    /// - Returns: Where it lies, nil once four gigabytes of names are stored.
    mutating func store(_ name: Span<UInt8>) -> UInt32? {
        precondition(name.count > 0 && name.count <= Int(UInt16.max), "names are checked before they are stored")
        if segments.isEmpty || segments[segments.count - 1].count + name.count > Self.segmentSize {
            guard segments.count < 4096 else { return nil }
            var segment = ContiguousArray<UInt8>()
            segment.reserveCapacity(Self.segmentSize)
            segments.append(segment)
        }
        let last = segments.count - 1
        let offset = last << 20 | segments[last].count
        unsafe name.withUnsafeBufferPointer { buffer in unsafe segments[last].append(contentsOf: buffer) }
        return UInt32(offset)
    }

    /// Hands a stored name to a closure.
    func read<T>(_ offset: UInt32, _ count: UInt16, _ body: (Span<UInt8>) -> T) -> T {
        let start = Int(offset & 0xF_FFFF)
        let segment = segments[Int(offset >> 20)]
        return body(segment.span.extracting(start..<start + Int(count)))
    }
}
