internal import RoostFormat
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Restores block-incremental files: reads only the super blocks that hold needed blocks (specification
/// `block-incremental`, section 11).
///
/// One thread, one set of buffers and codecs.
final class BlockRestorer {
    /// Bundled files whose stored bytes are no more than this are read in one piece, with their neighbours, if all blocks are
    /// needed; else only those that are no larger than a gap between two reads.
    private static let wholeLimit: UInt64 = 4 << 20

    private let repository: Repository
    private let manifest: Manifest
    private let maps: BlockMapReader
    private let pump: StreamPump
    private let chunk = Chunk(capacity: StreamPump.chunkSize)
    private let hasher = SHA1Hasher()
    /// Made for blocks that are larger than the usual chunk.
    private var wideChunk: Chunk?
    /// The stored bytes of a bundled file.
    private var own: Chunk?
    private let copy = Pipeline([], chunk: 1)

    init(_ repository: Repository, _ manifest: Manifest) throws(RoostError) {
        self.repository = repository
        self.manifest = manifest
        maps = try BlockMapReader(repository.storage, passphrase: manifest.cipherPass, chunk: chunk)
        let stages =
            try decryption(manifest.cipherPass, raw: true) + decompressing(manifest.options.compression, raw: true)
        pump = StreamPump(stages, chunk: chunk)
    }

    /// What a file in blocks became.
    enum Outcome: Equatable { case written, kept, differs(SHA1, UInt64) }

    /// Brings one file into its state in the backup.
    ///
    /// - Parameters:
    ///   - target: Empty, or with content that may serve.
    ///   - hasContent: Compare the blocks that are there, and write those that differ.
    ///   - bundle: Reads the bundle that holds the file's own super blocks, up to the file so far.
    func restore(
        _ name: String, _ file: ManifestFile, to target: RestoredFile, hasContent: Bool, _ bundle: BundleReader?
    ) throws(RoostError) -> Outcome {
        guard let place = try BlockMapPlace(name, file, manifest, repository.paths) else {
            preconditionFailure("a file without a block map is not restored in blocks")
        }
        let isRead = try readOwn(file, bundle, limit: hasContent ? BundleReader.gapLimit : Self.wholeLimit)
        let map = isRead ? try parseOwn(place) : try maps.read(place)
        let needed = hasContent ? try differing(map, file.size, target) : Array(map.blocks.indices)
        let plan = BlockRestorePlan(map, needed: needed, fileSize: file.size, gapLimit: BundleReader.gapLimit)
        for run in plan.runs { try read(run, of: name, file, to: target, hasOwn: isRead) }
        let chunk = chunk
        let (digest, size) = try target.finish(file.size, through: chunk)
        guard digest == file.checksum, size == file.size else { return .differs(digest, size) }
        return hasContent && needed.isEmpty ? .kept : .written
    }

    /// The blocks that are not there as they should be.
    private func differing(
        _ map: BlockMap, _ fileSize: UInt64, _ target: RestoredFile
    ) throws(RoostError) -> [Int] {
        let chunk = chunk(for: map.blockSize)
        let capacity = chunk.capacity / map.blockSize * map.blockSize
        var needed: [Int] = []
        var index = 0
        while index < map.blocks.count {
            try Interrupt.check()
            let offset = UInt64(index) * UInt64(map.blockSize)
            chunk.removeAll()
            try target.read(at: offset, into: chunk, limit: Int(min(fileSize - offset, UInt64(capacity))))
            let count = min(capacity / map.blockSize, map.blocks.count - index)
            var equal = 0
            for position in 0..<count {
                let start = position * map.blockSize
                let length = Int(map.length(ofBlock: UInt64(index + position), in: fileSize))
                if start + length <= chunk.count,
                    BlockChecksum(of: chunk.bytes.extracting(start..<start + length), size: map.checksumSize)
                        == map.blocks[index + position].checksum
                {
                    if equal == start { equal = start + length }
                } else {
                    needed.append(index + position)
                }
            }
            target.keep(chunk.bytes.extracting(0..<equal), at: offset)
            index += count
        }
        return needed
    }

    private func read(
        _ run: BlockRestorePlan.Run, of name: String, _ file: ManifestFile, to target: RestoredFile, hasOwn: Bool
    ) throws(RoostError) {
        guard let first = run.pieces.first?.superBlock else { return }
        let holder = manifest.references[first.reference]
        let path =
            first.bundle.map { repository.paths.bundle(holder, $0) }
            ?? "\(repository.paths.label(holder))/\(name)\(BlockMap.fileExtension)"
        let reader = BundleReader(repository, path, end: run.end, chunk)
        let isOwn = hasOwn && holder == manifest.holder(of: file) && first.bundle == file.bundle?.id
        for piece in run.pieces {
            try Interrupt.check()
            let range = piece.superBlock.offset..<piece.superBlock.offset + piece.superBlock.storedSize
            do throws(RoostError) {
                try pump.begin()
                var cursor = SpanCursor(piece.spans)
                if isOwn, let stored = ownRange(range, file) {
                    try finish(stored) { bytes throws(RoostError) in try cursor.pass(bytes, to: target) }
                } else {
                    try reader.read(range, through: pump.pipeline) { bytes throws(RoostError) in
                        try cursor.pass(bytes, to: target)
                    }
                }
                try cursor.checkEnd(piece.superBlock.size)
            } catch {
                throw error.isFatal
                    ? error : error.during("'\(repository.storage.displayPath(path))' at \(piece.superBlock.offset)")
            }
        }
    }

    /// Reads all that a small bundled file has stored, while its bundle is open.
    private func readOwn(_ file: ManifestFile, _ bundle: BundleReader?, limit: UInt64) throws(RoostError) -> Bool {
        guard let bundle, let place = file.bundle, file.repoSize <= limit else { return false }
        let own: Chunk
        if let known = self.own {
            own = known
        } else {
            own = Chunk(capacity: Int(Self.wholeLimit))
            self.own = own
        }
        own.removeAll()
        try bundle.read(place.offset..<place.offset + file.repoSize, through: copy) { bytes throws(RoostError) in
            _ = own.append(bytes)
        }
        return true
    }

    private func parseOwn(_ place: BlockMapPlace) throws(RoostError) -> BlockMap {
        guard let own else { preconditionFailure("parsed after it was read") }
        return try maps.parse(stored: own.bytes.extracting(droppingFirst: own.count - place.range.count), place)
    }

    /// Where in the bytes of the file's own a range of its bundle lies.
    private func ownRange(_ range: Range<UInt64>, _ file: ManifestFile) -> Range<Int>? {
        guard let own, let start = file.bundle?.offset, range.lowerBound >= start,
            range.upperBound - start <= UInt64(own.count)
        else { return nil }
        return Int(range.lowerBound - start)..<Int(range.upperBound - start)
    }

    private func finish(_ range: Range<Int>, to sink: Pipeline.Sink) throws(RoostError) {
        guard let own else { preconditionFailure("a range of it was found") }
        try pump.pipeline.finish(own.bytes.extracting(range), to: sink)
    }

    private func chunk(for blockSize: Int) -> Chunk {
        if blockSize <= chunk.capacity { return chunk }
        if let wideChunk, wideChunk.capacity >= blockSize { return wideChunk }
        let wide = Chunk(capacity: blockSize)
        wideChunk = wide
        return wide
    }
}

/// Takes the needed spans out of a super block that passes.
private struct SpanCursor {
    private let spans: [BlockRestorePlan.Span]
    private var next = 0
    /// Bytes of the super block that have passed.
    private var position: UInt64 = 0

    init(_ spans: [BlockRestorePlan.Span]) { self.spans = spans }

    mutating func pass(_ bytes: RawSpan, to target: RestoredFile) throws(RoostError) {
        let end = position + UInt64(bytes.byteCount)
        while next < spans.count, spans[next].source < end {
            let span = spans[next]
            let from = max(span.source, position)
            let to = min(span.source + span.length, end)
            if from < to {
                try target.write(
                    bytes.extracting(Int(from - position)..<Int(to - position)),
                    at: span.destination + from - span.source)
            }
            guard span.source + span.length <= end else { break }
            next += 1
        }
        position = end
    }

    /// - Throws: ``ErrorCode/format`` if a finished super block is longer or shorter than the map says.
    func checkEnd(_ size: UInt64) throws(RoostError) {
        guard position == size else {
            throw RoostError(.format, "a super block holds \(position) bytes instead of \(size)")
        }
    }
}
