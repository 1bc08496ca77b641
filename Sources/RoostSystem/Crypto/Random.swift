internal import CLibcrypto

/// Random bytes fit for keys and salts, from OpenSSL's generator.
///
/// - Throws: ``ErrorCode/crypto`` if the generator has no entropy.
package func randomBytes(_ count: Int) throws(RoostError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else {
        throw RoostError(.crypto, "unable to get \(count) random bytes from the system")
    }
    return bytes
}
