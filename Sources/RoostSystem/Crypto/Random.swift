internal import Glibc

/// Random bytes fit for keys and salts, straight from the kernel: OpenSSL's generator would have to be set up at every start.
///
/// - Parameter count: At most 256.
/// - Throws: ``ErrorCode/crypto`` if the kernel has no entropy.
package func randomBytes(_ count: Int) throws(RoostError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard getentropy(&bytes, count) == 0 else {
        throw RoostError(.crypto, "unable to get \(count) random bytes from the system: \(errorText(Syscall.errno))")
    }
    return bytes
}
