internal import RoostSystem

/// Moves a stream through a cipher: what encryption and decryption have in common.
final class CipherFlow {
    private let cipher: AES256CBC
    /// OpenSSL writes up to a block more than it was given.
    private let overflow = OverflowBuffer(capacity: 4 * AES256CBC.blockSize)
    /// What comes before the first byte of the cipher.
    private var header: [UInt8] = []
    private(set) var isBegun = false
    private var isEnded = false

    init(_ cipher: AES256CBC) { self.cipher = cipher }

    /// Begins a stream.
    ///
    /// - Parameter header: Written first; two blocks at most.
    func begin(salt: [UInt8], header: [UInt8] = []) throws(RoostError) {
        try cipher.begin(salt: salt)
        self.header = header
        isBegun = true
    }

    /// As ``Transform/run(_:into:atEnd:)``.
    ///
    /// - Parameter start: How much of the input has been consumed already.
    func run(_ input: RawSpan, from start: Int, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress {
        var consumed = start
        while true {
            guard overflow.drain(into: output) else { return Progress(consumed: consumed, state: .needsOutput) }
            if isEnded { return Progress(consumed: consumed, state: .finished) }
            let isDry = header.isEmpty && consumed == input.byteCount
            if isDry, !atEnd { return Progress(consumed: consumed, state: .needsInput) }
            guard let target = overflow.target(output, needing: 2 * AES256CBC.blockSize) else {
                return Progress(consumed: consumed, state: .needsOutput)
            }
            if !header.isEmpty {
                _ = target.append(header.span.raw)
                header = []
            } else if isDry {
                try cipher.finish(into: target)
                isEnded = true
            } else {
                let piece = min(input.byteCount - consumed, target.free - AES256CBC.blockSize)
                try cipher.update(input.extracting(consumed..<consumed + piece), into: target)
                consumed += piece
            }
        }
    }

    func reset() {
        overflow.removeAll()
        header = []
        isBegun = false
        isEnded = false
    }
}
