internal import RoostSystem

extension Chunk {
    /// Lets a C function read `input` and write into the free part.
    ///
    /// - Parameter body: Gets both and returns how many bytes of the free part, from its start, it has filled.
    func fill<E: Error>(
        from input: RawSpan,
        _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        unsafe try fill { free throws(E) in
            unsafe try input.withUnsafeBytes { bytes throws(E) in unsafe try body(bytes, free) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The first byte, as the C libraries want it that do not say that they leave their input alone.
    func mutableBytes<Element>(as type: Element.Type) -> UnsafeMutablePointer<Element>? {
        unsafe UnsafeMutablePointer(mutating: assumingMemoryBound(to: type).baseAddress)
    }
}
