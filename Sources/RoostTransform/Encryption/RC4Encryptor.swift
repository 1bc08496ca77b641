package import RoostSystem

/// Encrypts a stream as `openssl enc -rc4` does, each with a salt of its own.
package final class RC4Encryptor: Transform {
    private let passphrase: [UInt8]
    private var cipher: RC4?
    /// What of the header is still to be written.
    private var header: [UInt8] = []

    /// - Parameter passphrase: The bytes of its text.
    package init(passphrase: [UInt8]) { self.passphrase = passphrase }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        let cipher = if let cipher { cipher } else { try begin() }
        header.removeFirst(output.append(header.span.raw))
        let count = header.isEmpty ? min(input.byteCount, output.free) : 0
        cipher.update(input.extracting(0..<count), into: output)
        guard header.isEmpty, count == input.byteCount else { return Progress(consumed: count, state: .needsOutput) }
        return Progress(consumed: count, state: atEnd ? .finished : .needsInput)
    }

    package func reset() {
        cipher = nil
        header = []
    }

    private func begin() throws(RoostError) -> RC4 {
        let salt = try randomBytes(RC4.saltSize)
        header = CipherEncryptor.magic + salt
        let made = RC4(passphrase: passphrase, salt: salt)
        cipher = made
        return made
    }
}
