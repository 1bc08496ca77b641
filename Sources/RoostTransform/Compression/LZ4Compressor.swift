internal import CLZ4
package import RoostSystem

/// Writes one LZ4 frame of independent blocks.
///
/// A block is as large as the pieces that readers push, so that it is compressed where it lies: blocks that refer to each
/// other would make the library copy 64 KiB of each piece. The matches lost at a block's begin cost less than blocks of
/// 64 KiB do, which is what pgBackRest writes.
///
/// Frames of a repository carry no checksum of their content, in either form: every stored file has a SHA-1 of content and
/// stored bytes, and xxHash32 cost two thirds of what LZ4 itself does.
@safe package final class LZ4Compressor: Transform {
    /// What the frame is for.
    package enum Frame: Sendable {
        /// A file of a repository, in blocks of 256 KiB.
        case repository
        /// A file that stands alone, as the command `lz4` writes it: blocks of 4 MiB, and a checksum of the content.
        case file
    }

    /// The largest piece of input that one call to the library gets.
    private static let pieceSize = 256 << 10

    /// Never nil, freed with the object.
    private let context: OpaquePointer
    private var preferences = LZ4F_preferences_t()
    private var isBegun = false
    private var isEnded = false
    private let overflow: OverflowBuffer

    /// - Parameter level: -5 to 12.
    package init(level: Int, frame: Frame = .repository) throws(RoostError) {
        var context: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))) == 0,
            let context = unsafe context
        else { throw .noMemory(for: "lz4") }
        unsafe self.context = context
        preferences.compressionLevel = Int32(level)
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        switch frame {
        case .repository:
            preferences.frameInfo.blockSizeID = LZ4F_max256KB
            preferences.frameInfo.contentChecksumFlag = LZ4F_noContentChecksum
        case .file:
            preferences.frameInfo.blockSizeID = LZ4F_max4MB
            preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        }
        let bound = unsafe LZ4F_compressBound(Self.pieceSize, &preferences)
        overflow = OverflowBuffer(capacity: bound + Int(LZ4F_HEADER_SIZE_MAX))
    }

    deinit { _ = unsafe LZ4F_freeCompressionContext(context) }

    package func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = 0
        while true {
            guard overflow.drain(into: output) else { return Progress(consumed: consumed, state: .needsOutput) }
            if isEnded { return Progress(consumed: consumed, state: .finished) }
            let piece = min(input.byteCount - consumed, Self.pieceSize)
            if piece == 0, !atEnd { return Progress(consumed: consumed, state: .needsInput) }
            let bound = unsafe LZ4F_compressBound(piece, &preferences) + Int(LZ4F_HEADER_SIZE_MAX)
            guard let target = overflow.target(output, needing: bound) else {
                return Progress(consumed: consumed, state: .needsOutput)
            }
            try step(input.extracting(consumed..<consumed + piece), into: target)
            consumed += piece
        }
    }

    package func reset() {
        isBegun = false
        isEnded = false
        overflow.removeAll()
    }

    package func outputCapacity(forInput input: Int) -> Int {
        var preferences = preferences
        let bound = unsafe LZ4F_compressBound(Self.pieceSize, &preferences) + Int(LZ4F_HEADER_SIZE_MAX)
        return input + bound
    }

    /// Compresses one piece, or ends the frame if it is empty; there is room.
    private func step(_ piece: RawSpan, into output: Chunk) throws(RoostError) {
        if !isBegun {
            unsafe try output.fill { free throws(RoostError) in
                try check(unsafe LZ4F_compressBegin(context, free.baseAddress, free.count, &preferences))
            }
            isBegun = true
        }
        unsafe try output.fill(from: piece) { bytes, free throws(RoostError) in
            guard !piece.isEmpty else {
                return try check(unsafe LZ4F_compressEnd(context, free.baseAddress, free.count, nil))
            }
            return try check(
                unsafe LZ4F_compressUpdate(context, free.baseAddress, free.count, bytes.baseAddress, bytes.count, nil)
            )
        }
        isEnded = piece.isEmpty
    }

    private func check(_ status: Int) throws(RoostError) -> Int {
        guard LZ4F_isError(status) == 0 else {
            throw .codecFailed("lz4", unsafe String(cString: LZ4F_getErrorName(status)))
        }
        return status
    }
}
