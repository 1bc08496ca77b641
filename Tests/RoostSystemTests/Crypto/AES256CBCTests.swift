import RoostSystem
import Testing

/// Vectors of the specification `encryption`, section 4, made with `openssl enc -aes-256-cbc -md sha1`.
@Suite struct AES256CBCTests {
    private static let passphrase = Array("example-pass".utf8)
    private static let salt: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private func run(
        _ direction: AES256CBC.Direction, _ input: [UInt8], passphrase: [UInt8] = passphrase, piece: Int = 1 << 16
    ) throws -> [UInt8] {
        let cipher = try AES256CBC(direction, passphrase: passphrase)
        try cipher.begin(salt: Self.salt)
        let output = Chunk(capacity: input.count + 64)
        var rest = input[...]
        while !rest.isEmpty {
            try cipher.update(Array(rest.prefix(piece)).span.bytes, into: output)
            rest = rest.dropFirst(piece)
        }
        try cipher.finish(into: output)
        return output.bytes.array()
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `key and vector are derived as openssl derives them`() {
        let (key, vector) = AES256CBC.derive(passphrase: Self.passphrase, salt: Self.salt)
        #expect(hex(key) == "255985a494115abc6ad011754d80fc15406f319e82a37541181b4d2ba5560263")
        #expect(hex(vector) == "c5c0a813589b270e0f815380c21c6d5b")
    }

    @Test(arguments: [
        ("hello\n", "377e22b142afa4db82fc8e190d9d8391"), ("", "9e5dea63db19e899d6d9240fd8b8cc31"),
        ("0123456789abcdef", "c6405b3e728d1fc1a7dd5248ad8ee307e0e7977e61c4c97293804e608de99524"),
    ])
    func `published vectors in both directions`(plain: String, encrypted: String) throws {
        let bytes = try run(.encrypt, Array(plain.utf8))
        #expect(hex(bytes) == encrypted)
        #expect(try run(.decrypt, bytes) == Array(plain.utf8))
    }

    @Test(arguments: [1, 7, 16, 17, 1000])
    func `the size of the pieces makes no difference`(piece: Int) throws {
        let plain = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let encrypted = try run(.encrypt, plain)
        #expect(try run(.encrypt, plain, piece: piece) == encrypted)
        #expect(try run(.decrypt, encrypted, piece: piece) == plain)
    }

    @Test func `a wrong passphrase and a cut stream are cipher errors`() throws {
        let encrypted = try run(.encrypt, Array("hello\n".utf8))
        #expect(code { _ = try run(.decrypt, encrypted, passphrase: Array("wrong".utf8)) } == .crypto)
        #expect(code { _ = try run(.decrypt, encrypted.dropLast()) } == .crypto)
        #expect(code { _ = try run(.decrypt, []) } == .crypto)
    }

    @Test func `a cipher can begin anew`() throws {
        let cipher = try AES256CBC(.encrypt, passphrase: Self.passphrase)
        let output = Chunk(capacity: 64)
        for _ in 0..<2 {
            output.removeAll()
            try cipher.begin(salt: Self.salt)
            try cipher.update("hello\n".utf8.span.bytes, into: output)
            try cipher.finish(into: output)
            #expect(hex(output.bytes.array()) == "377e22b142afa4db82fc8e190d9d8391")
        }
    }

    @Test func `random bytes differ from call to call`() throws {
        #expect(try randomBytes(48).count == 48)
        #expect(try randomBytes(16) != randomBytes(16))
        #expect(try randomBytes(0).isEmpty)
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostSystemTests.code(of: body) }
}
