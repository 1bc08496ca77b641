/// The number of bytes that pass.
package final class SizeObserver: Observer {
    /// Bytes seen so far.
    package private(set) var size: UInt64 = 0

    package init() {}

    package func observe(_ bytes: RawSpan) { size += UInt64(bytes.byteCount) }

    package func finish() {}

    package func reset() { size = 0 }
}
