/// The number that `initdb` gave a cluster and that all its copies share.
package struct SystemID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// Reads a decimal number of digits alone.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = UInt64(text)
        else { return nil }
        self.value = value
    }

    /// Decimal, as `pg_controldata` and the info files show it.
    package var description: String { String(value) }

    package static func < (left: SystemID, right: SystemID) -> Bool { left.value < right.value }
}
