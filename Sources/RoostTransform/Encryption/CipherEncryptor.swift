package import RoostSystem

/// Encrypts a stream as `openssl enc -aes-256-cbc -md sha1` does, each with a salt of its own.
package final class CipherEncryptor: Transform {
    /// What the first eight bytes of an encrypted file say; left out in raw form.
    static let magic = Array("Salted__".utf8)

    private let cipher: AES256CBC
    private let raw: Bool
    private let overflow = CipherOverflow()
    private var isBegun = false
    private var isEnded = false

    /// - Parameters:
    ///   - passphrase: The bytes of its text.
    ///   - raw: Leaves out the magic, as in block-incremental files.
    package init(passphrase: [UInt8], raw: Bool) throws(RoostError) {
        cipher = try AES256CBC(.encrypt, passphrase: passphrase)
        self.raw = raw
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        if !isBegun {
            let salt = try randomBytes(AES256CBC.saltSize)
            try cipher.begin(salt: salt)
            if !raw { overflow.add(Self.magic) }
            overflow.add(salt)
            isBegun = true
        }
        var consumed = 0
        while true {
            guard overflow.drain(into: output) else { return Progress(consumed: consumed, state: .needsOutput) }
            if isEnded { return Progress(consumed: consumed, state: .finished) }
            if consumed < input.byteCount {
                let target = overflow.target(for: output)
                let piece = min(input.byteCount - consumed, target.free - AES256CBC.blockSize)
                try cipher.update(input.extracting(consumed..<consumed + piece), into: target)
                consumed += piece
            } else if atEnd {
                try cipher.finish(into: overflow.target(for: output))
                isEnded = true
            } else {
                return Progress(consumed: consumed, state: .needsInput)
            }
        }
    }

    package func reset() {
        overflow.reset()
        isBegun = false
        isEnded = false
    }
}
