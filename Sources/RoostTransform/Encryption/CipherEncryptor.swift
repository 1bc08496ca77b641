package import RoostSystem

/// Encrypts a stream as `openssl enc -aes-256-cbc` does with `-md sha1` or `-pbkdf2`, each with a salt of its own.
package final class CipherEncryptor: Transform {
    /// What the first eight bytes of an encrypted file say; left out in raw form.
    static let magic = Array("Salted__".utf8)

    private let flow: CipherFlow
    private let raw: Bool

    /// - Parameters:
    ///   - passphrase: The bytes of its text.
    ///   - raw: Leaves out the magic, as in block-incremental files.
    ///   - derivation: How the key comes from the passphrase.
    package init(
        passphrase: [UInt8], raw: Bool, derivation: AES256CBC.Derivation = .repository
    ) throws(RoostError) {
        flow = CipherFlow(try AES256CBC(.encrypt, passphrase: passphrase, derivation: derivation))
        self.raw = raw
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        if !flow.isBegun {
            let salt = try randomBytes(AES256CBC.saltSize)
            try flow.begin(salt: salt, header: raw ? salt : Self.magic + salt)
        }
        return try flow.run(input, from: 0, into: output, atEnd: atEnd)
    }

    package func reset() { flow.reset() }
}
