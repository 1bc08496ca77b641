internal import RoostSystem

/// A file that is restored in parts, out of order, and the digest of what is in it.
///
/// What passes in order is digested as it passes; the rest is read again at the end, so that each byte is digested once.
final class RestoredFile {
    private var file: OwnedDescriptor?
    private let raw: Int32
    let path: String
    private let hasher: SHA1Hasher
    /// The digest covers the bytes before this one.
    private var digested: UInt64 = 0

    /// - Parameters:
    ///   - file: Open for writing, for reading too where it had content before.
    ///   - hasher: Used by nobody else as long as the file is restored.
    init(_ file: consuming OwnedDescriptor, _ hasher: SHA1Hasher) {
        raw = file.raw
        path = file.path
        self.file = consume file
        self.hasher = hasher
        hasher.reset()
    }

    /// Reads what is there at a position.
    ///
    /// - Parameter chunk: Filled as far as the file goes.
    func read(at offset: UInt64, into chunk: Chunk, limit: Int) throws(RoostError) {
        let count = min(limit, chunk.free)
        try chunk.fill { free throws(RoostError) in
            try OwnedDescriptor.read(
                at: offset, into: UnsafeMutableRawBufferPointer(rebasing: free[0..<count]), from: raw, path)
        }
    }

    /// Takes notice of bytes that are there and stay, if they follow what is digested.
    func keep(_ bytes: RawSpan, at offset: UInt64) {
        guard offset == digested else { return }
        hasher.update(bytes)
        digested += UInt64(bytes.byteCount)
    }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(RoostError) {
        try OwnedDescriptor.write(bytes, at: offset, to: raw, path)
        keep(bytes, at: offset)
    }

    /// Closes the file, reporting what a write may have failed with late.
    func close() throws(RoostError) {
        guard let open = file.take() else { preconditionFailure("a file is closed once") }
        try open.close()
    }

    /// The digest of the whole file, and how long it is found to be at most.
    ///
    /// - Parameter size: In bytes; what is missing is missing in the digest too.
    func finish(_ size: UInt64, through chunk: Chunk) throws(RoostError) -> (digest: SHA1, size: UInt64) {
        while digested < size {
            try Interrupt.check()
            chunk.removeAll()
            try read(at: digested, into: chunk, limit: Int(min(size - digested, UInt64(chunk.capacity))))
            if chunk.count == 0 { break }
            hasher.update(chunk.bytes)
            digested += UInt64(chunk.count)
        }
        return (hasher.finish(), digested)
    }
}
