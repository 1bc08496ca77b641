/// One of the histories a cluster has lived through; each recovery that ends by promotion begins a new one.
package struct TimelineID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// Reads the eight upper-case hexadecimal digits that begin the name of a WAL or history file.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 8, let value = Hexadecimal.parse(text.utf8, upperOnly: true) else { return nil }
        self.value = value
    }

    /// Eight upper-case hexadecimal digits, as in file names; messages and options show ``value`` in decimal.
    package var description: String { Hexadecimal.text(value) }

    package static func < (left: TimelineID, right: TimelineID) -> Bool { left.value < right.value }
}
