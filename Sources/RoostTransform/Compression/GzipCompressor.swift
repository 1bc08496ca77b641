package import RoostSystem

/// Writes one gzip member, or one zlib stream in raw form.
///
/// ISA-L does the work at the levels that it serves, where it is installed; else libdeflate; zlib stores uncompressed.
package final class GzipCompressor: Transform {
    /// Who compresses.
    enum Library: CaseIterable, Sendable { case zlib, isal, libdeflate }

    private let engine: any Transform

    /// - Parameter level: -1 to 9; -1 is 6.
    package convenience init(level: Int, raw: Bool) throws(RoostError) {
        try self.init(level: level, raw: raw, library: Self.library(for: level))
    }

    init(level: Int, raw: Bool, library: Library) throws(RoostError) {
        let level = level < 0 ? 6 : level
        switch library {
        case .zlib: engine = try ZlibDeflater(level: level, raw: raw)
        case .libdeflate: engine = try LibdeflateDeflater(level: level, raw: raw)
        case .isal:
            guard let isal = ISAL.shared else {
                throw RoostError(.featureNotSupported, "ISA-L is not installed", hints: ["the package is libisal2"])
            }
            engine = ISALDeflater(isal, level: min(level, 3), raw: raw)
        }
    }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        try engine.run(input, into: output, atEnd: atEnd)
    }

    package func reset() throws(RoostError) { try engine.reset() }

    /// Who serves a level best.
    ///
    /// Measured against zlib's size at the same level: ISA-L's levels 1 to 3 are within 3 %, at six times the speed. Its best
    /// is 5 to 15 % larger than zlib's 6, which is the default and asked for to save space; libdeflate's 4 to 9 are within
    /// 1 % at more than twice the speed.
    static func library(for level: Int) -> Library {
        switch level {
        case 0: .zlib
        case 1...3: ISAL.shared == nil ? .libdeflate : .isal
        default: .libdeflate
        }
    }
}
