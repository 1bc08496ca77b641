package import RoostSystem

/// Decrypts a stream that ``CipherEncryptor``, pgBackRest or `openssl enc` has written.
package final class CipherDecryptor: Transform {
    private let cipher: AES256CBC
    /// What comes before the salt.
    private let magic: [UInt8]
    private let overflow = CipherOverflow()
    private var header: [UInt8] = []
    private var isBegun = false
    private var isEnded = false

    /// - Parameters:
    ///   - passphrase: The bytes of its text.
    ///   - raw: As it was for the encryptor.
    package init(passphrase: [UInt8], raw: Bool) throws(RoostError) {
        cipher = try AES256CBC(.decrypt, passphrase: passphrase)
        magic = raw ? [] : CipherEncryptor.magic
        header.reserveCapacity(magic.count + AES256CBC.saltSize)
    }

    /// - Throws: ``ErrorCode/crypto`` if the header is missing or another one, or if the padding is wrong at the end: a wrong
    ///   passphrase or damaged data. Most damage goes unseen here, as the format has no authentication.
    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        if !isBegun {
            consumed = try takeHeader(from: input)
            guard isBegun else {
                guard !atEnd else { throw RoostError(.crypto, "cipher header missing") }
                return Progress(consumed: consumed, state: .needsInput)
            }
        }
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
        header.removeAll(keepingCapacity: true)
        isBegun = false
        isEnded = false
    }

    /// Collects the header, and begins when it is complete.
    private func takeHeader(from input: RawSpan) throws(RoostError) -> Int {
        let needed = magic.count + AES256CBC.saltSize
        let taken = min(needed - header.count, input.byteCount)
        header += input.extracting(first: taken).array()
        guard header.count == needed else { return taken }
        guard header.starts(with: magic) else { throw RoostError(.crypto, "cipher header invalid") }
        try cipher.begin(salt: Array(header.suffix(AES256CBC.saltSize)))
        isBegun = true
        return taken
    }
}
