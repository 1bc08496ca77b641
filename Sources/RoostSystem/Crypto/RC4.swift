internal import CLibcrypto

/// The stream cipher RC4 as `openssl enc -rc4` uses it: kept for files that must be read by it, no protection any more.
///
/// The key is the first half of SHA-256 over passphrase and salt (`EVP_BytesToKey`, one round). In Swift, because OpenSSL 3
/// has RC4 in a provider only that many hosts do not load.
package final class RC4 {
    package static let saltSize = 8
    private static let keySize = 16

    private var state: [UInt8] = []
    private var i: UInt8 = 0
    private var j: UInt8 = 0

    /// - Parameter key: At least one byte; of more than 256 the first ones count.
    package init(key: [UInt8]) {
        precondition(!key.isEmpty, "a cipher needs a key")
        state = (0...255).map { UInt8($0) }
        var j: UInt8 = 0
        for i in 0..<256 {
            j = j &+ state[i] &+ key[i % key.count]
            state.swapAt(i, Int(j))
        }
    }

    /// - Parameter salt: ``saltSize`` bytes.
    package convenience init(passphrase: [UInt8], salt: [UInt8]) {
        precondition(salt.count == Self.saltSize, "the salt has eight bytes")
        self.init(key: Array(sha256(passphrase + salt)[..<Self.keySize]))
    }

    /// Appends input to output, encrypted or decrypted, which is one and the same.
    ///
    /// - Parameter output: Has room for it.
    package func update(_ input: RawSpan, into output: Chunk) {
        precondition(output.free >= input.byteCount, "no room for the cipher's output")
        state.withUnsafeMutableBufferPointer { state in
            output.fill { free in
                var (i, j) = (self.i, self.j)
                input.withUnsafeBytes { bytes in
                    for index in bytes.indices {
                        i &+= 1
                        let a = state[Int(i)]
                        j &+= a
                        let b = state[Int(j)]
                        (state[Int(i)], state[Int(j)]) = (b, a)
                        free[index] = bytes[index] ^ state[Int(a &+ b)]
                    }
                }
                (self.i, self.j) = (i, j)
                return input.byteCount
            }
        }
    }
}

/// The SHA-256 digest of a few bytes.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = CLibcrypto.SHA256(bytes, bytes.count, &digest)
    return digest
}
