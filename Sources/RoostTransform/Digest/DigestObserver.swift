package import RoostSystem

/// The SHA-1 and the size of the bytes that pass.
package final class DigestObserver: Observer {
    private let hasher = SHA1Hasher()
    private var size: UInt64 = 0
    private var digest: SHA1?

    package init() {}

    /// Digest and byte count of the finished stream.
    package var result: (digest: SHA1, size: UInt64) {
        guard let digest else { preconditionFailure("a digest is known when its stream has been finished") }
        return (digest, size)
    }

    package func observe(_ bytes: RawSpan) {
        hasher.update(bytes)
        size += UInt64(bytes.byteCount)
    }

    package func finish() { digest = size == 0 ? .ofNothing : hasher.finish() }

    package func reset() {
        if digest == nil { _ = hasher.finish() }
        digest = nil
        size = 0
    }
}
