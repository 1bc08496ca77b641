internal import CLibcrypto

/// AES-256 in CBC mode with PKCS#7 padding: one stream, one direction.
///
/// The key and the initialisation vector come from a passphrase and an 8-byte salt.
@safe package final class AES256CBC {
    package enum Direction: Sendable { case encrypt, decrypt }

    /// How key and vector are made.
    package enum Derivation: Sendable {
        /// OpenSSL's `EVP_BytesToKey` with SHA-1 and one round, which is what `openssl enc -md sha1` does (specification
        /// `encryption`, section 3).
        case repository
        /// PBKDF2 with SHA-256 and 10,000 rounds, which is what `openssl enc -pbkdf2` does.
        case pbkdf2
    }

    private let context: OpaquePointer
    private let passphrase: [UInt8]
    private let direction: Direction
    private let derivation: Derivation

    /// Bytes of padding and pending input that a call can add to its output.
    package static let blockSize = 16
    package static let saltSize = 8

    /// - Parameter passphrase: The bytes of the passphrase; a sub-passphrase is used in its text form.
    /// - Throws: ``ErrorCode/memory`` if OpenSSL cannot make a context.
    package init(
        _ direction: Direction, passphrase: [UInt8], derivation: Derivation = .repository
    ) throws(RoostError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw RoostError(.memory, "unable to make a cipher context")
        }
        unsafe self.context = context
        self.passphrase = passphrase
        self.direction = direction
        self.derivation = derivation
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Begins a stream with a salt of ``saltSize`` bytes, dropping any earlier one.
    package func begin(salt: [UInt8]) throws(RoostError) {
        precondition(salt.count == Self.saltSize, "the salt has eight bytes")
        let (key, vector) =
            switch derivation {
            case .repository: Self.derive(passphrase: passphrase, salt: salt)
            case .pbkdf2: try Self.deriveSlowly(passphrase: passphrase, salt: salt)
            }
        let status = unsafe EVP_CipherInit_ex(
            context, EVP_aes_256_cbc(), nil, key, vector, direction == .encrypt ? 1 : 0)
        guard status == 1 else { throw RoostError(.crypto, "unable to initialize the cipher") }
    }

    /// Adds input.
    ///
    /// - Parameters:
    ///   - input: Any number of bytes.
    ///   - output: Has at least `input.byteCount + blockSize` bytes free.
    package func update(_ input: RawSpan, into output: Chunk) throws(RoostError) {
        precondition(output.free >= input.byteCount + Self.blockSize, "no room for the cipher's output")
        try output.fill { free throws(RoostError) in
            var written: Int32 = 0
            let status = unsafe input.withUnsafeBytes { source in
                unsafe EVP_CipherUpdate(
                    context, free.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(source.count))
            }
            guard status == 1 else { throw RoostError(.crypto, "unable to run the cipher") }
            return Int(written)
        }
    }

    /// Ends the stream with its padding.
    ///
    /// - Throws: ``ErrorCode/crypto`` when decrypting and the padding is wrong: a wrong passphrase, or damaged data.
    package func finish(into output: Chunk) throws(RoostError) {
        precondition(output.free >= Self.blockSize, "no room for the cipher's last block")
        try output.fill { free throws(RoostError) in
            var written: Int32 = 0
            let status = unsafe EVP_CipherFinal_ex(
                context, free.baseAddress?.assumingMemoryBound(to: UInt8.self), &written)
            guard status == 1 else {
                ERR_clear_error()
                throw RoostError(
                    .crypto, "unable to decrypt the last block",
                    hints: ["is the passphrase the one this was encrypted with, and is the file undamaged?"])
            }
            return Int(written)
        }
    }

    /// `EVP_BytesToKey` with SHA-1 and one round: 32 bytes of key, then 16 of initialisation vector.
    package static func derive(passphrase: [UInt8], salt: [UInt8]) -> (key: [UInt8], vector: [UInt8]) {
        var material: [UInt8] = []
        var previous: [UInt8] = []
        while material.count < 48 {
            let input = previous + passphrase + salt
            var digest = [UInt8](repeating: 0, count: 20)
            _ = unsafe CLibcrypto.SHA1(input, input.count, &digest)
            previous = digest
            material += digest
        }
        return (Array(material[0..<32]), Array(material[32..<48]))
    }
    /// PBKDF2 with SHA-256 and 10,000 rounds: 32 bytes of key, then 16 of initialisation vector.
    private static func deriveSlowly(
        passphrase: [UInt8], salt: [UInt8]
    ) throws(RoostError) -> (key: [UInt8], vector: [UInt8]) {
        var material = [UInt8](repeating: 0, count: 48)
        let count = Int32(material.count)
        let status = passphrase.withUnsafeBytes { phrase in
            unsafe PKCS5_PBKDF2_HMAC(
                phrase.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(phrase.count), salt, Int32(salt.count),
                10_000, EVP_sha256(), count, &material)
        }
        guard status == 1 else { throw RoostError(.crypto, "unable to derive a key from the passphrase") }
        return (Array(material[0..<32]), Array(material[32..<48]))
    }
}
