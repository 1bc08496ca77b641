package import RoostSystem

extension RoostError {
    /// A codec met bytes that no encoder writes, or a checksum inside the stream does not match.
    package static func damaged(_ compression: String, _ detail: String) -> RoostError {
        RoostError(.format, "compressed data (\(compression)) is damaged: \(detail)")
    }

    /// The input ended inside a compressed stream.
    package static func truncated(_ compression: String) -> RoostError {
        RoostError(.format, "unexpected end of compressed data (\(compression))")
    }

    /// A stream is complete but bytes follow it: concatenated streams are not part of the repository format.
    package static func trailingData(_ count: Int) -> RoostError {
        RoostError(.format, "\(count) or more bytes follow the end of the compressed data")
    }

    /// A compressor refused what it should take: a fault of the program.
    package static func codecFailed(_ compression: String, _ detail: String) -> RoostError {
        RoostError(.assert, "compression (\(compression)) failed: \(detail)")
    }

    /// A codec's context does not fit into memory.
    package static func noMemory(for compression: String) -> RoostError {
        RoostError(.memory, "unable to get memory for \(compression) compression")
    }

    /// Compressed data holds more than its container says.
    package static func tooLong() -> RoostError {
        RoostError(.format, "compressed data holds more bytes than expected")
    }
}
