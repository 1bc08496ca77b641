/// A position in the write-ahead log, counted in bytes since the cluster was made.
package struct LSN: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// Reads PostgreSQL's text form, `0/4000028`: two numbers of one to eight hexadecimal digits of either case.
    ///
    /// Leading zeros are accepted, since PostgreSQL 19 pads the second number to eight digits.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let high = Hexadecimal.parse(parts[0], upperOnly: false),
            let low = Hexadecimal.parse(parts[1], upperOnly: false)
        else { return nil }
        value = UInt64(high) << 32 | UInt64(low)
    }

    /// `0/4000028`: upper-case digits without padding, as PostgreSQL up to 18 prints it.
    package var description: String {
        "\(String(value >> 32, radix: 16, uppercase: true))/\(String(value & 0xFFFF_FFFF, radix: 16, uppercase: true))"
    }

    package static func < (left: LSN, right: LSN) -> Bool { left.value < right.value }
}
