package import RoostSystem

/// Reads one gzip member, or one zlib stream in raw form, and checks the checksum at its end.
package final class GzipDecompressor: Transform {
    private let engine: any Transform

    package convenience init(raw: Bool) throws(RoostError) {
        try self.init(raw: raw, library: ISAL.shared)
    }

    /// - Parameter library: Nil for zlib.
    init(raw: Bool, library: ISAL?) throws(RoostError) {
        if let library {
            engine = ISALInflater(library, raw: raw)
        } else {
            engine = try ZlibInflater(raw: raw)
        }
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        try engine.run(input, into: output, atEnd: atEnd)
    }

    package func reset() throws(RoostError) { try engine.reset() }
}
