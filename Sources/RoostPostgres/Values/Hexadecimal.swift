/// Fixed-width hexadecimal text as PostgreSQL's file names use it.
enum Hexadecimal {
    /// Digits of both cases, upper case only if `upperOnly`; nil on anything else, on no digits, or if the value does not fit.
    static func parse(_ text: some Sequence<UInt8>, upperOnly: Bool) -> UInt32? {
        var value: UInt32 = 0
        var count = 0
        for byte in text {
            guard let digit = digit(byte, upperOnly: upperOnly), count < 8 else { return nil }
            value = value << 4 | digit
            count += 1
        }
        return count > 0 ? value : nil
    }

    /// Eight upper-case digits.
    static func text(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    private static func digit(_ byte: UInt8, upperOnly: Bool) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): upperOnly ? nil : UInt32(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}
