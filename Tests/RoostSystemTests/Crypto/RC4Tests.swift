import RoostSystem
import Testing

@Suite struct RC4Tests {
    private func apply(_ cipher: RC4, _ input: [UInt8], pieces: Int = .max) -> [UInt8] {
        let output = Chunk(capacity: max(1, input.count))
        var rest = input[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            cipher.update(piece.span.raw, into: output)
            rest = rest.dropFirst(piece.count)
        }
        return output.bytes.array()
    }

    /// The vectors that came with the cipher's first description.
    @Test(arguments: [
        ("Key", "Plaintext", "bbf316e8d940af0ad3"), ("Wiki", "pedia", "1021bf0420"),
        ("Secret", "Attack at dawn", "45a01f645fc35b383552544b9bf5"),
    ])
    func `published vectors`(key: String, plain: String, encrypted: String) {
        let result = apply(RC4(key: Array(key.utf8)), Array(plain.utf8))
        #expect(result.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() == encrypted)
    }

    @Test func `a stream does not depend on its division, and decrypts by encrypting again`() {
        let plain = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let salt: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let whole = apply(RC4(passphrase: Array("two words".utf8), salt: salt), plain)
        #expect(whole != plain)
        #expect(apply(RC4(passphrase: Array("two words".utf8), salt: salt), plain, pieces: 7) == whole)
        #expect(apply(RC4(passphrase: Array("two words".utf8), salt: salt), whole, pieces: 999) == plain)
        #expect(apply(RC4(passphrase: Array("two word".utf8), salt: salt), plain) != whole)
    }

    @Test func `SHA-256 of nothing`() {
        #expect(sha256([]).prefix(4) == [0xE3, 0xB0, 0xC4, 0x42])
    }
}
