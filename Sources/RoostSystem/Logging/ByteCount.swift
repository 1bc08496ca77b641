/// An amount of data as people read it.
package struct ByteCount: Sendable, Hashable, CustomStringConvertible {
    package var bytes: UInt64

    package init(_ bytes: UInt64) { self.bytes = bytes }

    /// `725B`, `16.3KB`, `13MB`: factor 1024, one decimal rounded half up, no `.0`, nothing above GB, as pgBackRest shows sizes.
    package var description: String {
        let units: [(String, UInt64)] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)]
        guard let (unit, factor) = units.first(where: { bytes >= $0.1 }) else { return "\(bytes)B" }
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: factor)
        let tenths = whole * 10 + (rest * 10 + factor / 2) / factor
        return tenths % 10 == 0 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }
}
