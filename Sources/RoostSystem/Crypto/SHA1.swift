internal import CLibcrypto

/// A SHA-1 value, the checksum of the repository format: 20 bytes, shown as 40 lower-case hexadecimal digits.
package struct SHA1: Sendable, Hashable {
    /// The digest's bytes 0 to 7, 8 to 15 and 16 to 19, big-endian.
    private var high: UInt64
    private var middle: UInt64
    private var low: UInt32

    private init(high: UInt64, middle: UInt64, low: UInt32) {
        (self.high, self.middle, self.low) = (high, middle, low)
    }

    /// All bits zero: the mark for "not known" in packed records.
    ///
    /// No content with this digest is known.
    package static let zero = SHA1(high: 0, middle: 0, low: 0)
    /// The digest of no bytes at all.
    package static let ofNothing = SHA1(high: 0xda39_a3ee_5e6b_4b0d, middle: 0x3255_bfef_9560_1890, low: 0xafd8_0709)

    /// Parses 40 lower-case hexadecimal digits.
    package init?(hex: Span<UInt8>) {
        guard hex.count == 40 else { return nil }
        var invalid: UInt8 = 0
        func number(_ start: Int, _ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in start..<start + count {
                let digit = hexValue(hex[index])
                invalid |= digit
                value = value << 4 | UInt64(digit & 0xF)
            }
            return value
        }
        self.init(high: number(0, 16), middle: number(16, 16), low: UInt32(number(32, 8)))
        guard invalid <= 0xF else { return nil }
    }

    /// Parses 40 lower-case hexadecimal digits.
    package init?(_ text: some StringProtocol) { self.init(hex: Array(text.utf8).span) }

    /// The digest of one span of bytes.
    package static func hash(_ bytes: RawSpan) -> SHA1 {
        let hasher = SHA1Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// Appends the 40 digits to a buffer.
    package func appendHex(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: 40) { output in
            for index: UInt64 in 0..<16 { output.append(hexDigit(high >> (60 - index * 4))) }
            for index: UInt64 in 0..<16 { output.append(hexDigit(middle >> (60 - index * 4))) }
            for index: UInt64 in 0..<8 { output.append(hexDigit(UInt64(low) >> (28 - index * 4))) }
        }
    }

    fileprivate init(bytes: [UInt8]) {
        self.init(
            high: bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) },
            middle: bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes[16..<20].reduce(0) { $0 << 8 | UInt32($1) })
    }
}

extension SHA1: CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40)
        appendHex(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The value of a lower-case digit; more than 15 for any other byte.
@inline(__always) private func hexValue(_ byte: UInt8) -> UInt8 {
    let digit = byte &- 0x30
    if digit <= 9 { return digit }
    let letter = byte &- 0x61
    return letter <= 5 ? letter + 10 : 0xFF
}

@inline(__always) private func hexDigit(_ value: UInt64) -> UInt8 {
    let digit = UInt8(value & 0xF)
    return digit < 10 ? 0x30 + digit : 0x61 + digit - 10
}

/// SHA-1 over content that arrives in pieces.
///
/// Reusable after ``finish()``.
///
/// OpenSSL's own functions, not its `EVP` layer: no allocation and no provider to load at start-up.
@safe package final class SHA1Hasher {
    private var context = SHA_CTX()

    package init() { unsafe SHA1_Init(&context) }

    /// Adds bytes.
    package func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe SHA1_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    /// Forgets what was added.
    package func reset() { unsafe SHA1_Init(&context) }

    /// Returns the digest and begins anew.
    package func finish() -> SHA1 {
        var bytes = [UInt8](repeating: 0, count: 20)
        unsafe SHA1_Final(&bytes, &context)
        unsafe SHA1_Init(&context)
        return SHA1(bytes: bytes)
    }
}
