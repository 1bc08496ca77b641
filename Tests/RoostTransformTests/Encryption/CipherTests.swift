import RoostSystem
import RoostTransform
import Testing

@Suite struct CipherTests {
    private static let passphrase = Array("example-pass".utf8)

    @Test(arguments: [
        ("hello\n", "377e22b142afa4db82fc8e190d9d8391"),
        ("", "9e5dea63db19e899d6d9240fd8b8cc31"),
        ("0123456789abcdef", "c6405b3e728d1fc1a7dd5248ad8ee307e0e7977e61c4c97293804e608de99524"),
    ])
    func `vectors of openssl are decrypted`(plain: String, encrypted: String) throws {
        let raw = bytes(hex: "0102030405060708" + encrypted)
        try verifyChunking(
            raw,
            with: CipherDecryptor(passphrase: Self.passphrase, raw: true),
            gives: Array(plain.utf8)
        )
        try verifyChunking(
            Array("Salted__".utf8) + raw,
            with: CipherDecryptor(passphrase: Self.passphrase, raw: false),
            gives: Array(plain.utf8)
        )
    }

    @Test(arguments: Sample.allCases, [false, true])
    func `a stream comes back, however it is divided`(sample: Sample, raw: Bool) throws {
        try verifyRoundTrip(
            sample.bytes,
            writer: CipherEncryptor(passphrase: Self.passphrase, raw: raw),
            reader: CipherDecryptor(passphrase: Self.passphrase, raw: raw)
        )
    }

    @Test(arguments: [0, 1, 15, 16, 17, 4096], [false, true])
    func `sizes are those of the format`(size: Int, raw: Bool) throws {
        let stored = try transform(
            [UInt8](repeating: 1, count: size),
            with: CipherEncryptor(passphrase: Self.passphrase, raw: raw)
        )
        #expect(stored.count == (raw ? 8 : 16) + (size / 16 + 1) * 16)
    }

    @Test func `each stream has its own salt`() throws {
        let writer = try CipherEncryptor(passphrase: Self.passphrase, raw: true)
        let first = try transform(Sample.line.bytes, with: writer)
        writer.reset()
        let second = try transform(Sample.line.bytes, with: writer)
        #expect(first.prefix(8) != second.prefix(8))
        #expect(first.suffix(16) != second.suffix(16))
    }

    @Test(arguments: [0, 1, 8, 15])
    func `a short header is missing`(length: Int) throws {
        for division in [Division.whole] + Division.bytewise {
            let reader = try CipherDecryptor(passphrase: Self.passphrase, raw: false)
            let error = #expect(throws: RoostError.self) {
                try transform(Array("Salted__12345678".utf8.prefix(length)), with: reader, divided: division)
            }
            #expect(error?.code == .crypto)
            #expect(error?.message == "cipher header missing")
        }
    }

    @Test func `another header is invalid`() throws {
        let reader = try CipherDecryptor(passphrase: Self.passphrase, raw: false)
        let error = #expect(throws: RoostError.self) {
            try transform(Array("[backrest]\nbackrest-checksum=".utf8), with: reader)
        }
        #expect(error?.code == .crypto)
        #expect(error?.message == "cipher header invalid")
    }

    @Test func `a stream that is cut or has another passphrase is an error`() throws {
        let stored = try transform(Sample.line.bytes, with: CipherEncryptor(passphrase: Self.passphrase, raw: false))
        let reader = try CipherDecryptor(passphrase: Self.passphrase, raw: false)
        for length in 16..<stored.count where length % 16 != 0 || length == 16 {
            reader.reset()
            let error = #expect(throws: RoostError.self) { try transform(Array(stored[..<length]), with: reader) }
            #expect(error?.code == .crypto)
        }
        var refused = 0
        for attempt in 0..<64 {
            let other = try CipherDecryptor(passphrase: Array("other \(attempt)".utf8), raw: false)
            do {
                #expect(try transform(stored, with: other) != Sample.line.bytes)
            } catch let error as RoostError {
                #expect(error.code == .crypto)
                refused += 1
            }
        }
        #expect(refused > 56)
    }

    @Test(arguments: Sample.allCases)
    func `openssl and we read each other`(sample: Sample) throws {
        let options = ["-aes-256-cbc", "-md", "sha1", "-pass", "pass:example-pass"]
        let ours = try transform(sample.bytes, with: CipherEncryptor(passphrase: Self.passphrase, raw: false))
        #expect(try Tool.run("openssl", ["enc", "-d"] + options, input: ours) == sample.bytes)
        let theirs = try Tool.run("openssl", ["enc"] + options, input: sample.bytes)
        #expect(try transform(theirs, with: CipherDecryptor(passphrase: Self.passphrase, raw: false)) == sample.bytes)
    }

    @Test(arguments: Sample.allCases)
    func `an RC4 stream is salted and does not depend on its division`(sample: Sample) throws {
        try verifyChunking(
            sample.bytes, with: RC4Encryptor(passphrase: Self.passphrase), gives: sample.bytes,
            reading: { stored in
                #expect(stored.starts(with: Array("Salted__".utf8)))
                let plain = Chunk(capacity: stored.count)
                RC4(passphrase: Self.passphrase, salt: Array(stored[8..<16]))
                    .update(Array(stored[16...]).span.bytes, into: plain)
                return plain.bytes.array()
            })
    }
}
