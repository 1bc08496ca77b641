package import RoostSystem

/// Decrypts a stream that ``CipherEncryptor``, pgBackRest or `openssl enc` has written.
package final class CipherDecryptor: Transform {
    private let flow: CipherFlow
    /// What comes before the salt.
    private let magic: [UInt8]
    private var header: [UInt8] = []

    /// - Parameters:
    ///   - passphrase: The bytes of its text.
    ///   - raw: As it was for the encryptor.
    package init(passphrase: [UInt8], raw: Bool) throws(RoostError) {
        flow = CipherFlow(try AES256CBC(.decrypt, passphrase: passphrase))
        magic = raw ? [] : CipherEncryptor.magic
        header.reserveCapacity(magic.count + AES256CBC.saltSize)
    }

    /// - Throws: ``ErrorCode/crypto`` if the header is missing or another one, or if the padding is wrong at the end: a wrong
    ///   passphrase or damaged data. Most damage goes unseen here, as the format has no authentication.
    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        if !flow.isBegun {
            consumed = try takeHeader(from: input)
            guard flow.isBegun else {
                guard !atEnd else { throw RoostError(.crypto, "cipher header missing") }
                return Progress(consumed: consumed, state: .needsInput)
            }
        }
        return try flow.run(input, from: consumed, into: output, atEnd: atEnd)
    }

    package func reset() {
        flow.reset()
        header.removeAll(keepingCapacity: true)
    }

    /// Collects the header, and begins when it is complete.
    private func takeHeader(from input: RawSpan) throws(RoostError) -> Int {
        let needed = magic.count + AES256CBC.saltSize
        let taken = min(needed - header.count, input.byteCount)
        header += input.extracting(first: taken).array()
        guard header.count == needed else { return taken }
        guard header.starts(with: magic) else { throw RoostError(.crypto, "cipher header invalid") }
        try flow.begin(salt: Array(header.suffix(AES256CBC.saltSize)))
        return taken
    }
}
