package import RoostSystem

/// Writes one gzip member, or one zlib stream in raw form.
///
/// ISA-L does the work where one of its levels is close enough to the wanted one and the library is there; else zlib.
package final class GzipCompressor: Transform {
    private let engine: any Transform

    /// - Parameter level: -1 to 9; -1 is 6.
    package convenience init(level: Int, raw: Bool) throws(RoostError) {
        try self.init(level: level, raw: raw, library: ISAL.shared)
    }

    /// - Parameter library: Nil for zlib at every level.
    init(level: Int, raw: Bool, library: ISAL?) throws(RoostError) {
        if let library, let isalLevel = Self.isalLevel(for: level) {
            engine = ISALDeflater(library, level: isalLevel, raw: raw)
        } else {
            engine = try ZlibDeflater(level: level, raw: raw)
        }
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        try engine.run(input, into: output, atEnd: atEnd)
    }

    package func reset() throws(RoostError) { try engine.reset() }

    /// The level of ISA-L that stands in for one of zlib's, if one does.
    ///
    /// Measured against zlib: level by level 1 to 3 within 3 % of its size, on heaps and WAL alike. ISA-L ends there: its
    /// best is 5 to 15 % larger than zlib's 6, which is the default and is asked for to save space.
    static func isalLevel(for level: Int) -> UInt32? { (1...3).contains(level) ? UInt32(level) : nil }
}
