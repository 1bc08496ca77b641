internal import RoostSystem

/// A super block on its way from the file to the repository.
///
/// `@unchecked Sendable`: it belongs to the reader of the file until it is offered, then to whoever takes it out of the queue
/// until the result is put, then to the reader again.
final class SuperBlock: @unchecked Sendable {
    let content: Chunk
    var compressed: [UInt8] = []
    /// Position in the map's super blocks.
    var index = 0
    fileprivate let result = BlockingQueue<Result<Void, RoostError>>(capacity: 1)

    init(capacity: Int) {
        content = Chunk(capacity: capacity)
    }
}

/// Cuts a large file over several workers: those without a file compress super blocks for those that still read one.
///
/// Reading, digests and the comparison with the prior backup stay with one worker, since the SHA-1 of a file is a chain;
/// compression, most of the rest, is done by all. The reader stores super blocks in the order of the file, so that the
/// repository gets the same bytes as from one worker.
final class SuperBlockQueue: Sendable {
    private let offered = BlockingQueue<SuperBlock>(capacity: .max)
    private let serving = Guarded(0)

    /// Workers that have nothing else to do.
    var assistants: Int { serving.withLock { $0 } }

    func offer(_ superBlock: SuperBlock) { offered.put(superBlock) }

    /// Compresses what is offered until ``close()``.
    func serve(_ compress: (SuperBlock) throws(RoostError) -> Void) {
        serving.withLock { $0 += 1 }
        while let superBlock = offered.take() { finish(superBlock, compress) }
    }

    /// Waits until an offered super block is compressed, and meanwhile compresses what nobody has taken yet.
    ///
    /// - Throws: What compressing it threw, in whichever thread.
    func wait(
        for superBlock: SuperBlock, meanwhile compress: (SuperBlock) throws(RoostError) -> Void
    ) throws(RoostError) {
        while true {
            if let result = superBlock.result.takeIfAny() { return try result.get() }
            guard let other = offered.takeIfAny() else { break }
            finish(other, compress)
        }
        guard let result = superBlock.result.take() else { preconditionFailure("results are never closed") }
        try result.get()
    }

    /// No file is read any more.
    func close() { offered.close() }

    private func finish(_ superBlock: SuperBlock, _ compress: (SuperBlock) throws(RoostError) -> Void) {
        do throws(RoostError) {
            try compress(superBlock)
            superBlock.result.put(.success(()))
        } catch {
            superBlock.result.put(.failure(error))
        }
    }
}
